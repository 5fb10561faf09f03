"""Weight cones and the weight restriction: Definitions 11 and 12, and the part of E18 on disjointness."""

from fractions import Fraction
from itertools import permutations, product
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.core.theorem import State
from mathdl.function_spaces.cones import (
    cone_conflict,
    cone_id,
    cone_representatives,
    cones_containing,
    integer_vectors_in_cone,
    number_of_cones,
    same_cone,
    same_cone_lp,
    vertices,
)
from mathdl.function_spaces.theorems.cones import disjoint_cones, weight_cones, weight_restriction
from mathdl.function_spaces.weight_restriction import RestrictedCircuit, check_def12, random_restricted_net
from mathdl.nets.relu_net import ReLUNet

SQUARE = [np.array(p) for p in permutations(range(4))]  # all 24 orders of the vertices for m = 2


def families(m, w=3, largest=3):
    entry = st.integers(-largest, largest)
    return st.lists(st.lists(entry, min_size=m, max_size=m), min_size=1, max_size=w)


@pytest.mark.statement("function_spaces/definition-11")
@pytest.mark.parametrize(("m", "cones"), [(1, 2), (2, 8), (3, 96), (4, 5376)])
def test_the_exact_number_of_cones_is_reached_by_enumerating_integer_vectors(m, cones):
    assert number_of_cones(m) == cones
    assert len(cone_representatives(m, 10)) * 2**m * factorial(m) == cones  # a second route: symmetry and search


@pytest.mark.statement("function_spaces/definition-11")
@pytest.mark.parametrize("m", [1, 2, 3])
def test_random_weights_meet_every_cone_and_nothing_else(m):
    assert weight_cones(m=m).state is State.HOLDS
    few = weight_cones(m=3, samples=50)  # too few samples cannot meet 96 cones: the check can fail
    assert few.state is State.VIOLATED


@pytest.mark.statement("function_spaces/definition-11")
@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.floats(-1, 1), min_size=2, max_size=5))
def test_the_order_is_exact_for_floats(a):
    order = cone_id(np.array(a))
    exact = [sum(Fraction(v) * int(x) for v, x in zip(a, row, strict=True)) for row in vertices(len(a))]
    assert [exact[i] for i in order] == sorted(exact)
    assert order.tolist() == sorted(range(len(exact)), key=lambda i: (exact[i], i))


def test_orders_that_rounding_would_get_wrong():
    a = np.array([0.0, 0.1, 0.7, 0.6])
    exact = [sum(Fraction(v) * int(x) for v, x in zip(a, row, strict=True)) for row in vertices(4)]
    naive = np.argsort(vertices(4) @ a, kind="stable").tolist()
    assert naive != sorted(range(16), key=lambda i: (exact[i], i)) == cone_id(a).tolist()


def test_many_orders_at_once_agree_with_one_at_a_time():
    a = np.random.default_rng(0).integers(-4, 5, (200, 3))
    assert (cone_id(a) == np.array([cone_id(row) for row in a])).all()
    assert (cone_id(a) == cone_id(a.astype(float))).all()


@settings(max_examples=150, deadline=None, derandomize=True)
@given(families(2))
def test_one_cone_by_the_sum_agrees_with_all_orders_of_the_square(vectors):
    brute = any((np.diff(vertices(2)[p] @ np.array(vectors).T, axis=0) >= 0).all() for p in SQUARE)
    assert same_cone(vectors) == brute


@settings(max_examples=40, deadline=None, derandomize=True)
@given(families(3) | families(4))
def test_one_cone_by_the_sum_agrees_with_a_linear_program(vectors):
    assert same_cone(vectors) == same_cone_lp(vectors)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(families(4))
def test_a_conflict_names_two_vectors_and_two_vertices_in_opposite_order(vectors):
    clash = cone_conflict(vectors)
    if clash:
        first, second = (np.array(vectors[i]) for i in (clash.first, clash.second))
        assert first @ clash.x < first @ clash.x_prime
        assert second @ clash.x > second @ clash.x_prime


