"""The hypotheses of chapter 4 as objects: each evaluated on a model and a weight matrix, with its margin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mathdl.sparse_coding.code_laws import CodeLaw, SkewedEntries, TwoValued, UniformEntries
from mathdl.sparse_coding.dictionaries import UNIT, Coherence, coherence
from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.supports import EQUAL

INDEPENDENT = (UniformEntries, TwoValued, SkewedEntries)  # laws whose entries are drawn one by one
PROBED = 20_000
ROUND = 1e-12  # relative, of a moment


@dataclass(frozen=True)
class Hypothesis:
    """One hypothesis: `name`, the number it is about, the `limit` that number must not exceed, and whether it holds.

    `holds` is None where numbers cannot decide; `value` and `limit` are None where no number is measured. `part` is
    "model" (section 4.2), "support" (added by Theorem 4.3.1) or "criticality" (added by Theorem 4.3.2).
    """

    part: str
    name: str
    value: float | None
    limit: float | None
    holds: bool | None

    @property
    def margin(self) -> float | None:
        """value/limit: at most 1 when the hypothesis holds, the smaller the safer; None without a number."""
        return None if self.value is None else self.value / self.limit

    def __str__(self) -> str:
        mark = {True: "✓", False: "✗", None: "?"}[self.holds]
        return f"{mark} {self.name}" + ("" if self.value is None else f": {self.value:.4g} against {self.limit:.4g}")


@dataclass(frozen=True)
class Report:
    """All hypotheses on one instance; `report["k C < 1"]` is one of them; printing shows a line each."""

    hypotheses: tuple[Hypothesis, ...]
    coherence: Coherence
    delta: float

    def __getitem__(self, name: str) -> Hypothesis:
        return {h.name: h for h in self.hypotheses}[name]

    def broken(self, part: str | None = None) -> tuple[str, ...]:
        """Names of the hypotheses that fail, of all parts or of one."""
        return tuple(h.name for h in self.hypotheses if h.holds is False and part in (None, h.part))

    def __repr__(self) -> str:
        return "\n".join(map(str, self.hypotheses))


def check_assumptions(model: SparseCodingModel, weights: np.ndarray | None = None) -> Report:
    """Every hypothesis of Mukherjee 2020, section 4.2 and Theorems 4.3.1 and 4.3.2, on this model and these weights.

    `weights` has shape (h, n), rows near the atoms; None is the transposed dictionary itself. With δ the largest
    distance of a row from its atom and the constants in O and Ω taken as 1, a ν > 0 as the theorems want exists if and
    only if k max(δ, C) < 1 and (b/a) k max(δ, C) <= 1 (Theorem 4.3.1), and k² max(δ, C) < 1, k² < h (Theorem 4.3.2).
    Raises ValueError for weights of another shape or with NaN, and for a dictionary with fewer than two atoms.
    """
    W = _weights(model, weights)
    delta = float(np.linalg.norm(W - model.dictionary.T, axis=1).max())
    found = coherence(model.dictionary)
    return Report((*_dictionary_hypotheses(model, found), *_support_hypotheses(model), *_entry_hypotheses(model),
                   *_theorem_hypotheses(model, found.C, delta)), found, delta)


def inclusion_spread(model: SparseCodingModel) -> tuple[float, float]:
    """By how much P[i in S] differs between atoms, and P[i, j in S] between pairs: 0 and 0 if q1 and q2 exist."""
    P = model.support_law.pairs()
    off = P[~np.eye(len(P), dtype=bool)]
    return float(np.ptp(np.diag(P))), float(np.ptp(off)) if off.size else 0.0


def entries_independent(law: CodeLaw, sparsity: int) -> bool | None:
    """True for the laws of this book, which draw entry by entry; False when draws are visibly correlated; else None.

    The draws (20,000 of k entries, fixed seed) convict when a covariance of two neighbours leaves its interval.
    """
    if isinstance(law, INDEPENDENT):
        return True
    if sparsity < 2:
        return None
    from mathdl.core.intervals import mean_error

    x = law.draw((PROBED, sparsity), rng=np.random.default_rng(1)) - law.m1
    products = x[:, :-1] * x[:, 1:]
    return False if (np.abs(products.mean(0)) > mean_error(products) + ROUND * law.m2).any() else None


def largest_sparsity_exponent(zeta: float) -> float:
    """The p below which some ν has p < ν² and p + ν² < ζ: ζ/2 (hypotheses of Mukherjee 2020, Theorem 4.3.2).

    Raises ValueError unless ζ > 0.
    """
    if not zeta > 0:
        raise ValueError(f"expected an exponent ζ > 0; got {zeta}: at coherence 1 no p is allowed")
    return zeta / 2


def _dictionary_hypotheses(model: SparseCodingModel, found: Coherence) -> tuple[Hypothesis, ...]:
    lengths = np.linalg.norm(model.dictionary, axis=0)
    return (_at_most("model", "unit columns", float(np.abs(lengths - 1).max()), UNIT),
            _below("model", "n < h", model.dimension, model.atoms), _below("model", "C < 1", found.C, 1.0))


def _support_hypotheses(model: SparseCodingModel) -> tuple[Hypothesis, ...]:
    first, second = inclusion_spread(model)
    return (_at_most("model", "q1 is the same for all atoms", first, EQUAL),
            _at_most("model", "q2 is the same for all pairs", second, EQUAL))


def _entry_hypotheses(model: SparseCodingModel) -> tuple[Hypothesis, ...]:
    a, b, m1, m2 = model.low, model.high, model.m1, model.m2
    top = (a + b) * m1 - a * b  # E (x − a)(b − x) >= 0
    possible = a * (1 - ROUND) <= m1 <= b * (1 + ROUND) and m1 ** 2 <= m2 * (1 + ROUND) and m2 <= top * (1 + ROUND)
    return (Hypothesis("model", "moments fit 0 <= a <= x <= b", m2, top * (1 + ROUND), a >= 0 and possible),
            Hypothesis("model", "entries independent given S", None, None,
                       entries_independent(model.entry_law, model.sparsity)))


def _theorem_hypotheses(model: SparseCodingModel, C: float, delta: float) -> tuple[Hypothesis, ...]:
    k, worst = model.sparsity, max(delta, C)
    return (_below("support", "k δ < 1", k * delta, 1.0), _below("support", "k C < 1", k * C, 1.0),
            _at_most("support", "a >= b k max(δ, C)", model.high * k * worst, max(model.low, 1e-300)),
            _below("criticality", "k² δ < 1", k * k * delta, 1.0), _below("criticality", "k² C < 1", k * k * C, 1.0),
            _below("criticality", "k² < h", k * k, model.atoms))


def _below(part: str, name: str, value: float, limit: float) -> Hypothesis:
    return Hypothesis(part, name, float(value), float(limit), bool(value < limit))


def _at_most(part: str, name: str, value: float, limit: float) -> Hypothesis:
    return Hypothesis(part, name, float(value), float(limit), bool(value <= limit))


def _weights(model: SparseCodingModel, weights: np.ndarray | None) -> np.ndarray:
    W = model.dictionary.T if weights is None else np.asarray(weights, dtype=float)
    if W.shape != (model.atoms, model.dimension):
        raise ValueError(f"expected weights of shape (h, n) = {(model.atoms, model.dimension)}; got {W.shape}: "
                         "the rows stand beside the atoms")
    if not np.isfinite(W).all():
        raise ValueError("expected finite weights; got NaN or infinity")
    return W
