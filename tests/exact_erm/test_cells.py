"""Cells: counts, agreement of four methods in every position, exact decisions, witnesses, the flip tree."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mathdl.exact_erm import hyperplanes as hyperplanes_module
from mathdl.exact_erm.affine_span import SpanningPoints, distinct_points, independent_columns, sample_matrix
from mathdl.exact_erm.arrangement import pack, unique_rows, unpack
from mathdl.exact_erm.cells import Cells, cells, cover_count
from mathdl.exact_erm.hyperplanes import cofactors, hyperplanes
from mathdl.exact_erm.reverse_search import iter_cells

LEDGER = {(3, 2): 8, (4, 2): 14, (5, 2): 22, (6, 2): 32, (7, 2): 44, (12, 2): 134, (20, 2): 382, (30, 2): 872,
          (5, 3): 30, (6, 3): 52, (4, 1): 8, (6, 1): 12}
few = settings(max_examples=15, deadline=None)
seeds = st.integers(0, 10 ** 6)


def lattices(n, most, largest):
    shapes = st.tuples(st.integers(1, most), st.just(n))
    return arrays(np.int64, shapes, elements=st.integers(0, largest))


def grid(*sides):
    return np.array(list(product(*map(range, sides))))


def same(one: Cells, other: Cells) -> bool:
    return np.array_equal(one.patterns, other.patterns)


@pytest.mark.parametrize(("D", "n"), LEDGER)
def test_counts_of_the_ledger(D, n):
    found = cells(np.random.default_rng(D * n).standard_normal((D, n)))
    assert found.n_cells == LEDGER[D, n] == cover_count(D, n)
    assert found.realised().all()


@pytest.mark.parametrize(("x", "count"), [
    ([[0, 0], [1, 1], [2, 2]], 6), ([[1, 2]], 2), ([[1, 1], [1, 1]], 2), ([3, 3, 3], 2), ([[], [], []], 2),
    ([[0, 0], [1, 0], [0, 1], [1, 1]], 14), (grid(3, 3), 58), ([[0, 0], [0, 0], [1, 0], [0, 1]], 8),
    ([[0.1, 0.2], [0.2, 0.4], [0.4, 0.8]], 6), ([[0.1, 0.3], [0.2, 0.6], [0.3, 0.9]], 8),
    ([[Fraction(1, 10), Fraction(3, 10)], [Fraction(2, 10), Fraction(6, 10)], [Fraction(3, 10), Fraction(9, 10)]], 6)])
def test_counts_in_bad_position(x, count):
    # Floats are taken at their value: 0.1, 0.2, 0.3 and their triples are not on one line, the Fractions are.
    assert cells(x).n_cells == cells(x, "rays").n_cells == count


@given(st.one_of(lattices(1, 6, 4), lattices(2, 7, 2), lattices(3, 6, 1)))
@few
def test_all_methods_agree_with_linear_programs_on_lattices(x):
    d = len(independent_columns(x))
    found, oracle = cells(x), cells(x, "lp")
    assert same(found, oracle)
    assert oracle.realised().all()
    others = ["rays"] + ["sort"] * (d == 1) + ["sweep"] * (d == 2)
    assert all(same(found, cells(x, method)) and cells(x, method).realised().all() for method in others)


@given(seeds, st.sampled_from([(6, 1), (7, 2), (6, 3), (6, 4), (4, 5)]))
@few
def test_rays_agree_with_linear_programs_on_gaussian_samples(seed, shape):
    x = np.random.default_rng(seed).standard_normal(shape)
    assert same(cells(x, "rays"), cells(x, "lp"))


@given(lattices(2, 14, 5))
@few
def test_the_rotating_line_agrees_with_the_rays(x):
    if len(independent_columns(x)) == 2:
        assert same(cells(x, "sweep"), cells(x, "rays"))


@given(lattices(2, 6, 2))
@settings(max_examples=5, deadline=None)
def test_reverse_search_meets_every_cell_once(x):
    patterns = [tuple(p) for p in iter_cells(x)]
    assert not any(patterns[0])
    assert len(set(patterns)) == len(patterns)
    assert sorted(patterns) == [tuple(p) for p in cells(x).patterns]


def test_reverse_search_can_be_left_at_once():
    assert not next(iter_cells(np.random.default_rng(0).standard_normal((300, 5)))).any()


def test_data_of_lower_dimension():
    rng = np.random.default_rng(1)
    flat = rng.integers(-9, 9, (8, 2)) @ [[1, 2, 0, -1], [0, 1, 0, 3]] + [1, 1, 5, 0]  # a plane in R^4
    assert independent_columns(flat).tolist() == [0, 1]
    found = cells(flat)
    assert found.n_cells == cells(flat[:, :2]).n_cells
    assert not found.witnesses[:, 2:4].any()
    assert found.realised().all()
    assert independent_columns([[7, 0, 0], [7, 1, 2], [7, 2, 4]]).tolist() == [1]
    assert independent_columns([[7.0, 1.0]]).tolist() == []


def test_independent_columns_are_decided_exactly():
    x = np.random.default_rng(2).standard_normal((9, 2))
    nearly = np.column_stack([x[:, 0], x[:, 0] * 3, x[:, 1]])
    exactly = np.column_stack([x[:, 0], x[:, 0] * 4 + 0, x[:, 1]])
    assert independent_columns(nearly).tolist() == [0, 1, 2]  # tripling rounds
    assert independent_columns(exactly).tolist() == [0, 2]


def test_repeated_samples_share_their_bits():
    x = np.array([[0, 0], [1, 0], [0, 0], [0, 1], [1, 0]])
    first, of_sample = distinct_points(x)
    assert (first.tolist(), of_sample.tolist()) == ([0, 1, 3], [0, 1, 0, 2, 1])
    p = cells(x).patterns
    assert p.shape == (8, 5)
    assert (p[:, 0] == p[:, 2]).all()
    assert (p[:, 1] == p[:, 4]).all()
    assert distinct_points([[0.0], [-0.0]])[0].tolist() == [0]


@given(seeds, st.integers(-300, 300), st.integers(-60, 60))
@few
def test_scale_and_place_do_not_matter(seed, power, shift):
    x = np.random.default_rng(seed).integers(0, 4, (7, 2))
    moved = x * [2.0 ** power, 1.0] + [0.0, 2.0 ** shift if abs(shift) < 40 else 0]  # exact in float64
    assert same(cells(x), cells(moved))


def test_signs_that_floats_get_wrong_are_decided_exactly():
    # Almost collinear: the third point is one unit in the last place above or below the line through the others.
    for y, inside in ((0.5, 6), (np.nextafter(0.5, 1), 8), (np.nextafter(0.5, 0), 8)):
        assert cells([[0.0, 0.0], [1e6, 1e6], [0.5, y]]).n_cells == inside
    # 30 points on a parabola of slope 10^-17 an edge: in general position, though float determinants vanish.
    t = np.arange(30)
    parabola = [[Fraction(int(i)), Fraction(int(i) ** 2, 10 ** 17)] for i in t]
    assert cells(parabola).n_cells == cover_count(30, 2)
    sheared = [[u, u + v] for u, v in parabola]
    assert cells(sheared).n_cells == cover_count(30, 2)
    assert cells(np.array(sheared, dtype=float)).n_cells < cover_count(30, 2)  # rounded first: points on the diagonal


@pytest.mark.parametrize("n", [2, 3])
def test_the_error_bound_is_needed_and_large_enough(n, monkeypatch):
    basis = np.array([[10 ** 15 + 37, 3, 5], [7, 10 ** 15 + 91, 1], [2, 9, 10 ** 15 + 3]], dtype=object)[:n, :n]
    z = grid(*[3] * n).astype(object) @ basis  # a lattice whose determinants do not fit a float
    z[-1, 0] += 1  # almost in line
    points = SpanningPoints.of(sample_matrix(z))
    filtered = hyperplanes(points).signs
    monkeypatch.setattr(hyperplanes_module, "UNIT", 1.0)  # every sign in doubt: all of them in integers
    assert np.array_equal(hyperplanes(points).signs, filtered)
    monkeypatch.setattr(hyperplanes_module, "UNIT", 0.0)  # no sign in doubt: floats alone
    assert (hyperplanes(points).signs == 0).sum() != (filtered == 0).sum()


@given(seeds, st.integers(1, 5))
@few
def test_cofactors_are_a_determinant(seed, d):
    rng = np.random.default_rng(seed)
    rows, v = rng.standard_normal((4, d - 1, d)), rng.standard_normal((4, d))
    dets = np.linalg.det(np.concatenate([v[:, None], rows], axis=1))
    np.testing.assert_allclose((cofactors(rows) * v).sum(axis=1), dets, atol=1e-12)  # 5! products of a few units
    assert (cofactors(abs(rows), signed=False) >= abs(cofactors(rows)) - 1e-12).all()


def test_witnesses_where_float64_cannot_tell_points_apart():
    x = np.array([[1.0], [np.nextafter(1.0, 2)], [2.0]])
    found = cells(x)
    assert found.n_cells == 6
    assert not found.realised().all()  # no float64 (a, b) separates neighbours beyond all rounding
    assert found.realised().sum() == 4


def test_packing_keeps_the_order():
    bits = np.random.default_rng(3).random((300, 131)) < 0.5
    bits[1] = bits[0]
    words, number = unique_rows(pack(bits))
    back = unpack(words, 131)
    assert sorted({tuple(b) for b in bits}) == [tuple(b) for b in back]
    assert np.array_equal(back[number], bits)
    assert np.array_equal(cells(bits[:5, :2]).packed, np.packbits(cells(bits[:5, :2]).patterns, axis=1))


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="at least one sample"):
        cells(np.zeros((0, 2)))
    with pytest.raises(ValueError, match="finite"):
        cells([[0.0, np.nan]])
    with pytest.raises(ValueError, match="at least one sample"):
        cells(np.zeros((2, 2, 2)))
    with pytest.raises(ValueError, match="span 2 dimensions"):
        cells([[0, 0], [1, 0], [0, 1]], "sort")
    with pytest.raises(ValueError, match="span 1 dimensions"):
        cells([1, 2], "sweep")
    with pytest.raises(ValueError, match="expected n_samples >= 1"):
        cover_count(0, 2)
    with pytest.raises(ValueError, match=r"2,627,200 cells of 200 samples"):
        cells(np.random.default_rng(0).standard_normal((200, 3)))
    with pytest.raises(ValueError, match="can have 8 cells"):
        cells([[0, 0], [1, 0], [0, 1]], limit=23)
    assert cells([[0, 0], [1, 0], [0, 1]], limit=24).n_cells == 8


def test_two_hundred_samples_in_the_plane():
    found = cells(np.random.default_rng(0).standard_normal((200, 2)))
    assert found.n_cells == 39802
    assert found.realised().all()
    assert repr(found) == "39,802 cells of 200 samples with 2 inputs"
