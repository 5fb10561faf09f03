"""Table 4.6.1: the instance, the cell against a slow loop, the printed row at h = 256, the resumable run."""

import json
import math

import numpy as np
import pytest

from mathdl.core.data import shipped
from mathdl.sparse_coding.experiments import table_461
from mathdl.sparse_coding.experiments.printed_tables import (
    GRADIENT_NORM,
    POWERS,
    REFERENCE,
    SIZES,
    printed_cover,
    printed_norm,
    zero_cover,
)
from mathdl.sparse_coding.experiments.records import hardware, read_record, record_row, rounded, write_record
from mathdl.sparse_coding.experiments.section_46 import Section46


def slow_gradient(W, bias, Y):
    """The gradient of (4.1), sample by sample."""
    G = np.zeros_like(W)
    for y in Y.T:
        q = W @ y - bias
        r = np.maximum(q, 0)
        f = W.T @ r - y
        G += np.outer(r, f) + np.outer((q > 0) * (W @ f), y)
    return G / Y.shape[1]


@pytest.mark.parametrize("h", SIZES)
def test_the_printed_reference_is_h_to_the_p_minus_1(h):
    """Rounded or cut at four decimals: 256^(-0.99) = 0.00413 and so on."""
    for p, printed in zip(POWERS, REFERENCE[h], strict=True):
        assert abs(h ** (p - 1) - printed) < 1e-4, (h, p)


def test_cells_of_the_table():
    assert all(len(row) == len(POWERS) for row in (*GRADIENT_NORM.values(), *REFERENCE.values()))
    assert printed_norm(1024, 0.1) == 0.0079
    assert printed_cover(4096, 0.05) == 99.4
    with pytest.raises(ValueError, match="no such cell"):
        printed_norm(300, 0.1)
    with pytest.raises(ValueError, match="no such cell"):
        printed_cover(256, 0.3)


def test_rounding_of_h_to_the_p():
    assert [Section46(256, p).k for p in POWERS] == [2, 2, 2, 2, 4, 6, 16]
    assert [Section46(1024, p).k for p in (0.1, 0.3, 0.5)] == [2, 8, 32]
    assert Section46(256, 0.05, rounding="floor").k == 1


def test_biases():
    cell = Section46(64, 0.1, 10)
    gram = np.abs(cell.dictionary.T @ cell.dictionary) - np.eye(64)
    assert cell.bias("seed-fit") == pytest.approx(2 * cell.k * (64 ** -0.2 + gram.max(0).mean()))
    assert cell.bias("theorem") == pytest.approx(11 * cell.k * (64 ** -0.2 + gram.max()))
    assert cell.bias("low") == pytest.approx(1.1 * cell.k)
    with pytest.raises(ValueError, match="bias rule among theorem, seed-fit, low"):
        cell.bias("fitted")


def test_the_dictionary_does_not_depend_on_p_and_the_signals_do():
    one, two = Section46(64, 0.01, 20), Section46(64, 0.02, 20)
    assert np.array_equal(one.dictionary, two.dictionary)
    assert not np.array_equal(one.signals, two.signals)
    assert np.array_equal(one.signals, Section46(64, 0.01, 20).signals)
    assert not np.array_equal(one.dictionary, Section46(64, 0.01, 20, seed=1).dictionary)


def test_points_are_where_they_should_be():
    cell = Section46(64, 0.1, 10)
    away = np.linalg.norm(cell.around(0.3, 5, rng=cell.rng(1)) - cell.dictionary.T, axis=2)
    assert away == pytest.approx(np.full((5, 64), 0.3))


@pytest.mark.parametrize("points", [1, 6])
def test_a_cell_against_sample_by_sample(points):
    h, p, N = 40, 0.2, 50
    found = table_461.gradient_norms(h, p, points=points, N=N)
    cell = Section46(h, p, N)
    rng, gradients = cell.rng(1), []
    for start in range(0, points, 4):
        gradients += [slow_gradient(W, cell.bias("seed-fit"), cell.signals.astype(float))
                      for W in cell.around(cell.delta / 2, min(4, points - start), rng=rng)]
    G = np.array(gradients)
    norms = np.linalg.norm(G, axis=2)
    assert found.mean_of_norms == pytest.approx(norms.mean(), rel=1e-4)
    assert found.norm_of_mean == pytest.approx(np.linalg.norm(G.mean(0), axis=1).mean(), rel=1e-4)
    assert found.root_mean == pytest.approx(np.sqrt((norms ** 2).mean(0)).mean(), rel=1e-4)
    assert found.rho == pytest.approx(found.mean_of_norms * h / (37 * cell.k))
    if points == 1:
        assert math.isnan(found.spread)
    else:
        assert found.spread == pytest.approx(norms.mean(1).std(ddof=1) / math.sqrt(points), rel=1e-3)


def test_the_slip_that_divides_by_the_root_of_the_points():
    """The norm of a stack of m equal gradients, over m, is the norm over √m."""
    g = np.random.default_rng(0).standard_normal(50)
    stack = np.tile(g, (200, 1))
    assert np.linalg.norm(stack) / 200 == pytest.approx(np.linalg.norm(g) / math.sqrt(200))
    assert np.linalg.norm(stack.mean(0)) == pytest.approx(np.linalg.norm(g))


