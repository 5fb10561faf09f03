"""How long a reader waits for each picture: drawn and encoded, as an explorer does it; p95 stands in `extra_info`."""

import numpy as np
import pytest

from mathdl.core.explore import drawings
from mathdl.core.registry import chapters

ALL = {f"{slug}.{name}": found for slug in chapters() for name, found in drawings(slug).items()}


@pytest.mark.parametrize("name", ALL)
def test_event_to_png(benchmark, name):
    draw = ALL[name].draw
    last = draw()
    last.pixels()
    png = benchmark.pedantic(lambda: draw().quick_png(last=last), rounds=50, warmup_rounds=3)
    assert png.startswith(b"\x89PNG")
    median, p95 = 1e3 * np.quantile(benchmark.stats.stats.data, [0.5, 0.95])
    benchmark.extra_info["p95_ms"] = round(p95, 1)
    print(f"{name}: median {median:.0f} ms, 95th percentile {p95:.0f} ms")
