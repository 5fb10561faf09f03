"""Explorers on certificates: choose a problem, spoil its certificate, and read what the check says."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import cache

import numpy as np

from mathdl.core.explore import Choice, Explorer, explore
from mathdl.core.figures import Picture
from mathdl.exact_erm.certificate import Certificate, certify
from mathdl.exact_erm.figures.certificates import proof_figure
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.tampering import TAMPERINGS, tampered

NOTHING = "nothing"
POINTS = ((-4, 1), (-2, 0), (-1, 1), (1, 3), (2, 1), (4, 2))
PLANE = ((0, 0, 1), (2, 1, 3), (1, 3, 0), (-1, 2, 2), (-2, -1, 1), (1, -2, 4))
INSTANCES = {"six points on a line, one gate": (POINTS, 1, "squared", False),
             "six points on a line, two gates": (POINTS, 2, "squared", False),
             "six points on a line, one gate and bias": (POINTS, 1, "squared", True),
             "six points in the plane, one gate": (PLANE, 1, "squared", False),
             "six points in the plane, absolute loss": (PLANE, 1, "absolute", False)}


@dataclass(frozen=True)
class Audit:
    """A problem of the menu, and what is done to its certificate before the check sees it."""

    problem: str = "six points on a line, one gate and bias"
    change: str = NOTHING


@cache
def certificate_of(name: str) -> Certificate:
    """The certificate of a problem of the menu."""
    rows, width, loss, output_bias = INSTANCES[name]
    data = np.array(rows, dtype=float)
    return certify(ERMProblem(data[:, :-1], data[:, -1], width, loss, output_bias))


def draw_audit(state: Audit) -> Picture:
    """The tree and the bounds of the certificate as the check gets it, under the answer of the check."""
    honest = certificate_of(state.problem)
    seen = honest if state.change == NOTHING else tampered(honest, state.change)
    found = seen.verify()
    answer = f"Accepted: the least loss is {found.value}." if found else f"Refused: {found.reason}."
    try:
        value = seen.value
    except ValueError:  # the certificate is not even in the form of one
        value = honest.value
    return proof_figure(seen, value, textwrap.fill(answer, 90))


def explore_audit() -> Explorer:
    """Choose a problem and spoil its certificate."""
    return explore(draw_audit, Audit(), problem=Choice(tuple(INSTANCES), "problem"),
                   change=Choice((NOTHING, *TAMPERINGS), "before the check, change"))


def draw_proof() -> Picture:
    """The proof for eight noisy samples of a net with two gates, in the plane."""
    from mathdl.exact_erm.theorems.certificates import sample_certificate

    return proof_figure(sample_certificate())
