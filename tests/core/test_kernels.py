"""numba's cached code is removed exactly when a kernel module is newer."""

import os

from mathdl.core.kernels import forget_stale


def package(tmp_path, *, kernel_time, code_time):
    cache = tmp_path / "__pycache__"
    cache.mkdir()
    for path, when in ((tmp_path / "_callee.py", kernel_time), (cache / "_caller.sum-1.py311.nbi", code_time),
                       (cache / "_caller.sum-1.py311.1.nbc", code_time), (tmp_path / "notes.py", code_time + 9)):
        path.write_text("")
        os.utime(path, (when, when))
    return cache / "_caller.sum-1.py311.nbi"


def test_code_compiled_before_a_kernel_changed_is_forgotten(tmp_path):
    index = package(tmp_path, kernel_time=2000, code_time=1000)
    forget_stale(tmp_path)
    assert not index.exists()


def test_newer_code_stays_whatever_else_changed(tmp_path):
    index = package(tmp_path, kernel_time=1000, code_time=2000)
    forget_stale(tmp_path)
    assert index.exists()


def test_a_folder_without_kernels_or_rights_is_no_error(tmp_path, monkeypatch):
    forget_stale(tmp_path / "missing")
    forget_stale(tmp_path)
    index = package(tmp_path, kernel_time=2000, code_time=1000)
    monkeypatch.setattr(type(index), "unlink", lambda self, missing_ok: (_ for _ in ()).throw(PermissionError))
    forget_stale(tmp_path)
    assert index.exists()
