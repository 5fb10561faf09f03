"""The check of a certificate on its own: foreign, broken and hostile files, and that it needs no solver."""

import ast
import json
import subprocess
import sys
from copy import deepcopy
from fractions import Fraction
from pathlib import Path

import pytest

from mathdl.exact_erm import certificate_check as checker
from mathdl.exact_erm.certificate_check import Refused, check, check_text, number

FILE = Path(checker.__file__)
# One gate on the points 0 and 1, labels 1 and 1: f = 1 has value 0, and a bound of 0 needs no tree.
ROOT = {"slopes": [], "multipliers": [[]]}
SIMPLE = {"format": "mathdl certificate", "version": 1,
          "problem": {"x": [["0"], ["1"]], "y": ["1", "1"], "weight": ["1", "2"], "width": 1, "loss": "squared",
                      "output_bias": False},
          "net": {"theta": [["0", "1"]], "signs": [1], "bias": "0"}, "value": "0", "tolerance": "0",
          "trees": [{"signs": [1], "root": ROOT}, {"signs": [-1], "root": ROOT}]}
HAND_X, HAND_Y = [["-1"], ["0"], ["1"]], ["1", "0", "1"]


def changed(**parts):
    return deepcopy(SIMPLE) | parts


def problem(**parts):
    return changed(problem=SIMPLE["problem"] | parts)


def test_a_certificate_that_needs_no_tree():
    found = check(SIMPLE)
    assert found
    assert (found.value, found.lower, found.leaves, found.splits) == (0, 0, 2, 0)
    assert "is exactly that of the net in the file: 0." in found.statement
    assert found == check_text(json.dumps(SIMPLE))


def by_hand():
    """Three points -1, 0, 1 with labels 1, 0, 1, one gate: 2/3 is the least value, by hand.

    Sign -1: f <= 0, slopes -2, 0, -2. Sign +1, all on: the line 2/3; off at -1: then f(-1) = 0 costs 1; the same at 1.
    """
    def leaf(slopes, *multipliers):
        pairs = lambda found: [[j, value] for j, value in enumerate(found) if value != "0"]  # noqa: E731
        return {"slopes": pairs(slopes), "multipliers": [pairs(m) for m in multipliers]}

    # sign +1, split at sample 0 (x = -1), then at sample 2 (x = 1), then at 1 (x = 0)
    all_on = {"split": 1, "children": [{"empty": 0, "multipliers": [[0, "1"], [1, "2"], [2, "1"]]},
                                       leaf(("-2/3", "4/3", "-2/3"), "000")]}
    off = leaf(("-2", "0", "0"), "000")  # a sample that is off loses 1
    plus = {"split": 0, "children": [off, {"split": 2, "children": [leaf(("0", "0", "-2"), "000"), all_on]}]}
    # sign -1: -g_j = 2 at samples 0 and 2; if on, its multiplier is 2
    steep = ("-2", "0", "-2")
    both = {"split": 2, "children": [leaf(steep, ("2", "0", "0")), leaf(steep, ("2", "0", "2"))]}
    none = {"split": 2, "children": [leaf(steep, "000"), leaf(steep, ("0", "0", "2"))]}
    trees = [{"signs": [1], "root": plus}, {"signs": [-1], "root": {"split": 0, "children": [none, both]}}]
    net = {"theta": [["0", "2/3"]], "signs": [1], "bias": "0"}
    return changed(problem=SIMPLE["problem"] | {"x": HAND_X, "y": HAND_Y, "weight": ["1"] * 3}, net=net, value="2/3",
                   trees=trees)


def test_a_certificate_by_hand():
    found = check(by_hand())
    assert found, found
    assert (found.value, found.leaves, found.empty, found.splits) == (Fraction(2, 3), 7, 1, 6)


def at(document, *path):
    for key in path:
        document = document[key]
    return document


PLUS, MINUS = ("trees", 0, "root"), ("trees", 1, "root")
ALL_ON = (*PLUS, "children", 1, "children", 1)


