"""`mathdl verify-certificate`: check a certificate of optimality in exact arithmetic, without a solver."""

from __future__ import annotations

import csv
from argparse import Namespace
from fractions import Fraction
from pathlib import Path

from mathdl.exact_erm.certificate_check import Data, Verification, check_text, parse, read_problem


def run(chosen: Namespace) -> int:
    """Print what the certificate proves, or why it is refused; 0 when it is accepted, 1 when not."""
    found = verified(chosen.file, chosen.data)
    print(found)
    return 0 if found else 1


def verified(file: str, data: str | None = None) -> Verification:
    """The check of a certificate file and, if `data` names a CSV file, of its being about these samples."""
    text = _read(file)
    if text is None:
        return Verification(False, "it is not a text file")
    found = check_text(text)
    if found and data is not None:
        difference = first_difference(read_problem(parse(text)["problem"]), data)
        if difference:
            return Verification(False, f"it is about other data than {data}: {difference}")
    return found


def _read(file: str) -> str | None:
    try:
        return Path(file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
    except OSError as error:
        raise ValueError(f"{file}: {error.strerror or error}") from None


def first_difference(problem: Data, file: str) -> str:
    """Where the rows x_1, ..., x_n, y of a CSV file differ from the samples of a certificate; "" when nowhere.

    A number of the file stands for the nearest float, as programs read it. One line of names on top is skipped.
    """
    text = _read(file)
    if text is None:
        raise ValueError(f"{file}: expected a text file with rows x_1, ..., x_n, y")
    rows = [row for row in csv.reader(text.splitlines()) if row]
    if rows and not _numbers(rows[0]):
        rows = rows[1:]
    expected = [(*x, y) for x, y in zip(problem.x, problem.y, strict=True)]
    if len(rows) != len(expected):
        return f"{len(rows)} samples there, {len(expected)} in the certificate"
    for j, (row, sample) in enumerate(zip(rows, expected, strict=True)):
        numbers = _numbers(row)
        if numbers is None:
            raise ValueError(f"{file}: expected numbers in sample {j}; got {', '.join(row)[:60]!r}")
        if numbers != sample:
            return f"sample {j}"
    return ""


def _numbers(row: list[str]) -> tuple[Fraction, ...] | None:
    try:
        return tuple(Fraction(float(text)) for text in row)
    except (ValueError, OverflowError):
        return None
