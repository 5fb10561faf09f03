"""Random numbers for many runs at once: one stream a run, which does not depend on the runs beside it.

Row k of a run's stream of, say, 20 normal numbers a step is a function of the run's seed, of the words "20 normal
numbers" and of k alone. It is drawn by Philox, a counter-based generator (Salmon, Moraes, Dror & Shaw 2011): its key is
the pair of the seed and a hash of the words, its counter holds k. So a run in a batch and the same run alone see the
same numbers, and where a stream stands is one integer. Numbers are drawn on the CPU, many rows at a time.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable

import numpy as np
import torch
from torch import Tensor

BLOCK = 1024  # numbers of one kind that a run draws at a time, unless a single row has more
MAX_ROWS = 256


class RunGenerators:
    """The randomness of R runs: every method returns a tensor with one leading row a run, on `device`.

    `seeds`: R integers from 0 to 2^64 - 1, one a run. Equal seeds give equal numbers, which is wanted when runs differ
    in their step size only. Raises ValueError for other seeds.
    """

    def __init__(self, seeds: Iterable[int], *, device: str = "cpu"):
        self.seeds = tuple(int(seed) for seed in seeds)
        if not self.seeds or not all(0 <= seed < 2**64 for seed in self.seeds):
            raise ValueError(f"seeds: expected integers from 0 to 2^64 - 1, one a run; got {self.seeds[:8]}")
        self.device = device
        self._counts: dict[str, int] = {}
        self._blocks: dict[str, tuple[int, Tensor]] = {}

    def __len__(self) -> int:
        return len(self.seeds)

    def normal(self, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        """Independent standard normal numbers, (R, *shape)."""
        return self._next(f"normal {dtype}", shape, dtype, lambda rng, size: rng.standard_normal(size, _numpy(dtype)))

    def uniform(self, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        """Independent numbers from the uniform law on [0, 1), (R, *shape)."""
        return self._next(f"uniform {dtype}", shape, dtype, lambda rng, size: rng.random(size, _numpy(dtype)))

    def integers(self, high: int, *shape: int) -> Tensor:
        """Independent integers, each of 0, ..., high - 1 with the same chance, (R, *shape), int64."""
        return self._next(f"integers {high}", shape, torch.int64, lambda rng, size: rng.integers(high, size=size))

    def batch(self, n_samples: int, size: int) -> Tensor:
        """Which samples the next batch of each run holds: indices (R, size), int64.

        Each run goes through its own permutation of the samples, `size` at a time, then through a new one. When `size`
        does not divide `n_samples`, a batch may reach over from one permutation into the next; no sample is left out.
        Raises ValueError unless 1 <= size <= n_samples.
        """
        if not 1 <= size <= n_samples:
            raise ValueError(f"size: expected 1 to {n_samples} samples a batch; got {size}")
        kind = f"batch {n_samples} {size}"
        begin = self._count(kind) * size
        epoch, place = divmod(begin, n_samples)
        order = self._order(n_samples, epoch)
        if place + size <= n_samples:
            return order[:, place:place + size]
        return torch.cat([order[:, place:], self._order(n_samples, epoch + 1)[:, :place + size - n_samples]], 1)

    def get_state(self) -> Tensor:
        """Where the streams stand, as bytes (a uint8 tensor)."""
        text = json.dumps({"seeds": self.seeds, "counts": self._counts})
        return torch.frombuffer(bytearray(text.encode()), dtype=torch.uint8)

    def set_state(self, state: Tensor) -> None:
        """Go where `get_state` was called. Raises ValueError for the state of other seeds."""
        found = json.loads(bytes(state.tolist()))
        if tuple(found["seeds"]) != self.seeds:
            raise ValueError(f"expected the state of runs with seeds {self.seeds[:8]}; got {found['seeds'][:8]}")
        self._counts = found["counts"]

    def _count(self, kind: str) -> int:
        """How often the kind was asked for before."""
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return self._counts[kind] - 1

    def _next(self, kind: str, shape: tuple[int, ...], dtype: torch.dtype, draw: Callable) -> Tensor:
        kind = f"{kind} {shape}"
        return self._row(kind, self._count(kind), shape, dtype, draw)

    def _order(self, n_samples: int, epoch: int) -> Tensor:
        def permutations(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
            if size[0] == 1:
                return rng.permutation(n_samples)[None]  # half the time of the line below
            return rng.permuted(np.broadcast_to(np.arange(n_samples), size), axis=1)

        kind = f"order {n_samples} {epoch % 2}"  # two streams, since a batch may reach from one order into the next
        return self._row(kind, epoch // 2, (n_samples,), torch.int64, permutations)

    def _row(self, kind: str, k: int, shape: tuple[int, ...], dtype: torch.dtype, draw: Callable) -> Tensor:
        """Row k of the stream of this kind, (R, *shape)."""
        n_rows = min(MAX_ROWS, max(1, BLOCK // max(1, math.prod(shape))))
        number, row = divmod(k, n_rows)
        if self._blocks.get(kind, (None,))[0] != number:
            self._blocks[kind] = number, self._drawn(kind, number, (n_rows, *shape), dtype, draw)
        return self._blocks[kind][1][row]

    def _drawn(self, kind: str, number: int, size: tuple[int, ...], dtype: torch.dtype, draw: Callable) -> Tensor:
        """Block `number` of every run, (rows, R, *shape)."""
        words = int.from_bytes(hashlib.sha256(kind.encode()).digest()[:8], "little")
        counter, buffer = np.array([0, 0, 0, number], np.uint64), np.zeros(4, np.uint64)
        philox = np.random.Philox(0)
        rng, block = np.random.Generator(philox), torch.empty(size[0], len(self), *size[1:], dtype=dtype)
        rows = block.numpy()
        for r, seed in enumerate(self.seeds):  # to set the state costs a quarter of a new generator
            philox.state = {"bit_generator": "Philox", "buffer": buffer, "buffer_pos": 4, "has_uint32": 0,
                            "uinteger": 0, "state": {"counter": counter, "key": np.array([seed, words], np.uint64)}}
            rows[:, r] = draw(rng, size)
        return block.to(self.device)


def _numpy(dtype: torch.dtype) -> type:
    if dtype not in (torch.float32, torch.float64):
        raise ValueError(f"dtype: expected torch.float32 or torch.float64; got {dtype}. Convert after drawing")
    return np.float32 if dtype == torch.float32 else np.float64
