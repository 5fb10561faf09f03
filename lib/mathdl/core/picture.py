"""The picture of an explorer on the page: a PNG with alt text, and handles over it that can be dragged or keyed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import anywidget
import traitlets

from mathdl.core.figures import Picture

Handle = dict[str, object]  # label: str, at: (x, y), within: (x0, y0, x1, y1); fractions of width and height, y down


class PictureView(anywidget.AnyWidget):
    """Shows one Picture after another in the same place.

    The page sends at most one move at a time, and the next when this one is `answered`, so no queue builds up.
    """

    _esm = Path(__file__).with_name("picture.js")
    _css = Path(__file__).with_name("picture.css")

    png = traitlets.Bytes().tag(sync=True)
    width = traitlets.Int().tag(sync=True)
    height = traitlets.Int().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    handles = traitlets.List().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)
    busy = traitlets.Bool().tag(sync=True)
    answered = traitlets.Int().tag(sync=True)
    ratio = traitlets.Float(1.0).tag(sync=True)  # device pixels to a CSS pixel, told by the page

    def __init__(self, on_move: Callable[[int, dict], None]):
        super().__init__()
        self._on_move = on_move
        self.picture: Picture | None = None
        self.keeps_places = True  # False once: the next picture is laid out afresh
        self.on_msg(self._move)
        self.observe(self._sharpen, "ratio")

    def show(self, picture: Picture, handles: Callable[[Picture], list[Handle]]) -> None:
        """Put the picture in the place of the last one, in one message; its handles are asked for when it is drawn."""
        png = picture.quick_png(self._sharp, last=self.picture if self.keeps_places else None)
        self.picture, self.keeps_places = picture, True
        with self.hold_sync():
            self.png, self.alt, self.handles = png, picture.alt, handles(picture)
            self.width, self.height = picture.css_size

    @property
    def _sharp(self) -> float:
        return min(max(self.ratio, 1.0), 3.0)

    def _sharpen(self, change: dict) -> None:
        if self.picture is not None:
            self.png = self.picture.quick_png(self._sharp)

    def _move(self, widget, content: dict, buffers) -> None:
        """A handle was moved: `at` a place of the picture, or `by` so many arrow keys."""
        try:
            self._on_move(content["handle"], content)
        finally:
            self.answered = content["serial"]
