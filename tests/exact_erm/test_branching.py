"""Statements, figures, explorers and exercises on branch and bound."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.core.figures import clipped_text
from mathdl.core.theorem import State
from mathdl.exact_erm.branch_and_bound import branch_and_bound
from mathdl.exact_erm.exercises.branching import check_children, check_hard_labels
from mathdl.exact_erm.explorers import branching as E
from mathdl.exact_erm.figures import branching as figures
from mathdl.exact_erm.losses import Loss
from mathdl.exact_erm.search_trace import search_trace
from mathdl.exact_erm.theorems import branching as T

CAPPED = Loss("capped", lambda f, y: (f - y) ** 2 / (1 + (f - y) ** 2),
              lambda f, y: 2 * (f - y) / (1 + (f - y) ** 2) ** 2, "smooth")


@pytest.mark.statement("exact_erm/ours-branch-and-bound")
@pytest.mark.parametrize("instance", [
    {}, {"samples": 5, "seed": 1, "output_bias": True}, {"samples": 5, "dimension": 1, "loss": "absolute", "seed": 2},
    {"samples": 5, "width": 1, "loss": "hinge"}, {"samples": 5, "width": 1, "loss": "quantile 0.8"},
    {"samples": 4, "dimension": 1, "width": 3}, {"samples": 6, "dimension": 3, "width": 1}])
def test_bounds_hold(instance):
    verdict = T.bounds_hold(**instance)
    assert verdict.state is State.HOLDS
    assert abs(verdict.measured) <= T.ROUNDING


@pytest.mark.statement("exact_erm/ours-branch-and-bound")
@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10 ** 6), st.sampled_from([(1, 1, 6), (1, 2, 5), (2, 1, 6), (2, 2, 4)]))
def test_bounds_hold_on_random_instances(seed, size):
    n, w, D = size
    assert T.bounds_hold(samples=D, dimension=n, width=w, seed=seed).state is State.HOLDS


@pytest.mark.statement("exact_erm/ours-branch-and-bound")
def test_a_stopped_search_is_silent_and_its_bounds_are_apart():
    verdict = T.bounds_hold(node_limit=2)
    assert (verdict.state, verdict.given) == (State.SILENT, (True, False))
    assert verdict.measured > 1e-3


@pytest.mark.statement("exact_erm/ours-branch-and-bound")
def test_without_convexity_the_bound_can_be_wrong():
    rng = np.random.default_rng(2)
    problem = T.ERMProblem(rng.normal(size=(5, 1)), 3 * rng.normal(size=5), 1, CAPPED)
    assert not T.convex_and_positive(problem)
    result = branch_and_bound(problem)
    tried = min(problem.value(problem.net(6 * rng.normal(size=(1, 2)), [rng.choice([-1, 1])])) for _ in range(4000))
    assert tried < result.lower - 1e-3  # a net below the "lower bound"


@pytest.mark.statement("exact_erm/ours-branch-and-bound")
def test_a_search_with_a_bound_too_high_is_refuted(monkeypatch):
    from mathdl.exact_erm import _search

    right = _search.Search.lower.fget
    monkeypatch.setattr(_search.Search, "lower", property(lambda self: right(self) * 1.01 + 1e-6))
    assert T.bounds_hold().state is State.VIOLATED


@pytest.mark.statement("exact_erm/ours-chord-bound")
@given(st.integers(1, 6), st.integers(1, 4), st.integers(0, 10 ** 6))
@settings(max_examples=20)
def test_chords_bound_gates(rays, n, seed):
    assert T.chords_bound(rays=rays, dimension=n, seed=seed).state is State.HOLDS


@pytest.mark.statement("exact_erm/ours-chord-bound")
def test_one_ray_attains_its_chord_and_negative_coefficients_break_it():
    assert T.chords_bound(rays=1).measured == pytest.approx(0, abs=1e-15)
    verdict = T.chords_bound(smallest=-1.0)
    assert verdict.state is State.SILENT
    assert verdict.measured > 0.1


# The trace


def test_the_trace_is_the_search():
    problem = E.tent(10, 0.4)
    trace, result = search_trace(problem, 1000, gap=1e-9), branch_and_bound(problem)
    assert trace.finished
    assert trace.upper[-1] == pytest.approx(result.value, abs=1e-9)
    assert (np.diff(trace.lower) >= 0).all()
    assert (np.diff(trace.upper) <= 0).all()
    assert sorted(trace.split_at[trace.split_at >= 0]) == list(range(trace.n_splits))
    child = trace.parents >= 0
    assert (trace.bounds[child] >= trace.bounds[trace.parents[child]] - 1e-12).all()
    assert problem.value(problem.net(*trace.best)) == pytest.approx(trace.upper[-1], abs=1e-9)


def test_the_relaxed_net_fits_the_labelled_samples():
    trace = search_trace(E.tent(10, 0.4), 45, chords=False, descents=False)
    known, problem = trace.labels[0] >= 0, trace.problem
    assert 2 <= known.sum() < 10
    losses = problem.losses(problem.net(*trace.relaxed)(problem.x).ravel())
    assert losses[known].sum() == pytest.approx(trace.lower[-1], abs=1e-8)


def test_traces_need_a_loss_that_compiles():
    with pytest.raises(ValueError, match="huber"):
        search_trace(E.tent(5, 0.1, "huber"), 3)


# Pictures


def test_the_search_picture_shows_the_trace():
    state = E.SearchPicture()
    picture = E.draw_search(state)
    trace = search_trace(E.tent(state.samples, state.noise), state.splits, descents=False)
    bounds, tree, data = picture.axes
    upper, lower = (line.get_ydata() for line in bounds.lines[:2])
    assert upper == pytest.approx(trace.upper)
    assert lower == pytest.approx(trace.lower)
    assert sum(len(dots.get_offsets()) for dots in tree.collections[1:]) == len(trace.parents)
    assert len(tree.collections[0].get_segments()) == (trace.parents >= 0).sum()
    assert f"{(trace.labels[0] >= 0).sum()} of 10 samples counted" == data.get_title()
    assert f"after {trace.n_splits} splits" in picture.alt


@pytest.mark.parametrize("state", [
    E.SearchPicture(), E.SearchPicture(splits=0), E.SearchPicture(splits=120, samples=16, noise=1.0, chords=False),
    E.SearchPicture(splits=120, samples=4, noise=0.0, descents=True), E.SearchPicture(samples=16, loss="absolute")])
def test_no_text_is_cut(state):
    assert clipped_text(E.draw_search(state)) == []


def test_chords_and_descents_save_splits():
    plain = search_trace(E.tent(10, 0.4), 1000, chords=False, descents=False)
    chords = search_trace(E.tent(10, 0.4), 1000, descents=False)
    descents = search_trace(E.tent(10, 0.4), 1000)
    assert plain.n_splits > chords.n_splits
    assert descents.upper[0] < chords.upper[0]
    assert plain.upper[-1] == pytest.approx(chords.upper[-1], abs=1e-6 * plain.upper[0])


def test_layout_puts_parents_over_their_children():
    x, depth = figures.tree_layout(np.array([-1, -1, 0, 0, 3, 3]))
    assert depth.tolist() == [0, 0, 1, 1, 2, 2]
    assert x[3] == (x[4] + x[5]) / 2
    assert x[0] == (x[2] + x[3]) / 2
    assert sorted(x[[2, 4, 5, 1]].tolist()) == [0, 1, 2, 3]


@pytest.mark.parametrize(("low", "high", "title"), [
    (-1.0, 2.0, "Undecided is not unbounded"), (0.5, 2.0, "The label follows from the rays"),
    (-3.0, -3.0, "The label follows from the rays"), (3.0, -3.0, "Undecided is not unbounded")])
def test_the_chord_lies_above_the_gate(low, high, title):
    picture = E.draw_chord(E.Chord(low, high))
    chord, gate, line = (line.get_ydata() for line in picture.axes[0].lines)
    assert (chord >= gate - 1e-12).all()
    assert (gate >= line - 1e-12).all()
    assert (low * high >= 0) == np.allclose(chord, gate)
    assert picture.axes[0].get_title() == title
    assert clipped_text(picture) == []


def test_counts_are_those_of_the_search():
    picture = E.draw_counts()
    every, labelled, chords = (line.get_ydata() for line in picture.axes[0].lines)
    assert every[0] == 2080  # two gates on 32 cells
    assert (np.array(every) > labelled).all()
    assert (np.array(labelled) > chords).all()
    assert clipped_text(picture) == []


def test_explorers_move():
    explorer = E.explore_search()
    explorer.controls["splits"].value = 3
    assert explorer.state == replace(E.SearchPicture(), splits=3)
    assert "after 3 splits" in explorer.view.picture.alt
    chord = E.explore_chord()
    chord.controls["low"].value = 1.0
    assert "The label follows" in chord.view.picture.axes[0].get_title()


@pytest.mark.parametrize(("check", "right", "wrong"), [
    (check_children, [6, 6.0], [8, 4, "six"]),
    (check_hard_labels, [[1, -1, 1, -1, 1, -1], (3, -3, 3, -3, 3, -3)],
     [[0] * 6, [1, 2, 3, 4, 5, 6], [1, -1], "many"])])
def test_exercises(check, right, wrong):
    assert check(...).right is None
    for answer in right:
        assert check(answer).right
    for answer in wrong:
        assert check(answer).right is False
        assert check(answer).text.startswith(("Not yet", "That answer"))
