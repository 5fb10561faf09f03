"""Statements on the proxy gradient and the exact gradient of the population."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.sparse_coding.decomposition import summed_parts
from mathdl.sparse_coding.dictionaries import coherence, identity_hadamard
from mathdl.sparse_coding.exact_one_sparse import one_sparse_gradient
from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.one_sparse_quadrature import quadrature_gradient
from mathdl.sparse_coding.population_gradient import enumerated_proxy_gradient
from mathdl.sparse_coding.population_instances import (
    Instance,
    codes_of,
    exchangeable,
    factorises,
    false_alarms,
    independent,
    moved,
    random_instance,
)
from mathdl.sparse_coding.proxy import gated_gradient, support_gates, weighted_gap
from mathdl.sparse_coding.proxy_coefficients import proxy_coefficients
from mathdl.sparse_coding.support_moments import SupportMoments
from mathdl.sparse_coding.supports import UniformSupports

Array = NDArray[np.float64]
ROUNDING = 1e-10  # relative: some 10^4 sums of terms that cancel to a tenth, at 2^-53 each, with room
INDEPENDENT, EXCHANGEABLE = "E x_i x_j = m1² given S", "supports exchangeable up to order 4"
NEAR, HIGH_ENOUGH = "‖W_i − A_i‖ ≤ δ", "a(1 − δ) ≥ (b + 2m1)ck, c = δ + C"


@statement("sparse_coding/definition-proxy", "The proxy gradient", "Mukherjee 2020, section 4.5",
           says=r"\widehat\nabla_i L = E_S\Big[1_{i \in S}\, E_x\Big[\big((\langle W_i, y\rangle - \epsilon_i) I + "
                r"y W_i^\top\big)\Big(\sum_{j \in S} (\langle W_j, y\rangle - \epsilon_j) W_j - y\Big)\Big]\Big]",
           measures="largest relative difference from the gradient with every gate set to 1[i ∈ S]",
           hypotheses=(INDEPENDENT,))
def proxy_is_the_gated_mean(theorem: Theorem, /, *, n: int = 6, h: int = 7, k: int = 4, together: bool = False,
                            seed: int = 0) -> Verdict:
    """The inner mean from two moments, over every support, against the plain mean over every code."""
    case = random_instance(n, h, k, seed=seed)
    wanted, given = _gated(case, together)
    found = enumerated_proxy_gradient(case.model, case.weights, case.bias)
    return theorem.verdict(given=(given,), measured=_off(found, wanted), equals=0, error=ROUNDING,
                           instance=f"n={n}, h={h}, k={k}, two-valued entries")


@statement("sparse_coding/lemma-4.5.1", "The proxy is close", "Mukherjee 2020, Lemma 4.5.1, with its constants",
           says=r"\Big\|\widehat\nabla_i L - E\frac{\partial L}{\partial W_i}\Big\| \le \sqrt{E\|\hat f_i - f_i\|^2}\;"
                r"\exp\Big(-\frac{k m_1^2}{(b - a)^2}\Big)",
           measures="largest gap of a unit, over its root mean square difference",
           hypotheses=(NEAR, HIGH_ENOUGH, "ε = 2m1ck", "entries independent given S"))
def proxy_is_close(theorem: Theorem, /, *, k: int = 4, h: int = 8, cosine: float = 0.02, high: float = 2.5,
                   chance: float = 0.05, distance: float = 0.002, factor: float = 1.0, together: bool = False,
                   delta: float | None = None, seed: int = 0) -> Verdict:
    """Every code enumerated, on atoms with equal angles and entries that are rarely large; δ is `distance` or given.

    No factor h for the union of the units: if any gate outside S opens, the entries sum to at least 2 m1 k.
    """
    delta = distance if delta is None else delta
    case = false_alarms(k=k, h=h, cosine=cosine, high=high, chance=chance, distance=distance, factor=factor, seed=seed)
    model, (samples, chances) = case.model, codes_of(case.model, together)
    gap = weighted_gap(samples, chances, case.weights, case.bias, model.dictionary)
    c, near = delta + coherence(model.dictionary).C, np.linalg.norm(case.weights - model.dictionary.T, axis=1).max()
    given = (near <= delta + ROUNDING, model.low * (1 - delta) >= (model.high + 2 * model.m1) * c * k,
             np.allclose(case.bias, 2 * model.m1 * c * k, rtol=ROUNDING, atol=0),
             independent(samples, chances, model))
    ratio = np.divide(gap.sizes, gap.rms, out=np.zeros(h), where=gap.rms > 0).max()
    return theorem.verdict(given=given, measured=ratio, at_most=math.exp(-_power(model)), error=ROUNDING, trivial=1,
                           instance=f"h={h}, k={k}, C={cosine:g}, δ={delta:g}, P[some gate wrong]={gap.any_wrong:.3g}")


@statement("sparse_coding/equation-decomposition", "Along W, along A, and the rest", "Mukherjee 2020, section 4.5.1",
           says=r"\widehat\nabla_i L = \alpha_i W_i - \beta_i A_i^* + e_i",
           measures="largest relative difference of the two sides", hypotheses=(INDEPENDENT,))
def decomposition(theorem: Theorem, /, *, n: int = 6, h: int = 7, k: int = 4, together: bool = False,
                  seed: int = 0) -> Verdict:
    """The source's sums for α, β and e, over every support, against the mean over every code."""
    case = random_instance(n, h, k, seed=seed)
    wanted, given = _gated(case, together)
    parts = summed_parts(case.model, case.weights, case.bias)
    return theorem.verdict(given=(given,), measured=_off(parts.gradient, wanted), equals=0, error=ROUNDING,
                           instance=f"n={n}, h={h}, k={k}, different ε_i")


