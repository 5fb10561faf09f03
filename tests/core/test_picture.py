"""The widget that shows a picture: one message a picture, as fine as the screen, and a page that knows its traits."""

import io
import re

import pytest
from PIL import Image

from mathdl.core.figures import described, new_figure
from mathdl.core.picture import PictureView


def picture(alt: str = "an empty pair of axes"):
    return described(new_figure(width=2, height=1)[0], alt)


@pytest.fixture
def view():
    shown = PictureView(lambda handle, move: None)
    shown.show(picture(), lambda drawn: [])
    return shown


def size(view: PictureView) -> tuple[int, int]:
    return Image.open(io.BytesIO(view.png)).size


def test_a_picture_is_shown_in_one_message(view, monkeypatch):
    sent = []
    monkeypatch.setattr(PictureView, "send_state", lambda self, key=None: sent.append(set(key)))
    handle = {"label": "point", "at": [0.5, 0.5], "within": [0, 0, 1, 1]}
    view.show(described(new_figure(width=3, height=1)[0], "another"), lambda drawn: [handle])
    assert sent == [{"png", "alt", "handles", "width"}]
    assert (view.alt, view.handles, view.width, view.height) == ("another", [handle], 330, 110)


def test_handles_are_asked_for_when_the_axes_have_their_places(view):
    places = []
    drawn = picture()
    before = drawn.axes[0].get_position().bounds
    view.show(drawn, lambda figure: places.append(figure.axes[0].get_position().bounds) or [])
    assert places == [drawn.axes[0].get_position().bounds] != [before]


@pytest.mark.parametrize(("told", "used"), [(1.0, 1), (2.0, 2), (0.5, 1), (5.0, 3)])
def test_the_picture_is_as_fine_as_the_screen_within_reason(view, told, used):
    view.ratio = told
    assert size(view) == (220 * used, 110 * used)
    view.show(picture("the next"), lambda drawn: [])
    assert size(view) == (220 * used, 110 * used)
    assert (view.width, view.height) == (220, 110)


def test_a_move_reaches_python_and_is_answered_also_when_it_fails():
    moves = []

    def on_move(handle, move):
        moves.append((handle, move["by"]))
        raise RuntimeError("no")

    view = PictureView(on_move)
    with pytest.raises(RuntimeError, match="no"):
        view._move(view, {"handle": 2, "by": [1, 0], "serial": 7}, [])
    assert moves == [(2, [1, 0])]
    assert view.answered == 7


def test_the_page_asks_only_for_traits_that_there_are(view):
    asked = set(re.findall(r'model\.(?:get|set)\("(\w+)"', view._esm))
    asked |= set(re.findall(r"(\w+): show\w+", view._esm))
    assert asked == {"png", "alt", "width", "height", "handles", "problem", "busy", "answered", "ratio"}
    assert asked <= set(view.keys)


def test_every_class_of_the_page_is_styled_and_every_style_used(view):
    made = set(re.findall(r"mathdl-\w+(?:-\w+)*", view._esm))
    styled = set(re.findall(r"mathdl-\w+(?:-\w+)*", view._css)) - {"mathdl-controls"}
    assert styled == made