@pytest.mark.parametrize("seed", range(25))
def test_integer_vectors_of_a_cone_are_all_of_them(seed):
    rng = np.random.default_rng(seed)
    m, bound = int(rng.integers(2, 5)), 2
    order = rng.permutation(2**m) if m == 2 or seed % 5 == 0 else cone_id(rng.integers(-3, 4, m))
    box = np.array(list(product(range(-bound, bound + 1), repeat=m)))
    brute = box[(np.diff(box @ vertices(m)[order].T, axis=1) >= 0).all(axis=1)]
    assert sorted(map(tuple, brute)) == sorted(map(tuple, integer_vectors_in_cone(order, bound)))


def test_the_24_cones_of_the_square_are_8_of_each_dimension():
    dimensions = [np.linalg.matrix_rank(integer_vectors_in_cone(p, 2)) for p in SQUARE]
    assert [dimensions.count(d) for d in range(3)] == [8, 8, 8]


@pytest.mark.statement("function_spaces/erratum-E18c")
def test_cones_are_not_disjoint_but_vectors_without_ties_lie_in_one():
    assert disjoint_cones().state is State.VIOLATED
    assert disjoint_cones().measured == 24
    assert disjoint_cones(a=(1, 1)).measured == 2
    assert disjoint_cones(a=(1, 2)).state is State.HOLDS  # the corrected form: no ties, one cone


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.lists(st.integers(-3, 3), min_size=2, max_size=2))
def test_the_number_of_cones_around_a_vector_is_counted_over_all_orders(a):
    assert cones_containing(a) == sum((np.diff(vertices(2)[p] @ np.array(a)) >= 0).all() for p in SQUARE)


@pytest.mark.statement("function_spaces/definition-12")
@pytest.mark.parametrize("seed", range(3))
def test_the_exact_test_agrees_with_linear_programs(seed):
    assert weight_restriction(layers=10, seed=seed).state is State.HOLDS


@pytest.mark.statement("function_spaces/definition-12")
@pytest.mark.parametrize("seed", range(20))
def test_generated_circuits_are_accepted_and_two_random_gates_refused(seed):
    rng = np.random.default_rng(seed)
    net = random_restricted_net(5, 3, (3, 2), rng=rng)
    assert check_def12(net, 3) is None
    assert RestrictedCircuit(net, 3).depth == 3
    assert RestrictedCircuit(net, 3).size == 6
    wild = ReLUNet([rng.integers(-3, 4, (2, 10)), [[1, 1]]], [[0, 0], [0]])
    violation = check_def12(wild, 3)
    a = wild.weights[0][:, :5] if violation.half == "x" else wild.weights[0][:, 5:]
    p, q = violation.gates
    assert a[p] @ violation.conflict.x < a[p] @ violation.conflict.x_prime
    assert a[q] @ violation.conflict.x > a[q] @ violation.conflict.x_prime
    with pytest.raises(ValueError, match="strictly before"):
        RestrictedCircuit(wild, 3)


@pytest.mark.parametrize(("weights", "reason"), [([[1, 0.5, 0, 0]], "no integer"), ([[1, 0, 4, 0]], "at most 3")])
def test_a_weight_that_is_no_integer_or_too_large_is_named(weights, reason):
    violation = check_def12(ReLUNet([weights, [[1]]], [[0], [0]]), 3)
    assert violation.gates == (0,)
    assert reason in str(violation)


@pytest.mark.parametrize(("call", "words"), [
    (lambda: vertices(0), "m = 0"), (lambda: vertices(11), "m = 11"), (lambda: number_of_cones(6), "got 6"),
    (lambda: cone_id(np.array([1.0, np.nan])), "NaN"), (lambda: same_cone([]), "shape"),
    (lambda: integer_vectors_in_cone([0, 1, 1, 2], 1), "permutation"),
    (lambda: integer_vectors_in_cone([1, 0], -1), "-1"),
    (lambda: integer_vectors_in_cone(range(1024), 30), "Lower the bound"),
    (lambda: check_def12(ReLUNet.affine([[1, 1]], [0]), 1), "hidden layer"),
    (lambda: random_restricted_net(3, 1, (), rng=np.random.default_rng(0)), "hidden layer"),
])
def test_bad_input_is_refused_with_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()
