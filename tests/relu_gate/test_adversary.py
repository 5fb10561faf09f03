"""The search for counterexamples: instances agree with the theorems' own evaluators, certificates with enumeration."""

import math
from dataclasses import replace
from fractions import Fraction as F
from itertools import pairwise, product

import numpy as np
import pytest

from mathdl.relu_gate.activations import relu
from mathdl.relu_gate.adversary import (
    PATIENCE,
    TARGETS,
    TRON_START,
    WALK_START,
    allowed,
    attack,
    certified,
    search,
    tron_case,
    walk_case,
)
from mathdl.relu_gate.confinement import r_star
from mathdl.relu_gate.exit_probability import exit_probability
from mathdl.relu_gate.glm_tron import glm_tron
from mathdl.relu_gate.tron_bounds import tron_threshold
from mathdl.relu_gate.tron_case import TronCase
from mathdl.relu_gate.walk_case import WalkCase, heavy_start, rounded

DRIFT = WalkCase(100, 20, F(1), F(100_000), F(72_000) * 5, F(1, 10), F(1, 10_000), F(1, 10))
SMALL = TronCase((F(1), F(-1, 20)), F(1, 10), F(1, 2), F(1, 100))


@pytest.mark.parametrize("case", [heavy_start(10), heavy_start(), DRIFT, walk_case(WALK_START, symmetric=False)])
@pytest.mark.parametrize("kind", ["printed", "corrected", "improved"])
def test_exact_exit_against_the_dynamic_program_in_n_dimensions(case, kind):
    radius = r_star(case.setting(), kind)
    assert float(case.square_radius(kind)) == pytest.approx(radius ** 2, rel=1e-12)
    slow = exit_probability(case.as_descent(), radius)
    assert slow.nearest > 1e-12
    assert float(case.exact_exit(kind)) == pytest.approx(slow.value, abs=1e-12)
    own, theirs = case.setting(), case.as_descent().setting()
    for name in ("n", "step", "updates", "margin", "start", "data_norm", "cutoff", "tail", "second_moment"):
        assert getattr(own, name) == pytest.approx(getattr(theirs, name), rel=1e-9), name


def test_exact_exit_against_all_paths():
    case = replace(heavy_start(10), updates=8)
    limit, count = case.square_radius("printed"), 0
    for signs in product((0, 1), repeat=8):
        place, gone = case.start, False
        for s in signs:
            place += case.values[s] * case.root_step
            gone = gone or place ** 2 > limit
        count += gone
    assert case.exact_exit("printed") == F(count, 2 ** 8)


def test_the_instance_found_by_hand():
    case = heavy_start()
    assert float(case.exact_exit("printed")) == pytest.approx(0.5488, abs=1e-4)
    assert case.bound("printed").value == pytest.approx(2.4e-27, rel=0.03)
    assert case.bound("corrected").value > float(case.exact_exit("corrected"))


@pytest.mark.parametrize("case", [SMALL, TronCase((F(-1), F(1, 10)), F(2, 5), F(1, 5), F(1, 50)),
                                  TronCase((F(1, 3), F(1), F(-2, 7)), F(1), F(1, 2), F(1, 9))])
def test_exact_risk_against_the_algorithm(case):
    labels = np.array(case.patterns(), dtype=float)
    run = glm_tron(np.array(case.x, dtype=float)[:, None], labels, relu, case.printed_T - 1)
    assert float(case.exact_risk()) == pytest.approx(run.risk[-1].mean(), rel=1e-11)
    ratio = case.exact_risk() / (case.theta ** 2 + case.threshold)
    assert case.log_ratio("printed") == pytest.approx(math.log10(ratio))
    best = glm_tron(np.array(case.x, dtype=float)[:, None], labels, relu, case.corrected_T - 1).risk.min(0).mean()
    assert case.log_ratio("replacement") == pytest.approx(math.log10(best / case.bound("replacement")))
    assert float(case.threshold) == pytest.approx(tron_threshold(1, case.epsilon, case.theta, case.w_star))


def test_the_known_counterexample_as_a_fraction():
    case = replace(SMALL, epsilon=F(1, 100_000))
    assert case.printed_T == 10_000
    assert float(case.exact_risk()) == pytest.approx(16.10, abs=0.005)
    assert case.bound("printed") == pytest.approx(0.70001)


@pytest.mark.parametrize(("target", "seed"), [("printed 3.4.1", 0), ("printed 3.4.1", 1), ("k² without symmetry", 0),
                                              ("k² without symmetry", 1), ("printed 3.5.3", 1)])
def test_finds_what_is_false_from_a_neutral_start(target, seed):
    found = attack(target, evaluations=300, rng=np.random.default_rng(seed))
    assert found.refutes
    assert found.start < 0
    assert certified(found, target)
    assert allowed(found, target)
    assert len(found.best) == 300
    assert all(a <= b for a, b in pairwise(found.best))


@pytest.mark.parametrize("target", ["corrected 3.4.1", "improved 3.4.1", "variance 3.4.1", "replacement 3.5.3"])
def test_finds_nothing_against_what_is_proved(target):
    found = attack(target, evaluations=120, rng=np.random.default_rng(3))
    assert found.start < found.log_ratio < 0
    assert not found.refutes
    assert not certified(found, target)
    assert allowed(found, target)


def test_the_finds_have_the_shape_of_the_known_ones():
    rare = attack("k² without symmetry", evaluations=400, rng=np.random.default_rng(0)).case
    assert rare.back < F(1, 20)
    assert rare.values[0] <= rare.cutoff < -rare.values[1]  # what is cut off is what made the mean zero
    assert "Eξ₂' = 0" in rare.as_descent().noise2.breaks(float(rare.cutoff))
    far = attack("printed 3.4.1", evaluations=400, rng=np.random.default_rng(0)).case
    assert far.back == F(1, 2)
    assert far.start > 50
    x = attack("printed 3.5.3", evaluations=150, rng=np.random.default_rng(1)).case.x
    assert x[0] * x[1] < 0
    assert min(map(abs, x)) < F(1, 4)


def test_a_search_without_a_hill_stays_and_starts_again():
    calls = []

    def flat(u):
        calls.append(u)
        return SMALL

    found = search(flat, TRON_START, "printed", evaluations=2 * PATIENCE + 3, rng=np.random.default_rng(0))
    assert found.log_ratio == found.start
    assert len(calls) == 2 * PATIENCE + 3


def test_cube_corners_are_instances():
    for u in product((0.0, 1.0), repeat=7):
        case = walk_case(np.array(u), symmetric=False)
        assert all(case.as_descent().hypotheses("printed").values())
        assert case.values[0] * (1 - case.back) + case.values[1] * case.back == 0
    for u in product((0.0, 1.0), repeat=5):
        case = tron_case(np.array(u))
        assert max(map(abs, case.x)) <= 1
        assert 1 <= case.printed_T <= 1001
    assert walk_case(WALK_START[:6], symmetric=True).back == F(1, 2)


def test_a_certificate_is_not_given_for_less(monkeypatch):
    found = attack("printed 3.4.1", evaluations=200, rng=np.random.default_rng(5))
    monkeypatch.setattr(WalkCase, "exact_exit", lambda self, kind: F(1, 10 ** 9) ** 1000)
    assert not certified(found, "printed 3.4.1")


def test_names_and_rounding():
    with pytest.raises(ValueError, match="printed 3.4.1"):
        attack("3.4.1", rng=np.random.default_rng(0))
    assert len(TARGETS) == 7
    assert rounded(0.0123456) == F(123, 10_000)
    assert rounded(98765.4) == 98800
