"""Where the book's files lie: chapters, data and the reader's copies belong to a checkout of the book."""

from __future__ import annotations

from pathlib import Path


def book_root() -> Path:
    """The folder that holds `chapters/` and `data/`. Raises ValueError when mathdl runs without the book around it."""
    root = Path(__file__).resolve().parents[3]
    if not (root / "chapters").is_dir() or not (root / "pyproject.toml").is_file():
        raise ValueError("expected the book's checkout around the library; got an installed copy alone: "
                         "clone the book and run `pip install -e .` there")
    return root
