"""Figures, explorer and exercises on section 4.6: what is drawn is what was computed."""

import math

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.sparse_coding.exercises.tables import check_stack_factor, check_zero_score
from mathdl.sparse_coding.experiments import landscape as curves
from mathdl.sparse_coding.experiments import table_461, table_462
from mathdl.sparse_coding.experiments.landscape import Plane
from mathdl.sparse_coding.experiments.records import read_record
from mathdl.sparse_coding.explorers.tables import PLACES, Line, cell, draw_line, explore_line
from mathdl.sparse_coding.figures.tables import (
    gradient_table_figure,
    landscape_figure,
    plane_figure,
    recovery_table_figure,
)


def line(ax, label):
    return next(each for each in ax.lines if each.get_label() == label)


def test_gradient_table():
    rows = read_record(table_461.RECORD)["rows"]
    picture = gradient_table_figure(rows)
    for ax, p in zip(picture.axes, (0.01, 0.1, 0.3), strict=True):
        first = [r for r in rows if (r["p"], r["rule"], r["seed"]) == (p, "seed-fit", 0)]
        assert line(ax, "printed").get_ydata() == pytest.approx([r["printed"] for r in first])
        assert line(ax, "ours, over √200").get_ydata() == pytest.approx([r["like_printed"] for r in first])
        assert line(ax, "$h^{p-1}$").get_ydata() == pytest.approx([r["h"] ** (p - 1) for r in first])
        assert len(ax.collections[0].get_offsets()) == 4 * 10 + 5
    assert not clipped_text(picture)
    assert f"{first[0]['like_printed'] / first[0]['printed']:.2f} at h = 256" in picture.alt


def test_recovery_table():
    rows = read_record(table_462.RECORD)["rows"]
    picture = recovery_table_figure(rows)
    for ax, p in zip(picture.axes, (0.05, 0.1), strict=True):
        for rule in ("seed-fit", "low"):
            mine = [r["distance"] for r in rows if (r["p"], r["rule"]) == (p, rule) and r["relative"] > 0]
            assert line(ax, f"ours, bias “{rule}”").get_ydata() == pytest.approx(mine)
    told = [4096 ** 0.8 / 5 * 0.008, picture.axes[1]]
    assert line(told[1], "printed").get_ydata()[-1] == pytest.approx(told[0], rel=1e-4)
    assert "p = 0.05\n2 of 5" in picture.axes[0].get_title()
    assert not clipped_text(picture)


@pytest.mark.parametrize("h", [256, 4096])
def test_landscapes(h):
    rows = read_record(curves.RECORD)["rows"]
    picture = landscape_figure(rows, h=h)
    here = [r for r in rows if (r["h"], r["rule"], r["p"]) == (h, "seed-fit", 0.3)]
    drawn = picture.axes[2].lines[:len(here)]
    inner = [i for i, t in enumerate(here[0]["t"]) if abs(t) <= 0.8]
    for row, each in zip(here, drawn, strict=True):
        assert each.get_ydata() == pytest.approx([row["loss"][i] for i in inner])
    assert not clipped_text(picture)
    assert f"h = {h}" in picture.alt


def test_line_draws_the_curve():
    picture = draw_line(Line(p=0.1, direction=3))
    found = curves.landscape(cell(0.1), np.linspace(-0.8, 0.8, PLACES), direction=3)
    left, right = picture.axes
    assert left.lines[0].get_ydata() == pytest.approx(found.loss)
    assert right.lines[0].get_ydata() == pytest.approx(found.gradient)
    assert f"{found.t[found.loss.argmin()]:.2g}" in left.get_title()
    assert not clipped_text(picture)


@pytest.mark.parametrize("state", [Line(p=0.01), Line(p=0.5, reach=2.0), Line(rule="theorem"), Line(rule="low", p=0.2)])
def test_line_never_raises(state):
    assert not clipped_text(draw_line(state))


def test_line_says_flat_when_it_is():
    picture = draw_line(Line(rule="theorem"))
    assert picture.axes[0].get_title() == "The loss is constant"
    assert "0 per cent of the units" in picture.alt


def test_the_first_control_changes_the_picture():
    assert draw_line(Line(p=0.3)).alt != draw_line(Line(p=0.31)).alt
    explore_line()


@pytest.mark.parametrize(("check", "right", "wrong"), [(check_zero_score, 99.719, 99.4),
                                                       (check_stack_factor, 1 / math.sqrt(200), 1)])
def test_exercises(check, right, wrong):
    assert check(...).right is None
    assert check(right).right
    assert not check(wrong).right
    assert not check("a").right


def test_the_plane_figure_marks_the_dictionary_and_the_lowest_place():
    loss = np.array([[5.0, 4.0, 5.0], [4.0, 2.0, 3.0]])
    picture = plane_figure(Plane(np.array([-1.0, 0.0, 1.0]), np.array([0.0, 0.5]), loss), p=0.1)
    points = {line.get_label(): (line.get_xdata()[0], line.get_ydata()[0]) for line in picture.axes[0].lines}
    assert points == {"A: 4": (0, 0), "lowest: 2": (0.0, 0.5)}
    assert "50 % of the loss go" in picture.axes[0].get_title()


def test_the_plane_of_the_chapter_cuts_no_label():
    plane = curves.landscape_plane(cell(0.01), np.linspace(-1, 1, 7), np.linspace(-0.1, 0.6, 8))
    assert clipped_text(plane_figure(plane, p=0.01)) == []
