"""Statements on hard functions of the line: thesis section 2.3.1, its errata E8 to E10, and ours beside them."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import inf, prod
from numbers import Real

import numpy as np

from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.function_spaces import hard, triangle
from mathdl.function_spaces.gap import natural_power, size_bound
from mathdl.function_spaces.simplex import Simplex
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet

Parameters = tuple[Real, ...]
SOURCE = "Mukherjee 2020, "
SIXTEENTH = Fraction(1, 16)
MOST_RAMPS = 20_000


@statement("function_spaces/definition-5", "A sawtooth", SOURCE + "Definition 5",
           says=r"h_a(a_i) = M\,(i \bmod 2),\quad h_a(M) = M - h_a(a_p),\quad h_a(x) = 0 \text{ for } x \le 0",
           measures="conditions of the definition that the net breaks", hypotheses=("M > 0", "0 < a₁ < … < a_p < M"))
def sawtooth_definition(theorem: Theorem, /, *, maximum: Real = 1,
                        breakpoints: Parameters = (Fraction(1, 4), Fraction(1, 2), Fraction(2, 3))) -> Verdict:
    """The net of h_a, evaluated gate by gate, against the conditions of Definition 5, one by one.

    With parameters that the definition does not admit, the net of the nearest admitted ones is held against them.
    """
    M, a = Fraction(maximum), [Fraction(x) for x in breakpoints]
    net = hard.hinge_net(hard.sawtooth(*_nearest(M, a)))
    xs, ys = [-M, Fraction(0), *a, M], [Fraction(0), *(M * (i % 2) for i in range(len(a) + 2))]
    xs, ys = [*xs, 2 * M - xs[-2]], [*ys, 2 * ys[-1] - ys[-2]]  # the last piece, once more as long
    middle = [((x + z) / 2, (y + v) / 2) for (x, y), (z, v) in pairwise(zip(xs, ys, strict=True))]
    asked = [*zip(xs, ys, strict=True), *middle]
    broken = sum(value != y for (value,), (_, y) in zip(net([[x] for x, _ in asked]), asked, strict=True))
    broken += PWL1D.from_net(net).n_pieces != len(a) + 2
    return theorem.verdict(given=(M > 0, _admitted(M, a)), measured=broken, equals=0, instance=f"M={M}, p={len(a)}")


@statement("function_spaces/lemma-2.3.5", "Ramps multiply", SOURCE + "Lemma 2.3.5",
           says=r"\#\{\text{ramps } 0 \leftrightarrow M \text{ of } H \text{ in } [0, M]\} = \prod_i (p_i + 1)",
           measures="pieces in [0, M] that run from 0 to M or back", hypotheses=("M > 0", "every aⁱ in Δ_M"))
def ramps_multiply(theorem: Theorem, /, *, maximum: Real = 1, breakpoints: tuple[Parameters, ...] = (
        (Fraction(1, 3), Fraction(3, 5)), (Fraction(1, 2),), (Fraction(1, 5), Fraction(3, 4)))) -> Verdict:
    """The pieces of H in [0, M] that cover all of [0, M], counted on the composed function.

    Ties are merged and points outside (0, M) dropped before composing; then the hypotheses are false.
    """
    M, layers = Fraction(maximum), [[Fraction(x) for x in a] for a in breakpoints]
    size = _nearest(M, ())[0]
    H = hard.hard_function(size, [_nearest(M, a)[1] for a in layers])
    return theorem.verdict(given=(M > 0, all(_admitted(M, a) for a in layers)), measured=hard.count_ramps(H.pwl, size),
                           equals=prod(len(a) + 1 for a in layers), instance=f"M={M}, p={[len(a) for a in layers]}")


@statement("function_spaces/ours-total-pieces", "Pieces on the whole line", "ours, beside Theorem 2.3.2",
           says=r"\mathrm{pieces}(H) = \textstyle\prod_i w_i + 1 + [\,w_i \text{ even for some } i < k\,]",
           measures="pieces of H on the line")
def pieces_on_the_line(theorem: Theorem, /, *, widths: tuple[int, ...] = (3, 2, 2), seed: int = 0) -> Verdict:
    """The pieces of a random hard function, counted by pushing them through its net, against the closed form."""
    H = _random(widths, seed)
    return theorem.verdict(given=(), measured=PWL1D.from_net(H.net).n_pieces,
                           equals=hard.total_pieces(widths), instance=f"w={list(widths)}")


@statement("function_spaces/theorem-2.3.2", "A smooth family of hard functions", SOURCE + "Theorem 2.3.2",
           says=r"(M, a^1, \dots, a^k) \mapsto H \text{ is injective; } H \text{ has } w^k \text{ pieces in } [0, M]"
                r" \text{ and a net of } k \text{ layers of } w \text{ gates}",
           measures="drawn parameters for which pieces, net and recovered parameters all agree",
           hypotheses=("w ≥ 2",))
def hard_family(theorem: Theorem, /, *, width: int = 3, depth: int = 3, draws: int = 5, seed: int = 0) -> Verdict:
    """Random points of ∪_M (Δ_M^{w−1})^k: is H what the theorem says, and can its parameters be read off its graph?"""
    rng = np.random.default_rng(seed)
    drawn = [hard.random_hard_function((width,) * depth, maximum=Fraction(int(rng.integers(1, 50)), 7), rng=rng)
             for _ in range(draws)]
    return theorem.verdict(given=(width >= 2,), measured=sum(map(_is_as_described, drawn)), equals=draws,
                           instance=f"w={width}, k={depth}, {draws} draws")


@statement("function_spaces/theorem-2.3.1", "Representation gap", SOURCE + "Theorem 2.3.1",
           says=r"\mathrm{size} \ge \tfrac12 k' w^{k/k'} - 1", measures="size of the smallest shallow net known for H",
           hypotheses=("w ≥ 2", "k' ≤ k", "the shallow net computes H"))
def representation_gap(theorem: Theorem, /, *, width: int = 3, depth: int = 3, shallow: int = 1, seed: int = 0,
                       net: ReLUNet | None = None) -> Verdict:
    """The size of a net with k' hidden layers that computes a random H, against the printed bound.

    The shallow net multiplies neighbouring sawtooths out, unless `net` is given: then k' is its number of hidden
    layers. Without any theorem its size is at least k'.
    """
    H, net, same = _shallow(width, depth, shallow, seed, net)
    shallow = net.hidden_layers
    return theorem.verdict(given=(width >= 2, shallow <= depth, same), measured=net.size,
                           at_least=size_bound(width**depth, shallow, "printed"), trivial=shallow,
                           instance=f"w={width}, k={depth}, k'={shallow}; deep net: {H.net.size} gates")


@statement("function_spaces/ours-sharp-gap", "Representation gap, sharper", "ours, beside Theorem 2.3.1",
           says=r"\mathrm{size} \ge k' \left(P^{1/k'} - 1\right),\quad P = \mathrm{pieces}(H)",
           measures="size of the smallest shallow net known for H",
           hypotheses=("w ≥ 2", "k' ≤ k", "the shallow net computes H"))
def sharp_gap(theorem: Theorem, /, *, width: int = 3, depth: int = 3, shallow: int = 1, seed: int = 0,
              net: ReLUNet | None = None) -> Verdict:
    """As `representation_gap`, with the pieces counted on the line and pieces ≤ ∏ (w_i + 1) in place of Lemma 2.A.6.

    Proof: each gate of a layer adds at most one breakpoint to each piece of its input, so ∏ (w_i + 1) ≥ P, and the
    product is at most (s/k' + 1)^{k'} for size s. Attained for k' = 1.
    """
    H, net, same = _shallow(width, depth, shallow, seed, net)
    shallow = net.hidden_layers
    return theorem.verdict(given=(width >= 2, shallow <= depth, same), measured=net.size,
                           at_least=size_bound(H.pwl.n_pieces, shallow, "sharp"), trivial=shallow,
                           instance=f"w={width}, k={depth}, k'={shallow}; deep net: {H.net.size} gates")


@statement("function_spaces/ours-collapse", "The gap is no wider than a factor two", "ours, beside Theorem 2.3.1",
           says=r"\mathrm{size} \le k' w^{k/k'} + 1 \text{ suffices}", measures="size of a shallow net for H",
           hypotheses=("k' divides k",))
def collapse_size(theorem: Theorem, /, *, width: int = 2, depth: int = 4, shallow: int = 2, seed: int = 0) -> Verdict:
    """A composition of sawtooths is a sawtooth on [0, M], so blocks of k/k' layers become one layer each.

    The extra gate is for the flat end beyond M when k' = 1 < k and w is even. A net that does not compute H counts as
    infinite.
    """
    _, net, same = _shallow(width, depth, shallow, seed)
    root = Fraction(width ** (depth // shallow)) if depth % shallow == 0 else width ** (depth / shallow)
    return theorem.verdict(given=(depth % shallow == 0,), measured=net.size if same else inf,
                           at_most=shallow * root + 1, instance=f"w={width}, k={depth}, k'={shallow}")


@statement("function_spaces/corollary-2.3.3", "Gap of k^(1+ε) sawtooths",
           SOURCE + "Corollary 2.3.3, exponent corrected",
           says=r"\mathrm{size} \ge \tfrac12\, k \cdot k^{k^{\epsilon}} - 1",
           measures="size of the smallest net known with k hidden layers",
           hypotheses=("k ≥ 2", "ε > 0", "k^(1+ε) is a natural number", "a net with k hidden layers computes H"))
def gap_of_powers(theorem: Theorem, /, *, k: int = 2, eps: Real = 1, seed: int = 0,
                          net: ReLUNet | None = None) -> Verdict:
    """H of k^{1+ε} sawtooths with k ramps each, computed with k hidden layers; the deep net has size k^{2+ε}.

    Where k^{1+ε} is no natural number, as many sawtooths are taken as fit below it.
    """
    K = natural_power(k, eps)
    layers = K or int(k ** (1 + eps))
    H, net, same = _shallow(k, layers, k, seed, net)
    bound = size_bound(k**K, k, "printed") if K else k * k ** (float(k) ** float(eps)) / 2 - 1
    same = same and net.hidden_layers == k
    return theorem.verdict(given=(k >= 2, eps > 0, K is not None, same), measured=net.size, at_least=bound, trivial=k,
                           instance=f"k={k}, ε={eps}; deep net: {H.net.size} gates in {layers} layers")


@statement("function_spaces/corollary-2.3.4", "Super-exponential gap", SOURCE + "Corollary 2.3.4",
           says=r"\mathrm{size} \ge \tfrac12\, k^{k+1} - 1",
           measures="size of the smallest net known with k hidden layers",
           hypotheses=("k ≥ 2", "a net with k hidden layers computes H"))
def super_exponential_gap(theorem: Theorem, /, *, k: int = 2, seed: int = 0, net: ReLUNet | None = None) -> Verdict:
    """k² sawtooths with k ramps each: k³ gates in k² hidden layers, against k hidden layers."""
    H, net, same = _shallow(k, k * k, k, seed, net)
    return theorem.verdict(given=(k >= 2, same and net.hidden_layers == k), measured=net.size,
                           at_least=Fraction(k ** (k + 1), 2) - 1, trivial=k,
                           instance=f"k={k}; deep net: {H.net.size} gates in {H.net.hidden_layers} layers")


@statement("function_spaces/theorem-2.3.6-pieces", "A wave against p pieces", SOURCE + "proof of Theorem 2.3.6",
           says=r"\|s_q - g\|_{L^1[0,1]} \ge \left(\lfloor q/2 \rfloor - (p - 1)\right) \tfrac{1}{2q}",
           measures="L¹ error of the best g found", hypotheses=("g has at most p pieces on [0, 1]",))
def wave_against_pieces(theorem: Theorem, /, *, ramps: int = 8, pieces: int = 3, fit: PWL1D | None = None) -> Verdict:
    """The exact distance of the wave with q ramps to g: the best fit known with p pieces, unless `fit` is given."""
    g = fit or triangle.best_l1_fit(ramps, pieces).function
    counted = 1 + sum(0 < t < 1 for t in g.breaks)
    error = triangle.l1_distance(triangle.ramps(ramps), g)
    return theorem.verdict(given=(counted <= pieces,), measured=error, trivial=0,
                           at_least=triangle.l1_lower_bound(ramps, pieces), instance=f"q={ramps}, p={pieces}")


@statement("function_spaces/theorem-2.3.6", "Hardness of approximation", SOURCE + "Theorem 2.3.6, hypotheses corrected",
           says=r"\|s_{w^k} - g\|_{L^1[0,1]} > \delta \text{ for } \mathrm{size}(g) \le \tfrac{k'}{2}"
                r"\left(\tfrac12 w^k (1 - 4\delta)\right)^{1/k'}",
           measures="L¹ error of the best fit found with as many pieces as these nets can have",
           hypotheses=("w ≥ 2", "k' ≤ k", "0 < δ < 1/4", "the size allowed is at least k'"))
def hardness_of_approximation(theorem: Theorem, /, *, width: int = 2, depth: int = 4, shallow: int = 2,
                              delta: Real = SIXTEENTH) -> Verdict:
    """The wave with w^k ramps against nets of at most k' hidden layers and the printed size.

    The last hypothesis is ours (`ours-few-gates` shows that it is needed): then pieces ≤ ∏ (w_i + 1) gives the claim.
    The best g with as many pieces as these nets can have is at least as close as any of them.
    """
    inside = 0 < delta < Fraction(1, 4)
    size = triangle.allowed_size(width, depth, shallow, delta) if inside else 0
    fit = triangle.best_l1_fit(width**depth, triangle.most_pieces(size, shallow))
    return theorem.verdict(given=(width >= 2, shallow <= depth, inside, size >= shallow), measured=fit.error,
                           at_least=delta, trivial=0, instance=f"w={width}, k={depth}, k'={shallow}, size ≤ {size}")


@statement("function_spaces/ours-approximation-size", "Gates for an error of at most δ", "ours, beside Theorem 2.3.6",
           says=r"\|s_q - g\|_{L^1[0,1]} \le \delta \Rightarrow \mathrm{size}(g) \ge k' (P_\delta^{1/k'} - 1),\quad"
                r" P_\delta = \lfloor q/2 \rfloor + 1 - 2 q \delta",
           measures="size of a net with one hidden layer and the fewest pieces known to be enough",
           hypotheses=("0 < δ < 1/4", "g is within δ"))
def approximation_size(theorem: Theorem, /, *, ramps: int = 16, delta: Real = SIXTEENTH,
                       net: ReLUNet | None = None) -> Verdict:
    """The size of the cheapest net known within δ of the wave, unless `net` is given, against the size that is needed.

    Proof: the error of p pieces is at least (⌊q/2⌋ − p + 1) / 2q, so g has P_δ pieces; a net with j ≤ k' layers and s
    gates has at most (1 + s/j)^j ≤ (1 + s/k')^{k'}. No condition on the size, and k' is the number of hidden layers.
    """
    inside = 0 < delta < Fraction(1, 4)
    g = net or triangle.cheapest_net(ramps, delta)
    error = triangle.l1_distance(triangle.ramps(ramps), g)
    bound = triangle.size_needed(ramps, max(g.hidden_layers, 1), delta) if inside else g.hidden_layers
    return theorem.verdict(given=(inside, error <= delta), measured=g.size, at_least=bound, trivial=g.hidden_layers,
                           instance=f"q={ramps}, δ={delta}, k'={g.hidden_layers}")


@statement("function_spaces/remark-telgarsky", "Against Telgarsky's gap", SOURCE + "remark (i) after Theorem 2.3.6",
           says=r"\tfrac12 k\, (\tfrac12 2^{k^3} (1 - 4\delta))^{1/k} \ge 2^k \text{ at } \delta = \tfrac1{64}",
           measures="gates that k hidden layers may have and still miss the wave of 2^(k³) ramps by more than 1/64",
           hypotheses=("k ≥ 2", "the size allowed is at least k"))
def beyond_telgarsky(theorem: Theorem, /, *, k: int = 3) -> Verdict:
    """k³ layers of two gates against k layers: the size that Theorem 2.3.6 rules out, beside Telgarsky's 2^k.

    δ = 1/64 is the error of Telgarsky 2016, Theorem 1.1. The size grows as 2^{k²}: the ratio is super-exponential in k.
    """
    size = triangle.allowed_size(2, k**3, k, Fraction(1, 64))
    return theorem.verdict(given=(k >= 2, size >= k), measured=size, at_least=2**k, trivial=k, instance=f"k={k}")


@statement("function_spaces/erratum-E8", "Pieces of H, as printed", SOURCE + "Theorem 2.3.2",
           says=r"\mathrm{pieces}(H) = w^k", measures="pieces of H on the line", hypotheses=("w ≥ 2",),
           erratum="w^k counts the pieces in [0, M]; on the line there is a flat piece left of 0, and another beyond M "
                   "when k ≥ 2 and w is even. M is itself a parameter: one point a gives a function for each M.",
           expected=State.VIOLATED)
def printed_pieces(theorem: Theorem, /, *, width: int = 2, depth: int = 2, seed: int = 0) -> Verdict:
    """The exact number of pieces of a random H on the whole line, against the printed w^k."""
    H = _random((width,) * depth, seed)
    return theorem.verdict(given=(width >= 2,), measured=H.pwl.n_pieces, equals=width**depth,
                           instance=f"w={width}, k={depth}")


@statement("function_spaces/erratum-E9", "Parameters of the family, as printed", SOURCE + "Corollary 2.3.3",
           says=r"\dim = k^{2+\epsilon} - 1 \text{ at fixed } M", measures="parameters that the graph of H determines",
           hypotheses=("k ≥ 2", "k^(1+ε) is a natural number"),
           erratum="k^(1+ε) tuples of k − 1 breakpoints are k^(2+ε) − k^(1+ε) parameters, not k^(2+ε) − 1. The printed "
                   "bound ½ k · k^ε − 1 is true but lost an exponent: ½ k · k^(k^ε) − 1 is proved.",
           expected=State.VIOLATED)
def printed_parameters(theorem: Theorem, /, *, k: int = 2, eps: Real = 1, seed: int = 0) -> Verdict:
    """The parameters read off a random member of the family, against the printed dimension of the simplex.

    The graph of H = σ, which is all that k = 1 gives, determines none.
    """
    K = natural_power(k, eps)
    H = _random((k,) * (K or int(k ** (1 + eps))), seed)
    _, found = hard.recover_parameters(H, H.widths) if k > 1 else (1, ())
    return theorem.verdict(given=(k >= 2, K is not None), measured=sum(map(len, found)),
                           equals=k * K - 1 if K else k ** (2 + eps) - 1, instance=f"k={k}, ε={eps}")


@statement("function_spaces/erratum-E10", "Error on one triangle, as printed", SOURCE + "proof of Theorem 2.3.6",
           says=r"q\!\int |s_q - g| = -3 + y_1 + y_2 + \tfrac{2 y_1^2}{2 + y_1 - y_2}"
                r" + \tfrac{2 (2 - y_1)^2}{2 - y_1 + y_2}",
           measures="the integral over one triangle, exact, in units of 1/q",
           erratum="the closed form supposes that the line crosses both sides of the triangle: y₁, y₂ ≥ 0 and "
                   "y₁ + y₂ ≤ 2. Its minimum ½ at y₁ = y₂ = ½ is right everywhere. Also: δ < ¼, not all δ > 0; "
                   "a ∈ Δ^(w−1), not Δ^(q−1); width w, not w + 1.", expected=State.VIOLATED)
def printed_triangle(theorem: Theorem, /, *, left: Real = 2, right: Real = 2) -> Verdict:
    """∫ |tent − line|, exact, for the line with values y₁ = `left` and y₂ = `right` at the triangle's feet."""
    return theorem.verdict(given=(), measured=triangle.triangle_error(left, right),
                           equals=triangle.triangle_closed_form(left, right), instance=f"y=({left}, {right})")


