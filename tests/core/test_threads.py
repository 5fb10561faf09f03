"""Small work is done by one thread, and the number of threads is put back whatever happens."""

import pytest
import torch

from mathdl.core.threads import ALONE, threads_for


@pytest.fixture(autouse=True)
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_small_work_has_one_thread_and_large_work_all():
    with threads_for(ALONE / 2):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2
    with threads_for(ALONE):
        assert torch.get_num_threads() == 2


def test_threads_are_put_back_after_an_error():
    with pytest.raises(ZeroDivisionError), threads_for(0):
        raise ZeroDivisionError
    assert torch.get_num_threads() == 2
