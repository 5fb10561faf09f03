"""A file is the old one or the new one, whatever goes wrong in between, and nothing is left beside it."""

import os

import pytest

from mathdl.core.whole_file import written_whole


@pytest.mark.parametrize(("mode", "content"), [("w", "ε = 1\n"), ("wb", b"\x00\xff")])
def test_what_was_written_is_there(tmp_path, mode, content):
    path = tmp_path / "a.txt"
    with written_whole(path, mode) as file:
        file.write(content)
        assert not path.exists()
    assert (path.read_bytes() if mode == "wb" else path.read_text(encoding="utf-8")) == content
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("broken", ["block", "fsync", "replace"])
def test_the_old_file_stays_when_anything_fails(tmp_path, monkeypatch, broken):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def full(*_):
        raise OSError("no space left")

    if broken != "block":
        monkeypatch.setattr(os, broken, full)
    def write():
        with written_whole(path) as file:
            file.write("new")
            if broken == "block":
                full()

    with pytest.raises(OSError, match="no space left"):
        write()
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
