"""How many CPU threads torch computes with: sharing out small work costs more than the work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

ALONE = 1e8  # multiplications: some 10 ms of one thread, where two save a third; with busy cores they cost tenfold


@contextmanager
def threads_for(work: float) -> Iterator[None]:
    """One thread for the time of the block if it has fewer than ALONE multiplications, else as many as torch has."""
    before = torch.get_num_threads()
    if work >= ALONE or before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
