"""Sweeps: every point once, results kept by content, failures and dead workers reported without losing the rest."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from mathdl.core.sweep import sweep


def square(x: float, power: int = 2) -> float:
    """A point that is quick to compute."""
    return x ** power


def noted(x: int, folder: str) -> int:
    """Leaves a mark each time it runs."""
    with open(os.path.join(folder, f"{x}.txt"), "a") as file:
        file.write("ran\n")
    return x + 1


def picky(x: int) -> int:
    """Refuses 2."""
    if x == 2:
        raise ValueError("2 is refused")
    return x


def fails_once(x: int, folder: str) -> int:
    """Refuses to run the first time."""
    mark = os.path.join(folder, "tried")
    if not os.path.exists(mark):
        open(mark, "w").close()
        raise OSError("no space left")
    return x


def deadly(x: int) -> int:
    """Its process dies at 3."""
    if x == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return x


def fatal_once(x: int, folder: str) -> int:
    """Its worker dies at 1, but only the first time."""
    mark = os.path.join(folder, "died")
    if x == 1 and not os.path.exists(mark):
        open(mark, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.05)
    return 10 * x


def marks(folder) -> list[int]:
    return [len(path.read_text().splitlines()) for path in sorted(folder.glob("*.txt"))]


def test_all_combinations_in_order():
    found = sweep(square, {"x": [1, 2, 3], "power": [1, 3]}, progress=False)
    assert [p.result for p in found.points] == [1, 1, 2, 8, 3, 27]
    assert repr(found) == "6 of 6 points done (0 from the cache)"


def test_processes_give_the_same():
    points = [{"x": k} for k in range(6)]
    assert [p.result for p in sweep(square, points, n_jobs=2, progress=False).points] == [k ** 2 for k in range(6)]


def test_a_second_sweep_computes_only_what_is_missing(tmp_path):
    ran, cache = tmp_path / "ran", tmp_path / "cache"
    ran.mkdir()
    sweep(noted, {"x": [1, 2], "folder": [str(ran)]}, cache=cache, progress=False)
    again = sweep(noted, {"x": [2, 1, 5], "folder": [str(ran)]}, cache=cache, progress=False)
    assert marks(ran) == [1, 1, 1]
    assert [(p.result, p.cached) for p in again.points] == [(3, True), (2, True), (6, False)]
    assert not list(cache.glob("*.part"))


def test_content_of_arrays_is_the_key(tmp_path):
    first = sweep(total, [{"values": np.arange(3.0)}], cache=tmp_path, progress=False)
    same = sweep(total, [{"values": np.array([0.0, 1.0, 2.0])}], cache=tmp_path, progress=False)
    other = sweep(total, [{"values": np.array([0.0, 1.0, 2.5])}], cache=tmp_path, progress=False)
    assert [s.points[0].cached for s in (first, same, other)] == [False, True, False]
    assert other.points[0].result == 3.5


def total(values) -> float:
    return float(values.sum())


def test_another_function_has_its_own_results(tmp_path):
    sweep(square, [{"x": 3}], cache=tmp_path, progress=False)
    assert sweep(picky, [{"x": 3}], cache=tmp_path, progress=False).points[0].result == 3


def test_a_failed_point_is_reported_and_tried_again(tmp_path):
    for _ in range(2):
        with pytest.warns(RuntimeWarning, match=r"1 of 3 points failed, the first at \{'x': 2\}: ValueError: 2 is ref"):
            found = sweep(picky, {"x": [1, 2, 3]}, cache=tmp_path, progress=False)
        assert [p.result for p in found.done] == [1, 3]
        assert [dict(p.parameters) for p in found.failed] == [{"x": 2}]
        assert "failed: {'x': 2}: ValueError: 2 is refused" in repr(found)


def test_a_point_that_failed_is_not_kept(tmp_path):
    grid = {"x": [7], "folder": [str(tmp_path)]}
    with pytest.warns(RuntimeWarning, match="OSError: no space left"):
        sweep(fails_once, grid, cache=tmp_path / "cache", progress=False)
    assert [p.result for p in sweep(fails_once, grid, cache=tmp_path / "cache", progress=False).points] == [7]


def test_a_truncated_file_is_named_and_computed_again(tmp_path):
    sweep(square, [{"x": 3}], cache=tmp_path, progress=False)
    file, = tmp_path.glob("*.pkl")
    file.write_bytes(file.read_bytes()[:20])
    with pytest.warns(RuntimeWarning, match="cannot be read"):
        assert sweep(square, [{"x": 3}], cache=tmp_path, progress=False).points[0].result == 9
    assert sweep(square, [{"x": 3}], cache=tmp_path, progress=False).points[0].cached


def test_a_process_that_dies_takes_no_other_point_along():
    with pytest.warns(RuntimeWarning) as caught:
        found = sweep(deadly, {"x": range(8)}, n_jobs=2, progress=False)
    assert [p.result for p in found.done] == [0, 1, 2, 4, 5, 6, 7]
    assert "the process that ran this point died" in found.failed[0].error
    assert any("1 of 8 points failed" in str(w.message) for w in caught)


def test_a_killed_sweep_goes_on_where_it_stopped(tmp_path):
    (tmp_path / "ran").mkdir()
    program = ("import sys, time; sys.path.insert(0, sys.argv[1])\n"
               "from test_sweep import noted; from mathdl.core.sweep import sweep\n"
               "def slow(x, folder):\n    time.sleep(0.1); return noted(x, folder)\n"
               "slow.__module__, slow.__qualname__ = 'test', 'slow'\n"
               "sweep(slow, {'x': range(30), 'folder': [sys.argv[2] + '/ran']}, cache=sys.argv[2] + '/cache', "
               "progress=False)\n")
    script = tmp_path / "program.py"
    script.write_text(program)
    command = [sys.executable, str(script), os.path.dirname(__file__), str(tmp_path)]
    process = subprocess.Popen(command)
    while len(list((tmp_path / "cache").glob("*.pkl"))) < 5:
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    kept = len(list((tmp_path / "cache").glob("*.pkl")))
    assert kept < 30
    assert subprocess.run(command, check=False).returncode == 0
    counts = marks(tmp_path / "ran")
    assert len(counts) == 30
    assert sum(counts) <= 31  # only the point that was running at the kill ran twice


def test_progress_is_shown(capsys):
    sweep(square, {"x": [1, 2]})
    assert "2/2" in capsys.readouterr().err


def test_no_workers_are_refused():
    with pytest.raises(ValueError, match="expected a number of processes"):
        sweep(square, {"x": [1]}, n_jobs=0)


def test_an_empty_grid_is_refused():
    with pytest.raises(ValueError, match="expected at least one point"):
        sweep(square, {"x": []})


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed", reason="needs dask: pip install 'mathdl[dask]'")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as local, \
            distributed.Client(local) as client:
        yield client


@pytest.mark.filterwarnings("ignore")  # of distributed about the worker that the test kills
def test_the_same_call_on_a_dask_cluster(cluster, tmp_path):
    grid = {"x": range(6), "folder": [str(tmp_path)]}
    found, again = (sweep(fatal_once, grid, cache=tmp_path / "c", client=cluster, progress=False) for _ in range(2))
    assert (tmp_path / "died").exists()
    assert [p.result for p in found.points] == [0, 10, 20, 30, 40, 50]
    assert all(p.cached for p in again.points)


@pytest.mark.filterwarnings("ignore")
def test_a_point_that_kills_every_dask_worker_is_reported(cluster):
    found = sweep(deadly, {"x": range(5)}, client=cluster, progress=False)
    assert [p.result for p in found.done] == [0, 1, 2, 4]
    assert "died" in found.failed[0].error