@statement("sparse_coding/ours-closed-form", "Four probabilities are enough", "ours",
           says=r"\widehat\nabla L = K W + B A^{*\top}, \quad K, B \text{ from } q_1, q_2, q_3, q_4",
           measures="largest relative difference from the mean over every support", hypotheses=(EXCHANGEABLE,))
def closed_form(theorem: Theorem, /, *, n: int = 6, h: int = 7, k: int = 4, support: object = "uniform",
                law: str = "uniform", seed: int = 0) -> Verdict:
    """Matrix products with the q1..q4 of uniform supports, against the enumeration of the model's own supports."""
    case = random_instance(n, h, k, support=support, law=law, seed=seed)
    model, uniform = case.model, UniformSupports(h, k)
    moments = SupportMoments(model.m1, model.m2, tuple(uniform.inclusion(r) if r <= h else 0.0 for r in (1, 2, 3, 4)))
    K, B = proxy_coefficients(model.dictionary, case.weights, case.bias, moments)
    wanted = enumerated_proxy_gradient(model, case.weights, case.bias)
    found = K @ case.weights + B @ model.dictionary.T
    return theorem.verdict(given=(exchangeable(model),), measured=_off(found, wanted), equals=0, error=ROUNDING,
                           instance=f"n={n}, h={h}, k={k}, {type(model.support_law).__name__}")


@statement("sparse_coding/ours-one-sparse", "One atom a signal: the true gradient", "ours",
           says=r"E\frac{\partial L}{\partial W_m} = \frac1h \sum_{i, j} \int_{I_{mi} \cap I_{ji}} \dots\,dx, \quad "
                r"I_{ji} = \{x : x \langle W_j, A_i\rangle > \epsilon_j\}",
           measures="largest relative difference from quadrature between all kinks",
           hypotheses=("one atom a signal", "entries with a density"))
def one_sparse(theorem: Theorem, /, *, n: int = 8, k: int = 1, law: str = "uniform", low: float = 0.2,
               high: float = 2.0, distance: float = 0.4, bias: float = 0.3, seed: int = 0) -> Verdict:
    """Integrals over pairs of open gates against Gauss quadrature of the plain gradient, with wrong gates in it."""
    rng = np.random.default_rng(seed)
    model = SparseCodingModel(identity_hadamard(n), k, low, high, law=law)
    W, given = moved(model.dictionary, distance, rng=rng), (k == 1, low < high and law != "two-valued")
    off = math.nan
    if all(given):
        off = _off(one_sparse_gradient(model, W, bias)[1], quadrature_gradient(model, W, bias))
    return theorem.verdict(given=given, measured=off, equals=0, error=ROUNDING,
                           instance=f"h={model.atoms}, entries {law} on [{low:g}, {high:g}], δ={distance:g}")


@statement("sparse_coding/erratum-E4.6", "The exponent of Lemma 4.5.1", "Mukherjee 2020, section 4.A",
           says=r"\sqrt{P} \text{ cannot be bounded better than by } \exp\Big(-\frac{h^p m_1^2}{2(b - a)^2}\Big)",
           measures="square root of the failure probability in Theorem 4.3.1", hypotheses=("a < b", "m1 > 0"),
           erratum="The square root of exp(−2km1²/(b−a)²) is exp(−km1²/(b−a)²): twice the printed exponent. The "
                   "printed lemma is true, and weaker than its proof.", expected=State.VIOLATED)
def printed_exponent(theorem: Theorem, /, *, k: int = 4, low: float = 1.0, high: float = 2.5, mean: float = 1.075,
                     ) -> Verdict:
    """The factor that the proof multiplies by, against the printed one: is the printed one the best?"""
    given = (low < high, mean > 0)
    power = k * mean ** 2 / (high - low) ** 2 if low < high else math.inf
    return theorem.verdict(given=given, measured=math.sqrt(math.exp(-2 * power)), at_least=math.exp(-power / 2),
                           error=1e-15, trivial=0, instance=f"k={k}, m1={mean:g}, entries in [{low:g}, {high:g}]")


