"""Bounds in integers, certificates that verify themselves, tables of the gap."""

import json
import math
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.function_spaces import gap
from mathdl.function_spaces.gap import (
    GapCertificate,
    ceil_root,
    gap_certificate,
    gap_row,
    gap_table,
    min_size_lower_bound,
    natural_power,
    size_bound,
)
from mathdl.function_spaces.hard import hard_function, hinge_net, random_hard_function
from mathdl.nets.pieces1d import count_pieces_1d
from mathdl.nets.pwl1d import PWL1D
from mathdl.nets.relu_net import ReLUNet

NINE = random_hard_function((3, 3, 3), rng=np.random.default_rng(0))


@given(st.integers(0, 10**40), st.integers(1, 9))
def test_ceil_root_is_the_least(n, degree):
    m = ceil_root(n, degree)
    assert m**degree >= n
    assert m == 0 or (m - 1) ** degree < n


@given(st.integers(1, 5000), st.integers(1, 6))
def test_least_sizes_against_trial_in_fractions(pieces, shallow):
    sharp = next(s for s in range(pieces + 1) if (Fraction(s, shallow) + 1) ** shallow >= pieces)
    printed = next(s for s in range(pieces + 1) if Fraction(2 * (s + 1), shallow) ** shallow >= pieces)
    assert min_size_lower_bound(pieces, shallow, "sharp") == sharp
    assert min_size_lower_bound(pieces, shallow, "printed") == printed
    # the real bound lies within one gate below; the float errs by a few ulps of k' p^(1/k')
    slack = 1e-12 * (pieces + shallow)
    for kind, least in (("sharp", sharp), ("printed", max(printed, 0))):
        real = float(size_bound(pieces, shallow, kind))
        assert real - slack <= least
        assert least == 0 or real + slack > least - 1


def test_numbers_of_the_three_layer_example():
    assert min_size_lower_bound(28, 1) == 27
    assert min_size_lower_bound(28, 2) == 9
    assert size_bound(28, 2, "sharp") == pytest.approx(8.5830, abs=1e-4)
    assert size_bound(27, 2, "printed") == pytest.approx(4.1962, abs=1e-4)
    assert size_bound(27, 1, "printed") == Fraction(25, 2)


def test_huge_piece_counts_stay_exact():
    assert min_size_lower_bound(2**216 + 1, 6, "sharp") == ceil_root((2**216 + 1) * 6**6, 6) - 6
    assert size_bound(10**400, 1, "sharp") == 10**400 - 1


@pytest.mark.parametrize("widths", [(1,), (3,), (2, 2), (3, 1), (2, 3, 1), (2, 2, 2)])
def test_no_random_net_is_smaller_than_the_bounds(widths):
    rng = np.random.default_rng(sum(widths))
    for _ in range(30):
        sizes = [1, *widths, 1]
        net = ReLUNet([rng.integers(-4, 5, (v, w)) for w, v in pairwise(sizes)],
                      [rng.integers(-4, 5, v) for v in sizes[1:]], exact=True)
        pieces = count_pieces_1d(net)
        for kind in ("printed", "sharp"):
            assert min_size_lower_bound(pieces, len(widths), kind) <= sum(widths)


def test_certificate_holds_and_survives_json():
    certificate = gap_certificate(NINE)
    assert certificate.verify()
    assert (certificate.pieces, certificate.net.size) == (28, 9)
    assert certificate.bounds == ((1, 13, 27), (2, 5, 9), (3, 4, 7))
    again = GapCertificate.from_json(certificate.to_json())
    assert again.bounds == certificate.bounds
    assert "28 pieces, built with 9 gates in 3 hidden layers" in str(again)


def tampered(certificate):
    """One change at a time to each field."""
    net, t = certificate.net, certificate.breaks
    bent = ReLUNet([*net.weights[:-1], 0 * net.weights[-1]], net.biases, exact=True)
    more = ReLUNet([*net.weights], [net.biases[0] + Fraction(1, 97), *net.biases[1:]], exact=True)
    yield "pieces", replace(certificate, pieces=30)
    yield "breaks added", replace(certificate, pieces=29, breaks=(*t, t[-1] + 1))
    yield "break moved", replace(certificate, breaks=(*t[:5], (t[4] + t[5]) / 2 + (t[5] - t[4]) / 5, *t[6:]))
    yield "break moved a little", replace(certificate, breaks=(*t[:5], t[5] + (t[6] - t[5]) / 10**6, *t[6:]))
    yield "breaks out of order", replace(certificate, breaks=(t[1], t[0], *t[2:]))
    yield "pieces too few", replace(certificate, pieces=27, breaks=t[:-1])
    yield "bounds", replace(certificate, bounds=((1, 13, 28), *certificate.bounds[1:]))
    yield "bounds dropped", replace(certificate, bounds=certificate.bounds[1:])
    yield "constant net", replace(certificate, net=bent)
    yield "shifted net", replace(certificate, net=more)


