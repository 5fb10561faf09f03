"""Figures on certificates: the tree of a proof, its ends marked by what they prove, and the bounds beside the value."""

from __future__ import annotations

from fractions import Fraction
from itertools import groupby

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import MaxNLocator

from mathdl.core.figures import COLOURS, INK, Picture, described, legend, new_figure
from mathdl.exact_erm.certificate import Certificate, Place

# kind -> name in the legend, marker, colour, size
MARKS = {"tight": ("bound = value", "o", COLOURS[0], 40), "above": ("bound above", "^", COLOURS[2], 22),
         "below": ("bound below", "v", COLOURS[5], 40), "impossible": ("impossible", "x", COLOURS[1], 14),
         "repeated": ("dropped", "|", COLOURS[3], 30)}


def proof_figure(certificate: Certificate, value: Fraction | None = None, title: str = "") -> Picture:
    """The trees of a certificate side by side, and the bounds of its leaves in order against the value.

    `value` replaces the certificate's own, `title` is put above. The certificate may be spoilt, but not in its form.
    """
    value = certificate.value if value is None else value
    kinds = {id(place.node): _against(bound, value) for place, bound in certificate.bounds()}
    figure, (left, right) = new_figure(columns=2, width=7.4, height=3.6, width_ratios=[5, 3])
    counts = draw_trees(left, list(certificate.places()), kinds)
    bounds = sorted(bound for _, bound in certificate.bounds())
    draw_bounds(right, bounds, value)
    if title:
        figure.suptitle(title, fontsize=10, color=INK)
    said = ", ".join(f"{counts.get(kind, 0)} {MARKS[kind][0]}" for kind in MARKS if kind in counts)
    trees = f"{len(certificate.document['trees'])} trees with {counts.get('split', 0)} splits"
    return described(figure, f"{title} {trees}; ends: {said}. The bounds run from {float(bounds[0]):.4g} to "
                             f"{float(bounds[-1]):.4g}, the value is {float(value):.4g}.")


def _against(bound: Fraction, value: Fraction) -> str:
    return "tight" if bound == value else "above" if bound > value else "below"


def draw_trees(ax: Axes, places: list[Place], kinds: dict[int, str]) -> dict[str, int]:
    """One tree after another, roots on top; returns how many nodes there are of each kind."""
    at, lines, marks, counts, column = {}, [], {kind: [] for kind in MARKS}, {}, 0
    for (tree, path), group in groupby(reversed(_numbered(places)), lambda entry: entry[:2]):
        for *_, place in group:
            kind = kinds.get(id(place.node), place.kind)
            counts[kind] = counts.get(kind, 0) + 1
            if kind == "split":  # places come children first in this order
                below = [at[tree, (*path, k)] for k in range(len(place.node["children"]))]
                at[tree, path] = (float(np.mean([x for x, _ in below])), -len(path))
                lines += [(at[tree, path], end) for end in below]
            else:
                column -= 1
                at[tree, path] = (column, -len(path))
                marks[kind].append(at[tree, path])
        if not path:
            column -= 2
    ax.add_collection(LineCollection(lines, colors=INK, linewidths=0.6))
    for kind, points in marks.items():
        if points:
            name, marker, colour, size = MARKS[kind]
            xs, ys = np.array(points).T
            ax.scatter(xs, ys, s=size, marker=marker, color=colour, label=f"{len(points)} {name}", zorder=2)
    depth = max(len(path) for _, path in at)
    ax.set(xticks=[], ylabel="samples labelled", title=f"{counts.get('split', 0)} splits")
    ax.set_yticks([-k for k in range(depth + 1)], [str(k) for k in range(depth + 1)])
    ax.set_ylim(-depth - 0.6 - 0.28 * (depth + 1), 0.6)
    ax.spines["bottom"].set_visible(False)
    legend(ax, loc="lower left", ncols=2, fontsize=8)
    return counts


def _numbered(places: list[Place]) -> list[tuple[int, tuple[int, ...], Place]]:
    """Each place with the number of its tree and the numbers of the children on its way."""
    tree, found = -1, []
    for place in places:
        tree += not place.path
        found.append((tree, tuple(int("".join(map(str, bits)), 2) for _, bits in place.path), place))
    return found


def draw_bounds(ax: Axes, bounds: list[Fraction], value: Fraction) -> None:
    """What the leaves prove, from the least to the largest, and the value that each must reach."""
    heights, ranks = [float(b) for b in bounds], np.arange(1, len(bounds) + 1)
    for kind in ("tight", "above", "below"):
        own = [k for k, bound in enumerate(bounds) if _against(bound, value) == kind]
        if own:
            _, marker, colour, size = MARKS[kind]
            ax.scatter(ranks[own], [heights[k] for k in own], marker=marker, color=colour, s=size, zorder=2)
    ax.axhline(float(value), color=COLOURS[0], linestyle="--", linewidth=1.2)
    if min(heights[0], value) > 0 and heights[-1] > 10 * heights[0]:
        ax.set_yscale("log")
    low = sum(bound < value for bound in bounds)
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.set(xlabel="leaf, by its bound", ylabel="loss",
           title=f"{low or 'no'} bound{'s' * (low > 1)} below {float(value):.5g}")
