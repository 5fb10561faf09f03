"""Chapters are written as MyST text; here they become executed notebooks whose bytes depend on the text alone."""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import jupytext
import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from tqdm import tqdm

LIBRARY = Path(__file__).parents[1]
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
WIDGET = "application/vnd.jupyter.widget-view+json"
OnCell = Callable[[int, int], None]  # cells done, cells in all


def build(path: Path, *, force: bool = False, on_cell: OnCell | None = None) -> Path:
    """The executed notebook beside the text `path`; run only when code or library have changed, or with `force`."""
    target, now = path.with_suffix(".ipynb"), fingerprint(path)
    last = nbformat.read(target, 4) if target.exists() else nbformat.v4.new_notebook()
    stored = last.metadata.get("mathdl", {})
    if stored.items() >= now.items() and not force:
        return target
    notebook = read_text(path)
    if not force and all(stored.get(name) == now[name] for name in ("code", "library")):
        _take_outputs(notebook, last)
        measured = {name: stored[name] for name in ("seconds", "megabytes")}
    else:
        seconds, megabytes = execute(notebook, path.parent, on_cell)
        normalise(notebook)
        measured = {"seconds": settled(seconds, stored.get("seconds"), 1),
                    "megabytes": settled(megabytes, stored.get("megabytes"), 10)}
    notebook.metadata["mathdl"] = now | measured
    target.write_text(nbformat.writes(notebook, indent=1).rstrip() + "\n", encoding="utf-8")
    return target


def _take_outputs(notebook: NotebookNode, last: NotebookNode) -> None:
    """Give the notebook the outputs of the last one, whose code cells are the same."""
    notebook.metadata = last.metadata
    runs = (cell for cell in last.cells if cell.cell_type == "code")
    for cell in notebook.cells:
        if cell.cell_type == "code":
            run = next(runs)
            cell.outputs, cell.execution_count = run.outputs, run.execution_count


def stale(path: Path) -> bool:
    """True when the notebook beside the text is missing, or was made from another text or another library."""
    return not _stored(path.with_suffix(".ipynb")).items() >= fingerprint(path).items()


def check(path: Path) -> list[str]:
    """What is wrong with the chapter of the text `path`, one sentence for each problem; empty when nothing is."""
    from mathdl.core.gate import problems

    return problems(path)


def read_text(path: Path) -> NotebookNode:
    """The unexecuted notebook that a MyST text describes, with cell ids that depend on the cells alone."""
    notebook = jupytext.read(path, fmt={"extension": ".md", "format_name": "myst"})
    notebook.metadata = NotebookNode(kernelspec=NotebookNode(KERNEL))
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        name = hashlib.sha256(cell.source.encode()).hexdigest()[:8]
        seen[name] = seen.get(name, 0) + 1
        cell.id = name if seen[name] == 1 else f"{name}-{seen[name]}"
    return notebook


def execute(notebook: NotebookNode, folder: Path, on_cell: OnCell | None = None) -> tuple[float, float]:
    """Run every cell in a fresh kernel; returns wall seconds and the peak megabytes of the kernel and its children."""
    watch = _Memory()
    client = NotebookClient(
        notebook, timeout=600, kernel_name="python3", record_timing=False, store_widget_state=False,
        coalesce_streams=True, resources={"metadata": {"path": str(folder)}},
        on_cell_start=lambda cell, cell_index: watch.start(client.km.provisioner.pid),
        on_cell_complete=lambda cell, cell_index: on_cell and on_cell(cell_index + 1, len(notebook.cells)))
    with tempfile.TemporaryDirectory() as home:
        quiet = {"TQDM_DISABLE": "1", "PYTHONHASHSEED": "0", "IPYTHONDIR": home}
        begin = time.perf_counter()
        try:
            client.execute(env=os.environ | quiet)
        finally:
            watch.stop()
    return time.perf_counter() - begin, watch.peak