@pytest.mark.parametrize(("path", "value", "reason"), [
    ((*ALL_ON, "children", 1, "slopes"), [[0, "-2/3"], [1, "1"], [2, "-2/3"]], "do not fit at gate 0"),
    ((*ALL_ON, "children", 1, "slopes"), [[0, "-1/3"], [1, "2/3"], [2, "-1/3"]], "a leaf proves only 1/2"),
    ((*ALL_ON, "children", 1, "slopes"), [[0, "-2/3"], [0, "0"], [1, "4/3"], [2, "-2/3"]], "slopes: sample 0 twice"),
    ((*PLUS, "children", 0, "slopes"), [[1, "-2"]], "slopes: sample 1 has no labels here"),
    ((*PLUS, "children", 0, "slopes"), [[3, "-2"]], "slopes: expected an integer 0 to 2; got 3"),
    ((*PLUS, "children", 0, "slopes"), [[True, "-2"]], "slopes: expected an integer"),
    ((*PLUS, "children", 0, "slopes"), [[0]], "slopes: expected 2 entries; got 1"),
    ((*ALL_ON, "children", 0, "multipliers"), [[0, "1"], [1, "1"], [2, "1"]], "do not show that the labels of gate 0"),
    ((*ALL_ON, "children", 0, "multipliers"), [], "a multiplier that is not 0"),
    ((*ALL_ON, "children", 0, "multipliers"), [[0, "-1"], [1, "-2"], [2, "-1"]], "a negative multiplier"),
    ((*ALL_ON, "children", 0, "empty"), 1, "empty: expected an integer 0 to 0; got 1"),
    ((*ALL_ON, "children", 0), None, "labels (0,) at sample 1 are missing"),
    ((*ALL_ON, "split"), 2, "sample 2 is split twice"),
    ((*ALL_ON, "split"), 3, "split: expected an integer 0 to 2"),
    ((*ALL_ON, "children"), [], "children of a split: expected 2 entries; got 0"),
    ((*ALL_ON, "note"), "x", "split: expected children, split; got children, note, split"),
    ((*MINUS, "children", 1, "children", 0, "multipliers"), [[[0, "1"]]], "do not fit at gate 0"),
    ((*MINUS, "children", 1, "children", 0, "multipliers"), [], "multipliers of a leaf: expected 1 entries; got 0"),
    (MINUS, None, "a node is missing"), (PLUS, [], "a node is missing"),
    (("trees",), [], "no tree for nets with 0 top weights -1"), (("trees", 0, "signs"), [-1], "no tree for nets"),
    (("trees", 0, "signs"), [0], "signs: expected entries 1 and -1"), (("trees", 0), 7, "tree: expected an object"),
    (("net", "theta"), [["0", "1/2"]], "the net has the value 3/4, not the claimed 2/3"),
    (("net", "theta"), [], "theta: expected 1 entries; got 0"), (("net", "bias"), "1", "has no output bias"),
    (("net", "signs"), [-1], "the net has the value"), (("value",), "1/2", "not the claimed 1/2"),
    (("value",), 1, "expected a number as a string"), (("tolerance",), "-1", "tolerance: expected a number >= 0"),
    (("version",), 2, "version 2: this program reads version 1"), (("version",), True, "version True"),
    (("format",), "onnx", "not a certificate"), (("problem", "y"), ["1", "0"], "y: expected 3 entries; got 2"),
    (("problem", "y"), ["1", "0", "2"], "the net has the value"), (("problem", "x"), [], "x: expected at least one"),
    (("problem", "x"), [["1"], ["0", "1"], ["2"]], "a sample: expected 1 entries; got 2"),
    (("problem", "weight"), ["1", "-1", "1"], "weight: expected numbers >= 0"),
    (("problem", "width"), 99, "width: expected an integer 1 to 8"), (("problem", "loss"), "huber", "loss: expected"),
    (("problem", "loss"), "hinge", "the hinge loss needs labels"), (("problem", "output_bias"), 0, "true or false"),
    (("problem", "loss"), {"at": ["0"] * 3, "below": ["-1"] * 3, "above": ["1"] * 3}, "slopes below and above")])
