"""The slug is the only link between chapters/, lib/mathdl/ and tests/; imports go one way."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mathdl.core.registry import chapters, statements

ROOT = Path(__file__).parents[1]
LIB = ROOT / "lib" / "mathdl"
SHARED = {"core", "nets", "cli"}
ORDER = re.compile(r"(\d+)[a-z]?_(\w+)\.md")
KINDS = ("algorithm|claim|corollary|definition|discussion|equation|erratum|lemma|ours|problem|proposition|remark|"
         "theorem")
ID = re.compile(rf"`([a-z_]+/(?:{KINDS})-[\w.-]*\w)`")
MARK = re.compile(r'statement\("([^"]+)"\)')


def texts(slug: str) -> list[Path]:
    return sorted((ROOT / "chapters").glob(f"*_{slug}.md"))


def slugs_of_texts() -> dict[str, int]:
    found = (ORDER.fullmatch(path.name) for path in (ROOT / "chapters").glob("*.md"))
    return {m.group(2): int(m.group(1)) for m in found if m}


def folders(path: Path) -> set[str]:
    return {p.name for p in path.iterdir() if p.is_dir() and any(p.glob("*.py"))}


def imports(file: Path) -> set[str]:
    """Names of the mathdl subpackages that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{a.name}" for a in node.names]
        found |= {n.split(".")[1] for n in names if n.startswith("mathdl.")}
    return found


def upward(package: str, imported: set[str], order: dict[str, int]) -> set[str]:
    """What `package` imports although it stands later: core <- nets <- chapter 1 <- chapter 2 ..."""
    rank = {"core": 0, "nets": 0.5, **order}
    return {name for name in imported if name in rank and rank[name] > rank[package]}


def test_text_library_and_tests_have_the_same_slugs():
    in_lib = folders(LIB) - SHARED
    in_tests = folders(ROOT / "tests") - SHARED - {"notebooks", "browser", "bench"}
    assert set(slugs_of_texts()) == in_lib == in_tests == set(chapters())


@pytest.mark.parametrize("package", ["core", "nets", *sorted(folders(LIB) - SHARED)])
def test_imports_go_one_way(package):
    imported = set().union(*(imports(f) for f in (LIB / package).rglob("*.py")))
    assert upward(package, imported, slugs_of_texts()) == set()


def test_upward_imports_are_seen(tmp_path):
    (tmp_path / "bad.py").write_text("from mathdl.second import x\nimport mathdl.core.theorem\n")
    assert upward("first", imports(tmp_path / "bad.py"), {"first": 1, "second": 2}) == {"second"}


@pytest.mark.parametrize("slug", sorted(folders(LIB) - SHARED))
def test_one_set_of_ids_in_text_register_and_tests(slug):
    registered = set(statements(slug))
    in_text = {i for path in texts(slug) for i in ID.findall(path.read_text()) if i.startswith(f"{slug}/")}
    in_tests = {i for path in (ROOT / "tests" / slug).glob("test_*.py") for i in MARK.findall(path.read_text())}
    assert in_text == registered
    assert in_tests == registered


@pytest.mark.parametrize("module", ["mathdl", "mathdl.core.theorem", "mathdl.core.registry"])
def test_light_modules_import_nothing_heavy(module):
    code = f"import sys, {module}; print(*(m for m in ('torch','scipy','numpy','matplotlib') if m in sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split() == []
