"""Every explorer in a real JupyterLab: run it, move it by keyboard, see its picture change, hear no error.

`make test` opens each chapter without its prose, verdicts and exercises (nbval runs all of its cells), which halves the
time; `make test-all` opens it whole.
"""

import os
import re
from pathlib import Path

import jupytext
import pytest

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
TEXTS = [HERE / "sample.md", *sorted((HERE.parents[1] / "chapters").glob("*.md"))]
ELSEWHERE = {"nbval-check-output", "exercise", "solution"}  # tags of cells that no picture needs
SHOTS = os.environ.get("MATHDL_SCREENSHOTS")  # a folder for a picture of every explorer in both themes
FIRST_CONTROL = ".noUi-handle, .mathdl-controls select, .mathdl-controls input[type=checkbox], .mathdl-handle"
KEYS = {"SELECT": ("ArrowDown", "ArrowUp"), "INPUT": ("Space",)}
UNNAMED = """explorer => [...explorer.querySelectorAll('input, select, button, [role=slider], [role=textbox]')]
    .filter(e => ![e.ariaLabel, e.textContent, ...[...(e.labels || [])].map(l => l.textContent)].join('').trim())
    .map(e => e.outerHTML)"""
CUT_LABELS = """explorer => [...explorer.querySelectorAll('.widget-label, .widget-label-basic')]
    .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)"""
IMAGES_WITHOUT_ALT = "() => [...document.querySelectorAll('.jp-OutputArea img')].filter(i => !i.alt.trim()).length"


@pytest.fixture
def notebook(tmp_path):
    """Makes the unexecuted notebook of a text, whole or with only what its pictures need."""
    def make(text: Path, whole: bool = True) -> Path:
        path = tmp_path / f"{text.stem}.ipynb"
        book = jupytext.read(text, fmt={"extension": ".md", "format_name": "myst"})
        book.cells = [c for c in book.cells
                      if whole or (c.cell_type == "code" and not ELSEWHERE & set(c.metadata.get("tags", ())))]
        jupytext.write(book, path)
        return path

    return make


@pytest.fixture
def sample(lab, notebook):
    """The sample chapter, run, and the page it is on."""
    with lab.visit(notebook(HERE / "sample.md")) as visit:
        visit.run_all()
        visit.page.locator(".mathdl-explorer img").first.wait_for()
        yield visit
        assert visit.errors == []


def change(page, explorer, act) -> None:
    """Do something, and wait until the explorer shows another picture."""
    img = explorer.locator("img")
    before = img.get_attribute("src")
    act()
    for _ in range(100):
        if img.get_attribute("src") != before:
            return
        page.wait_for_timeout(50)
    raise TimeoutError("the picture stayed as it was for five seconds")


def move_by_keyboard(page, explorer) -> None:
    """Focus the first control of the explorer and press keys until the picture changes."""
    control = explorer.locator(FIRST_CONTROL).first
    control.focus()
    keys = KEYS.get(control.evaluate("e => e.tagName"), ("ArrowRight", "ArrowLeft"))
    for key in keys:
        try:
            return change(page, explorer, lambda key=key: page.keyboard.press(key))
        except TimeoutError:
            if key == keys[-1]:  # at one end of its range a control moves only the other way
                raise


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["pictures", "whole"])
@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.stem)
def test_every_explorer_of_the_chapter_moves(lab, notebook, text, whole):
    with lab.visit(notebook(text, whole)) as visit:
        visit.run_all()
        page = visit.page
        explorers = page.locator(".mathdl-explorer")
        starts = len(re.findall(r"^(?:\w+\.)?explore(?:_\w+)?\(", text.read_text(), flags=re.MULTILINE))
        assert explorers.count() == starts > 0
        assert page.locator("[data-mime-type$='.error'], [data-mime-type$='.stderr']").count() == 0
        assert page.evaluate(IMAGES_WITHOUT_ALT) == 0
        for i in range(starts):
            explorer = explorers.nth(i)
            explorer.scroll_into_view_if_needed()
            move_by_keyboard(page, explorer)
            assert explorer.locator(".mathdl-problem").inner_text() == ""
            assert explorer.evaluate(UNNAMED) == []
            assert explorer.evaluate(CUT_LABELS) == []
        if SHOTS:
            shoot(visit, explorers, Path(SHOTS), text.stem)
        assert visit.errors == []
        assert visit.outside == []


