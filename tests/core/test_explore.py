"""Explorers without a browser: values are set on the controls as the page would set them."""

import asyncio
import gc
from dataclasses import dataclass
from importlib import import_module
from zlib import crc32

import ipywidgets
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.core import explore as module
from mathdl.core.controls import nice, read_numbers
from mathdl.core.explore import Choice, Numbers, Points, Slider, Toggle, explore
from mathdl.core.figures import described, new_figure


@dataclass(frozen=True)
class Wave:
    waves: int = 2
    phase: float = 0.3
    kind: str = "sine"
    points: tuple[tuple[float, float], ...] = ((0.0, 0.0), (2.0, 1.0))
    weights: tuple[float, ...] = (1.0, 0.5)
    widths: tuple[int, ...] = (3, 2)
    grid: bool = False
    seed: int = 0


CONTROLS = {"waves": Slider(1, 9, "waves k"), "phase": Slider(0, 6.28, "phase"),
            "kind": Choice(("sine", "none"), "kind"), "points": Points("points", x=(-1, 5), y=(-3, 3)),
            "weights": Numbers("weights", (-3, 3)), "widths": Numbers("widths", (1, 9)), "grid": Toggle("grid")}
OTHER = {"waves": 5, "phase": 1.5, "points": ((0.0, 1.0), (2.0, 1.0)), "weights": (2.0, 0.5), "widths": (4, 2),
         "grid": True}


class Drawer:
    """Draws a tiny picture whose pixels depend on the whole state, and remembers what it was asked for."""

    def __init__(self):
        self.states = []
        self.meanwhile = lambda: None

    def __call__(self, state):
        self.states.append(state)
        self.meanwhile()
        if state.kind == "none":
            raise ValueError("expected a kind of wave; got none")
        figure, axes = new_figure(width=2, height=1)
        axes.plot([0, 1], [state.phase, crc32(repr(state).encode()) % 97 / 16 - 3])  # the same in every run
        axes.set(xlim=(-1, 5), ylim=(-3, 3))
        return described(figure, f"{state}")


@pytest.fixture
def draw():
    return Drawer()


@pytest.fixture
def wave(draw):
    return explore(draw, Wave(), **CONTROLS)


def test_the_first_picture_is_that_of_the_state_given(wave, draw):
    assert draw.states == [Wave()] == [wave.state]
    assert wave.view.png.startswith(b"\x89PNG")
    assert wave.view.alt == str(Wave())
    assert (wave.view.width, wave.view.height) == (220, 110)


@pytest.mark.parametrize("name", OTHER)
def test_setting_a_control_draws_the_new_state_once(wave, draw, name):
    before = wave.view.png
    wave.controls[name].value = OTHER[name]
    assert draw.states[1:] == [wave.state]
    assert wave.state == module.replace(Wave(), **{name: OTHER[name]})
    assert wave.view.png != before
    assert wave.view.alt == str(wave.state)


def test_the_state_keeps_the_types_of_its_fields(wave):
    for name, value in OTHER.items():
        wave.controls[name].value = value
    assert isinstance(wave.state.waves, int)
    assert isinstance(wave.state.phase, float)
    assert {type(x) for x in wave.state.widths} == {int}
    assert {type(x) for p in wave.state.points for x in p} == {float}
    hash(wave.state)


def test_an_error_is_shown_and_the_last_good_picture_stays(wave):
    good = wave.view.png, wave.view.alt
    wave.controls["kind"].value = "none"
    assert wave.view.problem == "expected a kind of wave; got none"
    assert (wave.view.png, wave.view.alt) == good
    assert not wave.view.busy
    wave.controls["kind"].value = "sine"
    assert wave.view.problem == ""


def test_a_draw_that_refuses_the_first_state_is_not_hidden(draw):
    with pytest.raises(ValueError, match="expected a kind of wave"):
        explore(draw, Wave(kind="none"), waves=CONTROLS["waves"])


def test_a_bug_in_draw_is_not_taken_for_a_refusal(wave, draw):
    draw.meanwhile = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        wave.controls["waves"].value = 3
    assert not wave.view.busy
    draw.meanwhile = lambda: None
    wave.controls["waves"].value = 4
    assert wave.view.alt == str(wave.state)


