"""Many trainings at once: the compiled loop against slow loops, the starts, the values reported."""

import numpy as np
import pytest

from mathdl.exact_erm.atlas import landscape_atlas
from mathdl.exact_erm.descent import restarts
from mathdl.exact_erm.planted import planted
from mathdl.exact_erm.problem import ERMProblem

LEDGER = 0.0551083038  # the certified optimum of the instance that the ledger trains 60 nets on


def ledger_problem():
    return planted(8, 2, 2, rng=np.random.default_rng(3))


def start_of(problem, runs, seed):
    rng = np.random.default_rng(seed)
    return (rng.standard_normal((runs, problem.width, problem.n_inputs + 1)),
            rng.standard_normal((runs, problem.width)))


def slow_run(problem, gates, top, steps, step, method, decay):
    """One run by a plain loop with a gradient by central differences of the mean loss."""
    p = np.concatenate([gates.ravel(), top, [0.0]])
    w, n1 = gates.shape

    def mean_loss(p):
        hidden = np.maximum(problem.lifted @ p[:w * n1].reshape(w, n1).T, 0)
        f = hidden @ p[w * n1:-1] + p[-1] * problem.output_bias
        return problem.losses(f).mean()

    m = v = np.zeros(len(p))
    for t in range(steps):
        g = np.array([(mean_loss(p + e) - mean_loss(p - e)) / 2e-6 for e in np.eye(len(p)) * 1e-6])
        rate = step * (1 - t / steps) if decay else step
        if method == "adam":
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            g = (m / (1 - 0.9 ** (t + 1))) / (np.sqrt(v / (1 - 0.999 ** (t + 1))) + 1e-12)
        p = p - rate * g
    return problem.losses(np.maximum(problem.lifted @ p[:w * n1].reshape(w, n1).T, 0) @ p[w * n1:-1]
                          + p[-1] * problem.output_bias).sum()


@pytest.mark.parametrize("method", ["gd", "adam"])
@pytest.mark.parametrize(("loss", "bias"), [("squared", False), ("squared", True), ("absolute", False)])
def test_runs_follow_a_plain_loop(method, loss, bias):
    rng = np.random.default_rng(5)
    base = planted(6, 2, 2, rng=rng)
    problem = ERMProblem(base.x, base.y, 2, loss, output_bias=bias, sample_weight=rng.uniform(0.5, 2, 6))
    start = start_of(problem, 3, 1)
    runs = restarts(problem, 3, steps=12, step=0.03, method=method, start=start, decay=True, rng=rng)
    slow = [slow_run(problem, g, t, 12, 0.03, method, True) for g, t in zip(*start, strict=True)]
    # central differences are off by about 1e-9 a step; the sign of a tiny gradient makes Adam lose more
    assert runs.values == pytest.approx(slow, rel=1e-4 if method == "adam" else 1e-7)


def test_sgd_draws_all_samples_alike_and_with_one_sample_is_gd():
    problem = ERMProblem([[0.5]], [1.0], 1)
    start = start_of(problem, 20, 2)
    rng = np.random.default_rng(0)
    by_sgd = restarts(problem, 20, steps=50, method="sgd", start=start, rng=rng)
    by_gd = restarts(problem, 20, steps=50, method="gd", start=start, rng=rng)
    assert by_sgd.values == pytest.approx(by_gd.values, abs=1e-14)
    # labels 0 and 1 at one point, seen equally often: the mean prediction ends near 1/2, near neither label
    both = ERMProblem([[1.0], [1.0]], [0.0, 1.0], 1)
    ended = restarts(both, 400, steps=4000, step=0.05, method="sgd",
                     start=(np.ones((400, 1, 2)) / 2, np.ones((400, 1))), rng=rng)
    predictions = ended.signs * np.maximum(ended.theta.sum(axis=2), 0)
    assert predictions.mean() == pytest.approx(0.5, abs=0.02)


def test_batches_average_their_samples():
    problem = planted(5, 1, 1, rng=np.random.default_rng(1))
    start = start_of(problem, 30, 3)
    large = restarts(problem, 30, steps=20, method="sgd", batch=20_000, start=start, rng=np.random.default_rng(1))
    full = restarts(problem, 30, steps=20, method="gd", start=start, rng=np.random.default_rng(1))
    assert large.theta == pytest.approx(full.theta, abs=0.05)