def test_refusals():
    with pytest.raises(ValueError, match="at least one point"):
        table_461.gradient_norms(40, 0.1, points=0)
    with pytest.raises(ValueError, match="scale laptop or paper"):
        table_461.grid("large")


@pytest.mark.parametrize("p", POWERS)
def test_the_printed_row_at_256(p):
    """15 %: the spread over dictionaries, largest at p = 0.5 where few units are on; seeded."""
    found = table_461.gradient_norms(256, p, points=3)
    assert found.like_printed == pytest.approx(printed_norm(256, p), rel=0.15)


@pytest.mark.parametrize("p", POWERS)
def test_the_bias_of_the_theorem_switches_everything_off(p):
    found = table_461.gradient_norms(256, p, points=1, N=1000, rule="theorem")
    assert (found.alive, found.mean_of_norms) == (0, 0)


def test_grids():
    for scale, sizes in (("laptop", SIZES[:3]), ("paper", SIZES)):
        cells = table_461.grid(scale)
        first = [c for c in cells if c["rule"] == "seed-fit" and c["seed"] == 0]
        assert {(c["h"], c["p"]) for c in first} == {(h, p) for h in sizes for p in POWERS}
        assert [c["h"] for c in cells] == sorted(c["h"] for c in cells)
    assert {c["points"] for c in first} == {200}


def test_a_run_goes_on_where_it_stopped(tmp_path, monkeypatch):
    cells = [{"h": 256, "p": p, "points": 2, "N": 20, "rule": "seed-fit", "seed": 0} for p in (0.01, 0.1)]
    monkeypatch.setattr(table_461, "grid", lambda scale: cells[:1])
    first = table_461.table_461("laptop", cache=tmp_path)
    monkeypatch.setattr(table_461, "grid", lambda scale: cells)
    both = table_461.table_461("laptop", cache=tmp_path)
    assert both[0] == first[0]
    assert [row["p"] for row in both] == [0.01, 0.1]


def test_the_command_writes_a_record_that_can_be_read(tmp_path, monkeypatch, capsys):
    from mathdl.sparse_coding.experiments.command import run_command

    monkeypatch.setattr(table_461, "grid", lambda scale: [
        {"h": 256, "p": 0.1, "points": 1, "N": 20, "rule": "theorem", "seed": 0}])
    at = tmp_path / "record.json"
    run_command("A table", table_461.table_461, "unused.json", ["--output", str(at), "--cache", str(tmp_path / "c")])
    record = json.loads(at.read_text(encoding="utf-8"), parse_constant=lambda name: math.nan)
    assert (record["what"], record["scale"], len(record["rows"])) == ("A table", "laptop", 1)
    assert record["hardware"] == hardware()
    assert "1 rows" in capsys.readouterr().out


def test_records(tmp_path):
    write_record(tmp_path / "r.json", {"what": "a"}, [{"x": 1.23456789, "n": 3}, {"x": 2.0, "n": 4}])
    text = (tmp_path / "r.json").read_text(encoding="utf-8")
    assert json.loads(text)["rows"] == [{"x": 1.23457, "n": 3}, {"x": 2.0, "n": 4}]
    assert rounded({"a": 1 / 3, "b": "c"}) == {"a": 0.333333, "b": "c"}
    with pytest.raises(ValueError, match="one row of"):
        record_row(table_461.RECORD, h=3)
    with pytest.raises(ValueError, match="data files"):
        read_record("nothing.json")


def test_the_shipped_record_is_complete_and_as_measured():
    record = read_record(table_461.RECORD)
    assert record["scale"] == "paper"
    assert "thread" in record["hardware"]
    told = ("h", "p", "points", "N", "rule", "seed")
    assert [{key: row[key] for key in told} for row in record["rows"]] == table_461.grid("paper")
    assert "/" not in record["hardware"].replace("(R)", "")
    assert len(shipped(table_461.RECORD).read_bytes()) < 200_000
    row = record_row(table_461.RECORD, h=256, p=0.3, rule="seed-fit", seed=3)
    again = table_461.gradient_norms(256, 0.3, points=row["points"], seed=3)
    assert again.mean_of_norms == pytest.approx(row["mean_of_norms"], rel=1e-4)
    for row in record["rows"]:
        assert row["printed"] == printed_norm(row["h"], row["p"])
        assert (row["alive"] == 0) == (row["mean_of_norms"] == 0)


def test_the_zero_matrix_scores_its_formula():
    for p in (0.05, 0.1):
        A = Section46(256, p).dictionary
        start = 256 ** (1 - 2 * p) / 5
        assert zero_cover(256, p) == pytest.approx(100 * (1 - np.linalg.norm(A, axis=0).mean() / start), abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("p", POWERS)
def test_the_shipped_row_at_4096(p):
    row = record_row(table_461.RECORD, h=4096, p=p, rule="seed-fit", seed=1)
    again = table_461.gradient_norms(4096, p, points=row["points"], seed=1)
    assert again.mean_of_norms == pytest.approx(row["mean_of_norms"], rel=1e-3, abs=1e-7)
