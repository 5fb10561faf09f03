"""GLM-Tron against closed forms and a slow loop; batches, indices, the best iterate, refusals."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.relu_gate.activations import decreasing, leaky, relu, slope, tanh
from mathdl.relu_gate.glm_tron import gate_descent, glm_tron

X = np.random.default_rng(1).uniform(-0.5, 0.5, (4, 3))


def slow(x, y, sigma, updates):
    """Algorithm 4 as printed, in loops."""
    w = [np.zeros(x.shape[1])]
    for _ in range(updates):
        step = sum((y[i] - sigma(float(w[-1] @ x[i]))) * x[i] for i in range(len(x))) / len(x)
        w.append(w[-1] + step)
    return np.array(w)


@pytest.mark.statement("relu_gate/algorithm-4")
@given(st.floats(0.05, 2.5), st.floats(-5, 5).filter(lambda w: abs(w) > 0.01))
def test_on_one_sample_the_error_is_multiplied_by_one_minus_L(L, w_star):
    run = glm_tron([[1.0]], [L * w_star], slope(L), 12, w_star=[w_star])
    error = w_star * (1 - L) ** np.arange(13.0)
    # an update rounds by at most 4 eps (2 + L) (|w_t| + |w_*|), which the following multiply by |1 - L| at most 1.5
    rounding = 1e-14 * abs(w_star) * 1.5 ** 12
    assert np.abs(w_star - run.w[:, 0] - error).max() < rounding
    assert np.abs(run.effective_risk - (L * error) ** 2).max() < 100 * rounding * abs(w_star) * 1.5 ** 12


@pytest.mark.statement("relu_gate/algorithm-4")
def test_slopes_at_two_and_beyond():
    swing = glm_tron([[1.0]], [6.0], slope(2), 50).w[:, 0]
    assert swing.tolist() == [0, 6] * 25 + [0]
    assert glm_tron([[1.0]], [2.5], slope(2.5), 60).at(61)[0] == pytest.approx(1 - 1.5 ** 60)  # -3.7e10
    assert glm_tron([[1.0]], [1.0], slope(1), 1).at(2) == 1  # exact in one step
    assert glm_tron([[1.0]], [-1.0], decreasing(), 30, w_star=[1.0]).effective_risk[-1] == pytest.approx(4.0 ** 30)


@pytest.mark.statement("relu_gate/algorithm-4")
def test_a_run_that_overflows_says_so_and_keeps_its_best():
    run = glm_tron([[1.0]], [2.5], slope(2.5), 4000)
    assert not np.isfinite(run.w[-1]).any()
    assert run.best == 0
    assert run.best_w == 0


@pytest.mark.parametrize("sigma", [relu, leaky(1.5, 0.3), tanh(1.2)])
def test_the_run_is_the_slow_loop(sigma):
    y = np.array([0.5, -1.0, 2.0, 0.1])
    run = glm_tron(X, y, sigma, 30, w_star=[1, 2, 3])
    w = slow(X, y, sigma, 30)
    assert np.abs(run.w - w).max() < 1e-13
    assert run.risk[7] == pytest.approx(np.mean((sigma(w[7] @ X.T) - y) ** 2))
    assert run.effective_risk[7] == pytest.approx(np.mean((sigma(w[7] @ X.T) - sigma(X @ [1, 2, 3])) ** 2))


def test_batches_of_labels_are_runs_side_by_side(monkeypatch):
    from mathdl.relu_gate import glm_tron as module

    signs = np.array(list(product((-0.5, 0.5), repeat=4))).reshape(2, 8, 4)
    y = relu(X @ [1, -2, 0.5]) + signs
    monkeypatch.setattr(module, "BLOCK", 100)  # several blocks of times
    run = glm_tron(X, y, relu, 25, w_star=[1, -2, 0.5])
    assert run.w.shape == (26, 2, 8, 3)
    assert run.risk.shape == run.effective_risk.shape == (26, 2, 8)
    alone = glm_tron(X, y[1, 3], relu, 25, w_star=[1, -2, 0.5])
    for a, b in ((run.w[:, 1, 3], alone.w), (run.risk[:, 1, 3], alone.risk),
                 (run.effective_risk[:, 1, 3], alone.effective_risk)):
        assert np.abs(a - b).max() < 1e-14
    assert run.best.shape == (2, 8)
    assert run.best[1, 3] == alone.best == np.argmin(alone.risk)
    assert np.array_equal(run.best_w[1, 3], run.w[run.best[1, 3], 1, 3])


def test_a_target_and_a_start_for_each_run():
    targets = np.array([[1.0, 0, 0], [0, 2.0, 0]])
    run = glm_tron(X, relu(targets @ X.T), relu, 5, w_star=targets, w1=targets)
    assert np.abs(run.effective_risk).max() < 1e-30
    assert np.abs(run.w - targets).max() < 1e-15


def test_times_start_at_one():
    run = glm_tron(X, [0, 0, 0, 0], relu, 3)
    assert run.times.tolist() == [1, 2, 3, 4]
    assert np.array_equal(run.at(1), np.zeros(3))
    assert run.row(4) == 3
    assert run.effective_risk is None
    with pytest.raises(ValueError, match="from 1 to 4; got 5"):
        run.at(5)
    with pytest.raises(ValueError, match="from 1 to 4; got 0"):
        run.at(0)


def test_the_best_iterate_is_found_without_the_target():
    y = relu(0.1 * np.array([1, -0.05])) + np.array([0.5, -0.5])
    run = glm_tron([[1.0], [-0.05]], y, relu, 999)
    assert run.risk[run.best] == run.risk.min() < run.risk[-1]


def test_a_dead_start_stops_gradient_descent_and_not_glm_tron():
    x = np.array([[1, 0], [0.6, 0.8], [0.8, 0.6]])
    w_star, w1 = np.array([2, 0.5]), np.array([-2, -0.5])
    y = relu(x @ w_star)
    stuck = gate_descent(x, y, 400, w1=w1, w_star=w_star)
    free = glm_tron(x, y, relu, 400, w1=w1, w_star=w_star)
    assert (x @ w1 < 0).all()
    assert np.array_equal(stuck.w[-1], w1)
    assert free.effective_risk[-1] < 1e-20
    distance = np.linalg.norm(free.w - w_star, axis=1)
    assert (np.diff(distance) <= 1e-14).all()  # ours-sharper-step with η = 0
    everywhere = gate_descent(x, y, 50, w1=[1, 1])  # while all samples are active the two are one method
    assert np.abs(everywhere.w - glm_tron(x, y, relu, 50, w1=[1, 1]).w).max() < 1e-14


@pytest.mark.parametrize(("change", "words"), [
    ({"x": X[0]}, "samples in rows"), ({"x": X[:0]}, "samples in rows"), ({"y": np.zeros(3)}, r"shape \(..., 4\)"),
    ({"y": np.zeros((0, 4))}, "one label a sample"), ({"y": 1.0}, "one label a sample"),
    ({"x": X * np.nan}, "NaN"), ({"y": [0, 0, np.inf, 0]}, "NaN or infinity"),
    ({"updates": -1}, "whole number >= 0"), ({"updates": 2.0}, "whole number"), ({"updates": True}, "whole number"),
    ({"w_star": [1, 2]}, r"w_star: expected shape \(3,\)"), ({"w1": [1, 2, np.nan]}, "w1: expected finite"),
    ({"y": np.zeros((5, 4)), "w1": np.zeros((4, 3))}, r"or \(5, 3\)")])
def test_refusals_name_what_is_wrong(change, words):
    arguments = {"x": X, "y": np.zeros(4), "updates": 3, "w_star": None, "w1": None} | change
    x, y, updates = (arguments.pop(k) for k in ("x", "y", "updates"))
    for train in (lambda: glm_tron(x, y, relu, updates, **arguments), lambda: gate_descent(x, y, updates, **arguments)):
        with pytest.raises(ValueError, match=words):
            train()
