"""pytest-benchmark's JSON as the committed table: `python tests/bench/table.py RUN.json > tests/bench/RESULTS.md`."""

import json
import sys
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("numpy", "scipy", "numba", "torch", "matplotlib")


def line(run: dict) -> str:
    """One benchmark: its least and median time, and the ratios that it measured."""
    notes = "; ".join(f"{name.replace('_', ' ')} {value}" for name, value in run["extra_info"].items())
    stats = run["stats"]
    return f"| {run['name']} | {1e3 * stats['min']:.4g} | {1e3 * stats['median']:.4g} | {notes} |"


def table(result: dict) -> str:
    """The whole file: hardware and versions first, because ratios travel and times do not."""
    machine, cpu = result["machine_info"], result["machine_info"]["cpu"]
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    head = [
        "# Speed, as measured by `make bench`", "",
        f"{cpu.get('brand_raw', machine['processor'])}, {cpu.get('count')} cores; Python {machine['python_version']}, "
        f"{versions}; {result['datetime'][:10]}. Ratios count; times hold as an order of magnitude.", "",
        "| benchmark | least ms | median ms | measured |", "| --- | --- | --- | --- |"]
    runs = sorted(result["benchmarks"], key=lambda run: run["fullname"])
    return "\n".join([*head, *map(line, runs)])


if __name__ == "__main__":
    print(table(json.loads(Path(sys.argv[1]).read_text())))
