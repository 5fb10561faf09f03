"""The problem object: what it accepts, what it refuses and how, distinct and collapsed samples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.exact_erm.problem import ERMProblem

small = st.integers(-2, 2)


@pytest.mark.parametrize(("arguments", "words"), [
    (([], [], 1), r"at least one of each; got \(0, 1\)"),
    ((np.zeros((3, 0)), [1, 2, 3], 1), r"got \(3, 0\)"),
    ((np.zeros((1, 2, 3)), [1], 1), r"expected shape \(n_samples, n_inputs\)"),
    (([1, np.nan], [1, 2], 1), "x: expected finite numbers; got nan at index 1"),
    (([[1, 2], [3, np.inf]], [1, 2], 1), "got inf at index 1, 1"),
    (([1, 2], [1, -np.inf], 1), "y: expected finite"),
    (([1, 2], [1], 1), r"y: expected shape \(2,\)"),
    (([1, 2], [[1], [2]], 1), r"Use y.ravel\(\)"),
    ((["a", "b"], [1, 2], 1), "real numbers"),
    (([1j, 2], [1, 2], 1), "complex"),
    (([[1, 2], [3]], [1, 2], 1), "all rows of one length"),
    (([1e200, 2], [1, 2], 1), "Rescale"),
    (([1, 2], [1, 2], 0), "positive integer, the number of gates; got 0"),
    (([1, 2], [1, 2], 1.0), "got 1.0"),
    (([1, 2], [1, 2], True), "got True"),
    (([1, 2], [1, 2], 1, "hinge"), "labels -1 and"),
    (([1, 2], [1, 2], 1, "zero-one"), "not convex"),
    (([1, 2], [1, 2], 1, "squared", False, [1, -1]), "got -1 at index 1"),
    (([1, 2], [1, 2], 1, "squared", False, [0, 0]), "only zeros"),
    (([1, 2], [1, 2], 1, "squared", False, [1]), r"sample_weight: expected shape \(2,\)"),
    (([1, 2], [1, 2], 1, "squared", False, [1, np.nan]), "sample_weight: expected finite"),
    ((1e12 + np.arange(3), [1, 2, 3], 1), "Subtract the median, 1000000000001, from it")])
def test_bad_problems_say_what_to_do(arguments, words):
    with pytest.raises(ValueError, match=words):
        ERMProblem(*arguments)


@pytest.mark.parametrize("x", [[7e12], [-1e12, 0, 1e12], [1e12, 1e12, 1e12], [[1, 1e12], [2, 1e12]], [1, 1, 2, 2]])
def test_far_huge_and_repeated_points_that_are_accepted(x):
    problem = ERMProblem(x, np.ones(len(x)), 5)
    assert problem.lifted[:, -1].tolist() == [1] * len(x)
    assert problem.zero_value == len(x)


def test_arrays_are_copied_and_cannot_be_written():
    x, y = np.array([[1.0], [2.0]]), np.array([1.0, 2.0])
    problem = ERMProblem(x, y, np.int64(2))
    x[0], y[0] = 9, 9
    assert problem.x.tolist() == [[1], [2]]
    assert problem.y.tolist() == [1, 2]
    assert type(problem.width) is int
    for array in (problem.x, problem.y, problem.sample_weight, problem.lifted):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_value_is_the_weighted_sum():
    problem = ERMProblem([0, 1, 2], [1, 1, 1], 2, "absolute", sample_weight=[1, 2, 0])
    net = problem.net([[1, 0], [1, -1]], [1, -2], 0.5)  # 0.5, 1.5, 0.5
    assert net(problem.x).ravel().tolist() == [0.5, 1.5, 0.5]
    assert problem.value(net) == 0.5 + 2 * 0.5
    assert problem.zero_value == 3
    with pytest.raises(ValueError, match=r"predictions: expected shape \(3,\)"):
        problem.losses([1.0])


@given(st.lists(st.tuples(small, small, small, st.integers(0, 3)), min_size=1, max_size=9), st.integers(0, 10 ** 6))
def test_collapsing_changes_values_by_a_constant(samples, seed):
    *x, y, v = (np.array(c, dtype=float) for c in zip(*samples, strict=True))
    v[0] = max(v[0], 1)
    problem, rng = ERMProblem(np.column_stack(x), y, 2, sample_weight=v), np.random.default_rng(seed)
    collapsed, inverse, constant = problem.collapsed()
    net = problem.net(rng.standard_normal((2, 3)), [1, -1], rng.standard_normal())
    assert collapsed.value(net) + constant == pytest.approx(problem.value(net), rel=1e-12, abs=1e-12)
    assert collapsed.n_samples == len(set(map(tuple, problem.x.tolist())))
    assert (collapsed.x[inverse] == problem.x).all()
    assert collapsed.sample_weight.sum() == v.sum()


def test_minus_zero_is_zero():
    points, inverse = ERMProblem([0.0, -0.0, 1.0], [1, 2, 3], 1).distinct()
    assert points.tolist() == [[0], [1]]
    assert inverse.tolist() == [0, 0, 1]
    assert not np.signbit(ERMProblem([0.0, -0.0, 1.0], [-0.0, 2, 3], 1).x).any()


def test_single_samples_keep_their_label_to_the_last_bit():
    y = np.array([0.1, 0.3, 0.7])
    assert (ERMProblem([1, 2, 3], y, 1, sample_weight=[0.1, 0.3, 0.7]).collapsed().problem.y == y).all()


def test_only_the_squared_loss_collapses():
    with pytest.raises(ValueError, match="Use distinct"):
        ERMProblem([1, 2], [1, 2], 1, "absolute").collapsed()
