"""The gate a chapter passes before it is committed: one function a rule, each naming what breaks it."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import nbformat
from nbformat import NotebookNode

from mathdl.core.notebooks import KERNEL, read_text
from mathdl.core.registry import statements

MEGABYTES = 1.5  # of a stored notebook
CELL_LINES, MEDIAN_LINES, DEF_LINES, WORDS_PER_LINE = 8, 3, 5, 10
RUN_SECONDS, RUN_MEGABYTES = 60, 1000
WORDS_PER_MINUTE = 150  # of mathematics, pictures looked at, sliders moved
HEADER = re.compile(r"\*Runs in (\d+) s and (\d+) MB on 2 CPU cores; reads in (\d+) minutes\.\*")
KINDS = ("algorithm|claim|corollary|definition|discussion|equation|erratum|lemma|ours|problem|proposition|remark|"
         "theorem")
ID = re.compile(rf"`([a-z_]+/(?:{KINDS})-[\w.-]*\w)`")
MACHINE_PATH = re.compile(r"(?<![\w.:/])/(?:home|Users|root|tmp|work|usr|opt|var|mnt|private)/[\w.]"
                          r"|\b[A-Z]:\\(?:Users|Program|Windows|Temp)")


def problems(path: Path) -> list[str]:
    """What breaks a rule in the chapter of the text `path`: the text and the notebook beside it."""
    target = path.with_suffix(".ipynb")
    if not target.exists():
        return [f"{target.name} is missing: build it"]
    text, notebook = read_text(path), nbformat.read(target, 4)
    found = [*out_of_step(text, notebook), *too_large(target)]
    return found + [problem for rule in RULES for problem in rule(notebook)]


def out_of_step(text: NotebookNode, notebook: NotebookNode) -> Iterator[str]:
    """Text and notebook have the same cells."""
    said, stored = ([_content(cell) for cell in nb.cells] for nb in (text, notebook))
    if len(said) != len(stored):
        yield f"the text has {len(said)} cells, the notebook {len(stored)}: build it again"
    for i, (a, b) in enumerate(zip(said, stored, strict=False)):
        if a != b:
            yield f"cell {i} differs between text and notebook: build it again"


def _content(cell: NotebookNode) -> tuple:
    return (cell.cell_type, cell.source.rstrip(), tuple(cell.metadata.get("tags", ())),
            bool(cell.metadata.get("jupyter", {}).get("source_hidden")))


def too_large(target: Path) -> Iterator[str]:
    """The file is small enough to open quickly and to keep in git."""
    size = target.stat().st_size / 1e6
    if size >= MEGABYTES:
        yield f"the notebook has {size:.2f} MB; at most {MEGABYTES}: draw fewer or simpler pictures"


def not_executed(notebook: NotebookNode) -> Iterator[str]:
    """The code cells were executed once, in order."""
    counts = [cell.execution_count for cell in code(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"the cells are not executed 1 to {len(counts)} in order"


def wrong_kernel(notebook: NotebookNode) -> Iterator[str]:
    """The kernel has the name that every virtual environment has."""
    name = notebook.metadata.get("kernelspec", {}).get("name")
    if name != KERNEL["name"]:
        yield f"the kernel is named {name!r}; expected {KERNEL['name']!r}"


def widget_state(notebook: NotebookNode) -> Iterator[str]:
    """No widget state is stored."""
    if "widgets" in notebook.metadata:
        yield "widget state is stored"


def errors(notebook: NotebookNode) -> Iterator[str]:
    """No cell ends in an error or writes to stderr."""
    for i, output in outputs(notebook):
        if output.output_type == "error":
            yield f"cell {i} ends in {output.ename}: {output.evalue}"
        if output.get("name") == "stderr":
            yield f"cell {i} writes to stderr: {output.text[:60]!r}"


def machine_paths(notebook: NotebookNode) -> Iterator[str]:
    """No path of one machine stands in a cell or its output."""
    for i, cell in enumerate(notebook.cells):
        for text in (cell.source, *(t for o in cell.get("outputs", ()) for t in _texts(o))):
            if match := MACHINE_PATH.search(text):
                yield f"cell {i} shows a path of one machine: {text[match.start():match.start() + 40]!r}"


def _texts(output: NotebookNode) -> list[str]:
    shown = [value for mime, value in output.get("data", {}).items() if mime.startswith("text/")]
    return [*shown, output.get("text", ""), *output.get("traceback", ())]


def no_alt_text(notebook: NotebookNode) -> Iterator[str]:
    """Every picture has alt text."""
    for i, output in outputs(notebook):
        for mime in output.get("data", {}):
            if mime.startswith("image/") and not output.metadata.get(mime, {}).get("alt", "").strip():
                yield f"cell {i} has a picture without alt text"


def header(notebook: NotebookNode) -> Iterator[str]:
    """The first text says how long the chapter runs and reads, and measurement is within a factor 2 below it."""
    measured = notebook.metadata.get("mathdl", {})
    seconds, megabytes = measured.get("seconds", math.inf), measured.get("megabytes", math.inf)
    minutes = reading_minutes(notebook)
    match = HEADER.search(next((cell.source for cell in notebook.cells if cell.cell_type == "markdown"), ""))
    if match is None:
        yield f"the first text cell has no line like {header_line(seconds, megabytes, minutes)}"
        return
    promises = zip(("seconds", "MB", "minutes"), map(int, match.groups()), (seconds, megabytes, minutes), strict=True)
    for unit, promised, true in promises:
        if not true <= promised <= 2 * true:
            yield (f"the header promises {promised} {unit}, measured {true:g}; "
                   f"expected a line like {header_line(seconds, megabytes, minutes)}")
    if seconds > RUN_SECONDS or megabytes > RUN_MEGABYTES:
        yield f"a run takes {seconds:g} s and {megabytes:g} MB; at most {RUN_SECONDS} s and {RUN_MEGABYTES} MB"


def header_line(seconds: float, megabytes: float, minutes: float) -> str:
    """The header that suits a measurement, with room for a slower machine."""
    return f"*Runs in {1.4 * seconds:.0f} s and {1.2 * megabytes:.0f} MB on 2 CPU cores; reads in {minutes} minutes.*"


def reading_minutes(notebook: NotebookNode) -> int:
    """How long the text takes to read, from its words, rounded up to five minutes."""
    return 5 * math.ceil(words(notebook) / WORDS_PER_MINUTE / 5)


def long_cells(notebook: NotebookNode) -> Iterator[str]:
    """Code cells are short, most of them very short, and define no long function."""
    lengths = {i: code_lines(cell) for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"}
    for i, n in lengths.items():
        if n > CELL_LINES:
            yield f"cell {i} has {n} lines of code; at most {CELL_LINES}: move code to the library"
    if lengths and median(lengths.values()) > MEDIAN_LINES:
        yield f"the median code cell has {median(lengths.values()):g} lines; at most {MEDIAN_LINES}"
    for i in lengths:
        for node in ast.walk(ast.parse(notebook.cells[i].source)):
            if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= DEF_LINES:
                yield f"cell {i} defines {node.name} in more than {DEF_LINES} lines: move it to the library"


def too_little_prose(notebook: NotebookNode) -> Iterator[str]:
    """Mathematics first: many words to a line of code."""
    lines = sum(map(code_lines, code(notebook)))
    if words(notebook) < WORDS_PER_LINE * lines:
        yield f"{words(notebook)} words to {lines} lines of code; at least {WORDS_PER_LINE} words a line"


def unknown_ids(notebook: NotebookNode) -> Iterator[str]:
    """Every statement that the text names is in the register."""
    known = statements()
    for i, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            unknown = [id for id in ID.findall(cell.source) if id not in known]
            yield from (f"cell {i} names {id}, which is not registered" for id in unknown)


def exercises_without_solution(notebook: NotebookNode) -> Iterator[str]:
    """Every exercise waits for an answer, and the next code cell is its solution, which the check calls right."""
    cells = [(i, cell) for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    for (i, cell), (_, after) in zip(cells, [*cells[1:], (0, NotebookNode(metadata={}, outputs=[]))], strict=True):
        if "exercise" not in cell.metadata.get("tags", ()):
            continue
        if not _says(cell, "Not answered yet"):
            yield f"cell {i} is an exercise that does not wait for an answer"
        if "solution" not in after.metadata.get("tags", ()):
            yield f"cell {i} is an exercise, and no solution follows"
        elif not _says(after, "Right."):
            yield f"cell {i} is an exercise whose solution is not called right"


def _says(cell: NotebookNode, start: str) -> bool:
    return any(text.startswith(start) for o in cell.outputs for text in _texts(o))


def code(notebook: NotebookNode) -> list[NotebookNode]:
    """The code cells."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook: NotebookNode) -> Iterator[tuple[int, NotebookNode]]:
    """Every output with the number of its cell."""
    return ((i, o) for i, cell in enumerate(notebook.cells) for o in cell.get("outputs", ()))


def code_lines(cell: NotebookNode) -> int:
    """Lines that are neither blank nor comment."""
    return sum(bool(line.strip()) and not line.lstrip().startswith("#") for line in cell.source.splitlines())


def words(notebook: NotebookNode) -> int:
    """Words of the text cells; a formula between dollar signs counts as one."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    text = re.sub(r"\$\$.+?\$\$|\$[^$]+\$", " formula ", text, flags=re.DOTALL)
    return sum(any(c.isalnum() for c in token) for token in text.split())


RULES = (not_executed, wrong_kernel, widget_state, errors, machine_paths, no_alt_text, header, long_cells,
         too_little_prose, unknown_ids, exercises_without_solution)
