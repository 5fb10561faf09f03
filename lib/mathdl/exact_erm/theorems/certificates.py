"""Statements on exact optima and certificates, ours: what a certificate proves, and that optima are rational."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from itertools import permutations
from typing import Any

import numpy as np

from mathdl.core.registry import statement
from mathdl.core.theorem import Theorem, Verdict
from mathdl.exact_erm.certificate import Certificate, certify
from mathdl.exact_erm.exact_problem import ExactProblem
from mathdl.exact_erm.planted import planted
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.rational import exact_minimum
from mathdl.exact_erm.tampering import tampered


def drawn_problem(samples: int, inputs: int, width: int, loss: str, output_bias: bool, seed: int) -> ERMProblem:
    """A planted problem; for the hinge loss, labels are the signs of its labels."""
    problem = planted(samples, inputs, width, rng=np.random.default_rng(seed))
    labels = np.where(problem.y > 0, 1.0, -1.0) if loss == "hinge" else problem.y
    return ERMProblem(problem.x, labels, width, loss, output_bias)


@cache
def drawn_certificate(samples: int, inputs: int, width: int, loss: str, output_bias: bool,
                      seed: int) -> tuple[ERMProblem, Certificate]:
    """A drawn problem with its certificate, found once."""
    problem = drawn_problem(samples, inputs, width, loss, output_bias, seed)
    return problem, certify(problem)


@statement("exact_erm/ours-certificate", "An accepted certificate proves the optimum", "ours",
           says=r"\sum_j v_j \ell(f(x_j), y_j) \ge \sum_j \min_t \left( v_j \ell(t, y_j) - g_j t \right) \ge V",
           measures="least difference between the value of a net and the bound of the leaf that it belongs to",
           hypotheses=("the check accepts the certificate",))
def certificate_proves(theorem: Theorem, /, *, samples: int = 8, inputs: int = 2, width: int = 2,
                       loss: str = "squared", output_bias: bool = False, tamper: str = "", nets: int = 16,
                       seed: int = 3) -> Verdict:
    """Values of nets in Fractions, each against the largest bound of the leaves that its labels lead to.

    The nets are the certified one, at which the difference is 0, that net with weights moved a little, and random ones.
    `tamper` names one of the `TAMPERINGS`, after which the check refuses.
    """
    problem, certificate = drawn_certificate(samples, inputs, width, loss, output_bias, seed)
    best = certificate.document["net"]
    theta, signs = certificate.net.weights[0], tuple(best["signs"])
    theta = np.column_stack([theta, certificate.net.biases[0]])
    spoilt = tampered(certificate, tamper) if tamper else certificate
    exact, rng = ExactProblem(problem), np.random.default_rng(seed)
    bounds, least = spoilt.bounds(), math.inf
    for k in range(nets):
        step = 0 if k == 0 else 4.0 ** -int(rng.integers(0, 8))
        moved = theta + exact_array(step * rng.standard_normal(theta.shape))
        s = signs if k % 2 == 0 else tuple(sorted(rng.choice((-1, 1), width), reverse=True))
        bias = certificate.net.biases[1][0] + Fraction(step * rng.standard_normal()) * output_bias
        value = sum(exact.losses(tuple(map(tuple, moved)), s, bias))
        least = min(least, value - largest_bound(bounds, exact, moved, s))
    return theorem.verdict(given=(spoilt.verify(problem).accepted,), measured=least, at_least=0,
                           instance=f"D={samples}, n={inputs}, w={width}, {loss}, {nets} nets")


@statement("exact_erm/ours-exact-optimum", "The optimum is a rational number", "ours",
           says=r"\min_f \sum_j v_j \ell(f(x_j), y_j) \in \mathbb{Q}, \text{ attained with rational weights}",
           measures="difference between the value of the rational net and the exact least value over every cell",
           hypotheses=("the loss is squared or polyhedral", "the data are rational numbers"))
def rational_optimum(theorem: Theorem, /, *, samples: int = 5, inputs: int = 1, width: int = 2, loss: str = "squared",
                     output_bias: bool = False, seed: int = 0) -> Verdict:
    """A pruned search in Fractions, its net evaluated by `ReLUNet`, against a run through every cell of every gate."""
    problem = drawn_problem(samples, inputs, width, loss, output_bias, seed)
    instance = f"D={samples}, n={inputs}, w={width}, {loss}"
    if problem.loss.kind not in ("quadratic", "polyhedral"):
        return theorem.verdict(given=(False, True), measured=math.nan, equals=0, instance=instance)
    best = exact_minimum(problem)  # its data are floats, which are rational numbers: both hypotheses hold from here
    predictions = best.net(exact_array(problem.x))[:, 0]
    value = sum(loss_of(problem, j, f) for j, f in enumerate(predictions))
    every_cell = exact_minimum(problem, prune=False).value
    return theorem.verdict(given=(True, True), measured=max(abs(value - every_cell), abs(best.value - every_cell)),
                           equals=0, instance=instance)


def exact_array(values: np.ndarray) -> np.ndarray:
    """The exact values of floats, in an array of Fractions."""
    return np.vectorize(lambda v: Fraction(float(v)), otypes=[object])(values)


def loss_of(problem: ERMProblem, j: int, f: Fraction) -> Fraction:
    """The weighted loss of sample j at a rational prediction, from the definition of the loss."""
    y, v = (Fraction(float(a[j])) for a in (problem.y, problem.sample_weight))
    values = {"squared": (f - y) ** 2, "absolute": abs(f - y), "hinge": max(1 - y * f, Fraction(0))}
    return v * values[problem.loss.name]


def largest_bound(bounds: list[tuple[Any, Fraction]], exact: ExactProblem, theta: np.ndarray, signs: tuple) -> Fraction:
    """The largest bound among the leaves whose labels a net has, in some order of its gates of equal sign.

    A gate that is 0 at a sample has both labels there. Raises ValueError when no leaf covers the net.
    """
    sides = theta @ np.array(exact.points, dtype=object).T
    found = []
    for order in permutations(range(len(signs))):
        for place, bound in bounds:
            if place.signs == tuple(signs[i] for i in order) and all(
                    (2 * p - 1) * sides[i, j] >= 0 for j, bits in place.path for i, p in zip(order, bits, strict=True)):
                found.append(bound)
    if not found:
        raise ValueError("expected a tree that covers every net; no leaf has the labels of this one")
    return max(found)


def sample_certificate(*, seed: int = 3, samples: int = 8) -> Certificate:
    """The certificate of the planted problem with two inputs and two gates that this part looks at."""
    return drawn_certificate(samples, 2, 2, "squared", False, seed)[1]
