"""`mathdl doctor`: each thing it looks at is broken once, and the remedy is named."""

import json

import pytest

from mathdl import cli
from mathdl.cli import doctor


def test_python_too_old():
    assert doctor.python((3, 11, 0)).well
    finding = doctor.python((3, 10, 9))
    assert not finding.well
    assert "PYTHON=" in finding.remedy


@pytest.mark.parametrize(("versions", "said"), [
    ({"jupyterlab": "4.4"}, "numpy missing"), ({"numpy": "1.26", "jupyterlab": "4.4"}, "numpy 1.26, needs >=2.0"),
    ({"numpy": "2.1"}, "jupyterlab missing")])
def test_packages_missing_or_too_old(versions, said):
    finding = doctor.packages(["numpy>=2.0", "jupyterlab>=4.3", 'pytest; extra == "dev"'], versions)
    assert not finding.well
    assert said in finding.seen
    assert "pip install" in finding.remedy


def test_packages_of_this_environment_are_well():
    assert doctor.packages().well


def front_end(prefix, *, manager="5.0.13", anywidget="0.9.18"):
    for name, version in (("@jupyter-widgets/jupyterlab-manager", manager), ("anywidget", anywidget)):
        folder = prefix / "share/jupyter/labextensions" / name
        if version:
            folder.mkdir(parents=True)
            (folder / "package.json").write_text(json.dumps({"version": version}))


GOOD = {"ipywidgets": "8.1.5", "jupyterlab_widgets": "3.0.13", "anywidget": "0.9.18"}


def test_widgets_that_match(tmp_path):
    front_end(tmp_path)
    assert doctor.widget_front_end(GOOD, tmp_path).well


@pytest.mark.parametrize(("front", "versions", "said"), [
    ({"manager": None}, GOOD, "jupyterlab-manager is not installed"),
    ({"anywidget": None}, GOOD, "anywidget is not installed"),
    ({"anywidget": "0.9.1"}, GOOD, "anywidget 0.9.1 in JupyterLab, 0.9.18 in Python"),
    ({}, GOOD | {"ipywidgets": "7.8.1"}, "ipywidgets 7.8.1 does not speak with"),
    ({}, GOOD | {"jupyterlab_widgets": "1.1.4"}, "jupyterlab_widgets 1.1.4")])
def test_widgets_that_do_not_match(tmp_path, front, versions, said):
    front_end(tmp_path, **front)
    finding = doctor.widget_front_end(versions, tmp_path)
    assert not finding.well
    assert said in finding.seen
    assert "pip install" in finding.remedy


def test_kernel_missing_or_pointing_nowhere(tmp_path):
    spec = {"python3": {"spec": {"argv": [str(tmp_path / "python"), "-m", "ipykernel_launcher"]}}}
    assert "no kernel" in doctor.kernel(lambda: {}).seen
    assert "not there" in doctor.kernel(lambda: spec).seen
    assert "ipykernel install" in doctor.kernel(lambda: {}).remedy
    (tmp_path / "python").touch()
    assert doctor.kernel(lambda: spec).well


def test_torch_missing_or_built_for_another_machine(monkeypatch):
    assert doctor.torch_build("2.13.0+cpu", lambda: False).well
    assert doctor.torch_build("2.13.0+cu130", lambda: True).well
    finding = doctor.torch_build("2.13.0+cu130", lambda: False)
    assert not finding.well
    assert "no GPU" in finding.seen
    monkeypatch.setattr(doctor, "installed_versions", dict)
    assert "not installed" in doctor.torch_build().seen


def test_low_memory():
    assert doctor.memory(8.0).well
    assert not doctor.memory(0.7).well


def test_stale_notebook(tmp_path):
    (tmp_path / "01_text.md").write_text("# Text\n")
    finding = doctor.notebooks(tmp_path)
    assert "01_text" in finding.seen
    assert not finding.well
    assert finding.remedy == "make chapters"


def test_exit_code_and_remedy(monkeypatch, capsys):
    broken = doctor.Finding("kernel", False, "no kernel", "mend me")
    monkeypatch.setattr(doctor, "CHECKS", (lambda: broken, lambda: doctor.python()))
    assert cli.main(["doctor"]) == 1
    assert "mend it with: mend me" in capsys.readouterr().out
    monkeypatch.setattr(doctor, "CHECKS", (lambda: doctor.python(),))
    assert cli.main(["doctor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["well"]