def test_of_the_events_during_a_drawing_only_the_newest_is_drawn(wave, draw):
    def moves():
        draw.meanwhile = lambda: None
        for k in (4, 5, 6, 7):
            wave.controls["waves"].value = k

    draw.meanwhile = moves
    wave.controls["waves"].value = 3
    assert [state.waves for state in draw.states] == [2, 3, 7]
    assert wave.view.alt == str(wave.state)


def test_reset_brings_everything_back_in_one_drawing(wave, draw):
    first = wave.view.png
    for name, value in OTHER.items():
        wave.controls[name].value = value
    wave.controls["weights"].field.value = "1, x"
    done = len(draw.states)
    buttons = [w for w in wave.children[0].children[-1].children if isinstance(w, ipywidgets.Button)]
    assert [b.description for b in buttons] == ["Reset"]
    buttons[0].click()
    assert draw.states[done:] == [Wave()]
    assert wave.view.png == first
    assert wave.view.problem == ""
    assert wave.controls["weights"].field.value == "1, 0.5"


@pytest.mark.parametrize(("name", "text", "value"), [
    ("points", "1 2, 3 -1", ((1.0, 2.0), (3.0, -1.0))),
    ("points", "[(0.5; 1e0), (1/2, −1)]", ((0.5, 1.0), (0.5, -1.0))),
    ("weights", "(1/3, -.5)", (1 / 3, -0.5)), ("widths", "4,4.0", (4, 4))])
def test_typed_text_is_read(wave, name, text, value):
    wave.controls[name].field.value = text
    assert getattr(wave.state, name) == value
    assert wave.view.problem == ""


@pytest.mark.parametrize(("name", "text", "says"), [
    ("points", "1, banana", "points: expected 2 pairs such as (-1, 3); got '1, banana'"),
    ("points", "1, 2, 3", "points: expected 2 pairs"),
    ("points", "(9, 0), (0, 0)", "points: expected a number from -1 to 5; got 9"),
    ("weights", "", "weights: expected 2 numbers; got ''"), ("weights", "nan, 1", "weights: expected 2 numbers"),
    ("weights", "1e999, 1", "weights: expected a number from -3 to 3; got inf"),
    ("weights", "1/0, 1", "a division by zero"),
    ("widths", "2.5, 1", "widths: expected 2 whole numbers; got '2.5, 1'"), ("widths", "1e999, 1", "2 whole numbers")])
def test_malformed_text_is_answered_and_nothing_is_lost(wave, draw, name, text, says):
    before = wave.state, wave.view.png
    wave.controls[name].field.value = text
    assert says in wave.view.problem
    assert (wave.state, wave.view.png) == before
    assert wave.controls[name].field.value == text
    assert len(draw.states) == 1
    wave.controls["waves"].value = 3  # the message stays as long as the text does
    assert says in wave.view.problem
    wave.controls["weights"].field.value, wave.controls["widths"].field.value = "1, 1", "1, 1"
    wave.controls["points"].field.value = "0 0 1 1"
    assert wave.view.problem == ""


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5))
def test_numbers_written_by_python_are_read_back(values):
    assert read_numbers(str(values), len(values)) == tuple(values)


@given(st.floats(1e-6, 1e6))
def test_a_nice_step_is_the_next_of_1_2_5_below(x):
    step = nice(x)
    digits = f"{step:.0e}"[0]
    assert digits in "125"
    assert step <= x * (1 + 1e-8)
    assert {"1": 2.0, "2": 2.5, "5": 2.0}[digits] * step > x


@pytest.mark.parametrize(("slider", "value", "step", "digits"), [
    (Slider(0, 6.28, "x"), 0.3, 0.05, ".2f"), (Slider(-1, 1, "x"), 0.0, 0.02, ".2f"),
    (Slider(0, 1, "x"), 0.123, 0.001, ".3f"),
    (Slider(0, 10, "x", step=0.5), 2.5, 0.5, ".1f"), (Slider(0, 100, "x"), 20.0, 1.0, ".0f")])
def test_a_slider_stands_on_its_own_grid_so_that_the_page_does_not_move_it(slider, value, step, digits):
    widget = slider.widget(value)
    assert widget.step == pytest.approx(step)
    assert widget.readout_format == digits
    assert widget.value == value


