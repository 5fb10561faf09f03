"""`mathdl lab`: the reader's copies follow the book and are never overwritten once they were touched."""

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

import nbformat
import pytest

from mathdl import cli
from mathdl.cli import lab


def write(folder, name, text):
    folder.mkdir(exist_ok=True)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text, id="c0")])
    nbformat.write(notebook, folder / f"{name}.ipynb")


def said(tmp_path, take=()):
    return lab.update_copies(tmp_path / "chapters", tmp_path / "my-book", list(take))


def mine(tmp_path, name="01_one"):
    return (tmp_path / "my-book" / f"{name}.ipynb").read_text()


@pytest.fixture
def book(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    write(tmp_path / "chapters", "01_one", "first edition")
    assert said(tmp_path) == ["01_one: copied"]
    return tmp_path


def test_nothing_is_said_when_nothing_changed(book):
    assert said(book) == []


def test_an_untouched_copy_follows_the_book(book):
    write(book / "chapters", "01_one", "second edition")
    assert said(book) == ["01_one: updated to the new version (your copy was untouched)"]
    assert "second edition" in mine(book)


def test_a_touched_copy_is_kept_and_the_newer_version_is_announced(book):
    write(book / "my-book", "01_one", "my notes")
    assert said(book) == []
    write(book / "chapters", "01_one", "second edition")
    for _ in range(2):
        (line,) = said(book)
        assert "a newer version is there; yours has changes and was kept" in line
        assert "my notes" in mine(book)


def test_taking_the_new_version_keeps_mine_under_another_name(book):
    for edition in ("second", "third"):
        write(book / "my-book", "01_one", f"notes before the {edition}")
        write(book / "chapters", "01_one", f"{edition} edition")
        (line,) = said(book, ["01_one"])
        assert "new version taken; yours is kept as" in line
        assert f"{edition} edition" in mine(book)
    kept = [p.read_text() for p in (book / "my-book").glob("*.mine-*.ipynb")]
    assert len(kept) == 2
    assert {"notes before the second" in t or "notes before the third" in t for t in kept} == {True}


def test_a_copy_from_before_the_record_is_treated_as_touched(book):
    (book / "my-book" / lab.RECORD).unlink()
    write(book / "chapters", "01_one", "second edition")
    assert "was kept" in said(book)[0]


def test_copies_are_trusted(book):
    from nbformat.sign import NotebookNotary

    assert NotebookNotary().check_signature(nbformat.read(book / "my-book" / "01_one.ipynb", as_version=4))


def test_unknown_chapter_and_empty_book_are_refused(book, tmp_path):
    with pytest.raises(ValueError, match="no chapter '02_two'"):
        said(book, ["02_two"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="make chapters"):
        lab.update_copies(tmp_path / "empty", tmp_path / "my-book", [])


@pytest.mark.parametrize(("uid", "flag"), [(0, True), (1000, False)])
def test_command_line_of_jupyterlab(book, monkeypatch, uid, flag):
    monkeypatch.setattr(lab.os, "geteuid", lambda: uid)
    command = lab.lab_command(book / "my-book", "01_one.ipynb", port=8890, browser=False)
    assert ("--allow-root" in command) == flag
    page = "--LabApp.default_url=/lab/tree/01_one.ipynb"
    assert {"--ip=127.0.0.1", "--port=8890", "--no-browser", page} <= set(command)
    settings = json.loads((book / "my-book" / ".lab" / "overrides.json").read_text())
    assert settings["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


def test_copy_only_does_not_start_jupyterlab(book, monkeypatch, capsys):
    monkeypatch.setattr(lab, "book_root", lambda: book)
    monkeypatch.setattr(lab.os, "execv", lambda *a: pytest.fail("started JupyterLab"))
    monkeypatch.chdir(book)
    assert cli.main(["lab", "--book", "copies", "--copy-only"]) == 0
    assert capsys.readouterr().out == "01_one: copied\n"
    assert (book / "copies" / "01_one.ipynb").exists()


def test_the_book_really_opens(tmp_path, monkeypatch):
    """JupyterLab starts on the first page, answers with its token and refuses without."""
    for name in ("CONFIG", "DATA", "RUNTIME"):
        monkeypatch.setenv(f"JUPYTER_{name}_DIR", str(tmp_path / name))
    command = [sys.executable, "-m", "mathdl.cli", "lab", "--book", str(tmp_path / "my-book"), "--no-browser",
               "--port", "8931"]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        address = wait_for_address(tmp_path / "log", server)
        assert "/lab/tree/01" in address
        base, token = address.split("/lab/")[0], address.split("token=")[1]
        assert answer(f"{base}/api/contents?token={token}", server) == 200
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{base}/api/contents")
    finally:
        server.terminate()
        server.wait(20)


def answer(url, server):
    """The status of an answer; JupyterLab prints its address a moment before it listens there."""
    for _ in range(100):
        try:
            return urllib.request.urlopen(url).status
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            assert server.poll() is None
            time.sleep(0.1)
    raise TimeoutError(f"nothing listens at {url.split('?')[0]}")


def wait_for_address(log, server):
    """The address with the token that JupyterLab prints when it is ready."""
    for _ in range(300):
        found = re.search(r"http://127\.0\.0\.1:\d+/lab/\S+token=\w+", log.read_text())
        if found or server.poll() is not None:
            break
        time.sleep(0.1)
    assert found, log.read_text()
    return found.group()