@pytest.mark.parametrize("what", range(10))
def test_a_tampered_certificate_is_refused(what):
    name, forged = list(tampered(gap_certificate(NINE)))[what]
    with pytest.raises(ValueError, match="certificate refused"):
        forged.verify()
    with pytest.raises(ValueError, match="certificate refused"):
        GapCertificate.from_json(forged.to_json())
    assert name


def test_the_witness_refuses_alone_when_the_recount_is_blind(monkeypatch):
    """Evaluating the net is enough to see that a piece was invented, whatever the code that finds pieces says."""
    c = gap_certificate(NINE)
    forged = replace(c, pieces=29, breaks=(*c.breaks, c.breaks[-1] + 1))
    monkeypatch.setattr(gap, "PWL1D", SimpleNamespace(from_net=lambda net: SimpleNamespace(breaks=forged.breaks)))
    with pytest.raises(ValueError, match="does not bend"):
        forged.verify()


def test_text_that_is_no_certificate_is_refused():
    whole = json.loads(gap_certificate(NINE).to_json())
    for text in ("{}", "[]", json.dumps({**whole, "breaks": 3}), json.dumps({**whole, "breaks": ["1/0"]})):
        with pytest.raises(ValueError, match="cannot be read"):
            GapCertificate.from_json(text)
    with pytest.raises(ValueError, match="Expecting value"):
        GapCertificate.from_json("no json")


def test_merged_pieces_are_counted_and_not_assumed():
    """X of Theorem 2.3.1: h with a repeated slope has two ramps, not three; w^k would claim too much."""
    merging = PWL1D.from_points([0, Fraction(1, 4), Fraction(1, 2), 1], [0, Fraction(1, 2), 1, 0], 0, -2)
    layer = ReLUNet([[[1], [1], [1]], [[2, 0, -4]]], [[0, Fraction(-1, 4), Fraction(-1, 2)], [0]], exact=True)
    assert PWL1D.from_net(layer) == merging
    net = layer.compose(layer).compose(layer)
    certificate = gap_certificate(net)
    assert certificate.verify()
    assert net.widths == (3, 3, 3)
    assert certificate.pieces == count_pieces_1d(net) == 10 < 3**3
    shallow = hinge_net(PWL1D.from_net(net))
    assert shallow.size == certificate.bounds[0][2] == 9 < min_size_lower_bound(3**3 + 1, 1)


def test_a_certificate_needs_a_hidden_layer():
    with pytest.raises(ValueError, match="a hidden layer"):
        gap_certificate(ReLUNet.affine([[2]], [1]))
    assert gap_certificate(ReLUNet([[[1]], [[0]]], [[0], [5]])).pieces == 1


def test_gap_table_crosses_over_at_three():
    rows = gap_table(5, 1).rows
    assert [(r.k, r.layers, r.deep_size, r.shallow_bound, r.parameters) for r in rows] == [
        (2, 4, 8, 3, 4), (3, 9, 27, Fraction(79, 2), 18), (4, 16, 64, 511, 48), (5, 25, 125, Fraction(15623, 2), 100)]
    assert [r.ratio > 1 for r in rows] == [False, True, True, True]
    assert str(gap_table(3)).splitlines()[2].split() == ["3", "9", "27", "39.5", "1.463", "18"]


def test_gap_table_for_a_half():
    assert [r.k for r in gap_table(20, Fraction(1, 2)).rows] == [4, 9, 16]
    assert gap_row(9, 0.5).shallow_bound == gap_row(9, Fraction(1, 2)).shallow_bound == Fraction(6559, 2)
    assert gap_row(2, math.log2(3) - 1).shallow_bound == pytest.approx(2**1.5 - 1)
    assert gap_row(1, 1).ratio < 1


@pytest.mark.parametrize(("k", "eps", "message"), [(2, Fraction(1, 2), "natural number"), (5, 0.1, "natural number"),
                                                   (0, 1, "k >= 1")])
def test_gap_row_refuses(k, eps, message):
    with pytest.raises(ValueError, match=message):
        gap_row(k, eps)


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="eps > 0"):
        gap_table(5, 0)
    with pytest.raises(ValueError, match="pieces >= 1"):
        min_size_lower_bound(0, 1)
    with pytest.raises(ValueError, match="printed"):
        size_bound(3, 1, "best")
    assert natural_power(2, -2) is None
    assert natural_power(4, Fraction(-1, 2)) == 2


def test_certificate_takes_a_hard_function_of_mixed_widths():
    H = hard_function(2, [(Fraction(1, 3), 1), (Fraction(1, 5),)])
    assert gap_certificate(H).pieces == H.pwl.n_pieces