def test_values_are_those_of_the_nets_returned():
    for problem in (ledger_problem(), planted(6, 1, 3, output_bias=True, rng=np.random.default_rng(0))):
        runs = restarts(problem, 8, steps=200, rng=np.random.default_rng(4))
        assert runs.values == pytest.approx([problem.value(runs.net(i)) for i in range(len(runs))], rel=1e-12)
        assert (abs(runs.signs) == 1).all()
        assert runs.values[runs.best] == runs.values.min()
        assert (runs.bias != 0).any() == problem.output_bias


def test_a_run_does_not_depend_on_its_neighbours_and_the_seed_decides():
    problem, start = ledger_problem(), start_of(ledger_problem(), 6, 0)
    def train(rows, seed):
        return restarts(problem, len(rows), steps=300, method="gd", start=(start[0][rows], start[1][rows]),
                        rng=np.random.default_rng(seed)).values
    assert (train([0, 1, 2, 3, 4, 5], 0)[[4, 2]] == train([4, 2], 1)).all()
    values = [restarts(problem, 9, steps=300, method="sgd", rng=np.random.default_rng(s)).values for s in (7, 7, 8)]
    assert (values[0] == values[1]).all()
    assert (values[0] != values[2]).any()


def test_the_path_starts_at_the_start_and_ends_at_the_end():
    problem = planted(5, 1, 2, rng=np.random.default_rng(0))
    gates, top = start = start_of(problem, 4, 0)
    runs = restarts(problem, 4, steps=100, frames=11, start=start, rng=np.random.default_rng(0))
    assert runs.path.shape == (4, 11, 2, 2)
    assert runs.path[:, 0] == pytest.approx(gates * abs(top)[..., None])
    assert (runs.path_signs[:, 0] == np.sign(top)).all()
    assert (runs.path[:, -1] == runs.theta).all()
    halfway = restarts(problem, 4, steps=50, decay=False, start=start, rng=np.random.default_rng(0))
    constant = restarts(problem, 4, steps=100, frames=3, decay=False, start=start, rng=np.random.default_rng(0))
    assert constant.path[:, 1] == pytest.approx(halfway.theta)


def test_the_ledgers_instance_the_best_of_sixty_finds_the_optimum_and_none_goes_below():
    problem = ledger_problem()
    runs = restarts(problem, 60, steps=3000, rng=np.random.default_rng(0))
    assert runs.values.min() == pytest.approx(LEDGER, abs=1e-10)
    assert 1 <= runs.reached(LEDGER, within=1e-6) <= 5
    assert np.median(runs.values) == pytest.approx(2.747341, abs=1e-4)
    missed = restarts(problem, 60, steps=3000, rng=np.random.default_rng(1))
    assert missed.reached(LEDGER, within=1e-6) == 0
    assert missed.values.min() > LEDGER


def test_runs_that_explode_report_an_infinite_value():
    x, y = [-1.0, 1.0], [1.0, 2.0]
    wild = {"steps": 500, "step": 10.0, "method": "gd", "decay": False}
    # the output bias moves by -2 step (c - mean y) + ...: a factor -19 a step once all gates are dead
    runs = restarts(ERMProblem(x, y, 1, output_bias=True), 5, rng=np.random.default_rng(0), **wild)
    assert np.isinf(runs.values).all()
    # without a bias the first leap kills the gate, and the run stays at the zero net
    assert restarts(ERMProblem(x, y, 1), 5, rng=np.random.default_rng(0), **wild).values == pytest.approx(5.0)


def test_training_never_beats_the_atlas():
    problem = planted(6, 1, 1, rng=np.random.default_rng(2))
    runs = restarts(problem, 100, steps=2000, rng=np.random.default_rng(2))
    assert runs.values.min() >= landscape_atlas(problem).value - 1e-12


@pytest.mark.parametrize(("options", "message"), [
    ({"method": "newton"}, "method: expected one of gd, sgd, adam"), ({"steps": 0}, "steps: expected a whole number"),
    ({"batch": 0}, "batch"), ({"frames": 0}, "frames"), ({"step": -1.0}, "step: expected a positive"),
    ({"step": float("nan")}, "step"), ({"start": (np.ones((2, 1, 2)), np.ones((2, 1)))}, "start: expected arrays")])
def test_bad_options_are_refused(options, message):
    problem = planted(4, 1, 1, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=message):
        restarts(problem, 3, rng=np.random.default_rng(0), **options)
    with pytest.raises(ValueError, match="n_restarts"):
        restarts(problem, 0, rng=np.random.default_rng(0))


def test_a_loss_without_known_slope_is_refused():
    problem = ERMProblem([0.0, 1.0], [0.0, 1.0], 1, "huber")
    with pytest.raises(ValueError, match="squared or a polyhedral loss; got 'huber'"):
        restarts(problem, 2, rng=np.random.default_rng(0))
