"""What must be true of every picture and explorer of every chapter; new ones are found by themselves."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from mathdl.core.explore import drawings
from mathdl.core.figures import Picture, clipped_text
from mathdl.core.registry import chapters

ALL = {f"{slug}.{name}": found for slug in chapters() for name, found in drawings(slug).items()}
MOVING = [name for name, drawing in ALL.items() if drawing.explore]


@pytest.mark.parametrize("name", ALL)
def test_the_picture_is_described_uncut_and_the_same_each_time(name):
    first, second = ALL[name].draw(), ALL[name].draw()
    assert isinstance(first, Picture)
    assert len(first.alt.split()) >= 5, first.alt
    assert first.alt == second.alt
    assert first.png() == second.png()
    assert clipped_text(first) == []
    ink = np.asarray(Image.open(io.BytesIO(first.png())).convert("RGBA"))[..., 3] > 0
    assert ink.mean() > 0.005  # something is drawn


def test_every_state_that_can_be_drawn_can_be_explored():
    assert [name for name, drawing in ALL.items() if drawing.moves and not drawing.explore] == []


@pytest.mark.parametrize("name", MOVING)
def test_every_control_has_a_label_and_the_picture_its_alt_text(name):
    explorer = ALL[name].explore()
    assert explorer.view.alt
    assert all(getattr(widget, "field", widget).description.strip() for widget in explorer.controls.values())


def ends(widget):
    """The values at the ends of a control, or all of a menu's."""
    if hasattr(widget, "options"):
        return [value for _, value in widget.options]
    if hasattr(widget, "max"):
        return [widget.min, widget.max]
    return [not widget.value] if isinstance(widget.value, bool) else []


@pytest.mark.parametrize("name", MOVING)
def test_no_control_at_its_end_is_refused_or_cuts_a_label(name):
    explorer = ALL[name].explore()
    for field, widget in explorer.controls.items():
        for value in ends(widget):
            widget.value = value
            assert explorer.view.problem == "", (field, value)
            assert clipped_text(explorer.view.picture) == [], (field, value)
        explorer.reset()