@statement("function_spaces/ours-few-gates", "Hardness of approximation with fewer gates than layers",
           SOURCE + "Theorem 2.3.6, for the wave of its proof",
           says=r"\|s_{w^k} - g\| > \delta \text{ for depth}(g) \le k' + 1,\ \mathrm{size}(g) \le \tfrac{k'}{2}"
                r"\left(\tfrac12 w^k (1 - 4\delta)\right)^{1/k'}",
           measures="L¹ error of a net with one gate",
           hypotheses=("w ≥ 2", "k' ≤ k", "0 < δ < 1/4", "one gate is allowed"),
           erratum="found by us: near δ = ¼ the size allowed is below k', Lemma 2.A.7 is then not monotone in depth, "
                   "and one gate has error ¼ − 1/8q < δ. With size ≥ k', or depth exactly k' + 1, the theorem holds.",
           expected=State.VIOLATED)
def few_gates(theorem: Theorem, /, *, width: int = 2, depth: int = 4, shallow: int = 4,
              delta: Real = Fraction(127, 512)) -> Verdict:
    """The net ½ − q σ(x − 1 + 1/2q) against the wave of the proof, in exact arithmetic."""
    q = width**depth
    inside = 0 < delta < Fraction(1, 4)
    allowed = inside and triangle.allowed_size(width, depth, shallow, delta) >= 1
    error = triangle.l1_distance(triangle.ramps(q), triangle.one_gate_fit(q))
    return theorem.verdict(given=(width >= 2, shallow <= depth, inside, allowed), measured=error, at_least=delta,
                           trivial=0, instance=f"w={width}, k={depth}, k'={shallow}, δ={delta}")


