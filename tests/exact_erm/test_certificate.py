"""Certificates: what is certified is the optimum, what is spoilt is refused, and the files survive."""

import json
import os
from copy import deepcopy
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.core.theorem import State
from mathdl.exact_erm import certificate as module
from mathdl.exact_erm.branch_and_bound import branch_and_bound
from mathdl.exact_erm.certificate import Certificate, certify, exact_text
from mathdl.exact_erm.certificate_check import number
from mathdl.exact_erm.planted import planted
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.rational import exact_minimum
from mathdl.exact_erm.result import ERMResult
from mathdl.exact_erm.tampering import TAMPERINGS, tampered
from mathdl.exact_erm.theorems import certificates as T


def drawn(D, n, w, seed, **options):
    rng = np.random.default_rng(seed)
    return ERMProblem(rng.standard_normal((D, n)), rng.standard_normal(D), w, **options)


def grid(D, seed, **options):
    """Points of a small grid, with copies and collinear triples, and weights of which some are 0."""
    rng = np.random.default_rng(seed)
    x, y, v = rng.integers(-1, 2, (D, 2)), rng.integers(-2, 3, D), rng.integers(0, 3, D) + (np.arange(D) == 0)
    return ERMProblem(x, y, 2, sample_weight=v, **options)


PROBLEMS = {
    "one gate": drawn(6, 2, 1, 0), "two gates": drawn(6, 2, 2, 1), "on a line": drawn(7, 1, 2, 2),
    "three gates": drawn(5, 1, 3, 6), "output bias": drawn(6, 1, 2, 3, output_bias=True),
    "absolute": drawn(6, 2, 2, 4, loss="absolute"),
    "quantile": drawn(6, 1, 1, 5, loss="quantile 0.3", output_bias=True),
    "hinge": ERMProblem([[0, 0], [1, 1], [0, 1], [1, 0]], [1, 1, -1, -1], 1, "hinge"),
    "one sample": drawn(1, 1, 1, 0), "grid": grid(9, 4), "grid with bias": grid(9, 2, output_bias=True),
    "grid, absolute": grid(9, 3, loss="absolute"), "interpolated": drawn(3, 2, 2, 0)}


@pytest.fixture(scope="module")
def small():
    return certify(PROBLEMS["two gates"])


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_certified_value_is_the_optimum(name):
    problem = PROBLEMS[name]
    certificate = certify(problem)
    found = certificate.verify(problem)
    assert found, found
    assert found.value == found.lower == certificate.value == exact_minimum(problem).value
    assert problem.value(certificate.net.rounded()) == pytest.approx(float(certificate.value), abs=1e-9)
    assert f"For the {problem.n_samples} samples with fingerprint {found.fingerprint}" in repr(found)


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_float_search_tree_is_turned_into_a_certificate(name):
    problem = PROBLEMS[name]
    result = branch_and_bound(problem, record=True)
    certificate = certify(problem, result)
    assert certificate.verify(problem)
    assert certificate.value == exact_minimum(problem).value
    root = result.proof.roots[0]
    if hasattr(root, "sample"):  # the tree is really used
        assert certificate.document["trees"][0]["root"]["split"] == root.sample


def test_a_tree_that_stopped_early_is_refined():
    problem = PROBLEMS["two gates"]
    stopped = branch_and_bound(problem, record=True, node_limit=2)
    certificate = certify(problem, stopped)
    assert certificate.verify(problem)
    assert certificate.value == exact_minimum(problem).value


def test_a_wrong_result_is_replaced_by_the_optimum():
    problem = PROBLEMS["two gates"]
    zero = ERMResult(problem, np.zeros((2, 3)), np.array([1, -1]), 0.0, problem.zero_value, 0.0, "none")
    certificate = certify(problem, zero)
    assert certificate.verify(problem)
    assert certificate.value == exact_minimum(problem).value < Fraction(problem.zero_value)


def test_a_tolerance_is_stated_and_makes_the_proof_shorter():
    problem = PROBLEMS["output bias"]
    exact, loose = certify(problem), certify(problem, tolerance=0.5)
    found = loose.verify(problem)
    assert "more than 1/2 below that" in found.statement
    assert found.value - found.lower <= Fraction(1, 2)
    assert found.leaves < exact.verify().leaves
    assert repr(loose).startswith(f"certificate for the value {float(loose.value):.12g}, tolerance 0.5, ")
    strict = Certificate(loose.document | {"tolerance": "0"})
    assert "a leaf proves only" in strict.verify().reason


