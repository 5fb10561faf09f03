"""Algorithm 3: batched runs against one plain loop, its step without noise, its sub-gradient, its refusals."""

import numpy as np
import pytest
import torch

from mathdl.relu_gate.co_coercivity import monotonicity
from mathdl.relu_gate.gates import labels
from mathdl.relu_gate.noise import FiniteNoise, GaussianNoise, NoNoise, SphereNoise
from mathdl.relu_gate.noisy_gd import noisy_gd
from mathdl.relu_gate.steps import gate_gradient, noisy_gd_step

X = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0], [-0.6, 0.8], [-1.0, 0.0]])
W_STAR = np.array([1.0, -0.5])
Y = labels(X, W_STAR)


class Replayed(FiniteNoise):
    """A law that returns prepared draws, in order, and still knows that it is bounded."""

    def __init__(self, draws):
        super().__init__(draws.reshape(-1, draws.shape[-1]), np.full(draws[..., 0].size, 1 / draws[..., 0].size))
        object.__setattr__(self, "rows", iter(draws))

    def sample(self, shape, *, rng):
        return next(self.rows)


def run(**changes):
    options = {"x": X, "y": Y, "w0": [0.0, 1.0], "w_star": W_STAR, "step": 0.5, "noise1": NoNoise(2),
               "noise2": NoNoise(2), "updates": 5, "runs": 3, "rng": np.random.default_rng(0)} | changes
    return noisy_gd(options.pop("x"), options.pop("y"), options.pop("w0"), **options)


def test_runs_against_a_loop_written_out():
    """Algorithm 3 line by line, one run, one sample, one coordinate at a time, with a step length that changes."""
    rng = np.random.default_rng(1)
    xi1, xi2 = rng.uniform(-0.1, 0.1, (6, 3, 2)), rng.standard_normal((6, 3, 2))
    eta = np.array([0.9, 0.5, 0.3, 0.2, 0.1, 0.7])
    starts = rng.standard_normal((3, 2))
    runs = run(w0=starts, step=eta, noise1=Replayed(xi1), noise2=Replayed(xi2), updates=6, keep=True)
    for k in range(3):
        w = starts[k].copy()
        for t in range(6):
            g = np.zeros(2)
            for i in range(len(X)):
                active = float(w @ X[i] >= 0)
                g -= active * (Y[i] - max(0.0, w @ X[i])) * X[i] / len(X)
            w = w - eta[t] * (g + xi1[t, k]) + np.sqrt(eta[t]) * xi2[t, k]
            assert runs.path[t + 1, k] == pytest.approx(w, abs=1e-13)
            assert runs.at(t + 1)[k] == pytest.approx(((w - W_STAR) ** 2).sum(), abs=1e-12)
    assert runs.t0 == 0
    assert runs.w == pytest.approx(runs.path[-1])
    assert runs.at(0) == pytest.approx(((starts - W_STAR) ** 2).sum(axis=1))


def test_the_same_step_for_torch():
    w, xi1, xi2 = np.random.default_rng(2).standard_normal((3, 4, 2))
    ours = noisy_gd_step(w, X, Y, 0.3, xi1, xi2)
    theirs = noisy_gd_step(*map(torch.from_numpy, (w, X, Y)), 0.3, torch.from_numpy(xi1), torch.from_numpy(xi2))
    assert theirs.numpy() == pytest.approx(ours, abs=1e-14)


def test_the_sub_gradient_is_that_of_half_the_mean_squared_error():
    """Where no ⟨w, x_i⟩ is zero, autograd of (1/2S) Σ (f_w(x_i) − y_i)² gives g."""
    w = torch.tensor([0.7, 0.3], dtype=torch.float64, requires_grad=True)
    loss = ((torch.from_numpy(X) @ w).relu() - torch.from_numpy(Y)).square().mean() / 2
    loss.backward()
    assert gate_gradient(w.detach().numpy(), X, Y) == pytest.approx(w.grad.numpy(), abs=1e-15)


def test_a_gate_on_its_boundary_counts_as_active():
    assert gate_gradient(np.zeros(1), np.ones((1, 1)), np.ones(1)) == pytest.approx([-1.0])


def test_plain_descent_never_steps_away_for_two_thousand_updates():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((20, 2))
    x /= np.linalg.norm(x, axis=1).max()
    runs = run(x=x, y=labels(x, W_STAR), w0=np.add(W_STAR, [0.5, 0]), step=1.0, updates=2000, runs=1)
    growth = np.diff(runs.squared_distance[:, 0])
    assert growth.max() <= 1e-15  # a few roundings of numbers below 1
    assert runs.at(2000)[0] < 1e-9 < runs.at(0)[0]


def test_seeds_repeat_and_zero_updates_return_the_start():
    noise = {"noise1": SphereNoise(2, 0.1), "noise2": GaussianNoise((0.5, 0.5))}
    first, second = (run(**noise, rng=np.random.default_rng(7)) for _ in range(2))
    assert (first.squared_distance == second.squared_distance).all()
    assert run(updates=0).squared_distance.shape == (1, 3)
    assert run(updates=0).w == pytest.approx(np.tile([0.0, 1.0], (3, 1)))


@pytest.mark.parametrize(("changes", "match"), [
    ({"y": np.add(Y, [0, 0, 0.1, 0, 0])}, "sample 2 has the label 0.1, off by 0.1.*Algorithm 4"),
    ({"w_star": [1.0]}, "w_star: expected one weight an input"), ({"w0": [0.0, np.inf]}, "w0: expected a finite start"),
    ({"w0": np.zeros((2, 2))}, "w0: expected"), ({"step": 0.0}, "step: expected a length > 0"),
    ({"step": [0.1, 0.2]}, "step: expected"), ({"updates": -1}, "updates: expected"),
    ({"noise1": GaussianNoise((1, 1))}, "noise1: expected a bounded law"),
    ({"noise2": NoNoise(3)}, "laws in R\\^2; got dimensions 2 and 3"), ({"x": X[0]}, "x: expected samples in rows")])
def test_refusals(changes, match):
    with pytest.raises(ValueError, match=match):
        run(**changes)


@pytest.mark.statement("relu_gate/lemma-3.4.2")
@pytest.mark.statement("relu_gate/ours-co-coercive")
def test_both_sides_against_a_loop():
    rng = np.random.default_rng(3)
    x, w, w_star = rng.standard_normal((4, 6, 3)), rng.standard_normal((4, 3)), rng.standard_normal((4, 3))
    found = monotonicity(x, w, w_star)
    for k in range(4):
        y = labels(x[k], w_star[k])
        g = gate_gradient(w[k], x[k], y)
        on = x[k] @ w[k] >= 0
        assert found.inner[k] == pytest.approx((w[k] - w_star[k]) @ g, abs=1e-13)
        assert found.squares[k] == pytest.approx((on * (labels(x[k], w[k]) - y) ** 2).mean(), abs=1e-13)
        assert found.gradient[k] == pytest.approx(g @ g / (x[k] ** 2).sum(1).max(), abs=1e-13)
        assert found.inner[k] >= max(found.squares[k], found.gradient[k])


def test_data_that_are_all_zero_have_no_gradient():
    found = monotonicity(np.zeros((2, 3)), np.ones(3), np.zeros(3))
    assert found.inner == found.squares == found.gradient == 0