@statement("sparse_coding/claim-one-indicator", "Only the unit's own gate", "Mukherjee 2020, section 4.A",
           says=r"\Big\|\widehat\nabla_i L - E\frac{\partial L}{\partial W_i}\Big\| \le \sqrt{E\|\hat f_i - f_i\|^2}\;"
                r"\sqrt{P[\text{gate } i \text{ is wrong}]}",
           measures="gap of the unit whose own gate is wrong least often", hypotheses=(INDEPENDENT,),
           erratum="The proxy replaces the gates of all units, so the event is that some gate is wrong. A unit whose "
                   "own gate never errs has a gap when its neighbours' gates do.", expected=State.VIOLATED)
def one_indicator(theorem: Theorem, /, *, alone: int = 1, h: int = 8, k: int = 4, high: float = 6.0,
                  chance: float = 0.1, together: bool = False, seed: int = 0) -> Verdict:
    """One atom orthogonal to the others: its gate is always right, the others' are not; every code enumerated."""
    case = false_alarms(k=k, h=h, alone=alone, high=high, chance=chance, distance=0.0, seed=seed)
    samples, chances = codes_of(case.model, together)
    gap = weighted_gap(samples, chances, case.weights, case.bias, case.model.dictionary)
    i = int(np.argmin(gap.wrong))
    return theorem.verdict(given=(factorises(samples, chances, case.model.m1, case.model.m2),), measured=gap.sizes[i],
                           at_most=gap.rms[i] * math.sqrt(gap.wrong[i]), error=1e-15,
                           instance=f"h={h}, k={k}, P[gate {i} wrong]={gap.wrong[i]:.3g}, "
                                    f"P[some gate wrong]={gap.any_wrong:.3g}")


@statement("sparse_coding/erratum-E4.7", "The third part of e, as in the appendix", "Mukherjee 2020, section 4.B.2",
           says=r"\hat e_{i3} = E_S\,1_{i \in S}\Big\{m_1 \sum_{j \ne i} \epsilon_i A_j^* - 2 m_1^2 "
                r"\sum_{j \ne i,\; k \ne i} \langle W_i, A_k^*\rangle A_j^*\Big\}",
           measures="largest relative difference of α W − β A + e from the proxy gradient", hypotheses=(INDEPENDENT,),
           erratum="The inner sum runs over k ≠ j, not k ≠ i: the term k = i, which is the largest, is lost, and the "
                   "term k = j is counted with m1² on top of m2.", expected=State.VIOLATED)
def appendix_index(theorem: Theorem, /, *, n: int = 6, h: int = 7, k: int = 4, together: bool = False,
                   seed: int = 0) -> Verdict:
    """The decomposition with the appendix's index set, over every support, against the mean over every code."""
    return _reading(theorem, "appendix", random_instance(n, h, k, seed=seed), together)


@statement("sparse_coding/erratum-E4.8", "A bias printed twice", "Mukherjee 2020, section 4.5.1",
           says=r"G_i^1 = \sum_{j \in S} \epsilon_j \epsilon_j W_j - \dots",
           measures="largest relative difference of α W − β A + e from the proxy gradient", hypotheses=(INDEPENDENT,),
           erratum="One of the two ε_j is an ε_i. The next line of the source has it right, and with one bias for all "
                   "units there is no difference.", expected=State.VIOLATED)
def first_line(theorem: Theorem, /, *, n: int = 6, h: int = 7, k: int = 4, equal_bias: bool = False,
               together: bool = False, seed: int = 0) -> Verdict:
    """The decomposition with the printed first sum, over every support, against the mean over every code."""
    return _reading(theorem, "first line", random_instance(n, h, k, equal_bias=equal_bias, seed=seed), together)


def _reading(theorem: Theorem, reading: str, case: Instance, together: bool) -> Verdict:
    wanted, given = _gated(case, together)
    parts = summed_parts(case.model, case.weights, case.bias, reading)
    return theorem.verdict(given=(given,), measured=_off(parts.gradient, wanted), equals=0, error=ROUNDING,
                           instance=f"n={case.model.dimension}, h={case.model.atoms}, k={case.model.sparsity}")


def _gated(case: Instance, together: bool) -> tuple[Array, bool]:
    """The mean over every code of the gradient with gates 1[i in S], and whether the entries' products factorise."""
    samples, chances = codes_of(case.model, together)
    gates = support_gates(samples.supports, case.model.atoms)
    mean = gated_gradient(samples.signals, case.weights, case.bias, gates, chances)
    return mean, factorises(samples, chances, case.model.m1, case.model.m2)


def _off(found: Array, wanted: Array) -> float:
    """The largest difference of two rows, over the largest row."""
    return float(np.linalg.norm(found - wanted, axis=1).max() / np.linalg.norm(wanted, axis=1).max())


def _power(model: SparseCodingModel) -> float:
    """k m1²/(b − a)²; infinite for constant entries."""
    width = model.high - model.low
    return model.sparsity * model.m1 ** 2 / width ** 2 if width else math.inf
