"""Pictures and exercises on the landscape, read back from their artists and answers."""

from dataclasses import replace

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.exact_erm.atlas import landscape_atlas
from mathdl.exact_erm.descent import restarts
from mathdl.exact_erm.exercises.landscape import check_dead_gate, check_widest_labels
from mathdl.exact_erm.explorers import landscape as terrain
from mathdl.exact_erm.figures import landscape as views
from mathdl.exact_erm.leave_one_out import leave_one_out
from mathdl.exact_erm.planted import planted
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.smallest_width import smallest_width
from mathdl.exact_erm.solve import global_minimum


def small():
    return planted(6, 1, 2, rng=np.random.default_rng(0))


def test_the_race_counts_runs_and_marks_the_certificate():
    state = terrain.RestartRace()
    picture = terrain.draw_restart_race(state)
    rng = np.random.default_rng(state.seed)
    problem = planted(8, 2, 2, rng=rng)
    runs, best = restarts(problem, 60, steps=1500, rng=rng), global_minimum(problem).value
    left, right = picture.axes
    reached = runs.reached(best, within=1e-6 * float(problem.y @ problem.y))
    assert left.get_title() == f"{reached} of 60 runs reach the optimum"
    assert left.lines[0].get_xdata() == pytest.approx([best, best])
    assert sum(p.get_height() for p in left.patches) == 60
    excess = right.lines[0].get_ydata()
    assert (np.diff(excess) >= 0).all()
    assert (excess <= 1e-6).sum() == reached
    assert f"{best:.6g}" in picture.alt
    assert clipped_text(picture) == []


@pytest.mark.parametrize("state", [
    terrain.RestartRace(method="sgd", steps=100), terrain.RestartRace(width=1, samples=4, noise=0.0),
    terrain.RestartRace(method="gd", step=0.2, noise=1.0, seed=30), terrain.RestartRace(samples=10, steps=3000)])
def test_races_at_the_ends_of_the_controls(state):
    picture = terrain.draw_restart_race(state)
    assert clipped_text(picture) == []
    assert picture.alt


def test_the_map_marks_every_minimum_in_sight():
    state = terrain.AtlasMap()
    picture = terrain.draw_atlas_map(state)
    x, y = np.array(state.points).T
    atlas = landscape_atlas(ERMProblem(x, y, 1))
    data, *planes = picture.axes
    assert data.get_title() == f"best gate: {atlas.value:.3g}"
    for ax, sign in zip(planes, (1, -1), strict=True):
        minima = [m for m in atlas.minima if m.signs[0] == sign]
        assert ax.get_title().endswith(f"{sum(m.genuine for m in minima)} genuine of {len(minima)}")
        reach = ax.get_xlim()[1]
        for kind, (marker, _, label) in views.KINDS.items():
            line = next(item for item in ax.lines if item.get_label() == label)
            assert line.get_marker() == marker
            assert len(line.get_xdata()) == sum(m.kind == kind and abs(m.theta).max() <= reach for m in minima)
    ends = sum(len(ax.lines) for ax in planes)
    assert ends == 2 * (len(x) + 3) + 2 * state.runs  # walls, three kinds, a path and an end for each run
    assert "come to rest, at genuine ones" in picture.alt
    assert clipped_text(picture) == []


@pytest.mark.parametrize("points", [((0.0, 0.0),) * 5, ((0.0, 1.0), (0.0, -1.0), (0.0, 2.0), (1.0, 1.0), (1.0, 1.0)),
                                    ((-2.0, 2.0), (-1.0, -2.0), (0.0, 2.0), (1.0, -2.0), (2.0, 2.0))])
def test_the_map_survives_any_samples(points):
    picture = terrain.draw_atlas_map(terrain.AtlasMap(points=points, runs=30, seed=20))
    assert clipped_text(picture) == []


def test_the_explorers_redraw():
    race, chart = terrain.explore_restart_race(), terrain.explore_atlas_map()
    for explorer, name, value in ((race, "seed", 4), (chart, "runs", 3)):
        before = explorer.view.png
        explorer.controls[name].value = value
        assert getattr(explorer.state, name) == value
        assert explorer.view.png != before
    chart.controls["points"].field.value = "(-1, 1), (-0.5, 0), (0, 1), (0.5, 0), (1, 1)"
    assert chart.state == replace(terrain.AtlasMap(), runs=3,
                                  points=((-1, 1), (-0.5, 0), (0, 1), (0.5, 0), (1, 1)))


def test_the_atlas_figure_and_the_basins():
    problem = planted(7, 1, 1, rng=np.random.default_rng(0))
    atlas, runs = landscape_atlas(problem), restarts(problem, 40, steps=4000, frames=30, rng=np.random.default_rng(1))
    picture = views.atlas_figure(atlas, runs)
    assert clipped_text(picture) == []
    basins = views.basins_figure(atlas, runs)
    heights = [p.get_height() for p in basins.axes[0].patches]
    assert sum(heights) == pytest.approx(1)
    assert len(heights) == len(atlas.values())
    assert heights[0] == pytest.approx(runs.reached(atlas.value, within=1e-4) / 40)
    assert clipped_text(basins) == []


def test_the_leave_one_out_figure():
    found = leave_one_out(small())
    picture = views.leave_one_out_figure(found)
    left, right = picture.axes
    assert left.lines[2].get_ydata() == pytest.approx(found.values)
    assert left.lines[1].get_ydata() == pytest.approx(found.windows)
    heights = [p.get_height() for p in right.patches]
    assert heights[:6] == pytest.approx(found.value - found.windows)
    assert heights[6:] == pytest.approx(found.losses)
    assert f"{found.risk:.3g} left out" in right.get_title()
    assert clipped_text(picture) == []


def test_the_widths_figure():
    found = smallest_width(range(5), (0, 1, 0, 1, 0), output_bias=True, from_below=True)
    picture = views.widths_figure(found)
    ax = picture.axes[0]
    assert ax.get_title() == "3 breakpoints needed, smallest width 3"
    assert [line.get_label()[:8] for line in ax.lines[:3]] == ["width 1:", "width 2:", "width 3:"]
    assert clipped_text(picture) == []


@pytest.mark.parametrize(("answer", "right"), [((1, -3), True), ((-1, -2), True), ((1, -2), False), ((0, -1), False),
                                               ((1, 1), False), ("no", False), (..., None)])
def test_the_dead_gate_exercise(answer, right):
    assert check_dead_gate(answer).right is right


@pytest.mark.parametrize(("answer", "right"), [((0, 1, 0, 1), True), ([0, 2, 1, 3], True), ([0, 3, 4, 7], False),
                                               ((0, 1, 2, 3), False), ((0, 1, 0), False), (3, False), (..., None)])
def test_the_width_exercise(answer, right):
    assert check_widest_labels(answer).right is right
