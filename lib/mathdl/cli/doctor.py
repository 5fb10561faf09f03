"""`mathdl doctor`: what is wrong with this installation, and the command that mends it."""

from __future__ import annotations

import importlib.util
import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

OLDEST_PYTHON = (3, 11)
MEMORY_NEEDED = 2.0  # GB: one chapter needs up to 1, JupyterLab and the browser the rest
REINSTALL = "make lab (or: python -m pip install -e '.[dev]' -c constraints.txt)"


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what it is, whether it is well, what was seen, and the command that mends it."""

    name: str
    well: bool
    seen: str
    remedy: str = ""


def python(version: tuple[int, ...] = tuple(sys.version_info[:3])) -> Finding:
    """Python is new enough."""
    seen = ".".join(map(str, version))
    return Finding("Python", version[:2] >= OLDEST_PYTHON, seen, "make lab PYTHON=python3.11")


def installed_versions() -> dict[str, str]:
    """Versions of all installed distributions by lower-case name."""
    return {d.metadata["Name"].lower(): d.version for d in metadata.distributions() if d.metadata["Name"]}


def packages(requires: list[str] | None = None, versions: Mapping[str, str] | None = None) -> Finding:
    """Every package the book needs is there in a version it works with."""
    requires = metadata.requires("mathdl") or [] if requires is None else requires
    versions = installed_versions() if versions is None else versions
    wrong = []
    for requirement in map(Requirement, requires):
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        version = versions.get(requirement.name.lower())
        if version is None:
            wrong.append(f"{requirement.name} missing")
        elif not requirement.specifier.contains(version, prereleases=True):
            wrong.append(f"{requirement.name} {version}, needs {requirement.specifier}")
    return Finding("packages", not wrong, "; ".join(wrong) or f"all {len(requires)} requirements met", REINSTALL)


def widget_front_end(versions: Mapping[str, str] | None = None, prefix: Path = Path(sys.prefix)) -> Finding:
    """The JupyterLab side of ipywidgets and anywidget matches the Python side."""
    versions = installed_versions() if versions is None else versions
    wrong = []
    front_ends = {"jupyterlab_widgets": "@jupyter-widgets/jupyterlab-manager", "anywidget": "anywidget"}
    for package, extension in front_ends.items():
        python_side = versions.get(package)
        manifest = prefix / "share/jupyter/labextensions" / extension / "package.json"
        front = json.loads(manifest.read_text())["version"] if manifest.is_file() else None
        if front is None:
            wrong.append(f"{extension} is not installed in JupyterLab")
        elif package == "anywidget" and python_side != front:
            wrong.append(f"{extension} {front} in JupyterLab, {python_side} in Python")
    major = {name: versions.get(name, "?").split(".")[0] for name in ("ipywidgets", "jupyterlab_widgets")}
    if (major["ipywidgets"], major["jupyterlab_widgets"]) != ("8", "3"):
        wrong.append(f"ipywidgets {versions.get('ipywidgets')} does not speak with "
                     f"jupyterlab_widgets {versions.get('jupyterlab_widgets')}: expected 8.x with 3.x")
    return Finding("widgets", not wrong, "; ".join(wrong) or "front end and back end match",
                   "python -m pip install --force-reinstall 'ipywidgets>=8.1,<9' 'jupyterlab_widgets>=3,<4' anywidget")


def kernel(find: Callable[[], Mapping[str, dict]] | None = None) -> Finding:
    """There is a kernel named python3, and the Python that it names exists."""
    mend = "python -m ipykernel install --sys-prefix --name python3"
    if find is None:
        from jupyter_client.kernelspec import KernelSpecManager

        find = KernelSpecManager().get_all_specs
    spec = find().get("python3")
    if spec is None:
        return Finding("kernel", False, "no kernel named python3", mend)
    program = spec["spec"]["argv"][0]
    there = program == "python" or Path(program).is_file()
    seen = f"python3 runs {Path(program).name}" + ("" if there else ", which is not there")
    return Finding("kernel", there, seen, mend)


def torch_build(version: str | None = None, has_gpu: Callable[[], bool] | None = None) -> Finding:
    """torch is there, and is not a CUDA build on a machine without a GPU (gigabytes for nothing)."""
    mend = "python -m pip install --force-reinstall torch -c constraints.txt  # on Linux: from PyTorch's CPU index"
    if version is None:
        version = installed_versions().get("torch", "")
        if not version or importlib.util.find_spec("torch") is None:
            return Finding("torch", False, "not installed", mend)
        import torch

        version, has_gpu = torch.__version__, torch.cuda.is_available
        cuda = torch.version.cuda is not None
    else:
        cuda = "+cu" in version
    if cuda and has_gpu is not None and not has_gpu():
        return Finding("torch", False, f"{version} is built for CUDA, but there is no GPU it can use", mend)
    return Finding("torch", bool(version), version or "not installed", mend)


def memory(available_gb: float | None = None) -> Finding:
    """Enough memory is free for one chapter beside JupyterLab."""
    if available_gb is None:
        import psutil

        available_gb = psutil.virtual_memory().available / 1e9
    return Finding("memory", available_gb >= MEMORY_NEEDED, f"{available_gb:.1f} GB free, {MEMORY_NEEDED:.0f} needed",
                   "close other notebooks: in JupyterLab, Kernel > Shut Down All Kernels")


def notebooks(folder: Path | None = None) -> Finding:
    """Every notebook was built from its text as it is now."""
    from mathdl.core.house import book_root
    from mathdl.core.notebooks import stale

    try:
        folder = book_root() / "chapters" if folder is None else folder
    except ValueError as alone:
        return Finding("notebooks", False, str(alone), "git clone the book, then make lab")
    texts = sorted(folder.glob("*.md"))
    old = [text.stem for text in texts if stale(text)]
    seen = f"not built from their text: {', '.join(old)}" if old else f"all {len(texts)} match their text"
    return Finding("notebooks", not old, seen, "make chapters")


CHECKS = (python, packages, widget_front_end, kernel, torch_build, memory, notebooks)


def run(chosen: Namespace) -> int:
    """Print what was found; 0 when all is well."""
    found = [check() for check in CHECKS]
    if chosen.json:
        print(json.dumps([asdict(f) for f in found], indent=1))
    else:
        for f in found:
            print(f"{'ok  ' if f.well else 'FAIL'}  {f.name:10} {f.seen}")
            if not f.well:
                print(f"      mend it with: {f.remedy}")
    return 0 if all(f.well for f in found) else 1
