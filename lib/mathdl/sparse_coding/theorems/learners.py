"""Statements on what finds a planted dictionary, and from where."""

from __future__ import annotations

import math

import numpy as np

from mathdl.core.intervals import binomial_interval
from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.sparse_coding.basin import gd_recovery, gradient_at_dictionary, only_own_unit, start_at_distance, stretch
from mathdl.sparse_coding.dictionaries import coherence, gaussian, identity_hadamard
from mathdl.sparse_coding.exact_one_sparse import one_sparse_gradient
from mathdl.sparse_coding.matching import match_atoms, smallest_angle
from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.phase import equicorrelated, promised_margin, recovery_margin
from mathdl.sparse_coding.sample_complexity import deviation_bound, enumerated_gradients
from mathdl.sparse_coding.support_recovery import support_recovery_bias
from mathdl.sparse_coding.worst_case import certify_support

ROUNDING = 1e-10  # relative: sums of at most a few thousand terms in float64
HALF = 1e-9  # of an angle: nearer than this to half the smallest one, rounding could decide


@statement("sparse_coding/claim-local-minimum", "A local minimum at the dictionary", "Mukherjee 2020, section 4.7",
           says=r"\text{gradient descent from } \|W_i - A^*_i\| = \delta \text{ ends with mean distance} \le \delta",
           measures="mean distance of the columns from those of A* at the end",
           hypotheses=("W finds every support at the start", "the gradient became 50,000 times as short"),
           erratum="The minimum near by is not A* but close to a multiple s A* with s > 1: the bias takes something "
                   "off every code, and longer weights pay it back. Right directions, wrong length.",
           expected=State.VIOLATED)
def near_the_dictionary(theorem: Theorem, /, *, n: int = 16, delta: float = 0.1, N: int = 640,
                        seed: int = 0) -> Verdict:
    """Descent on N signals, k = 1, codes uniform on [0.9, 1.1], the bias of Theorem 4.3.1; identity beside Hadamard."""
    rng = np.random.default_rng(seed)
    model = SparseCodingModel(identity_hadamard(n), 1, 0.9, 1.1)
    bias = support_recovery_bias(model, delta)
    W = start_at_distance(model.dictionary, delta, rng=rng)
    run = gd_recovery(model.sample(N, rng=rng).signals, W, bias, planted=model.dictionary)
    sure = certify_support(W, model.dictionary, 1, 0.9, 1.1, bias).holds
    return theorem.verdict(given=(sure, run.settled), measured=run.distances[-1], at_most=delta, error=ROUNDING,
                           instance=f"n={n}, h={2 * n}, N={N}, ε={bias:.4g}, smallest cosine at the end "
                                    f"{run.matched(model.dictionary).cosines.min():.6f}")


@statement("sparse_coding/ours-stretched", "The stretched dictionary is critical", "ours",
           says=r"k = 1: \; \|\nabla_i L(A^{*\top})\| = \frac{\varepsilon(2 m_1 - \varepsilon)}{h}, \quad "
                r"\nabla L(s A^{*\top}) = 0 \text{ for some } s > 1",
           measures="largest relative error of the h norms at A*, and of the gradient at s A* beside them",
           hypotheses=("only the right unit is on, at A*", "only the right unit is on, at s A*"))
def stretched(theorem: Theorem, /, *, n: int = 16, bias: float = 0.5, low: float = 0.9, high: float = 1.1) -> Verdict:
    """The exact population gradient at A* and at s A*, against the closed form; identity beside Hadamard."""
    A = identity_hadamard(n)
    model = SparseCodingModel(A, 1, low, high)
    s, expected = stretch(bias, model.m1, model.m2), gradient_at_dictionary(bias, model.m1, model.atoms)
    at_dictionary, at_stretched = (one_sparse_gradient(model, c * A.T, bias)[1] for c in (1.0, s))
    worst = max(np.abs(np.linalg.norm(at_dictionary, axis=1) - expected).max(),
                np.linalg.norm(at_stretched, axis=1).max()) / expected
    given = tuple(only_own_unit(A, low, high, bias, scale=c) for c in (1.0, s))
    return theorem.verdict(given=given, measured=worst, equals=0, error=ROUNDING,
                           instance=f"n={n}, ε={bias:g}, s={s:.6g}, norm at A* {expected:.6g}")


@statement("sparse_coding/ours-matching", "When the matching is the right one", "ours",
           says=r"\angle(\hat A_{\pi(i)}, A^*_i) < \tfrac12 \min_{i \ne j} \angle(A^*_i, A^*_j) \;\forall i \implies "
                r"\text{the best pairing is } \pi",
           measures="share of atoms paired as planted",
           hypotheses=("every atom turned by less than half the smallest angle",))
