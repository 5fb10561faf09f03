"""Extreme rays: against brute force in exact arithmetic, their directions, the cells they span."""

from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import nnls

from mathdl.exact_erm.affine_span import independent_columns
from mathdl.exact_erm.cells import cells
from mathdl.exact_erm.rays import cell_rays, extreme_rays, pattern_rays

few = settings(max_examples=12, deadline=None)
seeds = st.integers(0, 10 ** 6)


def kernel(rows):
    """The vector that spans the kernel of exact rows, or None when it has another dimension than one."""
    rows, leads = [list(map(Fraction, row)) for row in rows], []
    width = len(rows[0])
    for c in range(width):
        pivot = next((r for r in range(len(leads), len(rows)) if rows[r][c]), None)
        if pivot is None:
            continue
        at = len(leads)
        rows[at], rows[pivot] = rows[pivot], rows[at]
        rows[at] = [v / rows[at][c] for v in rows[at]]
        for r in range(len(rows)):
            if r != at:
                rows[r] = [v - rows[r][c] * w for v, w in zip(rows[r], rows[at], strict=True)]
        leads.append(c)
    if len(leads) != width - 1:
        return None
    free = next(c for c in range(width) if c not in leads)
    return [-rows[leads.index(c)][free] if c in leads else Fraction(1) for c in range(width)]


def slow_rays(x, pattern):
    """The sign vectors of the extreme rays of the closed cell, by Gaussian elimination on all n-subsets."""
    lifted = [[*map(Fraction, p), Fraction(1)] for p in np.array(x)[:, independent_columns(x)].tolist()]
    found = set()
    for subset in combinations(lifted, len(lifted[0]) - 1):
        r = kernel(subset) if subset else [Fraction(1)]
        for s in (1, -1) if r is not None else ():
            signs = tuple(int(np.sign(s * sum(a * b for a, b in zip(r, p, strict=True)))) for p in lifted)
            if all((2 * on - 1) * v >= 0 for on, v in zip(pattern, signs, strict=True)):
                found.add(signs)
    return found


@pytest.mark.parametrize("x", [
    list(product(range(3), range(2))), [[0, 0], [1, 1], [2, 2], [0, 1]], [[1, 2]], [[3, 3], [3, 3]],
    [[0], [2], [1], [2]], list(product((0, 1), repeat=3)), [[0, 0, 0], [1, 1, 1], [2, 2, 2], [0, 0, 1]],
    np.random.default_rng(0).integers(0, 3, (6, 3)), np.random.default_rng(1).standard_normal((6, 2)),
    np.random.default_rng(2).standard_normal((5, 3))])
def test_rays_are_those_of_gaussian_elimination(x):
    found = extreme_rays(x)
    for i, pattern in enumerate(found.cells.patterns):
        rays = found.of_cell(i)
        assert {tuple(map(int, s)) for s in found.signs[rays]} == slow_rays(x, pattern)
        assert len({tuple(s) for s in found.signs[rays]}) == len(rays)  # no ray twice


@given(arrays(np.int64, st.tuples(st.integers(1, 9), st.integers(1, 3)), elements=st.integers(-3, 3)))
@few
def test_directions_have_their_signs_and_their_scale(x):
    found = extreme_rays(x)
    values = found.directions[:, :-1] @ x.T + found.directions[:, -1:]
    # directions are rounded to a few units; entries up to 3 times coefficients that hardly exceed 10 here
    rounding = 1e-13 * max(1, abs(found.directions).max())
    assert abs(values[found.signs == 0]).max(initial=0) <= rounding
    assert (np.sign(values)[found.signs != 0] == found.signs[found.signs != 0]).all()
    np.testing.assert_allclose(abs(values).max(axis=1), 1, atol=rounding)
    half = found.n_rays // 2
    assert np.array_equal(found.directions[half:], -found.directions[:half])
    assert np.array_equal(found.signs[half:], -found.signs[:half])
    assert np.array_equal(np.sign(found.values()), found.signs)
    assert np.array_equal(found.features() > 0, found.patterns)


