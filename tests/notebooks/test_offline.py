"""Chapters run without network: a notebook that reaches out fails, one that talks to its own machine does not."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

OFFLINE = Path(__file__).with_name("offline")
OUTWARD = {
    "address": "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=5)",
    "datagram": "import socket\nsocket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 9))",
    "name": "import urllib.request\nurllib.request.urlopen('http://example.invalid', timeout=5)",
}
INWARD = ("import socket\nserver = socket.create_server(('127.0.0.1', 0))\n"
          "socket.create_connection(server.getsockname(), timeout=5).close(); server.close()")


def run(tmp_path: Path, source: str, *flags: str) -> subprocess.CompletedProcess:
    """nbval on a notebook of one cell, as `make test` calls it."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, execution_count=1)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "one.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "-q", "-p", "no:cacheprovider", *flags, "one.ipynb"]
    return subprocess.run(command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(OFFLINE)}, capture_output=True,
                          text=True, timeout=120, check=False)


@pytest.mark.parametrize("way", OUTWARD)
def test_a_cell_that_reaches_out_fails(tmp_path, way):
    done = run(tmp_path, OUTWARD[way])
    assert done.returncode == 1, done.stdout + done.stderr
    plain = re.sub(r"\x1b\[[\d;]*m", "", done.stdout)
    assert "NetworkBlocked: the book runs without network" in plain, plain


def test_a_cell_that_stays_on_its_machine_passes_also_on_two_workers(tmp_path):
    done = run(tmp_path, INWARD, "-n", "2", "--dist", "loadfile")
    assert done.returncode == 0, done.stdout + done.stderr
