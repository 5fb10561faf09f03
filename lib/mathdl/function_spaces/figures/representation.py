"""Figures on representing functions: the simplex, flaps, signed maxima and their faces, approximation, growth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import log2

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.function_spaces.density import LqApproximation
from mathdl.function_spaces.essential_rows import essential_rows
from mathdl.function_spaces.flaps import Flaps, flaps_of
from mathdl.function_spaces.growth import absolute_integral
from mathdl.function_spaces.signed_max import Row, SignedMaxes, alternating_reduction
from mathdl.function_spaces.simplex import Simplex
from mathdl.function_spaces.sizes_1d import min_size_1d
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet

POSITIVE, NEGATIVE, WHOLE = COLOURS[0], COLOURS[5], COLOURS[2]


def simplex_figure(simplex: Simplex, *, samples: int, rng: np.random.Generator) -> Picture:
    """Uniform points of a two-dimensional simplex, and the lines of its chart on which one logit is constant."""
    M = float(simplex.M)
    x = np.array([simplex.sample(rng=rng) for _ in range(samples)])
    fig, ax = new_figure(width=4.2, height=3.8)
    ax.fill([0, 0, M], [0, M, M], facecolor="none", edgecolor=INK, linestyle="--", hatch=None)
    ax.plot(*x.T, "o", color=COLOURS[0], markersize=3, alpha=0.6)
    for level in (-2, 0, 2):
        z = np.linspace(-8, 8, 81)
        for column, points in enumerate(([(level, v) for v in z], [(v, level) for v in z])):
            curve = np.array([simplex.from_unconstrained(point) for point in points])
            ax.plot(*curve.T, color=COLOURS[1 + column], linestyle=LINES[column], linewidth=1.2)
    ax.set(xlabel="$x_1$", ylabel="$x_2$", title=f"{samples} points of $\\Delta_{{{M:g}}}^2$ and a chart")
    return described(fig, f"The triangle 0 < x1 < x2 < {M:g} with {samples} random points spread evenly inside it, and "
                          "two families of three curves, on which one coordinate of the chart is −2, 0 or 2.")


def flaps_figure(f: PWL1D, *, output_bias: bool = True, view: tuple[float, float] = (-2.0, 6.0)) -> Picture:
    """A function on the line with its breakpoints and the sum of its flaps, beside the flaps themselves."""
    flaps, p = flaps_of(f), f.n_pieces
    gates, least = flaps.to_net(output_bias).size, min_size_1d(f, output_bias)
    fig, (left, right) = new_figure(1, 2, width=8.5, height=3.4)
    x = np.unique([*np.linspace(*view, 161), *(float(t) for t in f.breaks)])
    _draw_sum(left, f, flaps, x)
    _draw_flaps(right, flaps, x)
    left.set_title(f"{p} pieces from {gates} gates; {least} {'is' if least == 1 else 'are'} enough")
    right.set_title(f"{len(flaps.flaps)} flaps and the constant {float(flaps.constant):g}"
                    + ("" if output_bias else " (a gate more)" if gates > len(flaps.flaps) else " (no gate)"))
    bias = "with" if output_bias else "without"
    return described(fig, f"A function with {p} pieces and breakpoints at {_listed(f.breaks)}, and the sum of its "
                          f"{len(flaps.flaps)} flaps, which lies on it. The net has {gates} gates {bias} output bias; "
                          f"the least possible number is {least}.")


def signed_maxes_figure(rows: Sequence[Row], *, view: float = 3.0) -> Picture:
    """The rows as points with the faces that become terms, beside the signed terms along a line and their sum."""
    maxes, n = alternating_reduction(rows), len(rows[0]) - 1
    needed = essential_rows(rows)
    fig, (left, right) = new_figure(1, 2, width=8.5, height=3.6)
    (_draw_hull if n == 1 else _draw_faces)(left, rows, maxes)
    gap = _draw_terms(right, rows, maxes, view)
    before, after = (1 + max(0, int(np.ceil(log2(k)))) for k in (len(needed), maxes.largest))
    left.set_title(f"{len(rows)} rows, {len(needed)} of them needed: {maxes.n_terms} terms")
    right.set_title(f"depth {before} for one maximum, {after} for the sum")
    return described(fig, f"Left, {len(rows)} affine functions of {n} variable{'s' * (n > 1)}, {len(needed)} of which "
                          f"the maximum needs, and the {maxes.n_terms} faces that become signed terms of at most "
                          f"{maxes.largest} rows. Right, these terms along a line; their sum differs from the maximum "
                          f"by at most {gap:.1g}. A tree for the maximum has depth {before}, for the terms {after}.")


def density_figure(f: Callable[[float], float], approximations: Sequence[LqApproximation],
                   view: tuple[float, float]) -> Picture:
    """A function with its first approximants, and the L^q error of all of them against the number of gates."""
    fig, (left, right) = new_figure(1, 2, width=8, height=3.2)
    x = np.linspace(*view, 401)
    left.plot(x, [f(v) for v in x], color=INK, label="f")
    for i, a in enumerate(approximations[:2]):
        left.plot(x, a.g(x), color=COLOURS[i], linestyle=LINES[i + 1], label=f"{a.net.size} gates")
    gates, errors = [a.net.size for a in approximations], [a.error for a in approximations]
    right.loglog(gates, errors, "o-", color=COLOURS[0])
    left.set(xlabel="x", title="f and two interpolating nets")
    right.set(xlabel="gates", ylabel=f"$L^{{{approximations[0].q:g}}}$ error",
              title=f"error from {errors[0]:.1g} down to {errors[-1]:.1g}")
    legend(left)
    return described(fig, f"A bump and two piecewise linear interpolants of it with {gates[0]} and {gates[1]} gates. "
                          f"The error falls from {errors[0]:.3g} with {gates[0]} gates to {errors[-1]:.3g} with "
                          f"{gates[-1]}.")


def growth_figure(nets: dict[str, ReLUNet], radii: Sequence[float]) -> Picture:
    """∫ |f| over [−R, R]² against R for nets with two inputs, each with its name."""
    fig, ax = new_figure(width=6, height=3.3)
    ends = {}
    for i, (name, net) in enumerate(nets.items()):
        values = [absolute_integral(net, R) for R in radii]
        ax.loglog(radii, values, color=COLOURS[i], linestyle=LINES[i], marker="o", markersize=4, label=name)
        ends[name] = (values[0], values[-1])
    ax.set(xlabel="R", ylabel=r"$\int |f|$ over $[-R, R]^2$", title="Only the deeper net stays integrable")
    legend(ax)
    listed = "; ".join(f"{name}: {a:.3g} to {b:.3g}" for name, (a, b) in ends.items())
    return described(fig, f"The integral over growing squares, from R = {radii[0]:g} to R = {radii[-1]:g}. {listed}.")


def message_figure(text: str) -> Picture:
    """An empty picture that says why there is nothing to draw."""
    fig, ax = new_figure(width=8.5, height=3.4)
    ax.text(0.5, 0.5, text, ha="center", va="center", wrap=True)
    ax.set_axis_off()
    return described(fig, text)


def _draw_sum(ax: Axes, f: PWL1D, flaps: Flaps, x: np.ndarray) -> None:
    g = f.rounded() if f.is_exact else f
    ax.plot(x, g(x), color=COLOURS[0], linewidth=4, alpha=0.5, label="f")
    ax.plot(x, flaps(x).astype(float), color=COLOURS[5], linestyle="--", linewidth=1.5, label="sum of flaps")
    ax.plot(g.breaks, g(g.breaks), "o", color=COLOURS[0])
    ax.set(xlabel="x", xlim=(x[0], x[-1]))
    legend(ax)


def _draw_flaps(ax: Axes, flaps: Flaps, x: np.ndarray) -> None:
    ax.axhline(float(flaps.constant), color=INK, linewidth=1, linestyle=":", label="constant")
    for i, flap in enumerate(flaps.flaps):
        ax.plot(x, flap(x).astype(float), color=COLOURS[i % 6], linestyle=LINES[i % 6],
                label=f"{'right' if flap.right else 'left'}, {float(flap.slope):.3g}")
    ax.set(xlabel="x", xlim=(x[0], x[-1]))
    legend(ax, title="side, slope", title_fontsize=8, fontsize=8)
    ax.get_legend().get_title().set_color(INK)


def _draw_hull(ax: Axes, rows: Sequence[Row], maxes: SignedMaxes) -> None:
    """One variable: the points (a, b), the edges of their upper hull as positive terms, inner corners as negative."""
    _draw_points(ax, rows)
    for sign, S in maxes.terms:
        style = {"marker": "s", "linestyle": ""} if len(S) == 1 else {"linestyle": "-" if sign > 0 else "--"}
        ax.plot(*np.array(S, dtype=float).T, color=POSITIVE if sign > 0 else NEGATIVE, **style)
    _key(ax)
    ax.set(xlabel="slope a", ylabel="intercept b")


def _draw_faces(ax: Axes, rows: Sequence[Row], maxes: SignedMaxes) -> None:
    """Two variables: the points a with the triangles (+), inner edges (−) and inner corners (+) of the upper hull."""
    _draw_points(ax, rows)
    triangles = np.array([[row[:2] for row in S] for _, S in maxes.terms if len(S) == 3], dtype=float)
    ax.add_collection(PolyCollection(triangles.reshape(-1, 3, 2), facecolor=POSITIVE, alpha=0.18))
    for sign, S in maxes.terms:
        if len(S) < 3:
            ax.plot(*np.array(S, dtype=float)[:, :2].T, color=POSITIVE if sign > 0 else NEGATIVE,
                    linestyle="-" if sign > 0 else "--", marker="s" if len(S) == 1 else "")
    _key(ax)
    ax.set(xlabel="$a_1$", ylabel="$a_2$")


def _draw_points(ax: Axes, rows: Sequence[Row]) -> None:
    """The rows as points; hollow where the maximum does not need them."""
    needed = set(essential_rows(rows))
    for inside, face, label in ((True, INK, "row"), (False, "none", "dominated row")):
        points = np.array([row[:2] for row in rows if (row in needed) == inside], dtype=float).reshape(-1, 2)
        ax.plot(*points.T, "o", markerfacecolor=face, color=INK, label=label)


def _key(ax: Axes) -> None:
    ax.plot([], [], color=POSITIVE, linewidth=4, label="term with +")
    ax.plot([], [], color=NEGATIVE, linestyle="--", label="term with −")
    low, high = ax.get_ylim()
    ax.set_ylim(low - 0.25 * (high - low), high)  # room for the legend below everything
    legend(ax, fontsize=8, ncols=2, loc="lower center")


def _draw_terms(ax: Axes, rows: Sequence[Row], maxes: SignedMaxes, view: float) -> float:
    """The signed terms along x = (t, t/2, …), their sum, and how far the sum is from the maximum of all rows."""
    t = np.linspace(-view, view, 121)
    x = np.outer(t, 0.5 ** np.arange(maxes.n_inputs))
    terms = [sign * _max(S, x) for sign, S in maxes.terms]
    for (sign, _), y in zip(maxes.terms, terms, strict=True):
        ax.plot(t, y, color=POSITIVE if sign > 0 else NEGATIVE, linestyle="-" if sign > 0 else "--", linewidth=0.8)
    whole, total = _max(rows, x), np.sum(terms, axis=0)
    ax.plot(t, whole, color=WHOLE, linewidth=4, alpha=0.5, label="maximum of the rows")
    ax.plot(t, total, color=COLOURS[3], linestyle="-.", label="signed sum of the terms")
    ax.set(xlabel="t, along x = t" if maxes.n_inputs == 1 else "t, along x = (t, t/2)")
    legend(ax, fontsize=8)
    return float(np.abs(whole - total).max())


def _max(rows: Sequence[Row], x: np.ndarray) -> np.ndarray:
    R = np.array(rows, dtype=float)
    return (x @ R[:, :-1].T + R[:, -1]).max(axis=1)


def _listed(values: Sequence[Fraction | float]) -> str:
    return ", ".join(f"{float(v):g}" for v in values) or "no point"
