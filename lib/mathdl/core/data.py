"""Where the small data that the book ships lie."""

from __future__ import annotations

from pathlib import Path

from mathdl.core.house import book_root


def shipped(name: str) -> Path:
    """The file `name` in the book's folder data/, whose README tells where each comes from.

    Raises ValueError when mathdl runs without the book around it, or when the file is not there.
    """
    path = book_root() / "data" / name
    if not path.is_file():
        there = ", ".join(sorted(p.name for p in path.parent.glob("*") if p.is_file() and p.name != "README.md"))
        raise ValueError(f"expected one of the book's data files ({there or 'none here'}); got {name!r}. "
                         f"If it is one of them, restore it with `git checkout data`")
    return path
