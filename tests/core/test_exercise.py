"""Exercises accept any right answer, give none away, and survive nonsense."""

from mathdl.core.exercise import feedback


def ask(answer):
    return feedback(answer, lambda n: n % 7 == 3, right="Well seen.", hint="Think of weeks.")


def test_no_answer_yet():
    assert ask(...).right is None
    assert "Not answered yet" in repr(ask(...))


def test_any_right_answer_is_right():
    assert all(ask(n).right for n in (3, 10, 17))
    assert repr(ask(10)) == "Right. Well seen."


def test_a_wrong_answer_gets_the_hint():
    assert ask(4).right is False
    assert repr(ask(4)) == "Not yet. Think of weeks."


def test_an_answer_that_cannot_be_read_is_wrong_and_says_why():
    answer = ask({"a": 1})
    assert answer.right is False
    assert "could not be read" in answer.text


def test_html_is_escaped():
    shown = feedback(1, lambda n: False, right="", hint="a < b")._repr_html_()
    assert "a &lt; b" in shown
