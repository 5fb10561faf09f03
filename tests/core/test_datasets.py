"""Digits come with scikit-learn; MNIST is found, verified, loaded once, or missed in words."""

import gzip
import hashlib
import os
import subprocess
import sys
import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from mathdl.core import datasets
from mathdl.core.datasets import FILES, digits, mnist

OFFLINE = Path(__file__).parents[1] / "notebooks" / "offline"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """Five images of 2 x 2 pixels instead of MNIST: their arrays, and the packed bytes of each file by its name."""
    rng = np.random.default_rng(0)
    arrays = {"x_test": rng.integers(0, 256, (5, 2, 2), dtype=np.uint8), "y_test": np.array([6, 1, 7, 6, 0], np.uint8)}
    files, packed = {}, {}
    for key, array in arrays.items():
        file = replace(FILES[key], shape=array.shape)
        content = file.header + array.tobytes()
        packed[f"{file.name}.gz"] = gzip.compress(content, mtime=0)
        files[key] = replace(file, content=hashlib.sha256(content).hexdigest(),
                             packed=hashlib.sha256(packed[f"{file.name}.gz"]).hexdigest())
    monkeypatch.setattr(datasets, "FILES", files)
    monkeypatch.setattr(datasets, "_cache", lambda: tmp_path / "cache")
    monkeypatch.setattr(datasets, "MIRRORS", ("http://127.0.0.1:1/",))
    monkeypatch.delenv("MATHDL_DATA", raising=False)
    return arrays, packed


@pytest.fixture
def copied(tiny, monkeypatch, tmp_path):
    """The packed files in the folder that MATHDL_DATA names."""
    for name, content in tiny[1].items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.setenv("MATHDL_DATA", str(tmp_path))
    return tmp_path


def test_the_shipped_digits():
    every, two = digits(), digits((6, 7))
    assert (every.pixels.shape, every.side, len(two)) == ((1797, 64), 8, 360)
    assert (every.pixels.dtype, every.pixels.min(), every.pixels.max()) == (np.float32, 0, 1)
    np.testing.assert_array_equal(two.pixels, every.pixels[np.isin(every.labels, (6, 7))])


def test_the_published_files_fit_their_shapes():
    """The packed sizes are not known here, the unpacked are: the header is that of the idx format."""
    assert FILES["x_train"].header == bytes.fromhex("00000803 0000ea60 0000001c 0000001c")
    assert FILES["y_test"].header == bytes.fromhex("00000801 00002710")
    digests = [digest for file in FILES.values() for digest in (file.content, file.packed)]
    assert len(set(digests)) == 8
    assert all(len(bytes.fromhex(digest)) == 32 for digest in digests)


def test_a_local_copy_is_read(tiny, copied):
    found = mnist("test")
    np.testing.assert_array_equal(np.rint(found.pixels * 255), tiny[0]["x_test"].reshape(5, 4))
    assert (found.labels.tolist(), found.side, found.pixels.dtype) == ([6, 1, 7, 6, 0], 2, np.float32)
    assert mnist("test", (6, 7)).labels.tolist() == [6, 7, 6]


@pytest.mark.parametrize("form", ["unpacked", "dotted", "in a folder mnist", "npz"])
def test_other_names_of_a_local_copy(tiny, copied, form):
    arrays, packed = tiny
    for name, content in packed.items():
        (copied / name).unlink()
        plain = name.removesuffix(".gz")
        if form == "in a folder mnist":
            (copied / "mnist").mkdir(exist_ok=True)
            (copied / "mnist" / name).write_bytes(content)
        elif form != "npz":
            (copied / (plain if form == "unpacked" else plain.replace("-idx", ".idx"))).write_bytes(
                gzip.decompress(content))
    if form == "npz":
        np.savez(copied / "mnist.npz", **arrays)
    assert mnist("test").labels.tolist() == [6, 1, 7, 6, 0]


def test_a_changed_copy_is_refused(tiny, copied):
    path = copied / "t10k-images-idx3-ubyte.gz"
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[-1] ^= 1
    path.write_bytes(gzip.compress(bytes(content)))
    with pytest.raises(ValueError, match=r"t10k-images.*sha256.*other bytes.*Delete"):
        mnist("test")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ValueError, match="damaged or foreign"):
        mnist("test")
    path.write_bytes(b"no archive at all")
    with pytest.raises(ValueError, match="damaged or foreign"):
        mnist("test")


def test_a_foreign_npz_and_a_missing_folder_are_refused(tiny, copied, monkeypatch):
    for name in tiny[1]:
        (copied / name).unlink()
    np.savez(copied / "mnist.npz", something=np.arange(3))
    with pytest.raises(ValueError, match="damaged or foreign"):
        mnist("test")
    monkeypatch.setenv("MATHDL_DATA", str(copied / "nowhere"))
    with pytest.raises(FileNotFoundError, match="name of a folder.*unset"):
        mnist("test")


def test_the_mirror_is_asked_once(tiny, tmp_path, monkeypatch):
    """The second of two mirrors answers, the first is dead; then both are dead, and the cache serves."""
    (tmp_path / "www").mkdir()
    for name, content in tiny[1].items():
        (tmp_path / "www" / name).write_bytes(content)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path / "www"))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setattr(datasets, "MIRRORS", ("http://127.0.0.1:1/", f"http://127.0.0.1:{server.server_port}/"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    try:
        assert mnist("test").labels.tolist() == [6, 1, 7, 6, 0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert mnist("test", (1,)).labels.tolist() == [1]
    assert {path.name for path in (tmp_path / "cache").iterdir()} == set(tiny[1])


def test_without_copy_and_network_the_error_says_what_to_do(tiny, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(FileNotFoundError, match=r"not set.*cache.*127.0.0.1.*Go online once.*MATHDL_DATA.*digits\(\)"):
        mnist("test")


def test_with_blocked_sockets_the_error_says_what_to_do(tmp_path):
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    clean = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy") and k != "MATHDL_DATA"}
    done = subprocess.run([sys.executable, "-c", "from mathdl.core.datasets import digits, mnist\ndigits()\nmnist()"],
                          env=clean | home | {"PYTHONPATH": str(OFFLINE)}, capture_output=True, text=True, timeout=120,
                          check=False)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("FileNotFoundError: MNIST: expected train-images-idx3-ubyte.gz"), done.stderr
    assert "NetworkBlocked" in last
    assert "Go online once" in last


@pytest.mark.parametrize(("call", "message"), [
    (lambda: mnist("training"), '"train" or "test"; got \'training\''),
    (lambda: digits((6, 11)), r"from 0 to 9.*\[6, 11\]"), (lambda: mnist("test", ()), "at least one"),
    (lambda: digits("67"), "from 0 to 9")])
def test_bad_requests_are_refused(call, message, monkeypatch, tmp_path):
    monkeypatch.setenv("MATHDL_DATA", str(tmp_path))
    with pytest.raises(ValueError, match=message):
        call()


def test_a_real_copy_where_there_is_one(monkeypatch):
    """The first labels and the counts of the original files; a reader without a copy compares the names instead."""
    if not os.environ.get("MATHDL_DATA"):
        assert {file.name.split("-")[0] for file in FILES.values()} == {"train", "t10k"}
        return
    found = mnist("test")
    assert found.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert np.bincount(found.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
