"""Figures that every chapter draws with: legible on light and dark pages, safe for colour-blind eyes, with alt text."""

from __future__ import annotations

import base64
import io
import threading
from html import escape

import numpy as np
from matplotlib import cycler, rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from PIL import Image

from mathdl.core.layout import RecordingCanvas, clipped, draw_in_place

# Blue, orange, green, purple, sky, red: each at contrast 3 or more on white and on JupyterLab's dark background, any
# two (and INK) at least 20 apart in CIELAB for normal sight and for the three simulated deficiencies; tests say so.
COLOURS = ("#0B4DF5", "#DB7A00", "#267F47", "#BE4FA9", "#4996EE", "#C51800")
LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1, 1, 1)))
INK = "#808080"  # text and axes: contrast above 3.9 on white and on JupyterLab's dark background
DPI = 110  # one CSS pixel of a shown picture is 1/110 inch of the figure
STORED = 1.5  # pixels per CSS pixel in a stored picture: sharp enough on fine screens, small enough for a notebook

STYLE = {"figure.dpi": DPI, "figure.facecolor": "none", "axes.facecolor": "none", "savefig.facecolor": "none",
         "text.color": INK, "axes.edgecolor": INK, "axes.labelcolor": INK, "axes.titlecolor": INK,
         "xtick.color": INK, "ytick.color": INK, "axes.spines.top": False, "axes.spines.right": False,
         "legend.frameon": False, "font.size": 10, "axes.titlesize": 11, "lines.linewidth": 2, "hatch.color": INK,
         "grid.color": "#80808040", "axes.prop_cycle": cycler(color=COLOURS)}

# JupyterLab answers widget events on a second thread of the kernel, and matplotlib's global state allows only one.
_DRAWING = threading.RLock()


class Picture(Figure):
    """A matplotlib Figure that shows itself in Jupyter with its alt text, without pyplot and without a magic."""

    alt: str = ""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        RecordingCanvas(self)

    def draw(self, renderer) -> None:
        """Draw, one figure at a time."""
        for axes in self.axes:
            axes._autotitlepos = False  # no tick label stands above an axes here; looking costs a fifth of the time
            for axis in (axes.xaxis, axes.yaxis):
                low, high = sorted(axis.get_view_interval())
                if axis.get_scale() == "log" and high > 100 * low:  # then minor ticks have no labels, and cost as much
                    axis.set_minor_locator(NullLocator())
        with _DRAWING:
            super().draw(renderer)

    @property
    def css_size(self) -> tuple[int, int]:
        """Width and height on the page, in CSS pixels."""
        width, height = self.get_size_inches()
        return round(width * DPI), round(height * DPI)

    def pixels(self, ratio: float = 1.0, *, last: Picture | None = None) -> np.ndarray:
        """The picture as (height, width, 4) bytes, `ratio` pixels to a CSS pixel; `last` as in `quick_png`."""
        with _DRAWING:
            self.set_dpi(DPI * ratio)
            if last is None or not draw_in_place(self, last):
                self.canvas.draw()  # savefig would lay the figure out twice
            self.set_layout_engine("none")  # a second layout would start from the first and end elsewhere
            return np.asarray(self.canvas.buffer_rgba())

    def png(self, ratio: float = STORED) -> bytes:
        """The picture as a small PNG of at most 256 colours, the same bytes for the same numbers."""
        return _encode(Image.fromarray(self.pixels(ratio)).quantize(method=Image.Quantize.FASTOCTREE), optimize=True)

    def quick_png(self, ratio: float = 1.0, *, last: Picture | None = None) -> bytes:
        """The picture as PNG in all colours, encoded for speed; its axes stay where `last` has them, if they fit."""
        return _encode(Image.fromarray(self.pixels(ratio, last=last)), compress_level=1)

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        # JupyterLab ignores the alt text of image/png, and prefers text/html; stored notebooks keep only the PNG.
        png, width = self.png(), self.css_size[0]
        html = (f'<img src="data:image/png;base64,{base64.b64encode(png).decode()}" alt="{escape(self.alt)}" '
                f'width="{width}">')
        return ({"image/png": png, "text/html": html, "text/plain": self.alt},
                {"image/png": {"alt": self.alt, "width": width}})


def _encode(image: Image.Image, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format="png", **options)
    return buffer.getvalue()


def new_figure(rows: int = 1, columns: int = 1, *, width: float = 7.0, height: float = 3.6, **options):
    """A Picture (width x height inches) and its Axes, or the array of Axes, in the book's style."""
    with _DRAWING, rc_context(STYLE):
        figure = Picture(figsize=(width, height), layout="constrained")
        axes = figure.subplots(rows, columns, **options)
        for each in np.ravel(axes):
            if type(each) is Axes:  # a third of the time of a drawing goes into tick labels
                each.locator_params(nbins=6)
    return figure, axes


def described(figure: Picture, alt: str) -> Picture:
    """The figure with the sentence that a reader who cannot see it gets; build it from the numbers drawn."""
    if not alt.strip():
        raise ValueError("expected alt text that says what the picture shows; got an empty one")
    figure.alt = " ".join(alt.split())
    return figure


def legend(axes: Axes, **options) -> None:
    """A legend in the book's ink."""
    axes.legend(**{"frameon": False, "labelcolor": INK, "fontsize": 9, **options})


def clipped_text(figure: Picture) -> list[str]:
    """The texts of the figure, as drawn line by line, that the canvas or an axes cuts by more than a pixel."""
    figure.pixels()
    return clipped(figure)
