"""Exercises check themselves: any right answer is accepted, and no wrong one is told the right one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any


@dataclass(frozen=True)
class Feedback:
    """What an exercise says to an answer; `right` is None while there is no answer."""

    right: bool | None
    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        mark = {None: "✎", True: "✓", False: "✗"}[self.right]
        return f'<div role="status"><strong aria-hidden="true">{mark}</strong> {escape(self.text)}</div>'


def feedback(answer: Any, is_right: Callable[[Any], bool], *, right: str, hint: str) -> Feedback:
    """Feedback on `answer`: `...` is no answer yet; an answer that `is_right` cannot take is wrong, with the hint."""
    if answer is ...:
        return Feedback(None, "Not answered yet: replace the three dots and run the cell again.")
    try:
        good = bool(is_right(answer))
    except (TypeError, ValueError, IndexError, KeyError, AttributeError) as error:
        return Feedback(False, f"That answer could not be read ({error}). {hint}")
    return Feedback(good, f"Right. {right}" if good else f"Not yet. {hint}")
