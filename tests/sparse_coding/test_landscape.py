"""The loss along a line: one batched call against single ones, slopes, described and other shapes, the record."""

import numpy as np
import pytest

from mathdl.sparse_coding.dictionaries import gaussian
from mathdl.sparse_coding.experiments import landscape as curves
from mathdl.sparse_coding.experiments.records import read_record
from mathdl.sparse_coding.experiments.section_46 import Section46


def direction(cell, number):
    return gaussian(cell.n, cell.h, rng=cell.rng(3 + number)).T


def test_all_places_at_once_are_the_single_ones():
    cell, t = Section46(64, 0.3, 200), (-0.5, 0.0, 0.4)
    found = curves.landscape(cell, t, direction=1)
    for i, s in enumerate(t):
        net = cell.autoencoder(cell.dictionary.T + s * direction(cell, 1), "seed-fit")
        loss, G = net.loss_and_gradient(cell.signals)
        assert found.loss[i] == pytest.approx(loss, rel=1e-5)
        assert found.gradient[i] == pytest.approx(np.linalg.norm(G, axis=1).mean(), rel=1e-4)
        activity = net.activity(cell.signals)
        assert found.alive[i] == (activity > 0).mean()
        assert found.on_share[i] == pytest.approx(activity.mean(), rel=1e-5)


def test_the_slope_at_the_dictionary_is_the_gradient_along_the_line():
    """A central difference; the kinks that it meets make an error of order t, here below 2 % of the gradient."""
    cell = Section46(128, 0.3, 400)
    G = cell.autoencoder(cell.dictionary.T, "seed-fit").gradient(cell.signals)
    exact, size = float((G * direction(cell, 0)).sum()), float(np.linalg.norm(G))
    found = curves.landscape(cell, (-0.01, 0, 0.01))
    assert (found.loss[2] - found.loss[0]) / 0.02 == pytest.approx(exact, abs=0.02 * size)
    assert abs(exact) > 0.02 * size


def test_the_described_shapes_in_direction_0():
    """At t = 0.2 and 1; at t = 0.5, p = 0.3 the sign depends on the direction."""
    slices = [curves.landscape(Section46(256, p), (0, 0.2, 1)) for p in curves.POWERS]
    assert curves.sign_pattern(slices, (0.2, 1)) == ((1, 1), (1, 1), (-1, 1))


def test_not_every_direction_has_the_described_shape():
    """From the record, five directions: at t = 1 the loss is higher in all; at p = 0.3 both signs occur at t = 0.2."""
    rows = [r for r in read_record(curves.RECORD)["rows"] if (r["h"], r["rule"]) == (256, "seed-fit")]
    at = {t: rows[0]["t"].index(t) for t in (0.0, 0.2, -0.2, 1.0)}
    change = {t: {p: [r["loss"][at[t]] - r["loss"][at[0.0]] for r in rows if r["p"] == p] for p in curves.POWERS}
              for t in at}
    assert min(min(values) for values in change[1.0].values()) > 0
    assert min(change[0.2][0.3]) < 0 < max(change[0.2][0.3])
    assert all(a * b < 0 for a, b in zip(change[0.2][0.3], change[-0.2][0.3], strict=True) if max(abs(a), abs(b)) > 0.3)


def test_the_gradient_norm_is_not_smallest_at_the_dictionary():
    for p in (0.01, 0.1):
        rows = [r for r in read_record(curves.RECORD)["rows"] if (r["h"], r["p"], r["rule"]) == (256, p, "seed-fit")]
        for row in rows:
            assert min(row["gradient"]) < 0.93 * row["gradient"][row["t"].index(0.0)]


def test_the_bias_of_the_theorem_makes_it_flat():
    cell = Section46(256, 0.3, 500)
    found = curves.landscape(cell, (0, 0.2, 0.5), rule="theorem")
    assert np.ptp(found.loss) <= 1e-6 * found.loss[0]
    assert found.loss[0] == pytest.approx((cell.signals.astype(float) ** 2).sum() / 1000, rel=1e-5)
    assert not found.gradient.any()
    assert not found.alive.any()


def test_refusals():
    with pytest.raises(ValueError, match="number of a direction"):
        curves.landscape(Section46(64, 0.1, 10), (0,), direction=-1)
    with pytest.raises(ValueError, match="t of the grid"):
        curves.landscape(Section46(64, 0.1, 10), (0, 1)).change(0.5)
    with pytest.raises(ValueError, match="scale laptop or paper"):
        curves.grid("large")


def test_the_run_and_the_shipped_record(monkeypatch):
    record = read_record(curves.RECORD)
    told = ("h", "p", "N", "rule", "seed", "direction")
    assert [{key: row[key] for key in told} for row in record["rows"]] == curves.grid("paper")
    monkeypatch.setattr(curves, "grid", lambda scale: [{"h": 256, "p": 0.3, "N": 40, "rule": "low", "seed": 0,
                                                        "direction": 2}])
    (row,) = curves.landscape_curves("laptop")
    assert len(row["loss"]) == len(curves.GRID)
    some = next(r for r in record["rows"] if r["p"] == 0.3)
    again = curves.landscape(Section46(256, 0.3), (0, 1))
    assert again.loss == pytest.approx([some["loss"][some["t"].index(t)] for t in (0.0, 1.0)], rel=1e-4)


def test_the_plane_holds_the_line_and_the_way_down():
    """s = 0 is the line; the column t = 0 starts downhill with slope −‖G‖_F √h."""
    cell, t, step = Section46(64, 0.3, 400), (-0.3, 0.0, 0.3), 1e-3
    plane = curves.landscape_plane(cell, t, (-step, 0.0, step), direction=1)
    assert plane.loss[1] == pytest.approx(curves.landscape(cell, t, direction=1).loss, rel=1e-6)
    G = cell.autoencoder(cell.dictionary.T, "seed-fit").gradient(cell.signals)
    slope = float(np.linalg.norm(G)) * 64 ** 0.5
    assert (plane.loss[0, 1] - plane.loss[2, 1]) / (2 * step) == pytest.approx(slope, rel=0.02)  # float32, kinks
    assert plane.lowest == (t[plane.loss.min(axis=0).argmin()], plane.lowest[1], plane.loss.min())


def test_a_plane_needs_a_gradient():
    with pytest.raises(ValueError, match="with 'theorem' it is 0"):
        curves.landscape_plane(Section46(64, 0.3, 50), (0.0,), (0.0,), rule="theorem")