def test_a_net_near_the_optimum_needs_a_tolerance_that_covers_the_gap():
    problem = PROBLEMS["one gate"]
    certificate = certify(problem)
    worse = tampered(certificate, "offer a worse net, with its true value")
    assert not worse.verify()
    gap = worse.value - certificate.value
    assert Certificate(worse.document | {"tolerance": exact_text(gap)}).verify()
    assert not Certificate(worse.document | {"tolerance": exact_text(gap * Fraction(999, 1000))}).verify()


@pytest.mark.parametrize("tolerance", [-1, -1e-9])
def test_a_negative_tolerance_is_refused(tolerance):
    with pytest.raises(ValueError, match="tolerance: expected a number >= 0"):
        certify(PROBLEMS["one gate"], tolerance=tolerance)


def test_losses_without_a_rational_optimum_are_refused():
    with pytest.raises(ValueError, match="polyhedral"):
        certify(drawn(3, 1, 1, 0, loss="huber"))


def test_another_problem_is_refused(small):
    problem = PROBLEMS["two gates"]
    moved = ERMProblem(problem.x, problem.y + 1e-15 * np.eye(6)[5], 2)
    assert small.verify(problem)
    assert "it is about other data" in small.verify(moved).reason
    assert "it is about other data" in small.verify(ERMProblem(problem.x, problem.y, 2, output_bias=True)).reason
    assert "it is about other data" in small.verify(ERMProblem(problem.x, problem.y, 2, "absolute")).reason


@pytest.mark.parametrize("name", ["two gates", "output bias", "absolute", "grid"])
@pytest.mark.parametrize("how", TAMPERINGS)
def test_every_tampering_is_refused_with_a_reason(name, how):
    certificate = certify(PROBLEMS[name])
    before = certificate.to_json()
    found = tampered(certificate, how).verify()
    assert not found
    assert found.statement == ""
    assert repr(found) == f"Refused: {found.reason}"
    assert certificate.to_json() == before


REASONS = {"claim a smaller value": "the net has the value",
           "offer a worse net, with its true value": "a leaf proves only",
           "change a weight of the net": "the net has the value", "change a label": "the net has the value",
           "change slopes": "do not fit", "raise every bound": "do not fit", "double a multiplier": "do not fit",
           "make a multiplier negative": "a negative multiplier", "leave out a leaf": "no exchange of gates replaces",
           "exchange two children": "do not fit", "call a possible labelling impossible": "do not show",
           "leave out the tree of a sign vector": "no tree for nets with 2 top weights -1",
           "round the value to a float": "expected a number as a string"}


@pytest.mark.parametrize("how", TAMPERINGS)
def test_the_reason_names_what_is_wrong(small, how):
    assert REASONS[how] in tampered(small, how).verify().reason


def test_unknown_tamperings_are_refused(small):
    with pytest.raises(ValueError, match="expected one of 'claim a smaller value', .*; got 'smile'"):
        tampered(small, "smile")


def numbers_in(node, path=()):
    """The paths of every number of a JSON document."""
    if isinstance(node, (dict, list)):
        for key, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from numbers_in(child, (*path, key))
    elif path[-1] not in ("format", "loss") and not isinstance(node, bool) and node is not None:
        yield path


TINY = [certify(problem) for problem in (drawn(4, 1, 1, 7), drawn(4, 1, 2, 8, output_bias=True),
                                         drawn(4, 1, 1, 9, loss="absolute"))]
PLACES = [list(numbers_in(certificate.document)) for certificate in TINY]
CHANGES = [lambda q: q + 1, lambda q: q * 2, lambda q: -q, lambda q: q - Fraction(1, 2 ** 30), lambda q: Fraction(0)]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2), st.integers(0, 10 ** 6), st.sampled_from(CHANGES))
def test_one_changed_number_is_refused_or_leaves_a_true_theorem(which, place, change):
    document = deepcopy(TINY[which].document)
    *path, last = PLACES[which][place % len(PLACES[which])]
    node = document
    for key in path:
        node = node[key]
    old = node[last]
    node[last] = int(change(Fraction(old))) if isinstance(old, int) else exact_text(change(number(old)))
    found = Certificate(document).verify()
    if found:
        stated = document["problem"]
        problem = ERMProblem([[float(number(v)) for v in row] for row in stated["x"]],
                             [float(number(v)) for v in stated["y"]], stated["width"], stated["loss"],
                             stated["output_bias"], [float(number(v)) for v in stated["weight"]])
        assert Certificate({"problem": module.problem_document(problem)}).document["problem"] == stated
        optimum = exact_minimum(problem).value
        assert number(document["value"]) - number(document["tolerance"]) <= optimum <= number(document["value"])