def test_a_normal_that_floats_give_badly_is_made_exactly():
    v = np.array([1 / 3, 1 / 7, 1 / 11])
    steps = np.array([0 * v, v, 2 * v + [0, 1e-13, 0], [1, -1, 0.5], [0, 2, 7]])  # three almost in line
    x = steps + np.array([0.1, 0.2, 0.3])
    found = extreme_rays(x)
    exact = [[Fraction(v) for v in row] for row in x.tolist()]
    for theta, signs in zip(found.directions, found.signs, strict=True):
        on = np.flatnonzero(signs == 0)[:3]
        r = np.array(kernel([[*exact[j], Fraction(1)] for j in on]), dtype=object)
        scale = max(abs(r @ [*p, Fraction(1)]) for p in exact)
        r = (r / scale).astype(float)
        assert abs(theta - np.sign(r @ theta) * r).max() <= 1e-12 * abs(r).max()


@given(seeds, st.sampled_from([(9, 1), (10, 2), (8, 3), (6, 4)]))
@few
def test_every_functional_is_a_combination_of_the_rays_of_its_cell(seed, shape):
    rng = np.random.default_rng(seed)
    x, theta = rng.standard_normal(shape), rng.standard_normal(shape[1] + 1)
    found, values = extreme_rays(x), x @ theta[:-1] + theta[-1]
    i = np.flatnonzero((found.cells.patterns == (values > 0)).all(axis=1))
    assert len(i) == 1
    rays = found.of_cell(i[0])
    c, distance = nnls(found.directions[rays].T, theta)
    assert distance <= 1e-9 * np.linalg.norm(theta)
    np.testing.assert_allclose(c @ found.features()[rays], np.maximum(values, 0), atol=1e-9)
    left = nnls(found.directions[found.of_cell((i[0] + 1) % found.cells.n_cells)].T, theta)[1]
    assert left > 0  # another cell does not hold it


@pytest.mark.parametrize(("D", "n"), [(5, 1), (9, 2), (7, 3), (7, 4)])
def test_pointed_cones_have_at_least_n_plus_one_rays(D, n):
    found = extreme_rays(np.random.default_rng(D).standard_normal((D, n)))
    counts = np.diff(found.indptr)
    assert counts.min() >= n + 1
    assert counts.sum() == found.n_incidences
    assert np.array_equal(np.sort(np.bincount(found.indices)), np.full(found.n_rays, 2 ** n))


def test_rays_of_chosen_patterns():
    x = np.random.default_rng(3).standard_normal((8, 2))
    found = extreme_rays(x)
    chosen = [11, 3, 3, 40]
    directions, of_pattern = pattern_rays(x, found.cells.patterns[chosen])
    assert np.array_equal(directions, found.directions)
    assert all(np.array_equal(rays, found.of_cell(i)) for rays, i in zip(of_pattern, chosen, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(cell_rays(cells(x)), found.cell_rays, strict=True))
    with pytest.raises(ValueError, match="row 1 is none"):
        pattern_rays([[0.0], [1.0], [2.0]], np.array([[0, 0, 1], [0, 1, 0]], dtype=bool))


def test_dependent_coordinates_get_no_weight():
    x = np.array([[0, 7, 0], [1, 7, 2], [3, 7, 6], [3, 7, 6]])
    found = extreme_rays(x)
    assert (found.cells.n_cells, found.n_rays, found.n_incidences) == (6, 6, 12)
    assert not found.directions[:, 1:3].any()
    assert np.array_equal(found.signs[:, 2], found.signs[:, 3])


def test_one_point_has_two_rays():
    found = extreme_rays([[4.0, 5.0]])
    assert found.directions.tolist() == [[0, 0, 1], [0, 0, -1]]
    assert found.cells.patterns.tolist() == [[False], [True]]
    assert repr(found) == "2 rays of 2 cells of 1 samples with 2 inputs, 2 incidences"


def test_too_many_cells_are_refused():
    with pytest.raises(ValueError, match="raise `limit`"):
        extreme_rays(np.random.default_rng(0).standard_normal((20, 2)), limit=100)
