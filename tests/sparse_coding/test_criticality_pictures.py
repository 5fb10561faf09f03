"""Pictures, explorer and exercises on criticality: what is drawn is what the library computes."""

import math

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.sparse_coding.certificate import gradient_certificate
from mathdl.sparse_coding.criticality import Member, uniform_neighbourhood
from mathdl.sparse_coding.decay_curves import applies, family_curve
from mathdl.sparse_coding.dictionaries import coherence, devore, identity_hadamard
from mathdl.sparse_coding.exercises.criticality import check_common_product, check_crossing, crossing
from mathdl.sparse_coding.explorers.criticality import NAMES, Decay, draw_decay, explore_decay
from mathdl.sparse_coding.figures.criticality import PARTS, constants_figure
from mathdl.sparse_coding.model import SparseCodingModel

PRIME_FIELD, GAUSSIAN = list(NAMES)[1:]


def drawn(axes, label):
    return next(line for line in axes.lines if line.get_label().startswith(label))


@pytest.mark.parametrize("state", [Decay(), Decay(k=2, factor=1.0), Decay(k=3, family=PRIME_FIELD)])
def test_the_curves_are_the_certificates(state):
    picture = draw_decay(state)
    left, right = picture.axes[:2]
    h = drawn(right, "bound, ours").get_xdata()
    i = len(h) // 2
    C = (h[i] / 2) ** -0.5 if state.family != PRIME_FIELD else 2 / h[i] ** (1 / 3)
    near = uniform_neighbourhood(round(h[i]), state.k, C, state.factor * C)
    for kind, label in (("sharp", "bound, ours"), ("lemma", "bound, corrected")):
        certificate = gradient_certificate(near, kind=kind)
        assert drawn(right, label).get_ydata()[i] == pytest.approx(certificate.proxy / near.reference)
        assert drawn(left, label).get_ydata()[i] == pytest.approx(certificate.proxy)
    assert drawn(left, "max").get_ydata()[i] == pytest.approx(near.reference)
    assert clipped_text(picture) == []


def test_the_dots_are_exact_ratios_below_the_certificates():
    curve = family_curve("identity_hadamard", 1, 0.5)
    dots = drawn(draw_decay(Decay()).axes[1], "exact gradient").get_data()
    assert dots[0] == pytest.approx(curve.built[curve.surely])
    assert dots[1] == pytest.approx(curve.ratios[curve.surely])
    assert (curve.ratios <= curve.bounds["sharp"][:len(curve.built)]).all()
    n = 64
    A = identity_hadamard(n)
    member = Member(SparseCodingModel(A, 1, 0.9, 1.1), A.T, 0.5 * n ** -0.5)
    assert member.near.coherence == pytest.approx(n ** -0.5)
    assert applies(member.near) == curve.surely[2]


def test_the_grey_region_is_where_the_hypotheses_fail():
    assert family_curve("identity_hadamard", 1, 0.5).first_spoken == 128
    assert family_curve("identity_hadamard", 2, 0.5).first_spoken == 256
    assert math.isinf(family_curve("gaussian", 1, 0.5).first_spoken)
    grown = [family_curve("identity_hadamard", k, 0.5).first_spoken for k in range(1, 7)]
    assert grown == sorted(grown)
    assert "silent at every h" in draw_decay(Decay(family=GAUSSIAN)).alt
    assert "speaks from h = 256" in draw_decay(Decay(k=2)).alt


def test_the_slopes_start_at_the_last_exact_gradient():
    curve = family_curve("identity_hadamard", 1, 0.5)
    for label, rate in (("source's", curve.powers.rate), ("our", curve.powers.sharp_rate)):
        h, line = drawn(draw_decay(Decay()).axes[1], label).get_data()
        assert (h[0], line[0]) == pytest.approx((curve.built[-1], curve.ratios[-1]))
        assert math.log(line[1] / line[0]) / math.log(h[1] / h[0]) == pytest.approx(-rate)


def test_coherence_formulas_of_the_families():
    found = [coherence(A).C for A in (devore(5, 2), identity_hadamard(32))]
    assert found == pytest.approx([2 / 5, 32 ** -0.5])


@pytest.mark.parametrize("family", NAMES)
@pytest.mark.parametrize(("k", "factor"), [(1, 0.05), (6, 2.0)])
def test_every_corner_of_the_explorer_draws(family, k, factor):
    assert clipped_text(draw_decay(Decay(k, factor, family))) == []


def test_the_explorer_redraws():
    explorer = explore_decay()
    before = explorer.view.png
    explorer.controls["k"].value = 2
    assert explorer.view.png != before
    assert explorer.state == Decay(k=2)


def test_the_constants_add_up():
    picture = constants_figure(k=2, exponents=(8, 12, 16))
    for axes, kind in zip(picture.axes, ("lemma", "sharp"), strict=True):
        *parts, whole = (line.get_ydata() for line in axes.lines[:4])
        near = uniform_neighbourhood(2 ** 9, 2, 2.0 ** -4, 2.0 ** -5)
        assert whole[0] == pytest.approx(gradient_certificate(near, kind=kind).ratio)
        assert np.sum(parts, axis=0) == pytest.approx(whole)
        assert len(parts) == len(PARTS)
    assert "below 1 from h = 131,072" in picture.axes[0].get_title()
    assert clipped_text(picture) == []


def test_crossings():
    assert [crossing("lemma", k) for k in (1, 2, 4)] == [2 ** 12, 2 ** 16, 2 ** 20]
    assert crossing("sharp") == 2 ** 9


@pytest.mark.parametrize(("check", "right", "wrong"), [
    (check_crossing, [65536, 2.0 ** 16], [131072, 1024, "many", None]),
    (check_common_product, [[[1, 0.1], [0.1, 1]], [(0.99, -0.09), (-0.09, 0.99)]],
     [[[1, 0.1], [0, 1]], [[1, 0.2], [0.2, 1]], [[1, 0], [0, 1]], [1, 2], "rows"])])
def test_exercises(check, right, wrong):
    assert check(...).right is None
    for answer in right:
        assert check(answer).right, answer
    for answer in wrong:
        assert check(answer).right is False, answer
