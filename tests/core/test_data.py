"""The shipped data are found, are what their README says, and are missed in words."""

import hashlib
import re

import pytest

from mathdl.core import data
from mathdl.core.data import shipped
from mathdl.core.house import book_root

README = (book_root() / "data" / "README.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", README, re.MULTILINE)


def test_the_readme_names_every_file():
    assert {name for name, _ in ROWS} == {p.name for p in (book_root() / "data").iterdir()} - {"README.md"}


@pytest.mark.parametrize(("name", "digest"), ROWS)
def test_the_files_are_what_the_readme_says(name, digest):
    assert hashlib.sha256(shipped(name).read_bytes()).hexdigest() == digest


def test_a_missing_file_is_missed_in_words(monkeypatch, tmp_path):
    with pytest.raises(ValueError, match=r"data files \(.*digits.*\); got 'nothing.json'"):
        shipped("nothing.json")
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(data, "book_root", lambda: tmp_path)
    with pytest.raises(ValueError, match=r"\(none here\); got 'digits.json'"):
        shipped("digits.json")