def test_some_changes_leave_a_true_theorem():
    document = deepcopy(TINY[0].document)
    document["tolerance"] = "1/7"
    assert Certificate(document).verify()


def test_files_are_written_whole_and_read_back(tmp_path, small, monkeypatch):
    path = tmp_path / "optimum.json"
    small.save(path)
    again = Certificate.load(path)
    assert again.document == small.document
    assert again.verify(PROBLEMS["two gates"])

    def full(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="disk full"):
        tampered(small, "change a label").save(path)
    assert Certificate.load(path).document == small.document
    assert [p.name for p in tmp_path.iterdir()] == ["optimum.json"]


@pytest.mark.parametrize(("content", "reason"), [
    (b"{", "no complete JSON"), (b"[]", "expected a JSON object; got list"), (b"\xff\xfe", "utf-8"),
    (b'{"value": 1.5}', "rational numbers are strings"), (b'{"value": NaN}', "bare NaN")])
def test_files_that_are_no_certificates_are_refused_on_loading(tmp_path, content, reason):
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=reason):
        Certificate.load(path)


def test_reading_a_spoilt_certificate_is_a_clear_error():
    with pytest.raises(ValueError, match=r"value cannot be read .*verify\(\) says"):
        _ = Certificate({"value": "1/0"}).value
    with pytest.raises(ValueError, match="net cannot be read"):
        _ = Certificate({}).net


@pytest.mark.parametrize("x", [Fraction(3, 8), Fraction(0), Fraction(0.1), Fraction(-5e-324), Fraction(1, 3) ** 40,
                               Fraction(2) ** 20_000, -(Fraction(3) ** 9_000) / 7, Fraction(1.7e308)])
def test_numbers_survive_as_text(x):
    assert number(exact_text(x)) == x


def test_certificates_are_plain_json(small):
    text = small.to_json()
    assert json.loads(text) == small.document
    assert all(not isinstance(value, float) for value in _leaves(json.loads(text)))
    assert f"{len(text):,} characters" in repr(small)


def _leaves(node):
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else None
    return [node] if children is None else [leaf for child in children for leaf in _leaves(child)]


@pytest.mark.statement("exact_erm/ours-certificate")
@pytest.mark.parametrize("arguments", [
    {"samples": 6, "seed": 1}, {"samples": 6, "inputs": 1, "width": 3, "seed": 2}, {"loss": "absolute", "samples": 7},
    {"loss": "hinge", "seed": 4}, {"samples": 6, "inputs": 1, "output_bias": True}, {"samples": 5, "width": 1}])
def test_leaf_bounds_are_below_every_net_and_attained_at_the_best(arguments):
    verdict = T.certificate_proves(**arguments)
    assert verdict.state is State.HOLDS
    assert verdict.slack == 0  # the certified net attains the bound of its leaf


@pytest.mark.statement("exact_erm/ours-certificate")
@pytest.mark.parametrize("how", ["raise every bound", "claim a smaller value", "make a multiplier negative"])
def test_spoilt_certificates_are_outside_the_statement(how):
    assert T.certificate_proves(samples=6, tamper=how, seed=1).state is State.SILENT


@pytest.mark.statement("exact_erm/ours-certificate")
def test_bounds_that_do_not_fit_their_multipliers_are_above_some_net():
    assert T.certificate_proves(tamper="raise every bound").measured < -1


@pytest.mark.statement("exact_erm/ours-certificate")
def test_a_tree_that_does_not_cover_a_net_is_seen():
    with pytest.raises(ValueError, match="no leaf has the labels of this one"):
        T.certificate_proves(samples=6, inputs=1, tamper="leave out the tree of a sign vector", nets=40)


@pytest.mark.statement("exact_erm/ours-certificate")
def test_the_ledger_instance():
    certificate = T.sample_certificate()
    assert float(certificate.value) == pytest.approx(0.0551083038, abs=5e-11)
    assert certificate.verify(planted(8, 2, 2, rng=np.random.default_rng(3)))