def test_each_change_of_the_certificate_by_hand_is_refused(path, value, reason):
    document = by_hand()
    *above, last = path
    at(document, *above)[last] = value
    found = check(document)
    assert not found
    assert reason in found.reason, found.reason


def test_with_an_output_bias_slopes_must_add_up_to_0():
    document = by_hand()
    document["problem"]["output_bias"] = True
    assert "do not add up to 0" in check(document).reason


def test_a_smaller_tolerance_than_the_gap_is_refused_and_a_larger_one_is_stated():
    document = by_hand()
    document["trees"][0]["root"] = ROOT
    assert "a leaf proves only 0, less than 2/3" in check(document).reason
    document["tolerance"] = "2/3"
    found = check(document)
    assert "no net with one hidden layer of 1 ReLU gate without output bias is more than 2/3 below" in found.statement
    assert found.lower == 0


@pytest.mark.parametrize(("loss", "slope", "good"), [
    ("absolute", "1", True), ("absolute", "-1", True), ("absolute", "101/100", False), ("absolute", "-101/100", False),
    ({"at": ["1", "1"], "below": ["1/2"] * 2, "above": ["2"] * 2}, "3/2", True),
    ({"at": ["1", "1"], "below": ["1/2"] * 2, "above": ["2"] * 2}, "-3/4", False)])
def test_slopes_must_be_slopes_of_the_loss(loss, slope, good):
    data = checker.read_problem(SIMPLE["problem"] | {"loss": loss, "weight": ["1", "1"]})
    if good:
        assert data.bound(0, number(slope)) == -number(slope)
    else:
        with pytest.raises(Refused, match="is no slope of its loss"):
            data.bound(0, number(slope))


def test_weights_scale_the_slopes():
    data = checker.read_problem(SIMPLE["problem"] | {"loss": "absolute", "weight": ["1/2", "3"]})
    assert data.bound(1, Fraction(-3)) == 3
    with pytest.raises(Refused, match="is no slope of its loss"):
        data.bound(0, Fraction(3, 4))


def test_a_sample_of_weight_0_proves_nothing():
    data = checker.read_problem(SIMPLE["problem"] | {"weight": ["0", "1"]})
    assert data.bound(0, Fraction(0)) == 0
    with pytest.raises(Refused, match="weight is 0"):
        data.bound(0, Fraction(1))


TWO = {"format": "mathdl certificate", "version": 1,
       "problem": {"x": [["0"], ["1"]], "y": ["-1", "-1"], "weight": ["1", "1"], "width": 2, "loss": "squared",
                   "output_bias": False},
       "net": {"theta": [["0", "1/2"], ["0", "1/2"]], "signs": [-1, -1], "bias": "0"}, "value": "0", "tolerance": "0",
       "trees": [{"signs": signs, "root": {"slopes": [], "multipliers": [[], []]}}
                 for signs in ([1, 1], [1, -1], [-1, -1])]}


@pytest.mark.parametrize(("signs", "missing", "accepted"), [
    ([1, 1], (1,), True), ([1, 1], (2,), True), ([1, 1], (1, 2), False), ([1, 1], (0,), False), ([1, 1], (3,), False),
    ([1, -1], (1,), False), ([1, -1], (2,), False)])
def test_a_child_may_be_missing_only_when_an_exchange_of_gates_gives_a_present_one(signs, missing, accepted):
    document = deepcopy(TWO)
    tree = next(tree for tree in document["trees"] if tree["signs"] == signs)
    leaf = tree["root"]
    tree["root"] = {"split": 0, "children": [None if k in missing else leaf for k in range(4)]}
    assert bool(check(document)) is accepted


def test_gates_that_differ_on_the_path_cannot_be_exchanged():
    document = deepcopy(TWO)
    tree = document["trees"][0]
    leaf = tree["root"]
    below = {"split": 1, "children": [leaf, None, leaf, leaf]}
    tree["root"] = {"split": 0, "children": [leaf, None, below, leaf]}
    assert "labels (0, 1) at sample 1 are missing" in check(document).reason
    tree["root"]["children"][2] = leaf
    tree["root"]["children"][3] = below
    assert check(document)