def test_an_int_field_gets_whole_numbers(wave):
    assert isinstance(wave.controls["waves"], ipywidgets.IntSlider)
    assert isinstance(wave.controls["phase"], ipywidgets.FloatSlider)


@pytest.mark.parametrize(("field", "control", "says"), [
    ("waves", Slider(3, 9, "k"), "waves: expected a number from 3 to 9; got 2"),
    ("phase", Slider(1, 2, "p"), "phase: expected a number from 1 to 2; got 0.3"),
    ("grid", Slider(0, 1, "g"), "grid: expected a number for a Slider; got False: use Toggle"),
    ("kind", Slider(0, 1, "g"), "kind: expected a number for a Slider; got 'sine'"),
    ("kind", Choice(("a", "b"), "kind"), "kind: expected one of ('a', 'b'); got 'sine'"),
    ("waves", Toggle("k"), "waves: expected True or False for a Toggle; got 2"),
    ("points", Points("p", x=(1, 5), y=(-3, 3)), "points: expected a number from 1 to 5; got 0"),
    ("phase", Points("p", x=(1, 5), y=(-3, 3)), "phase: expected a tuple of pairs (x, y); got 0.3"),
    ("weights", Points("p", x=(1, 5), y=(-3, 3)), "weights: expected a tuple of pairs"),
    ("weights", Numbers("w", (0.6, 1)), "weights: expected a number from 0.6 to 1; got 0.5"),
    ("points", Numbers("w", (0, 1)), "points: expected a tuple of numbers"),
    ("wavs", Slider(1, 9, "k"), "expected controls named by fields of Wave; got wavs")])
def test_a_control_that_does_not_fit_its_field_is_refused(draw, field, control, says):
    with pytest.raises(ValueError) as error:
        explore(draw, Wave(), **{field: control})
    assert says in str(error.value)


def test_the_state_must_be_frozen_and_some_control_must_move_it(draw):
    @dataclass
    class Loose:
        k: int = 1

    with pytest.raises(ValueError, match="expected a frozen dataclass"):
        explore(draw, Loose(), k=Slider(1, 2, "k"))
    with pytest.raises(ValueError, match="got none"):
        explore(draw, Wave())


def test_every_control_has_its_label_in_full_and_all_labels_one_width(wave):
    fields = [getattr(w, "field", w) for w in wave.controls.values()]
    assert [f.description for f in fields] == [c.label for c in CONTROLS.values()]
    assert len({f.style.description_width for f in fields}) == 1
    assert wave._repr_mimebundle_()["text/plain"] == (
        "Interactive picture: run this cell to move waves k, phase, kind, points, weights, widths, grid.")


def drag(wave, handle, **move):
    wave.view._handle_custom_msg({"handle": handle, "serial": wave.view.answered + 1, **move}, [])


def test_handles_stand_where_the_points_are_drawn(wave):
    axes = wave.view.picture.axes[0]
    for handle, point in zip(wave.view.handles, Wave().points, strict=True):
        x, y = axes.transData.transform(point)
        assert handle["at"] == pytest.approx([x / 220, 1 - y / 110], abs=1e-12)
    (x0, y1), (x1, y0) = (axes.transData.transform(p) for p in ((-1, -3), (5, 3)))
    assert wave.view.handles[0]["within"] == pytest.approx([x0 / 220, 1 - y0 / 110, x1 / 220, 1 - y1 / 110], abs=1e-12)
    assert wave.view.handles[1]["label"].startswith("points 2: x = 2, y = 1")


def test_a_dragged_handle_sets_its_point_and_the_text(wave):
    x0, y0, x1, _ = wave.view.handles[1]["within"]
    drag(wave, 1, at=[(x0 + x1) / 2, y0])
    assert wave.state.points == ((0.0, 0.0), (2.0, 3.0))
    assert wave.controls["points"].field.value == "(0, 0), (2, 3)"
    assert wave.view.answered == 1
    drag(wave, 1, at=[-5, 7])
    assert wave.state.points[1] == (-1.0, -3.0)


def test_a_drag_gives_numbers_short_enough_to_read(wave):
    x0, y0, x1, y1 = wave.view.handles[1]["within"]
    drag(wave, 1, at=[x0 + (x1 - x0) / 3, y0 + (y1 - y0) / 7])
    assert wave.state.points[1] == (1.0, 2.14)


