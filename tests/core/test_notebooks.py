"""Building a chapter: the same bytes each time, run only when it must, measured, and nothing hidden."""

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from mathdl.core import notebooks
from mathdl.core.notebooks import build, check, execute, fingerprint, main, normalise, read_text, settled, stale

FRONT = """---
kernelspec:
  name: python3
  display_name: Python 3
---

# Sums

"""
CELLS = """```{code-cell} ipython3
print("one"); print({"b", "a", "c"})
object()
```

```{code-cell} ipython3
from mathdl.core.figures import described, new_figure
described(new_figure(width=2, height=1)[0], "an empty pair of axes")
```

```{code-cell} ipython3
import ipywidgets
ipywidgets.IntSlider(description="k")
```
"""


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "01_sums.md"
    path.write_text(FRONT + CELLS, encoding="utf-8")
    return path


def cells(path):
    return nbformat.read(path.with_suffix(".ipynb"), 4).cells


def test_two_runs_write_the_same_bytes_and_only_what_a_file_can_show(text, monkeypatch):
    run, measurements = notebooks.execute, []

    def measured_once(*args):  # the second run may be slower on a busy machine; its bytes must not show it
        measurements.append(run(*args))
        return measurements[0]

    monkeypatch.setattr(notebooks, "execute", measured_once)
    first = build(text).read_bytes()
    assert not stale(text)
    assert build(text, force=True).read_bytes() == first
    assert len(measurements) == 2
    _, code, picture, widget = cells(text)
    assert code.outputs[0].text.startswith("one\n")
    assert code.outputs[1].data["text/plain"] == "<object at 0x0>"
    assert set(picture.outputs[0].data) == {"image/png", "text/plain"}
    assert picture.outputs[0].metadata["image/png"] == {"alt": "an empty pair of axes", "width": 220}
    assert set(widget.outputs[0].data) == {"text/plain"}
    measured = nbformat.read(text.with_suffix(".ipynb"), 4).metadata
    assert set(measured) == {"kernelspec", "language_info", "mathdl"}
    assert 0 < measured.mathdl.seconds < 60
    assert 50 < measured.mathdl.megabytes < 1000
    assert "version" not in measured.language_info

    monkeypatch.setattr(notebooks, "execute", lambda *args: pytest.fail("no need to run"))
    assert build(text).read_bytes() == first
    text.write_text(FRONT + "In words.\n\n" + CELLS, encoding="utf-8")
    assert stale(text)
    build(text)
    assert not stale(text)
    assert cells(text)[0].source == "# Sums\n\nIn words."
    assert [c.outputs for c in cells(text)[1:]] == [c.outputs for c in (code, picture, widget)]


def test_new_code_and_a_new_library_make_it_run(text, monkeypatch):
    runs = []

    def fake(notebook, folder, on_cell):
        runs.append(notebook)
        return 1.0, 100.0

    monkeypatch.setattr(notebooks, "execute", fake)
    build(text)
    build(text)
    assert len(runs) == 1
    text.write_text(FRONT + CELLS.replace("object()", "1 + 1"), encoding="utf-8")
    build(text)
    assert len(runs) == 2
    changed = {"library": "another"}
    monkeypatch.setattr(notebooks, "fingerprint", lambda path: fingerprint(path) | changed)
    assert stale(text)
    build(text)
    assert len(runs) == 3


def test_the_fingerprint_sees_the_packages_that_the_text_names_and_no_others(text, tmp_path, monkeypatch):
    for package in ("core", "nets", "named", "other"):
        (tmp_path / "lib" / package).mkdir(parents=True)
    monkeypatch.setattr(notebooks, "LIBRARY", tmp_path / "lib")
    text.write_text(FRONT + "```{code-cell} ipython3\nfrom mathdl.named.x import y\n```\n", encoding="utf-8")
    before = fingerprint(text)
    (tmp_path / "lib" / "other" / "x.py").write_text("1")
    assert fingerprint(text) == before
    for package in ("core", "nets", "named"):
        (tmp_path / "lib" / package / "x.py").write_text("1")
        assert fingerprint(text)["library"] != before["library"]
        before = fingerprint(text)


def test_memory_counts_the_kernel_s_children(text):
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', '{}'])".format(
        "import time; x = bytearray(200_000_000); time.sleep(0.5)")
    text.write_text(FRONT + f"```{{code-cell}} ipython3\n{child}\n```\n", encoding="utf-8")
    seconds, megabytes = execute(read_text(text), text.parent)
    assert 200 < megabytes < 400
    assert seconds > 0.5


def test_a_failing_cell_stops_the_build_and_leaves_no_file(text, capsys):
    text.write_text(FRONT + "```{code-cell} ipython3\n1 / 0\n```\n", encoding="utf-8")
    with pytest.raises(CellExecutionError, match="division by zero"):
        build(text)
    assert not text.with_suffix(".ipynb").exists()
    assert main(["build", str(text)]) == 1
    assert "01_sums.md: " in capsys.readouterr().err


def test_stderr_is_kept_so_that_the_gate_sees_it(text):
    text.write_text(FRONT + "```{code-cell}\nimport warnings; warnings.warn('careful')\n```\n", encoding="utf-8")
    build(text)
    assert any("writes to stderr" in problem for problem in check(text))


def test_equal_cells_get_different_ids_and_all_depend_on_the_cells_alone(text):
    text.write_text(FRONT + "```{code-cell} ipython3\n1\n```\n\n```{code-cell} ipython3\n1\n```\n", encoding="utf-8")
    ids = [cell.id for cell in read_text(text).cells]
    assert len(set(ids)) == 3
    assert ids[2] == f"{ids[1]}-2"
    assert [cell.id for cell in read_text(text).cells] == ids


def test_normalise_drops_what_a_run_adds():
    notebook = nbformat.v4.new_notebook(metadata={"widgets": {}})
    notebook.metadata.language_info = {"name": "python", "version": "3.11.7"}
    notebook.cells = [nbformat.v4.new_code_cell("1", metadata={"execution": {"iopub.execute_input": "now"}})]
    normalise(notebook)
    assert notebook.metadata == {"kernelspec": notebooks.KERNEL, "language_info": {"name": "python"}}
    assert notebook.cells[0].metadata == {}


@pytest.mark.parametrize(("measured", "last", "expected"), [
    (2.3, None, 3), (2.3, 3.0, 3.0), (2.3, 2.0, 2.0), (4.6, 3.0, 5), (1.9, 3.0, 2), (11, 0, 11)])
def test_a_measurement_is_kept_until_it_moves_by_half(measured, last, expected):
    assert settled(measured, last, 1) == expected


def test_the_command_checks_and_says_what_is_wrong(text, capsys):
    assert main(["check", str(text)]) == 1
    assert "01_sums.md: 01_sums.ipynb is missing: build it" in capsys.readouterr().err
    assert main(["build", str(text), "--force"]) == 1
    said = capsys.readouterr()
    assert "01_sums: " in said.out
    assert "no line like *Runs in" in said.err


def test_without_chapters_the_command_says_where_to_stand(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(["build"])
    assert "run from the root of the book" in capsys.readouterr().err
