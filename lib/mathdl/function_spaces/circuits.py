"""LTF-of-ReLU circuits on bits, with direct wires from the inputs to the output gate, and what restrictions leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np

from mathdl.function_spaces.restrictions import Parts, Restriction, survival_probability


@dataclass(frozen=True, eq=False)
class LTFOfReLU:
    """z ↦ 1[c + ⟨d, z⟩ + Σ_j α_j σ(⟨W_j, z⟩ + b_j) ≥ 0] on z ∈ {0, 1}^n (Mukherjee 2020, Definition 13).

    `gates` is W of shape (w, n), `biases` b and `top` α of shape (w,), `wires` d of shape (n,), `constant` c. Direct
    wires cost nothing, and w = 0 is allowed. Raises ValueError when shapes do not fit or an entry is not finite.
    """

    gates: np.ndarray
    biases: np.ndarray
    top: np.ndarray
    wires: np.ndarray
    constant: float = 0.0

    def __post_init__(self) -> None:
        wires = np.asarray(self.wires)
        gates = np.asarray(self.gates).reshape(-1, len(wires)) if np.size(self.gates) == 0 else np.asarray(self.gates)
        biases, top = np.asarray(self.biases), np.asarray(self.top)
        if wires.ndim != 1 or gates.shape != (len(biases), len(wires)) or top.shape != biases.shape:
            raise ValueError(f"expected gates (w, n), biases (w,), top (w,), wires (n,); got {gates.shape}, "
                             f"{biases.shape}, {top.shape}, {wires.shape}")
        if not all(np.isfinite(v).all() for v in (gates, biases, top, wires, self.constant)):
            raise ValueError("expected finite weights; got NaN or infinity")
        for name, value in (("gates", gates), ("biases", biases), ("top", top), ("wires", wires)):
            object.__setattr__(self, name, value)

    @property
    def size(self) -> int:
        """w, the number of ReLU gates."""
        return len(self.biases)

    @property
    def n_inputs(self) -> int:
        """n, the number of input bits."""
        return len(self.wires)

    def __call__(self, z: np.ndarray) -> np.ndarray:
        """The output bits, shape (n_samples,), int8, at z of shape (n_samples, n)."""
        z = np.asarray(z)
        if z.ndim != 2 or z.shape[1] != self.n_inputs:
            raise ValueError(f"expected z of shape (n_samples, {self.n_inputs}); got {z.shape}")
        # float64 products go through BLAS, and they are exact for integers below 2^53
        z = z.astype(np.result_type(float, self.gates, self.wires))
        hidden = np.maximum(z @ self.gates.T + self.biases, 0)
        return (hidden @ self.top + z @ self.wires + self.constant >= 0).astype(np.int8)

    def restricted(self, rho: Restriction) -> LTFOfReLU:
        """The circuit on the free bits alone: gates that are 0 are dropped, linear ones become direct wires."""
        free, base, low, high = self._ranges(rho)
        alive, linear = (low < 0) & (high > 0), low >= 0
        fixed = np.array(rho.values)
        fixed[list(rho.free)] = 0
        wires = self.wires[list(rho.free)] + self.top[linear] @ free[linear]
        constant = self.constant + self.wires @ fixed + self.top[linear] @ base[linear]
        return LTFOfReLU(free[alive], base[alive], self.top[alive], wires, constant)

    def _ranges(self, rho: Restriction) -> tuple[np.ndarray, ...]:
        """Per gate: the free weights, the fixed part of the argument, and the argument's least and largest value."""
        free, fixed = self.gates[:, list(rho.free)], np.array(rho.values)
        fixed[list(rho.free)] = 0
        base = self.gates @ fixed + self.biases
        return free, base, base + np.minimum(free, 0).sum(axis=1), base + np.maximum(free, 0).sum(axis=1)


def survivors(circuit: LTFOfReLU, rho: Restriction) -> int:
    """The gates whose argument still takes both signs on the free bits (Mukherjee 2020, eq. 2.12)."""
    *_, low, high = circuit._ranges(rho)
    return int(((low < 0) & (high > 0)).sum())


def expected_survivors(circuit: LTFOfReLU, parts: Parts) -> float:
    """Σ_j P[gate j is not forced], an upper bound on the mean of `survivors`; the weights must be integers.

    A ReLU gate whose argument is ≤ 0 with equality somewhere is removable although its LTF is not forced; without
    such ties the bound is the mean. With z = (x + 1)/2 the argument is half of ⟨W, x⟩ + 2b + Σ W.
    """
    return sum(survival_probability(W, parts, bias=2 * b + W.sum())
               for W, b in zip(circuit.gates, circuit.biases, strict=True))


def random_circuit(n: int, gates: int, *, rng: np.random.Generator) -> LTFOfReLU:
    """Integer weights from −9, …, 9, half-integer biases (so that no argument is 0), and a standard normal top."""
    W = rng.integers(-9, 10, (gates, n))
    b = rng.integers(-9, 10, gates) - W.sum(axis=1) // 2 + 0.5
    return LTFOfReLU(W, b, rng.standard_normal(gates), np.zeros(n))


def two_thresholds(first: Sequence[Real], second: Sequence[Real], *, both: bool) -> LTFOfReLU:
    """The circuit with one gate for the OR (or AND, if `both`) of the LTFs with gates (a, b) on the cube (ours).

    With arguments L and M, L ≥ 0 or M ≥ 0 is L + σ(M − L) ≥ 0, and both is L − σ(L − M) ≥ 0; each x_i is 2 z_i − 1.
    """
    (d, c), (e, f) = (_on_bits(np.asarray(gate)) for gate in (first, second))
    sign = -1 if both else 1
    return LTFOfReLU(sign * (e - d)[None], np.array([sign * (f - c)]), np.array([sign]), d, c)


def _on_bits(gate: np.ndarray) -> tuple[np.ndarray, Real]:
    """The weights and the constant of ⟨a, 2z − 1⟩ + b as a function of z."""
    return 2 * gate[:-1], gate[-1] - gate[:-1].sum()
