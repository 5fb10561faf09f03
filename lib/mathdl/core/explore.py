"""Explorers: controls that move a frozen state, and one picture of it that is updated in place."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial
from importlib import import_module
from inspect import isgeneratorfunction
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, get_type_hints

import ipywidgets

from mathdl.core.controls import Choice, Control, Numbers, Points, Slider, Toggle, TypedField
from mathdl.core.figures import Picture
from mathdl.core.picture import Handle, PictureView

__all__ = ["Choice", "Drawing", "Explorer", "Numbers", "Points", "Slider", "Toggle", "drawings", "explore"]

Draw = Callable[[Any], Picture | Iterator[Picture]]


def explore(draw: Draw, state: Any, **controls: Control) -> Explorer:
    """An explorer of the frozen dataclass `state`: one control for each field named, and the picture `draw(state)`.

    A `draw` that is a generator yields ever better pictures of the same state; it is left as soon as the state changes
    or the reader presses Stop. Raises ValueError when a control does not fit its field.
    """
    if not is_dataclass(state) or not state.__dataclass_params__.frozen:
        raise ValueError(f"expected a frozen dataclass as the state; got {state!r}")
    unknown = controls.keys() - {f.name for f in fields(state)}
    if unknown or not controls:
        names = ", ".join(sorted(unknown)) or "none"
        raise ValueError(f"expected controls named by fields of {type(state).__name__}; got {names}")
    return Explorer(draw, state, controls)


class Explorer(ipywidgets.VBox):
    """Controls and picture; `.state` is what the controls say, `.controls[name].value` reads and sets one field."""

    def __init__(self, draw: Draw, state: Any, controls: dict[str, Control]):
        self._draw, self._start, self._asked = draw, state, controls
        self._wanted, self._stopped, self._resetting = None, False, False
        self._drawing = threading.Lock()
        self.controls = {name: _widget(name, control, getattr(state, name)) for name, control in controls.items()}
        self.view = PictureView(self._moved)
        reset = ipywidgets.Button(description="Reset", tooltip="Put every control back to where it started")
        stop = ipywidgets.Button(description="Stop", tooltip="Keep the picture as far as it has come")
        reset.on_click(lambda _: self.reset())
        stop.on_click(lambda _: self.stop())
        buttons = ipywidgets.HBox([reset, stop] if isgeneratorfunction(draw) else [reset])
        for widget in self.controls.values():
            widget.observe(self._changed, "value")
            if isinstance(widget, TypedField):
                widget.observe(self._refused, "problem")
        _align(self.controls.values())
        super().__init__([ipywidgets.VBox([*self.controls.values(), buttons]).add_class("mathdl-controls"), self.view])
        self.add_class("mathdl-explorer")
        self._redraw()

    @property
    def state(self) -> Any:
        """The state that the controls show."""
        return replace(self._start, **{name: widget.value for name, widget in self.controls.items()})

    def reset(self) -> None:
        """Put every control back to where it started."""
        self._resetting = True
        try:
            for name, widget in self.controls.items():
                widget.value = getattr(self._start, name)
                if isinstance(widget, TypedField):
                    widget.restore()
        finally:
            self._resetting = False
        self.view.keeps_places = False
        self._redraw()

    def stop(self) -> None:
        """Leave the computation under way after its next picture."""
        self._stopped = True

    def _changed(self, change: dict) -> None:
        if not self._resetting:
            self._redraw()

    def _refused(self, change: dict) -> None:
        self.view.problem = self._unread()

    def _redraw(self) -> None:
        self._wanted, work = self.state, self._work()
        if isgeneratorfunction(self._draw) and _kernel_runs():
            next(work, None)
            self._task = asyncio.get_running_loop().create_task(_drive(work))
        else:
            for _ in work:
                pass

    def _work(self) -> Iterator[None]:
        """Draw the newest state until none is left; yields after each picture, so that events can come in.

        An event during a drawing only replaces `_wanted`: whoever draws finds it there, and stale ones are never seen.
        """
        while self._wanted is not None and self._drawing.acquire(blocking=False):
            collecting = gc.isenabled()
            gc.disable()  # a full collection takes longer than a drawing: it can wait until the picture is out
            try:
                self.view.busy = True
                state, self._wanted, self._stopped = self._wanted, None, False
                for picture in _pictures(self._draw(state)):
                    self.view.show(picture, partial(self._handles, state))
                    self.view.problem = self._unread()
                    yield
                    if self._stopped or self._wanted is not None:
                        break
            except ValueError as error:  # the last good picture stays; at the very start there is none
                if self.view.picture is None:
                    raise
                self.view.problem = str(error)
            finally:
                self.view.busy = False
                if collecting:
                    gc.enable()
                self._drawing.release()

    def _unread(self) -> str:
        """What is wrong with the text of a typed field, if anything is."""
        return next((w.problem for w in self.controls.values() if isinstance(w, TypedField) and w.problem), "")

    def _grips(self) -> list[tuple[str, Points, int]]:
        """Every point that can be dragged: its field, its control, its place in the field."""
        return [(name, control, i) for name, control in self._asked.items() if isinstance(control, Points)
                for i in range(len(self.controls[name].value))]

    def _handles(self, state: Any, picture: Picture) -> list[Handle]:
        handles = []
        for name, control, i in self._grips():
            x, y = getattr(state, name)[i]
            corners = zip(control.x, control.y, strict=True)
            low, high = (_to_page(picture, control.axes, corner) for corner in corners)
            handles.append({"label": f"{control.label} {i + 1}: x = {x:.6g}, y = {y:.6g}; the arrow keys move it",
                            "at": _to_page(picture, control.axes, (x, y)),
                            "within": [*map(min, low, high), *map(max, low, high)]})
        return handles

    def _moved(self, handle: int, move: dict) -> None:
        name, control, i = self._grips()[handle]
        points = list(self.controls[name].value)
        points[i] = (control.nudged(points[i], move["by"]) if "by" in move
                     else control.placed(_from_page(self.view.picture, control.axes, move["at"])))
        self.controls[name].value = tuple(points)

    def _repr_mimebundle_(self, **kwargs) -> tuple[dict, dict] | dict:
        bundle = super()._repr_mimebundle_(**kwargs)
        labels = ", ".join(control.label for control in self._asked.values())
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["text/plain"] = f"Interactive picture: run this cell to move {labels}."
        return bundle


def _kernel_runs() -> bool:
    """True in Jupyter, whose event loop can bring in events between two pictures."""
    try:
        return asyncio.get_running_loop().is_running()
    except RuntimeError:
        return False


async def _drive(work: Iterator[None]) -> None:
    for _ in work:
        await asyncio.sleep(0.001)


def _pictures(drawn: Picture | Iterator[Picture]) -> Iterator[Picture]:
    return iter([drawn]) if isinstance(drawn, Picture) else drawn


def _widget(name: str, control: Control, value: Any) -> ipywidgets.Widget:
    try:
        return control.widget(value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _align(widgets) -> None:
    """One column of labels, as wide as the longest; beyond 30 characters a label wraps."""
    widgets = [widget.field if isinstance(widget, TypedField) else widget for widget in widgets]
    column = 0.9 * min(30, max(len(widget.description) for widget in widgets)) + 1  # a digit is wider than a letter
    for widget in widgets:
        widget.style.description_width = f"{column:.1f}ch"
        widget.layout.width = f"calc({column:.1f}ch + 26em)"
        widget.layout.max_width = "100%"


def _to_page(picture: Picture, axes: int, point: tuple[float, float]) -> list[float]:
    """A point of the data as fractions of the picture's width and height, from its upper left corner."""
    x, y = picture.transFigure.inverted().transform(picture.axes[axes].transData.transform(point))
    return [float(x), float(1 - y)]


