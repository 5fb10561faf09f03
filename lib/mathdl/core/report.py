"""The table of statements with their states, for `mathdl verify` and for the last page of each chapter."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from mathdl.core.registry import Statement, statements
from mathdl.core.theorem import number

HEADER = ("statement", "state", "measured", "bound", "slack", "seconds")


@dataclass(frozen=True)
class Row:
    """One line of the table; `problem` is the error of a check that did not return."""

    id: str
    name: str
    state: str
    expected: str
    measured: str = ""
    relation: str = ""
    bound: str = ""
    slack: str = ""
    seconds: float = 0.0
    problem: str = ""

    @property
    def as_expected(self) -> bool:
        """True when the default instance reached the state that the statement must reach."""
        return self.state == self.expected

    def cells(self) -> tuple[str, ...]:
        """The row as text, a cell a column of HEADER."""
        state = self.state if self.as_expected else f"{self.state}, expected {self.expected}"
        return self.id, state, self.measured, f"{self.relation} {self.bound}", self.slack, f"{self.seconds:.2f}"


def check(id: str, statement: Statement, *, scale: str = "laptop", device: str = "auto") -> Row:
    """The row of one statement; a check that raises is a row with the state `error`, not the end of the run."""
    name, expected = statement.theorem.name, statement.expected.value
    start = time.perf_counter()
    try:
        v = statement.run(scale=scale, device=device)
    except Exception as error:  # one broken check must not hide the others
        took = time.perf_counter() - start
        return Row(id, name, "error", expected, seconds=took, problem=f"{type(error).__name__}: {error}")
    took = time.perf_counter() - start
    measured, bound, slack = (number(x, v.error) for x in (v.measured, v.bound, v.slack))
    return Row(id, name, v.state.value, expected, measured, v.relation, bound, slack, took)


def table(rows: list[Row]) -> str:
    """The rows under their header, columns aligned."""
    lines = [HEADER, *(row.cells() for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADER))]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines)


@dataclass(frozen=True)
class Summary:
    """The states of many statements; a table in Jupyter, one line of counts as text."""

    rows: tuple[Row, ...]

    def __repr__(self) -> str:
        states = [row.state for row in self.rows]
        counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
        return f"{len(self.rows)} statements: {counts}; {sum(r.as_expected for r in self.rows)} as expected"

    def _repr_html_(self) -> str:
        body = "".join(f"<tr><td><code>{escape(r.id)}</code></td><td style='text-align:left'>{escape(r.name)}</td>"
                       f"<td>{escape(r.state)}</td><td>{escape(f'{r.measured} {r.relation} {r.bound}')}</td></tr>"
                       for r in self.rows)
        head = "".join(f"<th>{title}</th>" for title in ("statement", "name", "state", "measured against bound"))
        title = f"<caption>{escape(repr(self))}</caption>"
        return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def summary(slug: str, topics: Iterable[str] | None = None) -> Summary:
    """Run the statements of a chapter, or of some of its topics (modules of `theorems`), and collect their states."""
    chosen = None if topics is None else {f"mathdl.{slug}.theorems.{topic}" for topic in topics}
    found = statements(slug).items()
    return Summary(tuple(check(id, s) for id, s in found if chosen is None or s.check.__module__ in chosen))
