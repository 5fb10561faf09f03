"""All forms of Theorem 3.4.1 on one instance, beside the probability of an exit as computed or as observed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mathdl.core.theorem import State
from mathdl.relu_gate.confinement import KINDS, ExitBound, confinement_bound, scientific
from mathdl.relu_gate.confinement_instance import NoisyDescent
from mathdl.relu_gate.exit_probability import exit_probability
from mathdl.relu_gate.exit_simulation import SimulatedExits, simulate_exit
from mathdl.relu_gate.noise import FiniteNoise


@dataclass(frozen=True)
class AuditRow:
    """One form: its bound, the interval `low` <= P[exit] <= `high` at its radius, and the hypotheses that fail."""

    bound: ExitBound
    low: float
    high: float
    broken: tuple[str, ...]

    @property
    def state(self) -> State:
        """Silent, violated (the whole interval above the bound), vacuous, holds, or holds if more runs agree."""
        if self.broken:
            return State.SILENT
        if self.low > self.bound.value:
            return State.VIOLATED
        if self.bound.value >= 1:
            return State.VACUOUS
        return State.HOLDS if self.high <= self.bound.value else State.HOLDS_IF

    def __str__(self) -> str:
        seen = _short(self.low) if self.low == self.high else f"{_short(self.low)} to {_short(self.high)}"
        state = self.state.value.upper() if self.state is State.VIOLATED else self.state.value
        why = {State.SILENT: f" (not {', '.join(self.broken)})", State.HOLDS_IF: " more runs agree"}.get(self.state, "")
        return f"{self.bound.kind:<9} r = {self.bound.radius:<8.5g} P[exit] {seen} against {self.bound}: {state}{why}"


@dataclass(frozen=True)
class Audit:
    """The rows of an audit; prints one line for each form of the theorem."""

    rows: tuple[AuditRow, ...]

    def __getitem__(self, kind: str) -> AuditRow:
        return next(row for row in self.rows if row.bound.kind == kind)

    def __str__(self) -> str:
        return "\n".join(map(str, self.rows))

    __repr__ = __str__


def audit(descent: NoisyDescent, *, runs: int = 4000, rng: np.random.Generator | None = None,
          peaks: NDArray[np.float64] | None = None) -> Audit:
    """Each form of Theorem 3.4.1 against the probability of an exit at its own radius.

    Exact when both noises have finitely many values and no `rng` is given; else the Clopper-Pearson interval of `runs`
    simulated runs, or of runs already made whose largest distances are `peaks` (R,). Raises ValueError when runs are
    needed and `rng` is missing.
    """
    bounds = [confinement_bound(descent.setting(), kind) for kind in KINDS]
    finite = isinstance(descent.noise1, FiniteNoise) and isinstance(descent.noise2, FiniteNoise)
    if rng is None and peaks is None and not finite:
        raise ValueError("rng: expected a numpy Generator, because this noise has no finite list of values; got None")
    if rng is None and peaks is None:
        exact = {r: exit_probability(descent, r).value for r in {b.radius for b in bounds}}
        seen = [(exact[b.radius],) * 2 for b in bounds]
    else:
        simulated = simulate_exit(descent, runs=runs, rng=rng) if peaks is None else SimulatedExits(peaks)
        seen = [simulated.interval(b.radius) for b in bounds]
    broken = [tuple(name for name, true in descent.hypotheses(b.kind).items() if not true) for b in bounds]
    return Audit(tuple(AuditRow(b, *s, h) for b, s, h in zip(bounds, seen, broken, strict=True)))


def _short(probability: float) -> str:
    return scientific(float(np.log10(probability)) if probability > 0 else -np.inf)