def _admitted(M: Fraction, a: list[Fraction]) -> bool:
    return M > 0 and (not a or Simplex(M, len(a)).contains(a))


def _nearest(M: Fraction, a: list[Fraction]) -> tuple[Fraction, list[Fraction]]:
    """The nearest parameters that Definition 5 admits: M = 1 if M ≤ 0, ties merged, points outside (0, M) dropped."""
    size = M if M > 0 else Fraction(1)
    return size, sorted({x for x in a if 0 < x < size})


def _random(widths: tuple[int, ...], seed: int) -> hard.HardFunction:
    """A random hard function; ValueError when it has more ramps than can be composed exactly in a few seconds."""
    if prod(widths) > MOST_RAMPS:
        raise ValueError(f"expected at most {MOST_RAMPS} ramps, which are composed exactly; got {prod(widths)} ramps. "
                         "Take smaller numbers, or read the bound alone with gap_row or size_bound")
    return hard.random_hard_function(widths, rng=np.random.default_rng(seed))


def _is_as_described(H: hard.HardFunction) -> bool:
    """Pieces, net and parameters of H as Theorem 2.3.2 says; the parameters of w = 1 cannot be read."""
    if max(H.widths) == 1:
        return False
    return (hard.count_ramps(H.pwl, H.maximum) == prod(H.widths) and H.net.widths == H.widths
            and PWL1D.from_net(H.net) == H.pwl
            and hard.recover_parameters(H, H.widths) == (H.maximum, H.breakpoints))


def _shallow(width: int, depth: int, shallow: int, seed: int,
             net: ReLUNet | None = None) -> tuple[hard.HardFunction, ReLUNet, bool]:
    """A random H, a net with k' ≤ k hidden layers (the one given, if any), and whether they are the same function."""
    H = _random((width,) * depth, seed)
    net = net or hard.collapse(H, min(shallow, depth))
    return H, net, hard.as_pwl(net) == H.pwl
