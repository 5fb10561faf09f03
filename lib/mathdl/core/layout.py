"""Where the texts of a figure are drawn: what is cut, and whether the axes may stay where the last picture had them."""

from __future__ import annotations

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser

TOLERANCE = 1.0  # pixels: glyphs are placed on whole ones


# matplotlib forgets the sizes of texts and its parsed formulas with every figure; both take half the time of a drawing.
_SIZES: dict[tuple, tuple[float, float, float]] = {}
_MOST_SIZES = 4096
_PARSERS: dict[str, MathTextParser] = {}


class TextRecorder(RendererAgg):
    """A renderer that remembers each line of text drawn: its box (x0, y0, x1, y1), y up, and the frame that cuts it."""

    def __init__(self, width: float, height: float, dpi: float):
        super().__init__(width, height, dpi)
        self.mathtext_parser = _PARSERS.setdefault("first", self.mathtext_parser)
        self.texts: list[tuple[str, np.ndarray, np.ndarray]] = []

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: bool | str) -> tuple:
        key = (s, prop.copy(), ismath, self.dpi)  # a copy, since the hash of font properties changes with them
        if key not in _SIZES:
            if len(_SIZES) >= _MOST_SIZES:
                _SIZES.clear()
            _SIZES[key] = super().get_text_width_height_descent(s, prop, ismath)
        return _SIZES[key]

    def clear(self) -> None:
        super().clear()
        self.texts = []

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None) -> None:
        w, h, d = self.get_text_width_height_descent(s, prop, ismath)
        c, t = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        corners = np.array([(0, -d), (w, -d), (w, h - d), (0, h - d)]) @ np.array([(c, t), (-t, c)])
        corners += np.array([x, self.height - y])
        clip = gc.get_clip_rectangle()
        frame = (0, 0, self.width, self.height) if clip is None else clip.extents
        self.texts.append((s, np.concatenate([corners.min(axis=0), corners.max(axis=0)]), np.asarray(frame)))
        super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)


class RecordingCanvas(FigureCanvasAgg):
    """An Agg canvas whose renderer is a TextRecorder."""

    _made_for: tuple[float, float, float] | None = None

    def get_renderer(self) -> TextRecorder:
        """The renderer for the figure's present size."""
        size = (*self.figure.bbox.size, self.figure.dpi)
        if size != self._made_for:
            self.renderer, self._made_for = TextRecorder(*size), size
        return self.renderer


def clipped(figure: Figure) -> list[str]:
    """The lines of text, as last drawn, that the canvas or an axes cuts."""
    return [text for text, box, frame in figure.canvas.get_renderer().texts
            if (box[:2] < frame[:2] - TOLERANCE).any() or (box[2:] > frame[2:] + TOLERANCE).any()]


def crossings(figure: Figure) -> int:
    """How often a line of text, as last drawn, crosses the edge of an axes."""
    texts = np.array([box for _, box, _ in figure.canvas.get_renderer().texts]).reshape(-1, 1, 4)
    axes = np.array([a.get_window_extent().extents for a in figure.axes]).reshape(1, -1, 4)
    meets = (texts[..., :2] < axes[..., 2:]) & (axes[..., :2] < texts[..., 2:])
    inside = (texts[..., :2] >= axes[..., :2]) & (texts[..., 2:] <= axes[..., 2:])
    return int((meets.all(axis=-1) & ~inside.all(axis=-1)).sum())


def draw_in_place(figure: Figure, last: Figure) -> bool:
    """Draw with the axes where `last` has them, so that nothing moves under a pointer; False when they do not fit."""
    alike = len(figure.axes) == len(last.axes) and (figure.get_size_inches() == last.get_size_inches()).all()
    if not alike:
        return False
    engine, places = figure.get_layout_engine(), [axes.get_position(original=True) for axes in figure.axes]
    figure.set_layout_engine("none")
    _place(figure, [axes.get_position(original=True) for axes in last.axes])
    figure.canvas.draw()
    if not clipped(figure) and crossings(figure) <= crossings(last):
        return True
    _place(figure, places)
    figure.set_layout_engine(engine)
    return False


def _place(figure: Figure, places: list) -> None:
    for axes, place in zip(figure.axes, places, strict=True):
        laid_out = axes.get_in_layout()
        axes.set_position(place)
        axes.set_in_layout(laid_out)  # set_position takes the axes out of the layout
