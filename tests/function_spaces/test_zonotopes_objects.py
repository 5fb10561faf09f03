"""Cones, zonotopes, generators and support nets against brute force, linear programs and convex hulls."""

from fractions import Fraction
from itertools import combinations, product
from math import comb, factorial, gcd

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import linprog

from mathdl.function_spaces.central_cones import central_cones, count_cones, integer_rows, max_cones
from mathdl.function_spaces.generators import (
    balancing_signs,
    canonicalize,
    distance_to_degeneracy,
    is_generic,
    random_generic,
)
from mathdl.function_spaces.support_net import support_net
from mathdl.function_spaces.zonotope import Zonotope

SHAPES = {(1, 3): 2, (2, 2): 4, (2, 5): 10, (3, 3): 8, (3, 5): 22, (3, 7): 44, (4, 6): 52}
small = st.integers(-3, 3)


def rows_of(n, m):
    return st.lists(st.tuples(*[small] * n), min_size=1, max_size=m)


rows = st.integers(1, 3).flatmap(lambda n: rows_of(n, 5))


def cones_by_linear_programs(B):
    """Sign vectors σ with some r such that σ_i <b_i, r> >= 1 wherever b_i is not 0 (and σ_i = 0 where it is)."""
    B = np.array(B)
    choices = [(1, -1) if any(b) else (0,) for b in B]
    live = np.array([any(b) for b in B])
    found = set()
    for signs in product(*choices):
        A = -np.array(signs)[live, None] * B[live]
        if not len(A) or linprog(np.zeros(B.shape[1]), A_ub=A, b_ub=-np.ones(len(A)), bounds=(None, None)).status == 0:
            found.add(signs)
    return found


def cones_by_ranks(B):
    """Whitney's formula: Σ over subsets S of the non-zero rows of (−1)^(|S| − rank S)."""
    B = [b for b in B if any(b)]
    ranks = {S: int(np.linalg.matrix_rank(np.array([B[i] for i in S]))) if S else 0
             for k in range(len(B) + 1) for S in combinations(range(len(B)), k)}
    return sum((-1) ** (len(S) - rank) for S, rank in ranks.items())


def hull(points):
    """The corners of the convex hull of integer points of the plane, by Andrew's monotone chain."""
    points, corners = sorted(set(points)), []
    for sweep in (points, points[::-1]):
        chain = []
        for p in sweep:
            while len(chain) > 1 and cross(chain[-2], chain[-1], p) <= 0:
                chain.pop()
            chain.append(p)
        corners += chain[:-1]
    return set(corners) or set(points)


def cross(o, p, q):
    return (p[0] - o[0]) * (q[1] - o[1]) - (p[1] - o[1]) * (q[0] - o[0])


@given(rows)
def test_cones_are_those_of_linear_programs_and_of_whitney(B):
    cones = central_cones(integer_rows(B))
    assert set(cones) == cones_by_linear_programs(B)
    assert len(cones) == count_cones(integer_rows(B)) == cones_by_ranks(B)


@given(rows)
def test_every_cone_comes_with_a_point_inside(B):
    for signs, point in central_cones(integer_rows(B)).items():
        assert tuple(np.sign(np.array(B) @ np.array(point))) == signs


@pytest.mark.parametrize(("n", "m"), SHAPES)
def test_generic_counts(n, m):
    B = random_generic(n, m, rng=np.random.default_rng(n * m))
    assert len(Zonotope(B).vertices()) == Zonotope(B).count_vertices() == max_cones(n, m) == SHAPES[n, m]
    floats = np.random.default_rng(m).standard_normal((m, n))
    assert len(Zonotope(floats).vertices()) == SHAPES[n, m]


@given(st.integers(1, 6), st.integers(1, 6))
def test_deletion_and_restriction_proves_the_count(n, m):
    assert max_cones(n, m) == (2 if m == 1 or n == 1 else max_cones(n, m - 1) + max_cones(n - 1, m - 1))


