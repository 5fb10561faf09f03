"""The palette is legible for everyone, texts that are cut are seen, and pictures are bytes that do not change."""

import io
from itertools import combinations

import numpy as np
import pytest
from matplotlib import rcParams
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties
from PIL import Image

from mathdl.core.figures import COLOURS, DPI, INK, LINES, Picture, clipped_text, described, legend, new_figure
from mathdl.core.layout import TextRecorder, crossings, draw_in_place

WHITE, DARK = "#ffffff", "#111111"  # the backgrounds of JupyterLab's two themes
# Machado, Oliveira & Fernandes 2009, table 1, severity 1: on linear RGB.
SIGHT = {
    "normal": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                            [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                              [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                            [0.004733, 0.691367, 0.303900]])}
TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                   [0.0193339, 0.1191920, 0.9503041]])
APART = 20.0  # CIELAB units between any two; about ten times a just noticeable difference, side by side


def linear(colour: str) -> np.ndarray:
    c = np.array([int(colour[i:i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(a: str, b: str) -> float:
    """WCAG 2: the ratio of relative luminances."""
    dark, light = sorted(float((TO_XYZ @ linear(c))[1]) for c in (a, b))
    return (light + 0.05) / (dark + 0.05)


def lab(colour: str, sight: str) -> np.ndarray:
    t = TO_XYZ @ np.clip(SIGHT[sight] @ linear(colour), 0, 1) / TO_XYZ.sum(axis=1)
    x, y, z = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def nearest(colours, sight: str) -> float:
    return min(float(np.linalg.norm(lab(a, sight) - lab(b, sight))) for a, b in combinations(colours, 2))


def test_the_simulation_is_known_by_what_it_confuses():
    assert lab(WHITE, "normal") == pytest.approx([100, 0, 0], abs=0.02)
    assert contrast("#000000", WHITE) == pytest.approx(21)
    red_and_green = ("#A05A2C", "#6B6B00")
    assert nearest(red_and_green, "deuteranopia") < nearest(red_and_green, "normal") / 2
    assert nearest(("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"), "tritanopia") < APART


@pytest.mark.parametrize("sight", SIGHT)
def test_colours_are_apart_for_every_sight(sight):
    assert nearest((*COLOURS, INK), sight) >= APART


@pytest.mark.parametrize("background", [WHITE, DARK])
def test_colours_and_ink_stand_out_on_both_themes(background):
    assert min(contrast(c, background) for c in COLOURS) >= 3  # WCAG 1.4.11, parts of a picture
    assert contrast(INK, background) >= 3.9


def test_there_is_a_line_style_for_every_colour():
    assert len(LINES) == len(set(map(str, LINES))) == len(COLOURS) == len(set(COLOURS))


def drawing(shift: float = 0.0) -> Picture:
    figure, axes = new_figure(1, 2, width=5, height=2)
    axes[0].plot([0, 1, 2], [shift, 1, 4], label="curve")
    axes[0].set(xlabel="input", ylabel="output", title="a finding")
    legend(axes[0])
    axes[1].imshow(np.arange(6).reshape(2, 3))
    return described(figure, "  A curve \n and a map. ")


def test_two_drawings_are_the_same_bytes_and_other_numbers_are_not():
    assert drawing().png() == drawing().png()
    assert drawing().quick_png() == drawing().quick_png()
    assert drawing().png() != drawing(0.5).png()
    picture = drawing()
    assert picture.png() == picture.png()


def test_drawing_leaves_matplotlib_s_settings_alone():
    before = dict(rcParams)
    drawing().png()
    assert dict(rcParams) == before


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_a_picture_has_so_many_pixels_to_a_css_pixel(ratio):
    assert drawing().css_size == (5 * DPI, 2 * DPI)
    for png in (drawing().png(ratio), drawing().quick_png(ratio)):
        assert Image.open(io.BytesIO(png)).size == (5 * DPI * ratio, 2 * DPI * ratio)


def test_the_stored_picture_looks_like_the_drawn_one():
    full, stored = (np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"), float)
                    for png in (drawing().quick_png(1.5), drawing().png(1.5)))
    on_white = [rgba[..., :3] * rgba[..., 3:] / 255 + 255 - rgba[..., 3:] for rgba in (full, stored)]
    assert np.abs(on_white[0] - on_white[1]).mean() < 1  # of 255


def test_no_text_and_no_background_is_black_or_white():
    pixels = drawing().pixels()
    assert pixels[0, 0, 3] == 0
    opaque = pixels[pixels[..., 3] == 255][:, :3]
    assert not (opaque == 0).all(axis=1).any()
    assert not (opaque == 255).all(axis=1).any()


def test_jupyter_gets_the_picture_with_its_alt_text_in_every_form():
    picture = described(drawing(), 'A "curve" < 4.')
    data, metadata = picture._repr_mimebundle_()
    assert data["image/png"] == picture.png()
    assert data["text/plain"] == 'A "curve" < 4.'
    assert metadata == {"image/png": {"alt": 'A "curve" < 4.', "width": 550}}
    assert 'alt="A &quot;curve&quot; &lt; 4." width="550">' in data["text/html"]


def test_alt_text_is_one_line_and_never_empty():
    assert drawing().alt == "A curve and a map."
    with pytest.raises(ValueError, match="expected alt text"):
        described(drawing(), " \n ")


def test_a_picture_with_all_its_texts_inside_has_none_cut():
    assert clipped_text(drawing()) == []


CUT = {"beside the canvas": lambda f, a: f.text(0.97, 0.5, "long label"),
       "above the canvas": lambda f, a: f.text(0.5, 0.99, "long label"),
       "turned": lambda f, a: f.text(0.5, 0.9, "long label", rotation=90),
       "by its axes": lambda f, a: a.text(1.9, 2, "long label", clip_on=True),
       "second line": lambda f, a: f.text(0.5, 0.0, "fits\nlong label", va="center"),
       "mathematics": lambda f, a: f.text(0.99, 0.5, "$long$ label")}


@pytest.mark.parametrize("way", CUT)
def test_a_text_that_is_cut_is_seen(way):
    picture = drawing()
    CUT[way](picture, picture.axes[0])
    assert [text.replace("$", "") for text in clipped_text(picture)] == ["long label"]


def test_text_that_turns_inside_the_canvas_is_not_cut():
    picture = drawing()
    picture.text(0.5, 0.5, "long label", rotation=90, va="center")
    assert clipped_text(picture) == []


def places(figure: Picture) -> list:
    return [axes.get_position(original=True).bounds for axes in figure.axes]


def test_axes_stay_where_the_last_picture_had_them_while_they_fit():
    last, free = drawing(-10), drawing()
    last.pixels()
    free.pixels()
    assert places(free) != places(last)  # its tick labels are narrower
    held = drawing()
    assert draw_in_place(held, last)
    assert places(held) == places(last)
    assert clipped_text(held) == []


def test_axes_are_laid_out_afresh_when_a_label_would_be_cut_or_run_into_another_axes():
    last = drawing()
    last.pixels()
    for wide in ({"ylabel": "two\nlines"}, {"xlabel": "two\nlines"}):
        figure = drawing()
        figure.axes[0].set(**wide)
        assert not draw_in_place(figure, last)
        assert clipped_text(figure) == []
        assert places(figure) != places(last)
    figure = drawing()
    figure.axes[1].set_ylabel("several\nlines\nof a\nlabel\nto its\nleft")
    assert not draw_in_place(figure, last)
    figure.pixels()
    assert crossings(figure) == 0


def test_another_size_or_number_of_axes_is_laid_out_afresh():
    last = drawing()
    last.pixels()
    assert not draw_in_place(new_figure()[0], last)
    assert not draw_in_place(new_figure(1, 2)[0], last)


def test_a_size_is_remembered_for_its_text_font_and_resolution_only():
    """What the cache returns is what matplotlib measures without it, also after the font has changed."""
    font, seen = FontProperties(size=10), set()
    for dpi in (100.0, 200.0):
        renderer = TextRecorder(300, 200, dpi)
        for size in (10, 17):
            font.set_size(size)
            for text, ismath in (("risk", False), (r"$\mathdefault{10^{-3}}$", True)):
                for _ in range(2):
                    found = renderer.get_text_width_height_descent(text, font, ismath)
                    assert found == RendererAgg(300, 200, dpi).get_text_width_height_descent(text, font, ismath)
                seen.add(found)
    assert len(seen) == 8


@pytest.mark.parametrize(("top", "ticks"), [(90.0, True), (1e4, False)])
def test_a_logarithmic_axis_has_minor_ticks_below_two_decades_only(top, ticks):
    fig, ax = new_figure()
    ax.set(yscale="log", ylim=(1, top))
    fig.pixels()
    assert bool(len(ax.yaxis.get_minorticklocs())) is ticks