def _from_page(picture: Picture, axes: int, place: tuple[float, float]) -> tuple[float, float]:
    x, y = place
    return tuple(picture.axes[axes].transData.inverted().transform(picture.transFigure.transform((x, 1 - y))))


@dataclass(frozen=True)
class Drawing:
    """One `draw_x` of a chapter on its defaults, and its `explore_x`, which a draw of a state must have."""

    draw: Callable[[], Picture]
    explore: Callable[[], Explorer] | None
    moves: bool


def drawings(slug: str) -> dict[str, Drawing]:
    """Every `draw_x` in the explorers of a chapter, by "module.x"."""
    package = import_module(f"mathdl.{slug}.explorers")
    modules = [import_module(f"{package.__name__}.{info.name}") for info in iter_modules(package.__path__)]
    return {f"{module.__name__.split('.')[-1]}.{name[5:]}": _drawing(module, name)
            for module in modules for name, value in vars(module).items()
            if name.startswith("draw_") and value.__module__ == module.__name__}


def _drawing(module: ModuleType, name: str) -> Drawing:
    draw, explorer = getattr(module, name), getattr(module, f"explore_{name[5:]}", None)
    kinds = [kind for argument, kind in get_type_hints(draw).items() if argument != "return"]
    state = next((kind for kind in kinds if is_dataclass(kind)), None)
    return Drawing(draw if state is None else lambda: draw(state()), explorer, state is not None)
