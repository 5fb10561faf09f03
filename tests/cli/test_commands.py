"""`mathdl list` and `mathdl verify`: what they print, what they write, and how they end."""

import json

import pytest

from mathdl import cli
from mathdl.core import registry
from mathdl.core.registry import statement, statements
from mathdl.core.report import check, summary, table
from mathdl.core.theorem import State

KNOWN = "function_spaces/definition-3"


@pytest.fixture
def sandbox(monkeypatch):
    """A register of its own, in a chapter `function_spaces` that has been loaded before."""
    statements()
    monkeypatch.setattr(registry, "_STATEMENTS", {})

    def add(id, measured, expected=State.HOLDS):
        @statement(f"function_spaces/{id}", "Name", "Source", says="x", measures="x", expected=expected)
        def check(theorem, /):
            if measured is None:
                raise RuntimeError("broken check")
            return theorem.verdict(given=(), measured=measured, at_most=5)

    return add


def test_verify_ends_with_0_when_all_is_as_expected(sandbox, capsys):
    sandbox("theorem-1", 1)
    sandbox("erratum-E1", 9, State.VIOLATED)
    assert cli.main(["verify", "--quiet"]) == 0
    out = capsys.readouterr().out
    assert "2 statements, 2 in their expected state" in out
    assert "function_spaces/erratum-E1" in out


@pytest.mark.parametrize(("measured", "expected", "said"), [
    (9, State.HOLDS, "violated, expected holds"), (1, State.VIOLATED, "holds, expected violated"),
    (None, State.HOLDS, "error, expected holds RuntimeError: broken check")])
def test_verify_ends_with_1_when_a_state_is_not_the_expected_one(sandbox, capsys, measured, expected, said):
    sandbox("theorem-1", 1)
    sandbox("theorem-2", measured, expected)
    assert cli.main(["verify", "--quiet"]) == 1
    out = capsys.readouterr().out
    assert f"unexpected: function_spaces/theorem-2: {said}" in out
    assert "2 statements, 1 in their expected state" in out


def test_verify_writes_json(sandbox, tmp_path, capsys):
    sandbox("theorem-1", 1)
    assert cli.main(["verify", "--quiet", "--json", str(tmp_path / "out.json")]) == 0
    (row,) = json.loads((tmp_path / "out.json").read_text())
    said = {key: row[key] for key in ("id", "state", "measured", "as_expected")}
    assert said == {"id": "function_spaces/theorem-1", "state": "holds", "measured": "1", "as_expected": True}
    capsys.readouterr()
    assert cli.main(["verify", "--quiet", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out) == [row | {"seconds": pytest.approx(row["seconds"], abs=1)}]


def test_selections_that_do_not_exist_end_with_2(capsys):
    assert cli.main(["verify", "no_such_chapter"]) == 2
    assert cli.main(["list", "function_spaces/theorem-0"]) == 2
    err = capsys.readouterr().err
    assert "no chapter 'no_such_chapter'; expected one of" in err
    assert "no statement 'function_spaces/theorem-0'" in err


def test_list_names_chapters_and_statements(capsys):
    assert cli.main(["list"]) == 0
    assert capsys.readouterr().out.split()[:2] == ["function_spaces", str(len(statements("function_spaces")))]
    assert cli.main(["list", "function_spaces"]) == 0
    assert KNOWN in capsys.readouterr().out
    assert cli.main(["list", "function_spaces", "--json"]) == 0
    assert KNOWN in {row["id"] for row in json.loads(capsys.readouterr().out)}


def test_help_shows_examples(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["--help"])
    assert stop.value.code == 0
    assert "mathdl verify function_spaces/theorem-2.3.1" in capsys.readouterr().out


def test_table_is_aligned(sandbox):
    sandbox("theorem-1", 1)
    header, line = table([check(id, s) for id, s in statements().items()]).splitlines()
    assert header.index(" state ") == line.index(" holds ")


def test_summary_counts_states_and_escapes(sandbox):
    sandbox("theorem-1", 1)
    sandbox("erratum-E1", 9, State.VIOLATED)
    sandbox("theorem-2", None)
    found = summary("function_spaces")
    assert repr(found) == "3 statements: 1 holds, 1 violated, 1 error; 2 as expected"
    assert "<td>1 ≤ 5</td>" in found._repr_html_()
    assert repr(summary("function_spaces", topics=("nets",))).startswith("0 statements")
