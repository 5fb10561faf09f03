"""Pictures, explorer and exercises on the model: what is drawn is what the library computes."""

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.sparse_coding.dictionaries import coherence, devore_at_exponent, gaussian, row_maxima
from mathdl.sparse_coding.exercises.model import check_prime, check_seven_supports
from mathdl.sparse_coding.explorers.model import FAMILIES, Gram, dictionary_of, draw_gram, explore_gram
from mathdl.sparse_coding.figures.model import exponent_figure, pairs_figure
from mathdl.sparse_coding.supports import UniformSupports, line_supports, window_supports

FANO = [[0, 1, 2], [0, 3, 4], [0, 5, 6], [1, 3, 5], [1, 4, 6], [2, 3, 6], [2, 4, 5]]


@pytest.mark.parametrize("state", [Gram(), Gram(32, 16, FAMILIES[1]), Gram(60, 25, FAMILIES[2]),
                                   Gram(40, 16, FAMILIES[3])])
def test_the_gram_picture_draws_the_gram_matrix(state):
    picture, A = draw_gram(state), dictionary_of(state)
    shown = picture.axes[0].images[0].get_array()
    G = np.abs(A.T @ A)
    off = ~np.eye(state.h, dtype=bool)
    np.testing.assert_allclose(np.asarray(shown)[off], G[off], atol=1e-12)
    rows, C, mean, welch = (line.get_ydata() for line in picture.axes[1].lines)
    np.testing.assert_allclose(rows, np.sort(row_maxima(A)))
    found = coherence(A)
    assert (C[0], mean[0], welch[0]) == (found.C, found.mean_row_max, found.welch)
    assert f"{found.C:.3f}" in picture.alt
    assert clipped_text(picture) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_no_state_raises(family):
    for n, h in ((2, 2), (2, 120), (16, 2), (16, 32), (25, 50), (49, 120)):
        assert draw_gram(Gram(h, n, family)).alt


@pytest.mark.parametrize(("state", "told"), [
    (Gram(48, 15, FAMILIES[1]), "Hadamard"), (Gram(48, 16, FAMILIES[2]), "q a prime"),
    (Gram(120, 9, FAMILIES[2]), "h ≤ q³"), (Gram(10, 10, FAMILIES[3]), "orthonormal")])
def test_a_refusal_is_a_sentence(state, told):
    picture = draw_gram(state)
    assert told in picture.alt
    assert clipped_text(picture) == []


def test_the_explorer_moves():
    explorer = explore_gram()
    before = explorer.view.alt if hasattr(explorer.view, "alt") else draw_gram(explorer.state).alt
    explorer.controls["h"].value += 1
    assert explorer.state.h == 49
    assert draw_gram(explorer.state).alt != before


def test_the_exponents_drawn_are_the_exponents():
    rng = np.random.default_rng(0)
    fixed_n = [gaussian(20, h, rng=rng) for h in (64, 128)]
    fixed_exponent = [devore_at_exponent(q, 0.25, rng=rng) for q in (11, 13)]
    picture = exponent_figure(fixed_n, fixed_exponent, 0.25)
    for line, family in zip(picture.axes[1].lines, (fixed_n, fixed_exponent), strict=False):
        np.testing.assert_allclose(line.get_ydata(), [coherence(A).zeta for A in family])
        np.testing.assert_allclose(line.get_xdata(), [A.shape[1] for A in family])
    assert clipped_text(picture) == []


def test_the_pairs_drawn_are_the_probabilities():
    laws = {"all subsets": UniformSupports(25, 5), "lines": line_supports(5), "windows": window_supports(25, 5)}
    picture = pairs_figure(laws)
    for ax, law in zip(picture.axes, laws.values(), strict=True):
        np.testing.assert_allclose(np.asarray(ax.images[0].get_array()), law.pairs())
    assert "windows: 0 to 0.16" in picture.alt
    assert clipped_text(picture) == []


def test_exercises():
    assert check_seven_supports(...).right is None
    assert check_seven_supports(FANO).right
    assert check_seven_supports([[6 - a for a in t] for t in FANO]).right
    for wrong in ([[0, 1, 2]] * 7, FANO[:6], [*FANO[:6], [0, 1, 3]], "no", [*FANO[:6], [2, 4, 9]]):
        assert check_seven_supports(wrong).right is False
    assert check_prime(17).right
    assert [check_prime(q).right for q in (11, 13, 16, 19)] == [False] * 4
