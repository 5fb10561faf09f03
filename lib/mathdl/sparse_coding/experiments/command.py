"""The command line of the experiments: a scale, a cache folder, and where the record goes."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from mathdl.core.house import book_root
from mathdl.sparse_coding.experiments.records import write_record


def run_command(title: str, experiment: Callable[..., list], name: str, arguments: Sequence[str] | None = None) -> Path:
    """Run `experiment(scale, cache=..., progress=True)` and write its record; returns where it lies."""
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("--scale", choices=("laptop", "paper"), default="laptop")
    parser.add_argument("--cache", type=Path, help="folder of finished cells, with which an interrupted run goes on")
    parser.add_argument("--output", type=Path, help="the record; by default the book's own for the scale paper, else "
                                                    f"laptop_{name} where you are")
    told = parser.parse_args(arguments)
    at = told.output or (book_root() / "data" / name if told.scale == "paper" else Path(f"laptop_{name}"))
    rows = experiment(told.scale, cache=told.cache, progress=True)
    seconds = sum(row["seconds"] for row in rows)
    write_record(at, {"what": title, "scale": told.scale, "seconds": seconds}, rows)
    print(f"{len(rows)} rows, {seconds:.0f} s of computing, written to {at.name}")
    return at
