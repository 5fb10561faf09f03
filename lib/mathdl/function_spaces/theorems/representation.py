"""Statements on representing functions by nets: thesis 2.1.1, 2.2 and 2.A, their errata, and ours beside them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, inf, log10
from numbers import Real

import numpy as np

from mathdl.core.registry import statement
from mathdl.core.theorem import State, Theorem, Verdict
from mathdl.function_spaces import density
from mathdl.function_spaces.flaps import pwl_to_net
from mathdl.function_spaces.flatten import flatten_depth, hidden_layers_needed
from mathdl.function_spaces.growth import absolute_integral, kink_lines, strip_bound
from mathdl.function_spaces.hinge_search import least_hinges
from mathdl.function_spaces.interior_faces import hull_signed_maxes, in_general_position
from mathdl.function_spaces.max_depth import least_depth
from mathdl.function_spaces.random_functions import random_points, random_pwl, random_rows
from mathdl.function_spaces.signed_max import (
    Row,
    affine_dependence,
    affine_rows,
    alternating_reduction,
    max_of_rows,
    without_side,
)
from mathdl.function_spaces.simplex import Simplex
from mathdl.function_spaces.sizes_1d import min_size_1d, smallest_net_1d
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.random_nets import random_net
from mathdl.nets.relu_net import ReLUNet

SOURCE = "Mukherjee 2020, "
Points = tuple[tuple[Real, Real], ...]
POINTS = ((0, 2), (1, -1), (3, 5), (4, 1))
FLAT = ((0, 2), (1, -1), (3, 5), (4, 5))
CROSS = ((1, 0, 0), (-1, 0, 0), (0, 1, 1), (0, -1, 1))  # the maximum of |x₁| and |x₂| + 1


@statement("function_spaces/definition-4", "The simplex of breakpoints", SOURCE + "Definition 4",
           says=r"\Delta_M^p = \{0 < x_1 < \dots < x_p < M\} \cong \mathbb{R}^p",
           measures="largest change of a point on its way through the chart and back",
           hypotheses=("M > 0", "p ≥ 1"))
def simplex_chart(theorem: Theorem, /, *, maximum: float = 1.0, coordinates: int = 6, samples: int = 200,
                  seed: int = 0) -> Verdict:
    """Random points of the simplex against themselves after `to_unconstrained` and `from_unconstrained`.

    With an M or p that the definition does not admit, the nearest that it does stands in.
    """
    simplex, rng = Simplex(maximum if maximum > 0 else 1.0, max(coordinates, 1)), np.random.default_rng(seed)
    errors = [simplex.round_trip_error(simplex.sample(rng=rng)) for _ in range(samples)]
    return theorem.verdict(given=(maximum > 0, coordinates >= 1), measured=max(e for e, _ in errors), equals=0,
                           error=max(bound for _, bound in errors), instance=f"M={maximum:g}, p={coordinates}")


@statement("function_spaces/theorem-2.2.1", "Every piecewise linear function is a shallow net",
           SOURCE + "Theorem 2.2.1", says=r"k \le \lceil \log_2(n+1) \rceil",
           measures="hidden layers of a net with the same values (∞ if one differs)",
           hypotheses=("f is piecewise linear",))
def every_pwl_is_a_net(theorem: Theorem, /, *, inputs: int = 2, widths: tuple[int, ...] = (3, 3, 3),
                       curvature: Real = 0, points: int = 100, seed: int = 2) -> Verdict:
    """f = a random exact net (+ curvature · x₁²) against the flattened net, at random rational points, exactly.

    The hypothesis is decided by the second difference of f on an interval so short that the net does not bend there.
    """
    rng = np.random.default_rng(seed)
    net = random_net((inputs, *widths, 1), rng=rng, exact=True)
    flat, _ = flatten_depth(net)
    x = random_points(points, inputs, rng=rng)
    same = all(flat(x)[:, 0] == net(x)[:, 0] + Fraction(curvature) * x[:, 0] ** 2)
    return theorem.verdict(given=(_bends_only_at_edges(net, Fraction(curvature)),), trivial=net.hidden_layers,
                           measured=flat.hidden_layers if same else inf, at_most=hidden_layers_needed(inputs),
                           instance=f"n={inputs}, widths {widths}")


@statement("function_spaces/theorem-2.2.2", "p gates on the line", SOURCE + "Theorem 2.2.2",
           says=r"\mathrm{size} \le p", measures="gates of a one-hidden-layer net that is f (∞ if it is not)",
           hypotheses=("p ≥ 2", "output bias allowed"))
def gates_suffice(theorem: Theorem, /, *, points: Points = POINTS, left_slope: Real = 1, right_slope: Real = -2,
                  output_bias: bool = True) -> Verdict:
    """The net made of flaps, compared with f piece by piece in exact arithmetic."""
    f = _through(points, left_slope, right_slope)
    return theorem.verdict(given=(f.n_pieces >= 2, output_bias), measured=_size_if_equal(pwl_to_net(f, output_bias), f),
                           at_most=f.n_pieces, instance=f"p={f.n_pieces}")


@statement("function_spaces/theorem-2.2.2-lower", "p − 1 gates on the line are needed", SOURCE + "Theorem 2.2.2",
           says=r"\mathrm{size} \ge p - 1", measures="gates of the net", hypotheses=("one hidden layer",))
def gates_needed(theorem: Theorem, /, *, net: ReLUNet | None = None) -> Verdict:
    """The gates of a net against the pieces of its function; by default the smallest net of a random function."""
    net = net or smallest_net_1d(random_pwl(6, rng=np.random.default_rng(0)))
    p = PWL1D.from_net(net.exact()).n_pieces
    return theorem.verdict(given=(net.hidden_layers == 1,), measured=net.size, at_least=p - 1, trivial=0,
                           instance=f"p={p}, widths {net.widths}")


@statement("function_spaces/corollary-2.A.1", "A flat end saves a gate", SOURCE + "Corollary 2.A.1",
           says=r"\mathrm{size} = p - 1", measures="gates of a one-hidden-layer net that is f (∞ if it is not)",
           hypotheses=("an outer piece is flat", "output bias allowed"))
def flat_end(theorem: Theorem, /, *, points: Points = FLAT, left_slope: Real = 1, right_slope: Real = 0,
             output_bias: bool = True) -> Verdict:
    """The net made of flaps, or of their mirror image, against p − 1."""
    f = _through(points, left_slope, right_slope)
    return theorem.verdict(given=(0 in (f.slopes[0], f.slopes[-1]), output_bias), equals=f.n_pieces - 1,
                           measured=_size_if_equal(pwl_to_net(f, output_bias), f), instance=f"p={f.n_pieces}")


@statement("function_spaces/ours-membership-1d", "The exact size on the line",
           "ours, beside Mukherjee 2020, Theorem 2.2.2",
           says=r"\mathrm{size} = p - 1 \iff -s_L = \textstyle\sum_{i \in L} \kappa_i \text{ for some } L",
           measures="functions on which the subset sums and a search over gates disagree", hypotheses=("p ≥ 2",))
def exact_size(theorem: Theorem, /, *, functions: int = 40, pieces: int = 3, output_bias: bool = True,
               seed: int = 0) -> Verdict:
    """`min_size_1d` on random functions of at most `pieces` pieces, against linear algebra over sets of hinges."""
    rng = np.random.default_rng(seed)
    sample = [random_pwl(int(rng.integers(min(2, pieces), pieces + 1)), rng=rng) for _ in range(functions)]
    differ = sum(min_size_1d(f, output_bias) != least_hinges(f, output_bias) for f in sample)
    return theorem.verdict(given=(all(f.n_pieces >= 2 for f in sample),), measured=differ, equals=0,
                           instance=f"{functions} functions, p ≤ {pieces}")


@statement("function_spaces/ours-alternating-reduction", "Alternating reduction", "ours, for Mukherjee 2020, eq. 2.1",
           says=r"\max_S = \sum_{\emptyset \ne J \subseteq I} (-1)^{|J|+1} \max_{S \setminus J}",
           measures="points where the two sides differ, and terms of more than n + 1 rows",
           hypotheses=("Σcᵢ = 0 and Σcᵢaᵢ = 0", "Σcᵢbᵢ ≤ 0 with I = {cᵢ > 0}"))
def alternating(theorem: Theorem, /, *, rows: tuple[tuple[Real, ...], ...] = (), side: tuple[int, ...] = (),
                points: int = 200, seed: int = 0) -> Verdict:
    """Random rows, or `rows`, reduced to terms of at most n + 1 rows; with a `side`, one step that uses it as I."""
    rng = np.random.default_rng(seed)
    S = affine_rows(rows) if rows else random_rows(9, 2, rng=rng)
    n = len(S[0]) - 1
    maxes = without_side(S, side) if side else alternating_reduction(S)
    x = random_points(points, n, rng=rng, radius=3)
    wrong = int((maxes(x) != max_of_rows(S, x)).sum()) + (0 if side else sum(len(T) > n + 1 for _, T in maxes.terms))
    return theorem.verdict(given=_side_is_lower(S, side), measured=wrong, equals=0,
                           instance=f"n={n}, {len(S)} rows, {maxes.n_terms} terms")


@statement("function_spaces/ours-interior-faces", "One term for each interior face",
           "ours, for Mukherjee 2020, eq. 2.1",
           says=r"\max_S = \sum_{F} (-1)^{n - \dim F} \max_{F}",
           measures="terms in only one of two lists: alternating reduction, interior faces of the upper hull",
           hypotheses=("the points (aᵢ, bᵢ) are in general position",))
def interior_face_terms(theorem: Theorem, /, *, rows: tuple[tuple[Real, ...], ...] = (), n_rows: int = 14,
                        inputs: int = 2, seed: int = 0) -> Verdict:
    """The terms that alternating reduction ends with, against the faces that Qhull finds."""
    S = affine_rows(rows) if rows else random_rows(n_rows, inputs, rng=np.random.default_rng(seed))
    ours, hull = (set(f.terms) for f in (alternating_reduction(S), hull_signed_maxes(S)))
    return theorem.verdict(given=(in_general_position(S),), measured=len(ours ^ hull), equals=0,
                           instance=f"n={len(S[0]) - 1}, {len(S)} rows, {len(ours)} terms")


@statement("function_spaces/theorem-2.2.3", "Nets are dense in L^q", SOURCE + "Theorem 2.2.3",
           says=r"\|f - g\|_q \le \epsilon", measures="L^q error of a one-hidden-layer net with ends at 0",
           hypotheses=("1 ≤ q < ∞", "∫|f|^q < ∞"))
def dense(theorem: Theorem, /, *, function: str = "parabola", q: float = 1, epsilon: float = 0.01) -> Verdict:
    """Interpolants with twice as many pieces each time, up to 4096, until the error is at most epsilon.

    `function` is "parabola" (1 − x²)₊, "step" 1_{[0, 1)} or "square" x², which is in no L^q. For q = ∞ the error is the
    least that any continuous function has at the jumps.
    """
    if function not in _FUNCTIONS:
        raise ValueError(f"expected one of {', '.join(_FUNCTIONS)}; got {function!r}")
    f, support, jumps, integrable = _FUNCTIONS[function]
    gates, error, slack = _first_within(f, support, jumps, q, epsilon) if integrable and q < inf else (
        0, _sup_distance(f, jumps) if integrable else inf, 0.0)
    return theorem.verdict(given=(1 <= q < inf, integrable), measured=error, at_most=epsilon, error=slack,
                           instance=f"{function}, q={q:g}, {gates} gates" if gates else f"{function}, q={q:g}")


@statement("function_spaces/ours-not-integrable", "One hidden layer in the plane is never integrable",
           "ours, beside Mukherjee 2020, Theorem 2.2.3",
           says=r"\int_{[-R,R]^2} |f| \ge \tfrac14 |\kappa| \delta^2 (2R - O(1))", measures="∫|f| over the square",
           hypotheses=("one hidden layer", "some kink does not cancel"))
def not_integrable(theorem: Theorem, /, *, net: ReLUNet | None = None, radius: float = 64, seed: int = 0) -> Verdict:
    """The integral over the affine cells against the strip along one kink; by default a random net with four gates.

    A net with more hidden layers is held against growth in proportion to R from R = 1 on.
    """
    net = net or random_net((2, 4, 1), rng=np.random.default_rng(seed))
    shallow = net.hidden_layers == 1
    lipschitz = float(np.prod([np.abs(W.astype(float)).sum() for W in net.weights]))
    # corners of cells are off by a few ε R; |f| changes by Lipschitz times that, over an area of (2R)²
    slack = 100 * np.finfo(float).eps * 4 * radius ** 3 * lipschitz
    return theorem.verdict(given=(shallow, bool(kink_lines(net)) if shallow else None),
                           measured=absolute_integral(net, radius),
                           at_least=strip_bound(net, radius) if shallow else radius * absolute_integral(net, 1),
                           error=slack, trivial=0,
                           instance=f"R={radius:g}, widths {net.widths}")


@statement("function_spaces/erratum-E1", "Depth or hidden layers", SOURCE + "proof of Theorem 2.2.1, as printed",
           says=r"\mathrm{depth}(\max(x_1, \dots, x_{n+1})) \le \lceil \log_2(n+1) \rceil",
           measures="least depth of a net for the maximum", hypotheses=("n ≥ 1",), expected=State.VIOLATED,
           erratum="This number counts hidden layers; the depth, hidden layers + 1, is one more.")
def maximum_as_printed(theorem: Theorem, /, *, n: int = 2) -> Verdict:
    """The depth of the balanced tree, for n <= 3, where kinks show that no shallower net exists (see `least_depth`)."""
    return theorem.verdict(given=(n >= 1,), measured=least_depth(n), at_most=hidden_layers_needed(n), instance=f"n={n}")


@statement("function_spaces/erratum-E3", "One gate for a line", SOURCE + "Theorem 2.2.2, as printed",
           says=r"\mathrm{size} \le p", measures="least number of gates in one hidden layer",
           hypotheses=("f is piecewise linear with p pieces",), expected=State.VIOLATED,
           erratum="It needs p ≥ 2 (or a constant f) and a bias at the output: f = x has one piece and needs two "
                   "gates; 1 + |x| without output bias needs three.")
def size_as_printed(theorem: Theorem, /, *, points: Points = ((0, 0),), left_slope: Real = 1, right_slope: Real = 1,
                    output_bias: bool = True) -> Verdict:
    """The exact least size of f = x, or of any other f, against its number of pieces."""
    f = _through(points, left_slope, right_slope)
    # `_through` makes piecewise linear functions only
    return theorem.verdict(given=(True,), measured=min_size_1d(f, output_bias), at_most=f.n_pieces,
                           instance=f"p={f.n_pieces}, {'with' if output_bias else 'without'} output bias")


@statement("function_spaces/erratum-E4", "The system for the flaps", SOURCE + "proof of Theorem 2.2.2, as printed",
           says=r"b_i = \textstyle\sum_{j>i} t_j (a_{j-1} - a_j) \Rightarrow f(a_i) = b_i",
           measures="largest error of the sum of flaps at a breakpoint", hypotheses=("p ≥ 2",), expected=State.VIOLATED,
           erratum="The flap t_j has the value t_j (a_i − a_j) at a_i, not t_j (a_{j−1} − a_j).")
def flaps_as_printed(theorem: Theorem, /, *, points: Points = POINTS, left_slope: Real = 1) -> Verdict:
    """The flaps that solve the printed system, evaluated at the breakpoints."""
    a, b = ([Fraction(v[k]) for v in points] for k in (0, 1))
    values = flap_values(a, printed_left_flap_slopes(a, b, Fraction(left_slope)), b[-1])
    return theorem.verdict(given=(len(a) >= 1,), measured=max(abs(u - v) for u, v in zip(values, b, strict=True)),
                           equals=0, instance=f"{len(a)} breakpoints")


@statement("function_spaces/erratum-E5", "Density for q = ∞", SOURCE + "Theorem 2.2.3, as printed",
           says=r"\|f - g\|_q \le \epsilon \text{ for } 1 \le q \le \infty",
           measures="distance of the step function to all continuous functions", hypotheses=("1 ≤ q ≤ ∞", "f ∈ L^q"),
           expected=State.VIOLATED,
           erratum="q = ∞ must be excluded: a net is continuous, and misses a jump by at least half of it.")
def dense_as_printed(theorem: Theorem, /, *, q: float = inf, epsilon: float = 0.25) -> Verdict:
    """The step function 1_{[0,1)}, which is in every L^q, against one-hidden-layer nets."""
    f, support, jumps, integrable = _FUNCTIONS["step"]
    error, slack = (_sup_distance(f, jumps), 0.0) if q == inf else _first_within(f, support, jumps, q, epsilon)[1:]
    return theorem.verdict(given=(q >= 1, integrable), measured=error, at_most=epsilon, error=slack,
                           instance=f"step, q={q:g}")


def printed_left_flap_slopes(a: Sequence[Fraction], b: Sequence[Fraction], left_slope: Fraction) -> list[Fraction]:
    """The t_j that solve the printed equations b_i = Σ_{j>i} t_j (a_{j−1} − a_j); subtracting two of them gives t_j."""
    t = [(b[i] - b[i + 1]) / (a[i] - a[i + 1]) for i in range(len(a) - 1)]
    return [left_slope - sum(t), *t]


def flap_values(a: Sequence[Fraction], t: Sequence[Fraction], last: Fraction) -> list[Fraction]:
    """The values at the breakpoints of the left flaps with slopes t, shifted to the last value."""
    return [last + sum(tj * (ai - aj) for tj, aj in zip(t, a, strict=True) if aj > ai) for ai in a]


def _through(points: Points, left_slope: Real, right_slope: Real) -> PWL1D:
    """The function through the points with the given outer slopes, exact."""
    xs, ys = ([Fraction(v[k]) for v in points] for k in (0, 1))
    return PWL1D.from_points(xs, ys, Fraction(left_slope), Fraction(right_slope))


def _size_if_equal(net: ReLUNet, f: PWL1D) -> float:
    return net.size if PWL1D.from_net(net) == f else inf


def _bends_only_at_edges(net: ReLUNet, curvature: Fraction) -> bool:
    """Whether net + curvature · x₁² is affine on a segment around 0 too short to meet a generic edge."""
    h = Fraction(1, 2 ** 60)
    x = np.array([[Fraction(1, 3)] * net.n_inputs] * 3, dtype=object)
    x[:, 0] += np.array([-h, 0, h])
    below, at, above = net(x)[:, 0] + curvature * x[:, 0] ** 2
    return bool(below + above == 2 * at)


def _side_is_lower(rows: Sequence[Row], side: tuple[int, ...]) -> tuple[bool | None, bool | None]:
    """Whether the rows have an affine dependence, and whether `side` is where it is positive, with Σ c_i b_i <= 0."""
    if not side:
        return True, True  # alternating_reduction finds its own sides, exactly
    c = affine_dependence(rows)
    if c is None:
        return False, None
    defect = sum(ci * row[-1] for ci, row in zip(c, rows, strict=True))
    sides = [tuple(i for i, ci in enumerate(c) if sign * ci > 0) for sign in (1, -1)]
    return True, tuple(sorted(side)) in (sides if defect == 0 else sides[:1])


def _first_within(f: density.Function, support: tuple[float, float], jumps: tuple[float, ...], q: float,
                  epsilon: float) -> tuple[int, float, float]:
    """(gates, error, quadrature error) of the first interpolant with an error of at most epsilon, pieces doubling."""
    for k in range(2, 13):
        found = density.lq_approximate_1d(f, support, 2 ** k, q, jumps=jumps)
        if found.error <= epsilon:
            # the bound rounded up to a power of ten, which prints the same everywhere
            return found.net.size, found.error, 10.0 ** ceil(log10(found.quadrature))
    raise ValueError(f"expected an epsilon that {2 ** k} pieces reach, which is {found.error:.2g}; got {epsilon}")


def _sup_distance(f: density.Function, jumps: tuple[float, ...]) -> float:
    return max((density.distance_to_continuous(f(t - 1e-9), f(t + 1e-9)) for t in jumps), default=0.0)


# f, an interval outside of which it is 0, the points where it jumps, and whether |f|^q has a finite integral
_FUNCTIONS = {
    "parabola": (lambda x: max(0.0, 1 - x * x), (-1.0, 1.0), (), True),
    "step": (lambda x: float(0 <= x < 1), (-0.5, 1.5), (0.0, 1.0), True),
    "square": (lambda x: x * x, (-inf, inf), (), False),
}
