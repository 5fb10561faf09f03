"""`mathdl lab`: the book in JupyterLab, on copies that belong to the reader."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from argparse import Namespace
from datetime import date
from pathlib import Path

from mathdl.core.house import book_root
from mathdl.core.whole_file import written_whole

RECORD = ".shipped.json"
# No news pop-up and no look for updates: nothing here talks to the network.
QUIET = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False,
                                                         "doNotDisturbMode": False}}


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def update_copies(chapters: Path, book: Path, take: list[str]) -> list[str]:
    """Bring the reader's copies up to date and say what was done, a line a chapter that changed.

    A copy that was never touched follows the book; one that was edited, or run and saved, is never overwritten.
    """
    shipped_files = sorted(chapters.glob("*.ipynb"))
    if not shipped_files:
        raise ValueError(f"expected executed notebooks in {chapters.name}/; got none: run `make chapters`")
    unknown = set(take) - {path.stem for path in shipped_files}
    if unknown:
        raise ValueError(f"no chapter {sorted(unknown)[0]!r}; expected one of {[p.stem for p in shipped_files]}")
    book.mkdir(parents=True, exist_ok=True)
    record_file = book / RECORD
    record = json.loads(record_file.read_text()) if record_file.exists() else {}
    said = [line for path in shipped_files if (line := update_one(path, book / path.name, record, path.stem in take))]
    with written_whole(record_file) as file:
        json.dump(record, file, indent=1)
    return said


def update_one(shipped: Path, mine: Path, record: dict[str, str], take: bool) -> str:
    """Bring one copy up to date; `record` holds the digest of what was copied last."""
    new, name = digest(shipped), shipped.stem
    if not mine.exists():
        copy(shipped, mine, record, new)
        return f"{name}: copied"
    mine_now = digest(mine)
    if mine_now == new or (record.get(mine.name) == new and not take):
        return ""
    if mine_now == record.get(mine.name):
        copy(shipped, mine, record, new)
        return f"{name}: updated to the new version (your copy was untouched)"
    if take:
        kept = free_name(mine)
        mine.rename(kept)
        copy(shipped, mine, record, new)
        return f"{name}: new version taken; yours is kept as {kept.name}"
    return f"{name}: a newer version is there; yours has changes and was kept (mathdl lab --take {name} brings it)"


def free_name(mine: Path) -> Path:
    """A name beside `mine` that no file has yet."""
    stem = f"{mine.stem}.mine-{date.today().isoformat()}"
    names = (mine.with_name(f"{stem}{'' if n == 1 else f'-{n}'}.ipynb") for n in range(1, 1000))
    return next(name for name in names if not name.exists())


def copy(shipped: Path, mine: Path, record: dict[str, str], new: str) -> None:
    """Copy a chapter, mark it as trusted for this user and remember what was copied."""
    from nbformat import read
    from nbformat.sign import NotebookNotary

    shutil.copyfile(shipped, mine)
    NotebookNotary().sign(read(mine, as_version=4))
    record[mine.name] = new


def lab_command(book: Path, first_page: str, *, port: int, browser: bool) -> list[str]:
    """The command line of JupyterLab: localhost, token, the first page, no news; as root it must be told so."""
    settings = book / ".lab"
    settings.mkdir(exist_ok=True)
    (settings / "overrides.json").write_text(json.dumps(QUIET))
    flags = ["--ip=127.0.0.1", f"--port={port}", f"--ServerApp.root_dir={book}",
             f"--LabApp.app_settings_dir={settings}", f"--LabApp.default_url=/lab/tree/{first_page}",
             "--LabApp.news_url=None",
             "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    flags += [] if browser else ["--no-browser"]
    flags += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return [sys.executable, "-m", "jupyterlab", *flags]


def run(chosen: Namespace) -> int:
    """Update the copies, then become JupyterLab."""
    book = Path(chosen.book).resolve()
    for line in update_copies(book_root() / "chapters", book, chosen.take):
        print(line)
    if chosen.copy_only:
        return 0
    first_page = sorted((book_root() / "chapters").glob("*.ipynb"))[0].name
    command = lab_command(book, first_page, port=chosen.port, browser=not chosen.no_browser)
    print(f"Opening {first_page} in JupyterLab; stop it with Ctrl-C. Your copies are in {chosen.book}/", flush=True)
    os.execv(command[0], command)
