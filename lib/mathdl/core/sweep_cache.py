"""Results of a sweep on disk, one file a point, named by the content of what was computed."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mathdl.core.whole_file import written_whole


class SweepCache:
    """The folder of a function's results; without a folder nothing is kept.

    The process that started the sweep writes the files, so workers need not share a disk. They are pickles: use only
    folders that you trust.
    """

    def __init__(self, function: Callable[..., Any], folder: str | Path | None) -> None:
        self._folder = None if folder is None else Path(folder)
        self._identity = (function.__module__, function.__qualname__, _source(function))
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)

    def load(self, point: Mapping[str, Any]) -> Any | None:
        """The outcome of an earlier sweep at `point`, or None; a file that cannot be read is named and forgotten."""
        import joblib

        path = self._path(point)
        if path is None or not path.exists():
            return None
        try:
            return replace(joblib.load(path), cached=True)
        except Exception as error:  # a truncated pickle can raise almost anything
            warnings.warn(f"{path} cannot be read ({type(error).__name__}: {error}); the point is computed again",
                          RuntimeWarning, stacklevel=3)
            return None

    def save(self, outcome: Any) -> None:
        """Keep the outcome of one point: written beside its place and moved there whole."""
        import joblib

        path = self._path(outcome.parameters)
        if path is None:
            return
        with written_whole(path, "wb") as file:
            joblib.dump(outcome, file)

    def _path(self, point: Mapping[str, Any]) -> Path | None:
        import joblib

        if self._folder is None:
            return None
        return self._folder / f"{joblib.hash((self._identity, sorted(point.items())), hash_name='sha1')}.pkl"


def _source(function: Callable[..., Any]) -> str:
    """The text of the function, part of its results' names; its compiled code where there is no text."""
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return repr(getattr(getattr(function, "__code__", None), "co_code", ""))