@given(rows_of(2, 5))
def test_the_corners_of_a_zonogon(B):
    vertices = Zonotope(B).vertices()
    sums = [tuple(np.array(s) @ np.array(B)) for s in product((1, -1), repeat=len(B))]
    assert {tuple(map(int, p)) for p in vertices.points} == hull(sums)
    p = vertices.points
    assume(len(p) > 2)
    turns = [cross(p[i - 2], p[i - 1], p[i]) for i in range(len(p))]
    assert min(turns) > 0  # counterclockwise


def test_corners_in_space_agree_with_qhull():
    from scipy.spatial import ConvexHull

    B = random_generic(3, 6, rng=np.random.default_rng(0))
    sums = np.array([np.array(s) @ B for s in product((1, -1), repeat=6)])
    expected = {tuple(sums[i]) for i in ConvexHull(sums).vertices}
    assert {tuple(map(int, p)) for p in Zonotope(B).vertices().points} == expected


@given(rows)
def test_a_vertex_is_the_farthest_point_exactly_in_its_cone(B):
    V = Zonotope(B).vertices()
    reach = V.directions @ V.points.T  # [j, i] = <direction j, vertex i>
    for j in range(len(V)):
        assert all(reach[j, i] < reach[j, j] for i in range(len(V)) if i != j)
        assert all(V.normal_cone(j) @ V.directions[j] >= 0)


def test_rays_bound_the_cones_in_order():
    V = Zonotope([(1, 0), (1, 1), (0, 1), (-1, 2)]).vertices()
    for j, d in enumerate(V.directions):
        one, two = V.rays[j], V.rays[(j + 1) % len(V)]
        assert cross((0, 0), one, d) > 0
        assert cross((0, 0), d, two) > 0
        assert min(V.normal_cone(j) @ one) == min(V.normal_cone(j) @ two) == 0
    with pytest.raises(ValueError, match="dimension 3 and 8 vertices"):
        _ = Zonotope(np.eye(3)).vertices().rays


@given(rows, st.integers(0, 10 ** 6))
def test_support_is_the_gauge_of_the_polar(B, seed):
    r = np.random.default_rng(seed).integers(-50, 51, (5, len(B[0])))
    Z = Zonotope(B)
    assert (Z.support(r) == Z.gauge_polar(r)).all()
    assert (Z.rounded().support(r) == Z.support(r).astype(float)).all()
    assert Zonotope(np.array(B, dtype=float)).exact().is_exact


@pytest.mark.parametrize(("bad", "words"), [
    ([], "got shape"), ([[]], "m, n >= 1"), ([1, 2], "one row each"), ([[1.0, float("nan")]], "finite"),
    ([[1], [1, 2]], "rows of equal length")])
def test_bad_generators_are_refused(bad, words):
    with pytest.raises(ValueError, match=words):
        Zonotope(bad)


def test_bad_directions_and_sizes_are_refused():
    with pytest.raises(ValueError, match=r"r\.reshape\(-1, 2\)"):
        Zonotope([[1, 2]]).support([1, 2])
    with pytest.raises(ValueError, match="978812"):
        Zonotope(np.ones((60, 5))).vertices()
    with pytest.raises(ValueError, match="978812"):
        Zonotope(np.ones((60, 5))).count_vertices()
    with pytest.raises(ValueError, match="n = 0"):
        max_cones(0, 3)


def test_gaussian_tuples_are_generic_and_small_integers_often_not():
    rng = np.random.default_rng(0)
    assert all(is_generic(rng.standard_normal((5, 2))) for _ in range(1000))
    draws = 2000
    degenerate = sum(not is_generic(np.column_stack([rng.integers(-9, 10, 5), rng.integers(1, 10, 5)]))
                     for _ in range(draws))
    # 5 standard deviations of a binomial: a false alarm in 1.7 million
    p = float(parallel_pair_probability())
    assert abs(degenerate / draws - p) < 5 * (p * (1 - p) / draws) ** 0.5


