"""Results that the book ships as JSON: settings, hardware in words, seconds, and one line a row."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mathdl.core.data import shipped


@lru_cache
def read_record(name: str) -> Mapping[str, Any]:
    """The shipped record `name`: settings, and a tuple of read-only `rows`. Raises ValueError when it is not there."""
    record = json.loads(shipped(name).read_text(encoding="utf-8"))
    record["rows"] = tuple(MappingProxyType(row) for row in record["rows"])
    return MappingProxyType(record)


def record_row(name: str, **where: Any) -> Mapping[str, Any]:
    """The only row of a record with these values; raises ValueError when there is none, or more than one."""
    rows = [row for row in read_record(name)["rows"] if all(row[key] == value for key, value in where.items())]
    if len(rows) != 1:
        raise ValueError(f"expected one row of {name} with {where}; got {len(rows)}")
    return rows[0]


def write_record(path: str | Path, told: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write settings, this machine in words, the versions of what computed, and the rows, one a line."""
    head = {**told, "hardware": hardware(), "versions": {name: version(name) for name in ("numpy", "scipy")}}
    lines = ",\n  ".join(json.dumps(rounded(row)) for row in rows)
    text = json.dumps(rounded(head), indent=1, ensure_ascii=False)
    Path(path).write_text(f'{text[:-2]},\n "rows": [\n  {lines}]\n}}\n', encoding="utf-8")


def rounded(value: Any) -> Any:
    """Floats to six significant digits, which is what float32 signals deserve; the rest as it is."""
    if isinstance(value, Mapping):
        return {key: rounded(each) for key, each in value.items()}
    return float(f"{value:.6g}") if isinstance(value, float) else value


def hardware() -> str:
    """The processor and the threads that were used, in words."""
    from threadpoolctl import threadpool_info

    threads = max((pool["num_threads"] for pool in threadpool_info()), default=1)
    return f"{_processor()}, {threads} thread{'s' * (threads > 1)}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
