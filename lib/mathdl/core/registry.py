"""One register of all statements: a decorated function is the check of its statement, defaults its instance."""

from __future__ import annotations

import functools
import inspect
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module, util
from pathlib import Path

from mathdl.core.theorem import State, Theorem, Verdict

_STATEMENTS: dict[str, Statement] = {}
OFFERED = ("scale", "device")  # parameters of a check that `mathdl verify` fills in


@dataclass(frozen=True)
class Statement:
    """A theorem with the function that checks it and the state its default instance must reach."""

    theorem: Theorem
    check: Callable[..., Verdict]
    expected: State

    def run(self, *, scale: str = "laptop", device: str = "auto") -> Verdict:
        """The verdict on the default instance; `scale` and `device` reach the checks that take them."""
        offered = dict(zip(OFFERED, (scale, device), strict=True))
        taken = inspect.signature(self.check).parameters
        return self.check(**{name: value for name, value in offered.items() if name in taken})


def statement(id: str, name: str, source: str, *, says: str, measures: str, hypotheses: tuple[str, ...] = (),
              erratum: str = "", expected: State = State.HOLDS) -> Callable:
    """Register the decorated function as the check of a statement.

    The function takes the Theorem first and returns its Verdict; every other parameter has a default, and the
    defaults are the instance that `mathdl verify` runs. Readers call it without the first argument.
    """
    theorem = Theorem(id, name, source, says, measures, hypotheses, erratum)

    def register(function: Callable[..., Verdict]) -> Callable[..., Verdict]:
        parameters = list(inspect.signature(function).parameters.values())[1:]
        taken = [p.name for p in parameters if p.name in OFFERED and not isinstance(p.default, str)]
        if taken:
            raise ValueError(f"statement {id!r}: expected {taken[0]} to be a word, which `mathdl verify` passes; got "
                             "another default. Choose another name")

        @functools.wraps(function)
        def check(*args, **kwargs) -> Verdict:
            return function(theorem, *args, **kwargs)

        check.__signature__ = inspect.Signature(parameters, return_annotation=Verdict)
        check.theorem = theorem
        known = _STATEMENTS.get(id)
        if known is not None and known.check.__qualname__ != check.__qualname__:
            raise ValueError(f"statement {id!r} is registered twice: {known.check.__qualname__}, {check.__qualname__}")
        _STATEMENTS[id] = Statement(theorem, check, expected)
        return check

    return register


def chapters() -> list[str]:
    """The slugs of all chapters, subpackages that hold a module or package `theorems`, in the order of the book."""
    root = Path(__file__).parents[1]
    return [p.name for p in sorted((p.parent for p in [*root.glob("*/theorems.py"), *root.glob("*/theorems")]),
                                   key=_chapter_number)]


def _chapter_number(package: Path) -> tuple[int, str]:
    """The number in the docstring `Chapter 2. ...` of the package; without one it stands at the end."""
    number = re.search(r"Chapter (\d+)\.", (package / "__init__.py").read_text(encoding="utf-8"))
    return (int(number.group(1)) if number else sys.maxsize), package.name


def statements(selection: str = "") -> dict[str, Statement]:
    """Statements by id, in the order of the text: all, one chapter's (slug), or one (slug/id)."""
    slug, _, rest = selection.partition("/")
    if slug and (slug not in chapters() or util.find_spec(f"mathdl.{slug}") is None):
        raise ValueError(f"no chapter {slug!r}; expected one of {', '.join(chapters())}")
    for name in [slug] if slug else chapters():
        import_module(f"mathdl.{name}.theorems")
    found = {id: s for id, s in _STATEMENTS.items() if id.startswith(f"{slug}/" if slug else "")}
    if rest and selection not in found:
        raise ValueError(f"no statement {selection!r}; `mathdl list {slug}` names the {len(found)} there are")
    return {selection: found[selection]} if rest else found
