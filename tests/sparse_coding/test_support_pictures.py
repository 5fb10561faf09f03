"""Pictures, explorer and exercises on support recovery: what is drawn is what the library computes."""

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.sparse_coding.code_laws import TwoValued
from mathdl.sparse_coding.dictionaries import devore, gaussian, identity_hadamard
from mathdl.sparse_coding.exercises.support import check_rescue, check_skewed_law
from mathdl.sparse_coding.explorers.support import (
    FAMILIES,
    PRIMES,
    RUNS,
    Recovery,
    dictionary_products,
    draw_recovery,
    entry_law,
    explore_recovery,
    recovery_promise_of,
)
from mathdl.sparse_coding.figures.support import bias_figure, dead_figure, tails_figure
from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.support_numbers import bias_ranges, dead_rows, tail_rows
from mathdl.sparse_coding.support_recovery import support_confusion, support_recovery_certificate
from mathdl.sparse_coding.worst_case import certify_support, input_range

STATES = [Recovery(), Recovery(sparsity=6), Recovery(sparsity=6, times=0.5, n=256), Recovery(family="DeVore", n=64),
          Recovery(family="random", n=64, sparsity=1, delta=0.4), Recovery(sparsity=2, low=1.0, spread=4.0, delta=0.0,
                                                                          rare=True, times=0.9)]


def weights_of(state):
    """The dictionary and the weights of the explorer, made anew."""
    rng = np.random.default_rng(state.seed)
    q = PRIMES[state.n]
    A = {FAMILIES[0]: lambda: identity_hadamard(state.n), FAMILIES[1]: lambda: devore(q, 2, 2 * q * q, rng=rng),
         FAMILIES[2]: lambda: gaussian(state.n, 2 * state.n, rng=rng)}[state.family]()
    D = rng.standard_normal(A.T.shape)
    return A, A.T + state.delta * D / np.linalg.norm(D, axis=1, keepdims=True)


@pytest.mark.parametrize("state", STATES)
def test_the_explorer_draws_the_library(state):
    picture = draw_recovery(state)
    A, W = weights_of(state)
    law = entry_law(state)
    model = SparseCodingModel(A, state.sparsity, law.low, law.high, law=law)
    bias = state.times * support_recovery_certificate(model, W).bias
    found = support_recovery_certificate(model, W, bias=bias)
    drawn = [line.get_xdata()[0] for line in picture.axes[0].lines]
    assert drawn == pytest.approx([found.bias, found.highest_silent, found.lowest_active])
    assert recovery_promise_of(state).failure == pytest.approx(found.failure, abs=1e-12)
    samples = model.sample(RUNS, rng=np.random.default_rng(state.seed))
    seen = support_confusion(W, bias, samples.codes, samples.signals)
    bars = [bar.get_width() for bar in picture.axes[1].patches]
    certain = certify_support(W, A, state.sparsity, law.low, law.high, bias).holds
    assert bars == pytest.approx([seen.exact, 1 - found.failure, float(certain)], abs=1e-9)
    assert bars[0] >= bars[2]
    assert clipped_text(picture) == []


def test_the_histograms_hold_every_input():
    picture = draw_recovery(Recovery())
    for patch in picture.axes[0].patches:
        heights, edges, _ = patch.get_data()
        assert (heights * np.diff(edges)).sum() == pytest.approx(1)
    assert dictionary_products(FAMILIES[0], 256, 0)[2] == pytest.approx(1 / 16)


def test_every_control_moves_the_picture():
    explorer = explore_recovery()
    before = explorer.view.png
    explorer.controls["sparsity"].value = 4
    assert explorer.state == Recovery(sparsity=4)
    assert explorer.view.png != before
    for name, value in {"delta": 0.1, "low": 0.5, "spread": 1.0, "times": 0.5, "family": "random", "n": 16,
                        "rare": True}.items():
        before = explorer.view.png
        explorer.controls[name].value = value
        assert explorer.view.png != before, name


@pytest.mark.parametrize("state", [Recovery(sparsity=12, delta=0.5, low=2.0, spread=5.0, times=1.5, family="random"),
                                   Recovery(sparsity=12, delta=0.0, low=0.1, spread=0.1, times=0.1, n=16),
                                   Recovery(sparsity=1, delta=0.5, family="DeVore", n=16, rare=True)])
def test_corners_of_the_ranges(state):
    assert clipped_text(draw_recovery(state)) == []


def test_bias_figure():
    A, ks = identity_hadamard(256), range(1, 11)
    rows = bias_ranges(A, ks, 0.9, 1.1)
    assert rows[0][2] == input_range(A.T, A, 3, 0.9, 1.1).bias_interval[0]
    assert rows[2] == pytest.approx([2 * k / 16 for k in ks])
    picture = bias_figure(ks, *rows, name="identity and Hadamard")
    assert picture.axes[0].get_title() == "The theorem's bias works up to k = 4, some bias up to k = 7"
    drawn = [line.get_ydata() for line in picture.axes[0].lines]
    assert drawn[0] == pytest.approx([0.9 - (k - 1) * 1.1 / 16 for k in ks])
    assert drawn[1] == pytest.approx([k * 1.1 / 16 for k in ks])
    assert clipped_text(picture) == []


def test_tail_rows():
    exact, bounds = tail_rows({"a": TwoValued(1.0, 3.0, 0.1)}, (1, 3))
    assert exact["a"] == pytest.approx([0.1, 0.001])
    assert bounds["a"] == pytest.approx([np.exp(-2 * k * 1.44 / 4) for k in (1, 3)])


def test_tails_and_dead_figures():
    picture = tails_figure((1, 2), {"a": np.array([0.1, 0.0])}, {"a": np.array([0.5, 0.2])})
    assert picture.axes[0].lines[0].get_ydata() == pytest.approx([0.5, 0.2])
    assert np.isnan(picture.axes[0].lines[1].get_ydata()[1])
    assert picture.axes[0].get_title() == "Exact over exponential: 0.2 at k = 1, 0 at k = 2"
    assert clipped_text(picture) == []
    picture = dead_figure(("k = 1", "k = 16"), np.array([15.6, 92.0]), np.array([10.0, 95.0]), name="source")
    assert picture.axes[0].get_title() == "All units dead in 1 of 2 cases: no code turns any on"
    assert clipped_text(picture) == []
    names, biases, inputs = dead_rows(gaussian(50, 256, rng=np.random.default_rng(0)), 1.0, 10.0)
    assert names[-1] == "p = 0.5, k = 16"
    assert (biases > inputs).all()
    assert clipped_text(dead_figure(names, biases, inputs, name="source")) == []


@pytest.mark.parametrize(("check", "right", "wrong"), [
    (check_rescue, [0.4825, 0.482], [0.875, 0.5, 0.48, "much", None]),
    (check_skewed_law, [(30, 0.1), (10, 0.2)], [(4, 0.25), (3, 0.1), (1.5, 0.5), (0.5, 0.5), (5, 2.0), (5,), "often"])])
def test_exercises(check, right, wrong):
    assert check(...).right is None
    for answer in right:
        assert check(answer).right, answer
    for answer in wrong:
        assert check(answer).right is False, answer
