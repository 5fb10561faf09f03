"""The files around the library agree with each other."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
CONDA_NAMES = {"torch": "pytorch"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = [r for extra in PROJECT["optional-dependencies"].values() for r in extra]
EVERY = [Requirement(r) for r in [*PROJECT["dependencies"], *EXTRAS]]


def wanted() -> set[tuple[str, str]]:
    """What pyproject asks for, run time and dev, as (conda's name, specifier)."""
    found = map(Requirement, [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]])
    return {(CONDA_NAMES.get(r.name, r.name), str(r.specifier)) for r in found}


def offered(text: str) -> set[tuple[str, str]]:
    """What an environment.yml lists, conda's part and pip's part, without Python, pip and the project itself."""
    lines = re.findall(r"^\s+- ([A-Za-z][\w.-]*)([<>=!~][^\s]*)?$", text, flags=re.MULTILINE)
    return {(name, spec) for name, spec in lines if name not in ("python", "pip", "conda-forge")}


def test_environment_yml_asks_for_what_pyproject_asks_for():
    text = (ROOT / "environment.yml").read_text()
    assert offered(text) == wanted()
    assert f"python{PROJECT['requires-python']}" in text


def test_a_difference_is_seen():
    text = (ROOT / "environment.yml").read_text()
    assert offered(text.replace("numpy>=2.0", "numpy>=1.0")) != wanted()
    assert offered(text.replace("  - scipy>=1.14\n", "")) != wanted()


def test_the_package_gives_ranges_and_the_constraints_give_versions():
    assert not [str(r) for r in EVERY if "==" in str(r.specifier)]
    lines = (line.lower().split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line)
    pins = dict(lines)
    assert pins["torch"] == "2.13.0"
    assert [r.name for r in EVERY if not r.specifier.contains(pins.get(r.name.lower(), "0"))] == []


def test_every_dependency_has_its_line_of_reason():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    assert {r.name for r in EVERY if f"| `{r.name}` |" not in text} == set()


def test_every_target_in_the_readme_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+(?:-[a-z]+)*)", (ROOT / "README.md").read_text()))
    assert {"lab", "test"} <= named
    assert named <= targets


def test_ci_runs_the_readme_s_test_command():
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-1] == "make test"