def matching(theorem: Theorem, /, *, n: int = 10, h: int = 16, turn: float = 0.95, toward: bool = False,
             seed: int = 0) -> Verdict:
    """Columns turned by `turn` times half the smallest angle and shuffled; `toward` turns two atoms at each other."""
    rng = np.random.default_rng(seed)
    A, order = gaussian(n, h, rng=rng), rng.permutation(h)
    angle = turn * smallest_angle(A) / 2
    D = turned_atoms(A, angle, toward=toward, rng=rng) * rng.uniform(0.5, 2, h)
    right = float(np.mean(match_atoms(A, D[:, order]).columns == np.argsort(order)))
    given = angle < smallest_angle(A) / 2 - HALF
    return theorem.verdict(given=(given,), measured=right, equals=1,
                           instance=f"n={n}, h={h}, turned by {math.degrees(angle):.3g}°")


def turned_atoms(dictionary: np.ndarray, angle: float, *, toward: bool, rng: np.random.Generator) -> np.ndarray:
    """Each column (n, h) turned by `angle` in a random direction; with `toward` the closest pair at each other."""
    A = dictionary
    away = rng.standard_normal(A.shape)
    if toward:
        gram = A.T @ A - 2 * np.eye(A.shape[1])
        i, j = np.unravel_index(gram.argmax(), gram.shape)
        away[:, i], away[:, j] = A[:, j], A[:, i]
    away -= A * (A * away).sum(0)
    return math.cos(angle) * A + math.sin(angle) * away / np.linalg.norm(away, axis=0)


@statement("sparse_coding/ours-deviation", "How many signals are enough", "ours, with Smale and Zhou 2007, Lemma 2",
           says=r"P\Big[\exists i: \|\nabla_i L_N - \nabla_i L\| > \sigma_i \sqrt{\tfrac{2v}{N}} + \tfrac{2 L_i v}{N}"
                r"\Big] \le \alpha, \quad v = \ln\tfrac{2h}{\alpha}",
           measures="share of data sets with such a deviation",
           hypotheses=("no row of a single gradient is longer than L_i", "no second moment exceeds σ_i²"))
def deviation(theorem: Theorem, /, *, n: int = 6, h: int = 8, k: int = 2, N: int = 200, alarm: float = 0.05,
              runs: int = 600, kind: str = "Bernstein", factor: float = 1.0, seed: int = 0) -> Verdict:
    """Every signal enumerated, so expectation, L and σ are exact; `factor` multiplies both (below 1 they are wrong)."""
    rng = np.random.default_rng(seed)
    model = SparseCodingModel(gaussian(n, h, rng=rng), k, 0.5, 1.5, law="two-valued")
    law = enumerated_gradients(model, start_at_distance(model.dictionary, 0.1, rng=rng), 0.6)
    L, power = factor * law.largest, factor ** 2 * law.second_moment
    bound = deviation_bound(L, N, alarm, second_moment=power, kind=kind)
    seen = law.deviations(N, runs, rng=rng)
    bad = int((seen > bound).any(1).sum())
    low = binomial_interval(bad, runs)[0]
    given = ((law.largest <= L * (1 + ROUNDING)).all(), (law.second_moment <= power * (1 + ROUNDING)).all())
    return theorem.verdict(given=given, measured=bad / runs, at_most=alarm, error=bad / runs - low, trivial=1,
                           instance=f"n={n}, h={h}, k={k}, N={N}, {kind}, largest share of the bound reached "
                                    f"{(seen / bound).max():.3f}")


@statement("sparse_coding/ours-phase", "One bias for every code", "ours",
           says=r"\min_{i \in S} \langle A^*_i, y \rangle - \max_{i \notin S} \langle A^*_i, y \rangle \ge "
                r"a - (2k - 1)\, C\, b",
           measures="that difference, least over all supports and codes", hypotheses=("k < h", "0 ≤ a ≤ b"))
def one_bias(theorem: Theorem, /, *, h: int = 32, k: int = 3, low: float = 0.9, high: float = 1.1, C: float = 0.02,
             family: str = "equicorrelated", seed: int = 0) -> Verdict:
    """The exact worst case of a dictionary against the bound, which equicorrelated dictionaries with k < h/2 attain."""
    A = equicorrelated(h, C) if family == "equicorrelated" else gaussian(16 * h, h, rng=np.random.default_rng(seed))
    found = coherence(A).C
    return theorem.verdict(given=(k < h, 0 <= low <= high), measured=recovery_margin(A, k, low, high),
                           at_least=promised_margin(found, k, low, high), error=ROUNDING * high * k, trivial=0,
                           instance=f"{family}, h={h}, k={k}, C={found:.4g}")
