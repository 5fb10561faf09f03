"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import IO, Any


@contextmanager
def written_whole(path: str | PathLike, mode: str = "w") -> Iterator[IO[Any]]:
    """A file to write into, beside `path`; it takes the place of `path` when the block has ended without an error.

    Whatever happens, a crash or a full disk, `path` is whole, old or new. `mode` is "w" (UTF-8) or "wb".
    """
    path = Path(path)
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with open(beside, mode, encoding=None if "b" in mode else "utf-8") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
