"""Algorithms 2 and 4 on nets with one filter: what carries over, and what does not. Beyond the source, an experiment.

With Ā = (1/k) Σ A_i, the two rules on a sample (x, y) are
"tron", as in Algorithm 4:    w + s (y − f_w(x)) Āx,
"active", as in Algorithm 2:  w + s 1[y > 0] (y − ⟨w, Āx⟩) Āx.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.core.intervals import mean_error
from mathdl.relu_gate.laws import Gaussian
from mathdl.relu_gate.runs import GateRuns
from mathdl.relu_gate.single_filter import SingleFilterNet

Array = NDArray[np.float64]
RULES = ("tron", "active")


class Sampler(Protocol):
    """Anything that draws inputs, such as the laws of `mathdl.relu_gate.laws`."""

    def sample(self, shape: tuple[int, ...], *, rng: np.random.Generator) -> Array:
        """Inputs of shape `shape` + (n,)."""


def filter_direction(net: SingleFilterNet, w: Array, x: Array, y: Array, rule: str) -> Array:
    """What a rule adds to w (..., r) for step 1 on inputs x (..., n) with labels y (...,): shape (..., r)."""
    if rule not in RULES:
        raise ValueError(f"rule: expected one of {RULES}; got {rule!r}")
    mean = x @ net.mean_map.T
    residual = y - net(w, x) if rule == "tron" else (y > 0) * (y - (mean * w).sum(-1))
    return residual[..., None] * mean


def filter_sgd(net: SingleFilterNet, law: Sampler, w_star: ArrayLike, w1: ArrayLike, *, step: float, updates: int,
               runs: int, rng: np.random.Generator, rule: str = "tron", keep: bool = False) -> GateRuns:
    """R runs from w_1 (r,) on fresh samples of the law with labels f_{w_*}(x), one sample an update."""
    w_star = np.asarray(w_star, dtype=float)
    w = np.broadcast_to(np.asarray(w1, dtype=float), (runs, net.r)).copy()
    path = [w]
    for _ in range(updates):
        x = law.sample((runs,), rng=rng)
        path.append(w := w + step * filter_direction(net, w, x, net(w_star, x), rule))
    path = np.stack(path)
    return GateRuns(1, ((path - w_star) ** 2).sum(-1), w, path if keep else None)


def filter_descent(net: SingleFilterNet, x: ArrayLike, w_star: ArrayLike, w1: ArrayLike, *, step: float, updates: int,
                   rule: str = "tron", weights: ArrayLike | None = None) -> GateRuns:
    """Full-batch runs from each start w_1 (R, r) on inputs x (S, n) of equal weight, or of `weights` (S,)."""
    x, p = _finite(net, x, weights)
    w_star, w = np.asarray(w_star, dtype=float), np.atleast_2d(np.asarray(w1, dtype=float))
    y, path = net(w_star, x), [w]
    for _ in range(updates):
        path.append(w := w + step * np.einsum("s,rsk->rk", p, filter_direction(net, w[:, None], x, y, rule)))
    path = np.stack(path)
    return GateRuns(1, ((path - w_star) ** 2).sum(-1), w, path)


@dataclass(frozen=True)
class FilterMoments:
    """What decides "tron" on a finite law: b, c1 of the recursion E‖v'‖² ≤ (1 − s b + s² c1) E‖v‖².

    b = (1 + α) λ_min(Ā E[xxᵀ] Āᵀ), c1 = max(1, α)² E[‖Āx‖² (1/k) Σ ‖A_i x‖²]. The recursion is a theorem (ours) when
    the law `is_symmetric`, x and −x equally likely; without that it may fail.
    """

    b: float
    c1: float
    is_symmetric: bool

    @property
    def step(self) -> float:
        """s = b / 2c1, the step of Lemma 3.E.1."""
        return self.b / (2 * self.c1)

    @property
    def rate(self) -> float:
        """1 − b² / 4c1, in [0, 1)."""
        return 1 - self.b ** 2 / (4 * self.c1)


def filter_moments(net: SingleFilterNet, x: ArrayLike, weights: ArrayLike | None = None) -> FilterMoments:
    """The moments of the law with the points x (S, n), of equal weight or of `weights` (S,).

    Raises ValueError when Ā E[xxᵀ] Āᵀ is singular: then some filters cannot be told apart by Āx at all.
    """
    x, p = _finite(net, x, weights)
    mean, patches = x @ net.mean_map.T, net.patches(x)
    lowest = np.linalg.eigvalsh((mean * p[:, None]).T @ mean)[0]
    if lowest <= 1e-12 * (p @ (mean ** 2).sum(1)) or not lowest > 0:
        raise ValueError("x: expected Ā E[xxᵀ] Āᵀ to be positive definite; got a singular one. Add samples, or "
                         "patches whose mean does not cancel")
    c1 = max(1.0, net.alpha) ** 2 * p @ ((mean ** 2).sum(1) * (patches ** 2).sum(-1).mean(-1))
    return FilterMoments(float((1 + net.alpha) * lowest), float(c1), _is_symmetric(x, p))


def mean_square_after(net: SingleFilterNet, x: ArrayLike, w_star: ArrayLike, w: ArrayLike, step: float,
                      rule: str = "tron", weights: ArrayLike | None = None) -> float:
    """E‖w' − w_*‖² after one update from w (r,) on one sample of the finite law, by enumeration."""
    x, p = _finite(net, x, weights)
    w_star, w = np.asarray(w_star, dtype=float), np.asarray(w, dtype=float)
    after = w + step * filter_direction(net, w, x, net(w_star, x), rule)
    return float(p @ ((after - w_star) ** 2).sum(1))