class _Memory:
    """The peak of resident megabytes of a process and its children, looked at twenty times a second."""

    def __init__(self) -> None:
        self.peak = 0.0
        self._done = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, pid: int) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._look, args=(psutil.Process(pid),), daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._done.set()
        if self._thread is not None:
            self._thread.join()

    def _look(self, process: psutil.Process) -> None:
        while not self._done.wait(0.05):
            try:
                family = [process, *process.children(recursive=True)]
                self.peak = max(self.peak, sum(p.memory_info().rss for p in family) / 1e6)
            except psutil.NoSuchProcess:
                continue


def normalise(notebook: NotebookNode) -> None:
    """Drop, in place, what differs from run to run or cannot be shown from a file."""
    notebook.metadata.kernelspec = NotebookNode(KERNEL)
    notebook.metadata.get("language_info", {}).pop("version", None)
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [_clean(output) for output in cell.outputs]


def _clean(output: NotebookNode) -> NotebookNode:
    data = output.get("data", {})
    if "image/png" in data:
        data.pop("text/html", None)  # JupyterLab's form of the same picture
    if WIDGET in data:
        data.pop(WIDGET)  # without a kernel there is no widget; the sentence in its place says how to get it
    for holder, name in ((output, "text"), (data, "text/plain"), (data, "text/html")):
        if name in holder:
            holder[name] = re.sub(r"(?<= at )0x[0-9a-f]{6,}", "0x0", "".join(holder[name]))
    return output


def settled(measured: float, last: float | None, unit: float) -> float:
    """The measurement rounded up to the unit, or the last one where the two differ by less than a half."""
    if last and last / 1.5 <= measured <= last * 1.5:
        return last
    return -(-measured // unit) * unit


def fingerprint(path: Path) -> dict[str, str]:
    """The sha256 of the text, of its code, and of what the code can use: core, nets and the packages it names."""
    text = path.read_text(encoding="utf-8")
    cells = [(c.source, c.metadata) for c in read_text(path).cells if c.cell_type == "code"]
    packages = {"core", "nets", *re.findall(r"\bmathdl\.(\w+)", text)}
    files = sorted(f for p in packages for f in (LIBRARY / p).rglob("*") if f.suffix in (".py", ".js", ".css"))
    library = b"".join(f"\n{f.relative_to(LIBRARY).as_posix()}\n".encode() + f.read_bytes() for f in files)
    said = {"source": text.encode(), "code": repr(cells).encode(), "library": library}
    return {name: hashlib.sha256(content).hexdigest() for name, content in said.items()}


def _stored(notebook: Path) -> dict:
    return nbformat.read(notebook, 4).metadata.get("mathdl", {}) if notebook.exists() else {}


def main(arguments: list[str] | None = None) -> int:
    """`python -m mathdl.core.notebooks build|check [TEXT ...]`: 0 when every chapter is built, or passes."""
    parser = argparse.ArgumentParser(prog="python -m mathdl.core.notebooks", description=main.__doc__)
    parser.add_argument("action", choices=["build", "check"])
    parser.add_argument("texts", nargs="*", type=Path, help="MyST texts; all of chapters/ when none is given")
    parser.add_argument("--force", action="store_true", help="run also what has not changed")
    options = parser.parse_intermixed_args(arguments)
    paths = options.texts or sorted(Path("chapters").glob("*.md"))
    if not paths:
        parser.error("no chapters/*.md here; run from the root of the book, or name the texts")
    if options.action == "build":
        try:
            for path in paths:
                _build_aloud(path, options.force)
        except CellExecutionError as error:
            print(f"{path.name}: {error}", file=sys.stderr)
            return 1
    found = [f"{path.name}: {problem}" for path in paths for problem in check(path)]
    for line in found:
        print(line, file=sys.stderr)
    print(f"problems: {len(found)}, in {len(paths)} texts")
    return 1 if found else 0


def _build_aloud(path: Path, force: bool) -> None:
    with tqdm(desc=path.stem, unit="cell", disable=None) as bar:
        def on_cell(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        build(path, force=force, on_cell=on_cell)
    measured = _stored(path.with_suffix(".ipynb"))
    print(f"{path.stem}: {measured['seconds']:g} s, {measured['megabytes']:g} MB")


if __name__ == "__main__":
    sys.exit(main())
