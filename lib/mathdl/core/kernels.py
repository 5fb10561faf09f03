"""Machine code that numba keeps on disk: what was compiled before a kernel it calls had changed is forgotten."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def forget_stale(package: Path) -> None:
    """Remove numba's cached code of a package when one of its kernel modules `_*.py` is newer.

    numba compares a cached function with the file of that function alone, and would go on using code into which an
    older version of another module was compiled. Where nothing may be removed, nothing is.
    """
    with suppress(OSError):
        newest = max((path.stat().st_mtime for path in package.glob("_*.py")), default=0.0)
        for index in (package / "__pycache__").glob("*.nbi"):
            if index.stat().st_mtime < newest:
                index.unlink(missing_ok=True)
