"""Figures, explorer and exercises on learners, read back from their artists and answers."""

from dataclasses import replace
from time import process_time

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.sparse_coding.basin import gd_recovery, start_at_distance, stretch
from mathdl.sparse_coding.dictionaries import identity_hadamard
from mathdl.sparse_coding.exercises.learners import check_largest_sparsity, check_stretch
from mathdl.sparse_coding.experiments.dictionary_learning import shipped_table
from mathdl.sparse_coding.explorers.learners import ATOMS, Planted, draw_planted, explore_planted, planted_run
from mathdl.sparse_coding.figures.learners import (
    descent_figure,
    deviation_figure,
    phase_figure,
    race_figure,
)
from mathdl.sparse_coding.matching import match_atoms
from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.phase import phase_diagram


def test_the_race_draws_the_shipped_table():
    table = shipped_table()
    picture = race_figure(table.curves)
    lines = {line.get_label(): line for line in picture.axes[0].lines}
    for name, curve in table.curves.items():
        assert lines[name].get_ydata().tolist() == list(curve.found)
        assert lines[name].get_xdata()[1:].tolist() == list(curve.seconds[1:])
        assert f"{curve.seconds_to(0.93):.2g} s" in picture.alt
    assert not clipped_text(picture)


def test_the_descents_are_drawn():
    A, r = identity_hadamard(8), np.random.default_rng(0)
    model = SparseCodingModel(A, 1, 0.9, 1.1)
    Y = model.sample(160, rng=r).signals
    runs = [gd_recovery(Y, start_at_distance(A, d, rng=r), 0.7, planted=A, max_steps=60) for d in (0.1, 2.0)]
    picture = descent_figure(runs, A, stretched=stretch(0.7, model.m1, model.m2))
    left, right = picture.axes
    for i, run in enumerate(runs):
        assert (left.lines[i].get_ydata() == run.distances).all()
        assert (right.lines[i].get_ydata() == np.sort(run.matched(A).cosines)).all()
    assert left.lines[3].get_ydata()[0] == stretch(0.7, model.m1, model.m2) - 1
    assert f"{runs[0].distances[-1]:.3f}" in left.get_title()
    assert not clipped_text(picture)


def test_the_deviations_are_drawn_with_their_slope():
    N = np.array([10.0, 100.0, 1000.0])
    picture = deviation_figure(N, 3 / np.sqrt(N), {"bound": 9 / np.sqrt(N)}, alarm=0.05)
    assert "slope -0.50" in picture.axes[0].get_title()
    assert "bound 3.00 times" in picture.alt
    assert picture.axes[0].lines[1].get_ydata() == pytest.approx(9 / np.sqrt(N))
    assert not clipped_text(picture)


def test_the_phase_picture_shows_shares_and_borders():
    found = phase_diagram(32, np.linspace(0, 0.7, 8), np.linspace(0.1, 1.2, 12), low=0.9, high=1.1, samples=50,
                          rng=np.random.default_rng(0))
    picture = phase_figure(found)
    mesh, line = picture.axes[0].collections[0], picture.axes[0].lines[0]
    assert np.asarray(mesh.get_array()).ravel() == pytest.approx(found.recovered.ravel())
    for i, x in enumerate(line.get_xdata()):
        if np.isfinite(x):
            assert found.every_code[i, found.zetas > x].all()
            assert not found.every_code[i, found.zetas < x].any()
    assert not clipped_text(picture)


@pytest.mark.parametrize("state", [Planted(), Planted(samples=30, sparsity=4, told=False), Planted(steps=1),
                                   Planted(samples=900, sparsity=4, steps=20, seed=9)])
def test_the_explorer_draws_the_run(state):
    picture = draw_planted(state)
    A, learned = planted_run(state)
    left, right = picture.axes
    assert (left.lines[0].get_ydata() == learned.curve(A)).all()
    drawn = np.asarray(right.images[0].get_array())
    assert drawn.shape == (ATOMS, ATOMS)
    assert np.diag(drawn) == pytest.approx(match_atoms(A, learned.dictionary).cosines, abs=1e-6)
    assert not clipped_text(picture)


def test_one_key_changes_the_picture_and_few_signals_break_recovery():
    assert draw_planted(Planted(samples=330)).alt != draw_planted(Planted()).alt
    shares = [planted_run(Planted(samples=N))[1].curve(planted_run(Planted(samples=N))[0])[-1] for N in (30, 900)]
    assert shares[0] < 0.5 < 0.9 < shares[1]
    planted_run.cache_clear()
    start = process_time()
    planted_run(replace(Planted(), seed=5))
    assert process_time() - start < 0.25  # 0.03 s on an idle machine
    explorer = explore_planted()
    explorer.controls["samples"].value = 60
    assert explorer.state.samples == 60


def test_the_exercises():
    assert check_stretch(5 / 6).right
    assert not check_stretch(0.5).right
    assert not check_stretch(7).right
    assert check_stretch(...).right is None
    assert check_largest_sparsity(7).right
    assert not any(check_largest_sparsity(k).right for k in (0, 1, 6, 8, 7.5))
