"""Losses: values, subgradients, kinks, the midpoint test, names."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.exact_erm import losses
from mathdl.exact_erm.losses import HINGE, LOSSES, SQUARED, from_function, huber, midpoint_witness, quantile

ALL = [*LOSSES.values(), quantile(0.2), huber(0.3)]
numbers = st.floats(-50, 50, allow_subnormal=False)


def labels(loss):
    return np.array([-1.0, 1.0]) if loss.binary else np.array([-2.0, 0.0, 0.7])


@pytest.mark.parametrize("loss", ALL, ids=lambda l: l.name)
@given(f=numbers, g=numbers)
def test_the_slope_is_a_subgradient(loss, f, g):
    for y in labels(loss):
        at_f, at_g, slope = (float(v) for v in (loss.value(f, y), loss.value(g, y), loss.slope(f, y)))
        assert at_g >= at_f + slope * (g - f) - 1e-12 * (1 + abs(at_f) + abs(at_g))


@pytest.mark.parametrize("loss", ALL, ids=lambda l: l.name)
def test_no_loss_of_the_list_is_refused_by_the_midpoint_test(loss):
    assert midpoint_witness(loss.value, labels(loss)) is None


@pytest.mark.parametrize("loss", [l for l in ALL if l.is_polyhedral], ids=lambda l: l.name)
def test_a_polyhedral_loss_is_what_its_kink_says(loss):
    y, f = labels(loss), np.linspace(-3, 3, 25)[:, None]
    t, down, up = loss.kink(y)
    assert loss.value(f, y) == pytest.approx(down * np.maximum(t - f, 0) + up * np.maximum(f - t, 0))


def test_values_by_hand():
    f, y = np.array([0.5, -2.0, 3.0]), np.array([1.0, 1.0, -1.0])
    assert HINGE.value(f, y).tolist() == [0.5, 3, 4]
    assert SQUARED.value(f, y).tolist() == [0.25, 9, 16]
    assert quantile(0.75).value(f, y).tolist() == [0.375, 2.25, 1]
    assert huber(2).value(f, y).tolist() == [0.125, 4, 6]
    assert LOSSES["logistic"].value(f, y) == pytest.approx(np.log(1 + np.exp(-y * f)))


def test_logistic_does_not_overflow():
    loss = LOSSES["logistic"]
    assert loss.value(np.array([-1e4, 1e4]), np.ones(2)).tolist() == [1e4, 0]
    assert loss.slope(np.array([-1e4, 1e4]), np.ones(2)).tolist() == [-1, 0]


def test_the_best_constant_of_the_quantile_loss_is_the_quantile():
    y = np.arange(1.0, 101)
    values = [quantile(0.9).value(np.full(100, c), y).sum() for c in np.arange(0, 110, 0.5)]
    assert 90 <= np.arange(0, 110, 0.5)[int(np.argmin(values))] <= 91


def test_a_function_becomes_a_loss_with_a_numeric_slope():
    loss = from_function(lambda f, y: (f - y) ** 4, np.array([0.0, 1.0]))
    f = np.array([-1.0, 0.3, 5.0])
    assert loss.slope(f, np.zeros(3)) == pytest.approx(4 * f ** 3, rel=1e-8)
    assert loss.kind == "general"


@pytest.mark.parametrize(("function", "words"), [
    (lambda f, y: f * y <= 0, "not convex in the prediction: at label"),
    (lambda f, y: np.sqrt(abs(f - y)), "not convex"),
    (lambda f, y: np.minimum((f - y) ** 2, 1), "above the mean"),
    (lambda f, y: 1.0, r"one for each sample; got shape \(\)"),
    (lambda f, y: np.log(f - y), "values that are not finite")])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning", "ignore:divide by zero:RuntimeWarning")
def test_functions_that_are_no_convex_loss_are_refused(function, words):
    with pytest.raises(ValueError, match=words):
        from_function(function, np.array([-1.0, 1.0]))


def test_the_witness_is_one():
    a, b, y, middle, mean = midpoint_witness(lambda f, y: abs(abs(f - y) - 1), np.array([0.0]))
    assert middle == abs(abs((a + b) / 2 - y) - 1) > mean == (abs(abs(a - y) - 1) + abs(abs(b - y) - 1)) / 2


def test_rounding_is_no_witness():
    assert midpoint_witness(lambda f, y: 1e9 + 1e-9 * (f - y), np.array([0.0, 1e3])) is None


@pytest.mark.parametrize(("name", "words"), [("zero-one", "not convex"), ("0-1", "hinge loss, which lies above"),
                                             ("cross", "got 'cross'"), ("quantile 1", "strictly between 0 and 1"),
                                             ("huber x", "such as 'quantile 0.9'"), ("quantile", "got 'quantile'")])
def test_names_that_are_no_loss(name, words):
    with pytest.raises(ValueError, match=words):
        losses.named_loss(name)


@pytest.mark.parametrize("loss", ALL, ids=lambda l: l.name)
def test_a_loss_comes_back_from_its_name_and_from_a_pickle(loss):
    f, y = np.linspace(-3, 3, 7), np.resize(labels(loss), 7)
    for again in (losses.named_loss(loss.name), pickle.loads(pickle.dumps(loss))):
        assert again.name == loss.name
        assert (again.value(f, y) == loss.value(f, y)).all()


def test_as_loss():
    assert losses.as_loss(SQUARED, np.zeros(1)) is SQUARED
    with pytest.raises(ValueError, match="got 3"):
        losses.as_loss(3, np.zeros(1))
    with pytest.raises(ValueError, match=r"labels -1 and \+1, got 0.*2 \* y - 1"):
        losses.as_loss("hinge", np.array([0.0, 1.0]))
    with pytest.raises(ValueError, match="q: expected"):
        quantile(0)
    with pytest.raises(ValueError, match="delta: expected"):
        huber(-1)