def parallel_pair_probability():
    """That two of five points, uniform on [-9, 9] x [1, 9], lie on one line through the origin."""
    sizes = {}
    for x, y in product(range(-9, 10), range(1, 10)):
        line = (x // gcd(x, y), y // gcd(x, y))
        sizes[line] = sizes.get(line, 0) + 1
    symmetric = [1] + [0] * 5
    for s in sizes.values():
        for j in range(5, 0, -1):
            symmetric[j] += s * symmetric[j - 1]
    return 1 - Fraction(factorial(5) * symmetric[5], 171 ** 5)


@given(rows)
def test_determinants_against_ranks_and_floats(B):
    m, n = len(B), len(B[0])
    k = min(m, n)
    volumes = [np.sqrt(max(0, np.linalg.det(np.array(S) @ np.array(S).T))) for S in combinations(B, k)]
    full = [int(np.linalg.matrix_rank(np.array(S))) == k for S in combinations(B, k)]
    assert is_generic(B) == all(full)
    # entries of the Gram matrix are below 30: its determinant errs by less than 1e-10, the root by less than 1e-5
    assert float(distance_to_degeneracy(B)) == pytest.approx(min(volumes), abs=1e-5)


def test_distance_keeps_the_type_and_refuses_large_sets():
    assert distance_to_degeneracy([[1, 2], [3, 4]]) == Fraction(2)
    assert isinstance(distance_to_degeneracy([[1.0, 2], [3, 4]]), float)
    with pytest.raises(ValueError, match=str(comb(60, 5))):
        is_generic(np.ones((60, 5)))


@given(rows, st.randoms(use_true_random=False))
def test_the_normal_form_forgets_signs_and_order(B, random):
    other = [[s * x for x in b] for b in B for s in [random.choice((1, -1))]]
    random.shuffle(other)
    assert np.array_equal(canonicalize(B), canonicalize(other))


@given(st.integers(1, 3).flatmap(lambda n: st.tuples(rows_of(n, 4), rows_of(n, 4))))
def test_the_normal_form_decides_equality_of_support_functions(pair):
    B, C = pair
    # γ is determined by its values on the cones of both: compare inside every cone of the union.
    probes = Zonotope([*B, *C]).vertices().directions
    corners = np.vstack([probes, np.random.default_rng(0).integers(-99, 100, (9, len(B[0])))])
    equal = (Zonotope(B).support(corners) == Zonotope(C).support(corners)).all()
    assert np.array_equal(canonicalize(B), canonicalize(C)) == equal


def test_the_normal_form_merges_parallel_generators():
    assert canonicalize([(1, 2), (-2, -4), (0, 0)]).tolist() == [[3, 6]]
    assert canonicalize([(0, 0)]).shape == (0, 2)
    assert canonicalize([(0.5, -1.0)]).dtype == float


@given(rows)
def test_balancing_signs(B):
    signs = balancing_signs(B)
    possible = any(not (np.array(s) @ np.array(B)).any() for s in product((1, -1), repeat=len(B)))
    assert (signs is not None) == possible
    if possible:
        assert not (signs @ np.array(B)).any()
        assert set(signs) <= {1, -1}


def test_balancing_signs_refuses_what_it_cannot_search():
    with pytest.raises(ValueError, match="at most 36 generators"):
        balancing_signs(np.ones((37, 1)))


@given(rows, st.integers(0, 10 ** 6))
def test_three_nets_of_one_support_function(B, seed):
    r = np.random.default_rng(seed).integers(-50, 51, (8, len(B[0])))
    for gates, size in {"2m": 2 * len(B), "m+2": len(B) + 2}.items():
        net = support_net(B, gates)
        assert (net.depth, net.size, net.is_exact) == (2, size, True)
        assert (net(r)[:, 0] == Zonotope(B).support(r)).all()
    balanced = [*B, -np.sum(B, axis=0)]
    assert support_net(balanced, "m").size == len(balanced)
    assert (support_net(balanced, "m")(r)[:, 0] == Zonotope(balanced).support(r)).all()


def test_support_net_refuses():
    with pytest.raises(ValueError, match='use gates="m\\+2"'):
        support_net([(1, 0), (0, 1)], "m")
    with pytest.raises(ValueError, match='"2m", "m\\+2" or "m"'):
        support_net([(1, 0)], "3m")