def test_reset_gives_the_first_picture_back_also_when_the_axes_had_to_move():
    def draw(state):
        figure, axes = new_figure(width=2, height=1)
        axes.set_ylim(0, 10 ** state.waves)
        return described(figure, "an axis")

    wave = explore(draw, Wave(), waves=CONTROLS["waves"])
    first, place = wave.view.png, wave.view.picture.axes[0].get_position().x0
    wave.controls["waves"].value = 5
    assert wave.view.picture.axes[0].get_position().x0 > place
    wave.controls["waves"].value = 2
    assert wave.view.png != first  # the axes stay where the wide labels put them
    wave.reset()
    assert wave.view.png == first


def test_arrow_keys_move_a_handle_by_a_fiftieth_of_the_range_and_stop_at_its_end(wave):
    drag(wave, 0, by=[1, -2])
    assert wave.state.points[0] == (0.12, -0.24)
    drag(wave, 0, by=[1000, 0])
    assert wave.state.points[0] == (5.0, -0.24)


def test_a_move_is_answered_also_when_the_picture_refuses(wave, draw):
    def refuse():
        raise ValueError("no")

    draw.meanwhile = refuse
    drag(wave, 0, by=[1, 0])
    assert (wave.view.answered, wave.view.problem) == (1, "no")


def steps(n, log):
    """A draw that takes n pictures."""

    def refine(state):
        for i in range(n):
            log.append((state.waves, i))
            yield described(new_figure(width=1, height=1)[0], f"waves {state.waves}, picture {i}")

    return refine


def test_a_slow_draw_shows_every_picture_and_leaves_off_when_stopped():
    log = []
    wave = explore(steps(5, log), Wave(), waves=CONTROLS["waves"])
    assert len(log) == 5
    assert [b.description for b in wave.children[0].children[-1].children] == ["Reset", "Stop"]
    wave.view.observe(lambda change: wave.stop() if change.new.endswith("picture 1") else None, "alt")
    wave.controls["waves"].value = 3
    assert log[5:] == [(3, 0), (3, 1)]
    assert not wave.view.busy


def test_in_a_kernel_events_come_in_between_two_pictures_and_the_newest_wins():
    log = []

    async def session():
        wave = explore(steps(50, log), Wave(), waves=CONTROLS["waves"])
        assert len(log) == 1
        wave.controls["waves"].value = 3
        await asyncio.sleep(0.02)
        wave.controls["waves"].value = 4
        while wave.view.busy:
            await asyncio.sleep(0.01)
        return wave.view.alt

    assert asyncio.run(session()) == "waves 4, picture 49"
    assert [k for k, i in log if i == 49] == [4]
    assert sum(k == 2 for k, _ in log) < 50


def test_all_drawings_of_a_chapter_are_found(tmp_path, monkeypatch):
    package = tmp_path / "demo_explorers"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "waves.py").write_text(
        "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass W:\n    k: int = 7\n"
        "def draw_w(state: W) -> str: return f'w{state.k}'\ndef explore_w(): ...\n"
        "def draw_lonely(state: W) -> str: return 'l'\ndef draw_still(largest: int = 3) -> str: return f's{largest}'\n")
    (package / "more.py").write_text("from demo_explorers.waves import draw_w\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(module, "import_module", lambda name: import_module(
        name.replace("mathdl.demo.explorers", "demo_explorers")))
    found = module.drawings("demo")
    assert {name: (d.draw(), d.explore is None, d.moves) for name, d in found.items()} == {
        "waves.w": ("w7", False, True), "waves.lonely": ("l", True, True), "waves.still": ("s3", True, False)}


@pytest.mark.parametrize("enabled", [True, False])
def test_no_garbage_is_collected_during_a_drawing_and_all_is_as_before_after_it(draw, enabled):
    """A full collection takes longer than a drawing; an error must not leave the collector off."""
    seen, before = [], gc.isenabled()
    draw.meanwhile = lambda: seen.append(gc.isenabled())
    (gc.enable if enabled else gc.disable)()
    try:
        explorer = explore(draw, Wave(), kind=CONTROLS["kind"])
        explorer.controls["kind"].value = "none"
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if before else gc.disable)()
    assert seen == [False, False]
