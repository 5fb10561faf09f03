"""Settings that all tests share: reproducible property tests, and no network but this machine's own."""

import os

import pytest
from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")
settings.register_profile("book", deadline=None, derandomize=True, max_examples=40)
settings.load_profile("book")


@pytest.fixture(params=["cpu", "cuda"])
def device(request):
    """Each device in turn; without a GPU the cuda half is skipped and says so."""
    import torch

    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device on this machine")
    return torch.device(request.param)
