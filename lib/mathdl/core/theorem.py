"""A theorem is a function that returns a verdict: hypotheses checked, bound beside what was measured."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from numbers import Real


class State(Enum):
    """What one instance says about a theorem; the value is the word a reader sees."""

    HOLDS = "holds"
    HOLDS_IF = "holds if"
    VACUOUS = "vacuous"
    SILENT = "silent"
    VIOLATED = "violated"


@dataclass(frozen=True)
class Theorem:
    """One statement of a source: where it stands, what it supposes, what it concludes.

    `id` is "slug/kind-number"; `says` is the conclusion in LaTeX without dollar signs; `measures` names the
    measured quantity in words; `erratum` tells what is wrong when this is a printed form that does not hold.
    """

    id: str
    name: str
    source: str
    says: str
    measures: str
    hypotheses: tuple[str, ...]
    erratum: str = ""

    def verdict(self, *, given: tuple[bool | None, ...], measured: Real, at_most: Real | None = None,
                at_least: Real | None = None, equals: Real | None = None, error: Real = 0,
                trivial: Real | None = None, instance: str = "") -> Verdict:
        """The verdict on one instance.

        `given` answers `hypotheses` in order: True, False, or None where numbers cannot decide. Exactly one of
        `at_most`, `at_least`, `equals` is the right-hand side. `error` bounds |measured - exact value|, and
        `trivial` is the value known without the theorem. Raises ValueError when the pieces do not fit.
        """
        sides = {"≤": at_most, "≥": at_least, "=": equals}
        relations = [relation for relation, side in sides.items() if side is not None]
        if len(relations) != 1:
            raise ValueError(f"{self.id}: expected exactly one of at_most, at_least, equals; got {len(relations)}")
        if len(given) != len(self.hypotheses):
            raise ValueError(f"{self.id}: expected an answer to each of {self.hypotheses}; got {given}")
        if not error >= 0:
            raise ValueError(f"{self.id}: error must be a number >= 0; got {error}")
        answers = tuple(None if a is None else bool(a) for a in given)
        return Verdict(self, answers, measured, relations[0], sides[relations[0]], error, trivial, instance)


@dataclass(frozen=True)
class Verdict:
    """What one instance says; prints as one stable line and draws itself as a card in Jupyter."""

    theorem: Theorem
    given: tuple[bool | None, ...]
    measured: Real
    relation: str
    bound: Real
    error: Real = 0
    trivial: Real | None = None
    instance: str = field(default="", compare=False)

    @property
    def satisfied(self) -> bool:
        """True when the measurement, within its error, agrees with the conclusion; False when anything is NaN."""
        if self.relation == "≤":
            return bool(self.measured <= self.bound + self.error)
        if self.relation == "≥":
            return bool(self.measured >= self.bound - self.error)
        return bool(self.bound - self.error <= self.measured <= self.bound + self.error)

    @property
    def says_nothing_new(self) -> bool:
        """True when the bound is no better than `trivial`, or infinite on the side where it cannot be missed."""
        if self.relation == "=":
            return False
        sign = 1 if self.relation == "≤" else -1
        known = sign * math.inf if self.trivial is None else self.trivial
        return bool(sign * self.bound >= sign * known)

    @property
    def state(self) -> State:
        """One of the five states; a false hypothesis comes first, because then nothing follows."""
        if False in self.given:
            return State.SILENT
        if not self.satisfied:
            return State.VIOLATED
        if self.says_nothing_new:
            return State.VACUOUS
        return State.HOLDS_IF if None in self.given else State.HOLDS

    @property
    def slack(self) -> Real:
        """How far the measurement stays on the right side of the bound; negative when it does not."""
        if self.relation == "≤":
            return self.bound - self.measured
        return self.measured - self.bound if self.relation == "≥" else -abs(self.measured - self.bound)

    @property
    def comparison(self) -> str:
        """The inequality with its numbers, as `27 ≥ 26.5 (± 1e-12)`."""
        text = f"{number(self.measured, self.error)} {self.relation} {number(self.bound, self.error)}"
        return text + (f" (± {number(self.error)})" if self.error else "")

    def __str__(self) -> str:
        marks = {True: "✓", False: "✗", None: "?"}
        given = ", ".join(f"{marks[a]} {h}" for a, h in zip(self.given, self.theorem.hypotheses, strict=True))
        where = f" [{self.instance}]" if self.instance else ""
        return f"{self.theorem.id} {self.state.value}: {self.comparison}{where}" + (f" given {given}" if given else "")

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from mathdl.core.card import html_card

        return html_card(self)

    def to_latex(self) -> str:
        """The conclusion with its numbers as LaTeX, for slides and papers."""
        from mathdl.core.card import latex_line

        return latex_line(self)


def number(x: Real, error: Real = 0) -> str:
    """A number as a reader and a test can compare it: exact if short, six digits else, 0 inside its error."""
    if error and abs(x) <= error:
        return "0"
    if isinstance(x, Fraction) and x.denominator != 1 and len(str(x)) <= 12:
        return str(x)
    exact_integer = isinstance(x, (int, Fraction)) or (math.isfinite(x) and abs(x) < 1e15)
    if exact_integer and x == int(x) and len(str(int(x))) <= 15:
        return str(int(x))
    return f"{log10_text(x)}" if isinstance(x, (int, Fraction)) and abs(x) > 1e300 else f"{float(x):.6g}"


def log10_text(x: int | Fraction) -> str:
    """A number too large for a float, as a power of ten."""
    digits = (math.log(abs(x.numerator)) - math.log(x.denominator)) / math.log(10)
    return f"{'-' if x < 0 else ''}10^{digits:.4g}"