def test_copies_of_a_point_get_its_labels():
    document = deepcopy(SIMPLE)
    document["problem"]["x"] = [["1"], ["1"]]
    leaf = {"slopes": [[1, "-1"]], "multipliers": [[]]}
    document["trees"][0]["root"] = {"split": 0, "children": [leaf, ROOT]}
    assert check(document)  # off at sample 0, hence off at its copy, whose loss may be used
    document["problem"]["x"] = [["1"], ["2"]]
    assert "sample 1 has no labels here" in check(document).reason


@pytest.mark.parametrize("text", ["1/0", "nan", "inf", "1e5", "1e999999999", "", "+1", " 1", "1/", "/2", "1.5", "--1",
                                  "0x", "0x1p99999", "0x1p2000", "1/-2", "١", "9" * 4001, "7" * 20_001, "0x1.8p", 3,
                                  None, ["1"], True])
def test_malformed_and_monstrous_numbers_are_refused(text):
    with pytest.raises(Refused):
        number(text)


@pytest.mark.parametrize(("text", "value"), [("3/8", Fraction(3, 8)), ("-0x1f/0x20", Fraction(-31, 32)), ("-0", 0),
                                             ("0x1.8p-2", Fraction(3, 8)), ("-0x1.0p+3", -8), ("6/4", Fraction(3, 2)),
                                             ("0x0.0000000000001p-1022", Fraction(5e-324)),
                                             ("9" * 4000, 10 ** 4000 - 1)])
def test_numbers(text, value):
    assert number(text) == value


@pytest.mark.parametrize(("text", "reason"), [
    ("", "no complete JSON"), (json.dumps(SIMPLE)[:-1], "no complete JSON"), ("[" * 100_000, "nested too deeply"),
    ('{"a": 1, "a": 2}', "a name twice"), ('{"value": NaN}', "a bare NaN"), ('{"value": Infinity}', "a bare Infinity"),
    ('{"value": 0.5}', "a bare 0.5"), ('{"value": ' + "9" * 10_000 + "}", "an integer of 10000 characters"),
    ("[]", "not a certificate"), ("null", "not a certificate"), ("{}", "not a certificate"),
    ('"x"', "not a certificate")])
def test_texts_that_are_no_certificates(text, reason):
    found = check_text(text)
    assert not found
    assert reason in found.reason


@pytest.mark.parametrize("name", ["problem", "net", "value", "tolerance", "trees"])
def test_missing_and_additional_parts_are_refused(name):
    document = deepcopy(SIMPLE)
    del document[name]
    assert "certificate: expected format, net" in check(document).reason
    assert "certificate: expected format, net" in check(SIMPLE | {"extra": 1}).reason


def test_the_fingerprint_depends_on_every_number_of_the_problem():
    variants = [problem(), problem(x=[["0"], ["2"]]), problem(y=["1", "2"]), problem(weight=["1", "3"]),
                problem(loss="absolute"), problem(output_bias=True), problem(width=2)]
    prints = {checker.read_problem(document["problem"]).fingerprint for document in variants}
    assert len(prints) == len(variants)
    same = problem(y=["0x1.0p+0", "3/3"])
    assert checker.read_problem(same["problem"]).fingerprint in prints


def test_the_check_imports_the_standard_library_only():
    nodes = list(ast.walk(ast.parse(FILE.read_text())))
    modules = {name.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for name in node.names}
    modules |= {node.module.split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)}
    assert modules <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(("content", "code", "said"), [
    (json.dumps(by_hand()).encode(), 0, "Accepted. For the 3 samples"), (b"{}", 1, "Refused: not a certificate"),
    (b"\xff", 1, "Refused: not a text file")])
def test_the_check_runs_as_a_program_without_any_package(tmp_path, content, code, said):
    (tmp_path / "c.json").write_bytes(content)
    command = [sys.executable, "-I", "-S", str(FILE), str(tmp_path / "c.json")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout.startswith(said)


def test_the_program_says_what_it_needs(tmp_path, capsys):
    assert checker.main([]) == 2
    assert checker.main([str(tmp_path / "missing.json")]) == 2
    assert "usage: certificate_check.py FILE" in capsys.readouterr().err
