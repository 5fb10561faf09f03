"""Explorers on zonotopes: drag generators, and see the zonogon, its fan and the cells of the function."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from mathdl.core.explore import Points, Slider, explore
from mathdl.core.figures import COLOURS, INK, Picture, described, new_figure
from mathdl.function_spaces.figures.zonotopes import draw_cells, draw_zonogon
from mathdl.function_spaces.zonotope import Zonotope
from mathdl.function_spaces.zonotope_function import ZonotopeFunction, even_knots

Plane = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class ZonogonMap:
    """Generators in the plane, and H with `depth` layers of `width` gates and breakpoints at equal distances."""

    generators: Plane = ((0.25, 0.5), (-0.5, 0.0), (0.0, -0.25), (-0.25, -0.25))
    depth: int = 2
    width: int = 2


def draw_zonogon_map(state: ZonogonMap) -> Picture:
    """The zonogon with its normal fan, and the cells of H ∘ γ with the exact count beside the formula."""
    B = [[Fraction(v).limit_denominator(1000) for v in b] for b in state.generators]  # as typed: 0.3 is 3/10
    Z = Zonotope(B)
    fig, (left, right) = new_figure(1, 2, width=7.5, height=3.9)
    if len(Z.vertices()) <= 2:
        right.text(0.5, 0.5, "all generators lie on one line:\npull one of them off it", ha="center", va="center",
                   transform=right.transAxes, color=INK)
        right.set(xticks=[], yticks=[])
        draw_zonogon(left, Z)
        return described(fig, "All generators lie on one line: the zonogon is a segment or a point. No map is drawn.")
    f = ZonotopeFunction(1, even_knots(state.width, state.depth), B)
    V = draw_zonogon(left, Z)
    for x, y in Z.vertices().rays.astype(float):
        left.axline((0, 0), (x, y), color=INK, linestyle="--", linewidth=0.8)
    draw_cells(right, f)
    counted, formula = f.pieces_by_cones(), f.predicted_pieces()
    left.set_title(f"{V} vertices" + (f", of {2 * len(B)} possible" if 2 * len(B) > V else ""))
    right.set_title(f"{counted} pieces counted, formula {formula}",
                    color=INK if counted == formula else COLOURS[5])
    return described(fig, f"Left, a zonogon with {V} vertices from {len(B)} generators, and dashed rays between its "
                          f"normal cones. Right, the cells of the function with {state.depth} layers of {state.width} "
                          f"gates, coloured by gradient: {counted} pieces by exact count, {formula} by the formula for "
                          "generators in general position.")


def explore_zonogon_map():
    """Drag the generators: the count falls short of the formula when two become parallel (try (-0.5, 0), (0.25, 0))."""
    return explore(draw_zonogon_map, ZonogonMap(), depth=Slider(1, 3, "layers k of H"),
                   width=Slider(2, 3, "gates w in a layer"), generators=Points("generators", x=(-1, 1), y=(-1, 1)))
