"""Every chapter passes the gate, and every rule of the gate is seen to fail on a chapter that breaks it."""

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_output

from mathdl.core import gate
from mathdl.core.notebooks import check, read_text

TEXTS = sorted((Path(__file__).parents[2] / "chapters").glob("*.md"))
PROSE = "A sentence of ten words makes the prose long enough. " * 8
HEADER = "*Runs in 4 s and 150 MB on 2 CPU cores; reads in 5 minutes.*"
TEXT = f"""---
kernelspec:
  name: python3
  display_name: Python 3
---

# A chapter

{HEADER}

{PROSE}

```{{code-cell}} ipython3
draw(State())
```

```{{code-cell}} ipython3
:tags: [exercise]

my_answer = ...
check_sum(my_answer)
```

```{{code-cell}} ipython3
:tags: [solution]

check_sum(2 + 2)
```
"""
PICTURE = {"output_type": "execute_result", "execution_count": 1,
           "data": {"image/png": "iVBORw0KGgo=", "text/plain": "A line."},
           "metadata": {"image/png": {"alt": "A line.", "width": 770}}}


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.stem)
def test_the_chapter_passes_the_gate(text):
    assert check(text) == []


def chapter(folder: Path, text: str = TEXT) -> tuple[Path, NotebookNode]:
    """A text that breaks no rule, and the notebook that a run would make of it."""
    path = folder / "01_chapter.md"
    path.write_text(text, encoding="utf-8")
    notebook = read_text(path)
    notebook.metadata["mathdl"] = {"seconds": 3.0, "megabytes": 120.0}
    says = [PICTURE, said("Not answered yet: replace the dots."), said("Right. Two and two.")]
    for n, (cell, output) in enumerate(zip(gate.code(notebook), says, strict=True), start=1):
        cell.execution_count, cell.outputs = n, [nbformat.from_dict(output)]
    return path, notebook


def said(text: str) -> NotebookNode:
    return new_output("execute_result", {"text/plain": text}, execution_count=1)


def verdict(path: Path, notebook: NotebookNode) -> list[str]:
    nbformat.write(notebook, path.with_suffix(".ipynb"))
    return check(path)


def test_a_good_chapter_passes(tmp_path):
    assert verdict(*chapter(tmp_path)) == []


def code(n: int, change):
    """Break the n-th code cell of the notebook."""
    return lambda notebook: change(gate.code(notebook)[n])


def add(text: str):
    return lambda cell: cell.outputs.append(new_output("stream", text=text))


BROKEN = {  # what is done to the notebook, and what the gate says
    "a cell more": (lambda nb: nb.cells.pop(), "the text has 4 cells, the notebook 3"),
    "another source": (code(0, lambda c: c.update(source="draw(Other())")), "cell 1 differs"),
    "another tag": (code(1, lambda c: c.metadata.update(tags=["exercise", "new"])), "cell 2 differs"),
    "shown source": (code(0, lambda c: c.metadata.update(jupyter={"source_hidden": True})), "cell 1 differs"),
    "not run": (code(2, lambda c: c.update(execution_count=None)), "not executed 1 to 3"),
    "wrong order": (code(0, lambda c: c.update(execution_count=7)), "not executed 1 to 3"),
    "kernel": (lambda nb: nb.metadata.kernelspec.update(name="my-env"), "the kernel is named 'my-env'"),
    "widgets": (lambda nb: nb.metadata.update(widgets={}), "widget state is stored"),
    "error": (code(0, lambda c: c.outputs.append(new_output("error", ename="ValueError", evalue="no"))),
              "cell 1 ends in ValueError: no"),
    "stderr": (code(0, lambda c: c.outputs.append(new_output("stream", name="stderr", text="careful"))),
               "cell 1 writes to stderr: 'careful'"),
    "path": (code(0, add("saved in /home/someone/x.png")), "path of one machine: '/home/someone/x.png'"),
    "Windows path": (code(0, add(r"saved in C:\Users\someone")), r"path of one machine: 'C:\\Users"),
    "no alt": (code(0, lambda c: c.outputs[0].metadata.clear()), "picture without alt text"),
    "blank alt": (code(0, lambda c: c.outputs[0].metadata["image/png"].update(alt=" ")), "picture without alt text"),
    "slow": (lambda nb: nb.metadata.mathdl.update(seconds=5.0), "promises 4 seconds, measured 5"),
    "fast": (lambda nb: nb.metadata.mathdl.update(seconds=1.0), "promises 4 seconds, measured 1"),
    "memory": (lambda nb: nb.metadata.mathdl.update(megabytes=160.0), "promises 150 MB, measured 160"),
    "unmeasured": (lambda nb: nb.metadata.pop("mathdl"), "measured inf"),
    "minute": (lambda nb: nb.metadata.mathdl.update(seconds=61.0), "a run takes 61 s"),
    "gigabyte": (lambda nb: nb.metadata.mathdl.update(megabytes=1001.0), "and 1001 MB; at most"),
    "open exercise": (code(1, lambda c: c.update(outputs=[said("Not yet. Count.")])), "does not wait for an answer"),
    "wrong solution": (code(2, lambda c: c.update(outputs=[said("Not yet. Count.")])), "solution is not called right"),
    "silent solution": (code(2, lambda c: c.update(outputs=[])), "solution is not called right"),
}