def active_regression(net: SingleFilterNet, x: ArrayLike, w_star: ArrayLike, weights: ArrayLike | None = None) -> Array:
    """Where "active" is at rest on average, shape (r,): the least squares fit of y by ⟨w, Āx⟩ on the samples y > 0."""
    x, p = _finite(net, x, weights)
    y, mean = net(np.asarray(w_star, dtype=float), x), x @ net.mean_map.T
    root = np.sqrt(p * (y > 0))[:, None]
    return np.linalg.lstsq(root * mean, root[:, 0] * y, rcond=None)[0]


def pull(net: SingleFilterNet, x: ArrayLike, w_star: ArrayLike, weights: ArrayLike | None = None) -> Array:
    """The matrix J (r, r) of "tron" near the target: the mean update at w_* + v is −s J v + o(v).

    J = E[Āx (1/k) Σ σ_α'(⟨w_*, A_i x⟩) (A_i x)ᵀ]. Small steps find the way home from nearby when all eigenvalues of J
    have a positive real part, and are driven off when one has a negative one.
    """
    x, p = _finite(net, x, weights)
    patches, w_star = net.patches(x), np.asarray(w_star, dtype=float)
    slopes = np.where(patches @ w_star >= 0, 1.0, net.alpha)[..., None]
    return ((x @ net.mean_map.T) * p[:, None]).T @ (slopes * patches).mean(axis=1)


def attraction_share(k: int, *, points: int = 8, laws: int = 400, mirrored: bool = False,
                     rng: np.random.Generator) -> float:
    """The share of random laws for which "tron" is drawn to its target: k patches of 2 inputs, ReLU.

    A law is `points` Gaussian inputs of equal weight, with their mirror images if `mirrored`. An experiment.
    """
    net, drawn = SingleFilterNet.from_conv1d(2 * k, 2, 2), 0
    for _ in range(laws):
        x = rng.standard_normal((points, net.n))
        J = pull(net, np.vstack([x, -x]) if mirrored else x, rng.standard_normal(2))
        drawn += np.linalg.eigvals(J).real.min() > 1e-12 * np.abs(J).max()  # above rounding: a singular J does not
    return float(drawn / laws)


def found_fraction(k: int, rule: str, *, updates: int = 400, runs: int = 200,
                   rng: np.random.Generator) -> tuple[float, float]:
    """Mean of ⟨w_T, w_*⟩ and its error, k patches of 2 Gaussian inputs, w_* = e_1, from 0. An experiment.

    The step 0.1 k keeps the pace: E‖Āx‖² falls like 1/k.
    """
    net, w_star = SingleFilterNet.from_conv1d(2 * k, 2, 2), np.array([1.0, 0.0])
    run = filter_sgd(net, Gaussian(net.n), w_star, np.zeros(2), step=0.1 * k, updates=updates, runs=runs, rng=rng,
                     rule=rule)
    return float(run.w[:, 0].mean()), float(mean_error(run.w[:, 0]))


def gaussian_shrinkage(k: int) -> float:
    """The factor c with rest point c w_* of "active", for Gaussian x, α = 0 and k patches without common inputs (ours).

    c = ½ / (1 − 2^{−k} (1 + 2(k − 1)/π)): 1 for one gate, and ½ in the limit. With u_i = ⟨w_*, A_i x⟩ independent
    N(0, 1), c = E[y ū] / E[1[y>0] ū²] where y = Σ σ(u_i) / k, E[y ū] = 1/2k, and the half-normal moments 1, √(2/π)
    give E[ū²; all u_i < 0] = 2^{−k} (k + k(k − 1) 2/π) / k². Raises ValueError for k < 1.
    """
    if k < 1:
        raise ValueError(f"expected k ≥ 1 patches; got {k}")
    return 0.5 / (1 - 2.0 ** -k * (1 + 2 * (k - 1) / np.pi))


def _finite(net: SingleFilterNet, x: ArrayLike, weights: ArrayLike | None) -> tuple[Array, Array]:
    """Points (S, n) and their weights (S,), which add up to 1."""
    x = np.asarray(x, dtype=float)
    if x.ndim != 2 or x.shape[1] != net.n or not len(x) or not np.isfinite(x).all():
        raise ValueError(f"x: expected finite samples in rows, shape (S, {net.n}) with S ≥ 1; got shape {x.shape}")
    p = np.full(len(x), 1 / len(x)) if weights is None else np.asarray(weights, dtype=float)
    if p.shape != (len(x),) or not (p >= 0).all() or abs(p.sum() - 1) > 1e-9:
        raise ValueError(f"weights: expected {len(x)} numbers ≥ 0 with sum 1; got shape {p.shape}, sum {p.sum():.6g}")
    return x, p


def _is_symmetric(x: Array, p: Array) -> bool:
    """True when every point has as much weight as its mirror image, compared as floats."""
    weight: dict[tuple[float, ...], float] = {}
    for point, q in zip(x + 0.0, p, strict=True):
        key = tuple(point.tolist())
        weight[key] = weight.get(key, 0.0) + q
    return all(abs(q - weight.get(tuple(-v for v in key), 0.0)) <= 1e-12 for key, q in weight.items())
