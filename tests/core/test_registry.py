"""The register of statements: defaults are the instance that verify runs, ids are unique, selections are checked."""

import inspect

import pytest

from mathdl.core import registry
from mathdl.core.registry import chapters, statement, statements
from mathdl.core.theorem import State


@pytest.fixture(autouse=True)
def _own_register(monkeypatch):
    statements()  # imported before the copy, or the chapters' statements would be lost with it
    monkeypatch.setattr(registry, "_STATEMENTS", dict(registry._STATEMENTS))


def registered(id="test/theorem-1", expected=State.HOLDS):
    @statement(id, "Name", "Source", says="x", measures="x", hypotheses=("h",), expected=expected)
    def check(theorem, /, *, x: int = 1, scale: str = "laptop"):
        """What it checks."""
        return theorem.verdict(given=(True,), measured=x + 10 * (scale == "paper"), at_most=5)

    return check


def test_the_decorated_function_is_called_without_the_theorem():
    check = registered()
    assert check().state is State.HOLDS
    assert check(x=7).state is State.VIOLATED
    assert list(inspect.signature(check).parameters) == ["x", "scale"]
    assert check.__doc__ == "What it checks."


def test_run_passes_scale_where_it_is_taken():
    registered()
    s = registry._STATEMENTS["test/theorem-1"]
    assert s.run().measured == 1
    assert s.run(scale="paper").measured == 11


def test_a_number_called_scale_is_refused():
    def check(theorem, /, *, scale: float = 1.0):
        """It would get a word."""

    with pytest.raises(ValueError, match="expected scale to be a word"):
        statement("test/theorem-2", "Name", "Source", says="x", measures="x")(check)


def test_an_id_belongs_to_one_function():
    registered()

    def other(theorem):
        return theorem.verdict(given=(), measured=1, at_most=5)

    with pytest.raises(ValueError, match="registered twice"):
        statement("test/theorem-1", "N", "S", says="x", measures="x")(other)


@pytest.mark.parametrize("selection", ["no_such_chapter", "function_spaces/theorem-0"])
def test_selections_that_do_not_exist_are_named(selection):
    with pytest.raises(ValueError, match="no (chapter|statement)"):
        statements(selection)


def test_selection_of_one_and_of_a_chapter():
    slug = chapters()[0]
    all_of_it = statements(slug)
    first = next(iter(all_of_it))
    assert list(statements(first)) == [first]
    assert all(id.startswith(f"{slug}/") for id in all_of_it)


@pytest.mark.parametrize("slug", chapters())
def test_every_default_instance_reaches_its_expected_state(slug):
    wrong = {id: str(v) for id, s in statements(slug).items() if (v := s.run()).state is not s.expected}
    assert wrong == {}


def test_chapters_come_in_the_order_of_the_book():
    assert chapters()[:2] == ["function_spaces", "exact_erm"]  # not by the alphabet
