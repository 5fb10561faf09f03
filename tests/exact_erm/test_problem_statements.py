"""Statements on the problem (2.3): they hold, are attained, fall silent, and fail without their hypotheses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.core.theorem import State
from mathdl.exact_erm import algorithm1, problem
from mathdl.exact_erm.losses import Loss
from mathdl.exact_erm.theorems import problem as T
from mathdl.exact_erm.theorems.algorithm import polynomial_search

seeds = st.integers(0, 10 ** 6)
few = settings(max_examples=6)
CONFLICTS = {"x": (0, 0, 1, 1), "y": (1, -1, 1, -1)}  # every point has both labels


@pytest.mark.statement("exact_erm/problem-2.3")
@few
@given(seeds, st.sampled_from(["squared", "absolute", "quantile 0.3"]))
def test_the_minimum_exists(seed, loss):
    assert T.minimum_exists(loss=loss, seed=seed, nets=20).state is State.HOLDS


@pytest.mark.statement("exact_erm/problem-2.3")
def test_two_gates_and_smooth_losses():
    assert T.minimum_exists(x=(0, 1, 2), y=(1, 3, 2), width=2).state is State.HOLDS
    assert T.minimum_exists(x=(0, 1, 2), y=(1, 3, 2), loss="huber", nets=10).state is State.HOLDS
    assert T.minimum_exists(x=(0, 1, 2), y=(1, -1, 1), loss="hinge").state is State.HOLDS


@pytest.mark.statement("exact_erm/problem-2.3")
def test_logistic_is_silent_and_may_have_no_minimum():
    verdict = T.minimum_exists(x=(0, 1, 2), y=(1, -1, 1), loss="logistic", nets=10)
    assert (verdict.state, verdict.satisfied, verdict.given) == (State.SILENT, False, (True, False))
    lucky = T.minimum_exists(x=(0, 1, 2), y=(1, -1, 1), weight=(1, 100, 1), loss="logistic", nets=10)
    assert (lucky.state, lucky.satisfied) == (State.SILENT, True)


@pytest.mark.statement("exact_erm/problem-2.3")
def test_a_loss_that_is_not_convex_does_not_get_in():
    with pytest.raises(ValueError, match="not convex"):
        T.minimum_exists(loss="zero-one")


@pytest.mark.statement("exact_erm/ours-attained")
@pytest.mark.parametrize(("x", "y"), [((0, 1, 2, 3), (1, 1, -1, 1)), ((0, 1, 1, 2), (1, 1, -1, -1)),
                                      (((0, 0), (1, 0), (0, 1), (1, 1)), (1, -1, -1, 1))])
def test_running_samples_cost_nothing_in_the_end(x, y):
    assert T.logistic_infimum(x=x, y=y).state is State.HOLDS


@pytest.mark.statement("exact_erm/ours-attained")
def test_two_gates_let_an_inner_point_run():
    x, y = (0, 0, 1, 2, 2), (1, -1, 1, 1, -1)  # both ends have both labels
    one, two = (T.logistic_infimum(x=x, y=y, width=w) for w in (1, 2))
    assert (one.state, two.state) == (State.SILENT, State.HOLDS)


@pytest.mark.statement("exact_erm/ours-attained")
def test_nobody_runs_where_every_point_has_both_labels():
    verdict = T.logistic_infimum(**CONFLICTS, width=2)
    assert (verdict.state, verdict.given) == (State.SILENT, (True, False))
    with pytest.raises(ValueError, match="labels -1"):
        T.logistic_infimum(y=(0, 1, 1))


@pytest.mark.statement("exact_erm/ours-attained")
def test_a_forgotten_sample_is_seen(monkeypatch):
    monkeypatch.setattr(T, "RUN", 1.0)  # not far enough
    assert T.logistic_infimum().state is State.VIOLATED


@pytest.mark.statement("exact_erm/equation-2.4")
@few
@given(seeds, st.integers(1, 4), st.integers(1, 5))
def test_unit_top_weights(seed, inputs, width):
    assert T.unit_top_weights(nets=20, inputs=inputs, width=width, seed=seed).state is State.HOLDS


@pytest.mark.statement("exact_erm/equation-2.4")
def test_only_homogeneity_matters():
    tanh, leaky = T.unit_top_weights(gate="tanh"), T.unit_top_weights(gate="leaky")
    assert (tanh.state, tanh.satisfied, leaky.state) == (State.SILENT, False, State.HOLDS)


@pytest.mark.statement("exact_erm/erratum-E2")
@pytest.mark.parametrize("q", [0.1, 0.3, 0.8])
def test_exchanged_arguments_flip_the_quantile(q):
    verdict = T.printed_arguments(q=q)
    assert verdict.state is State.VIOLATED
    x, y = T.COLUMNS
    flipped = algorithm1.erm_bruteforce(problem.ERMProblem(x, y, 1, f"quantile {1 - q}"))
    assert verdict.measured == pytest.approx(problem.ERMProblem(x, y, 1, f"quantile {q}").value(flipped.net), abs=1e-6)


@pytest.mark.statement("exact_erm/erratum-E2")
def test_symmetric_losses_do_not_care():
    assert T.printed_arguments(q=0.5).state is State.HOLDS


@pytest.mark.statement("exact_erm/erratum-E3")
def test_a_linear_last_map_is_less():
    verdict = T.printed_class()
    assert (verdict.state, verdict.bound) == (State.VIOLATED, pytest.approx(0, abs=1e-12))
    assert verdict.measured == pytest.approx(0.3)
    assert T.printed_class(width=2).state is State.HOLDS  # a second gate can be the constant here


@pytest.mark.statement("exact_erm/problem-2.3")
@pytest.mark.statement("exact_erm/theorem-2.4.1")
@pytest.mark.parametrize("check", [T.minimum_exists, polynomial_search])
def test_a_loss_that_is_not_convex_is_out_of_scope(check):
    capped = Loss("capped", lambda f, y: np.minimum((f - y) ** 2, 1), lambda f, y: 2 * (f - y) * (abs(f - y) < 1),
                  "smooth")
    assert check(loss=capped).state is State.SILENT