def shoot(visit, explorers, folder: Path, stem: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for theme in ("Light", "Dark"):
        visit.theme(f"JupyterLab {theme}")
        for i in range(explorers.count()):
            explorers.nth(i).screenshot(path=folder / f"{stem}-{i + 1:02d}-{theme.lower()}.png")
    visit.theme("JupyterLab Light")


def test_a_point_is_dragged_with_the_mouse_and_the_text_follows(sample):
    explorer = sample.page.locator(".mathdl-explorer").first
    handle, field = explorer.locator(".mathdl-handle").nth(1), explorer.get_by_label("breakpoints", exact=True)
    handle.scroll_into_view_if_needed()
    origin, box = explorer.locator(".mathdl-handle").nth(0).bounding_box(), handle.bounding_box()
    x, y = box["x"] + 16, box["y"] + 16
    sample.page.mouse.move(x, y)
    sample.page.mouse.down()
    for i in range(40):  # many more events than pictures can be drawn
        sample.page.mouse.move(x + 2 * i, y + i)
    change(sample.page, explorer, lambda: sample.page.mouse.move(x + 100, y + 50))
    sample.page.mouse.up()
    sample.page.wait_for_timeout(1000)  # the last of the moves is drawn
    point = [float(v) for v in re.findall(r"[-\d.]+", field.input_value())][2:4]
    expected = [2 + 2 * 100 / (box["x"] - origin["x"]), 1 + 50 / (box["y"] - origin["y"])]  # from (0, 0) and (2, 1)
    assert point == pytest.approx(expected, abs=0.03)
    moved = handle.bounding_box()
    assert moved["x"] - box["x"] == pytest.approx(100, abs=1.5)
    assert moved["y"] - box["y"] == pytest.approx(50, abs=1.5)


def test_arrow_keys_faster_than_the_drawing_are_none_lost(sample):
    explorer = sample.page.locator(".mathdl-explorer").first
    handle = explorer.locator(".mathdl-handle").nth(0)
    handle.focus()
    for _ in range(20):
        sample.page.keyboard.press("ArrowUp")
    sample.page.wait_for_function("e => e.ariaLabel.includes('x = 0, y = 2.4;')", arg=handle.element_handle())
    assert sample.page.evaluate("document.activeElement.className") == "mathdl-handle"


def test_keys_on_a_control_are_the_control_s_and_not_the_notebook_s(sample):
    page, explorer = sample.page, sample.page.locator(".mathdl-explorer").first
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    menu, slider = explorer.get_by_label("kind of wave"), explorer.locator(".noUi-handle").first
    menu.focus()
    change(page, explorer, lambda: page.keyboard.press("ArrowDown"))
    assert menu.input_value() == "square"
    page.keyboard.press("b")  # in command mode: insert a cell below
    slider.focus()
    change(page, explorer, lambda: page.keyboard.press("ArrowUp"))
    assert slider.evaluate("e => e === document.activeElement")
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells


def test_of_many_slider_events_the_last_is_shown_and_nothing_jumps(sample):
    explorer = sample.page.locator(".mathdl-explorer").first
    explorer.locator(".noUi-handle").nth(1).focus()
    frame, img = explorer.locator(".mathdl-frame"), explorer.locator("img")
    place = frame.bounding_box()
    for _ in range(30):
        sample.page.keyboard.press("ArrowRight")
        assert frame.bounding_box() == place
    sample.page.wait_for_function("i => i.alt.includes('phase 1.8 ')", arg=img.element_handle())
    assert frame.bounding_box() == place


def test_a_refusal_and_malformed_text_are_told_and_reset_mends_both(sample):
    explorer = sample.page.locator(".mathdl-explorer").first
    problem, img = explorer.get_by_role("alert"), explorer.locator("img")
    before, place = img.get_attribute("src"), explorer.locator(".mathdl-frame").bounding_box()
    explorer.get_by_label("kind of wave").select_option("none")
    expect_text(sample.page, problem, "expected a kind of wave; got none: choose sine or square")
    field = explorer.get_by_label("weights")
    field.fill("1, banana")
    field.press("Enter")
    expect_text(sample.page, problem, "weights: expected 2 numbers; got '1, banana'")
    assert field.input_value() == "1, banana"
    assert img.get_attribute("src") == before
    assert explorer.locator(".mathdl-frame").bounding_box() == place
    explorer.get_by_role("button", name="Reset").click()
    expect_text(sample.page, problem, "")
    assert field.input_value() == "1, 0.5"


def expect_text(page, locator, text: str) -> None:
    page.wait_for_function("([e, t]) => e.textContent === t", arg=[locator.element_handle(), text], timeout=10_000)


def test_a_slow_drawing_says_so_shows_how_far_it_is_and_can_be_stopped(sample):
    page, explorer = sample.page, sample.page.locator(".mathdl-explorer").nth(1)
    img = explorer.locator("img")
    explorer.locator(".noUi-handle").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("i => /^[2-9] of 39 steps, waves 3/.test(i.alt)", arg=img.element_handle(), timeout=10_000)
    page.wait_for_function("e => getComputedStyle(e).opacity === '1'",
                           arg=explorer.locator(".mathdl-busy").element_handle(), timeout=5_000)
    explorer.get_by_role("button", name="Stop").click()
    page.wait_for_function("i => i.getAttribute('aria-busy') === 'false'", arg=img.element_handle(), timeout=3_000)
    reached = img.get_attribute("alt")
    assert not reached.startswith("39")
    page.wait_for_timeout(500)
    assert img.get_attribute("alt") == reached


def test_a_fine_screen_gets_a_fine_picture_of_the_same_size(lab, notebook):
    with lab.visit(notebook(HERE / "sample.md"), ratio=2) as visit:
        visit.run_all()
        img = visit.page.locator(".mathdl-explorer img").first
        img.wait_for()
        visit.page.wait_for_function("i => i.naturalWidth === 2 * 770", arg=img.element_handle(), timeout=10_000)
        assert img.bounding_box()["width"] == 770