@pytest.mark.parametrize("way", BROKEN)
def test_a_broken_notebook_is_seen(tmp_path, way):
    path, notebook = chapter(tmp_path)
    change, says = BROKEN[way]
    change(notebook)
    assert says in "\n".join(verdict(path, notebook))


WORSE = {  # another text, rightly built, and what the gate says
    "no header": (TEXT.replace(HEADER, ""),
                  "no line like *Runs in 4 s and 144 MB on 2 CPU cores; reads in 5 minutes.*"),
    "long read": (TEXT.replace("reads in 5", "reads in 55"), "promises 55 minutes, measured 5"),
    "long cell": (TEXT.replace("draw(State())", "\n".join(f"x = {i}" for i in range(9))), "cell 1 has 9 lines of code"),
    "long def": (TEXT.replace("draw(State())", "def f(x):\n" + "    x += 1\n" * 4 + "    return x"),
                 "cell 1 defines f in more than 5 lines"),
    "long cells": (TEXT.replace("draw(State())", "x = 0\n" * 4).replace("check_sum(2 + 2)", "check_sum(4)\n" * 4),
                   "the median code cell has 4 lines"),
    "little prose": (TEXT.replace(PROSE, "Ten words to each line of code are not here."), "words to 4 lines of code"),
    "unknown id": (TEXT.replace(PROSE, PROSE + "`function_spaces/theorem-0.0.0`"),
                   "function_spaces/theorem-0.0.0, which is not"),
    "no solution": (TEXT.replace("solution", "other"), "no solution follows"),
}


@pytest.mark.parametrize("way", WORSE)
def test_a_worse_text_is_seen(tmp_path, way):
    text, says = WORSE[way]
    assert text != TEXT
    assert says in "\n".join(verdict(*chapter(tmp_path, text)))


def test_an_exercise_at_the_very_end_has_no_solution(tmp_path):
    path, notebook = chapter(tmp_path, TEXT.replace("solution", "exercise"))
    assert "cell 3 is an exercise, and no solution follows" in verdict(path, notebook)


def test_a_map_in_latex_and_a_fraction_are_no_paths(tmp_path):
    prose = PROSE + r"Let $F:\mathbb{R}\to\mathbb{R}$, and/or see https://example.org/home/x."
    assert verdict(*chapter(tmp_path, TEXT.replace(PROSE, prose))) == []


def test_a_missing_notebook_is_seen(tmp_path):
    path, _ = chapter(tmp_path)
    assert check(path) == ["01_chapter.ipynb is missing: build it"]


def test_a_large_notebook_is_seen(tmp_path):
    path, notebook = chapter(tmp_path)
    gate.code(notebook)[0].outputs[0].data["image/png"] = "A" * 1_500_000
    assert any("at most 1.5: draw fewer" in problem for problem in verdict(path, notebook))


def test_formulas_count_as_one_word_each(tmp_path):
    _, notebook = chapter(tmp_path, TEXT.replace(PROSE, "Let $x + y$ be\n\n$$a b c\nd e$$\n\nmore."))
    assert gate.words(notebook) - gate.words(chapter(tmp_path, TEXT.replace(PROSE, ""))[1]) == 5
