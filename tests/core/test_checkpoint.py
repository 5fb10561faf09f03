"""Checkpoints: a resumed training has the numbers of one that never stopped, and no other file is taken for one."""

import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from mathdl.core import checkpoint
from mathdl.core.checkpoint import Checkpoint, load_snapshot
from mathdl.core.generators import RunGenerators
from mathdl.core.on_step import Log, read_log
from mathdl.core.optimizers import adam
from mathdl.core.training import seeded, train, training_steps

RULE = adam(0.05)
START = torch.linspace(-1, 1, 15).reshape(5, 3)


def start():
    return {"w": START.clone(), "memory": RULE.start(START)}


def update(state, generator):
    """ADAM on |w|²/2 with noise from a torch generator, or from five streams."""
    w = state["w"]
    noise = torch.randn(5, 3, generator=generator) if isinstance(generator, torch.Generator) else generator.normal(3)
    new, memory = RULE(w, w + noise, state["memory"])
    return {"w": new, "memory": memory}, (w * w).sum(1) / 2


GENERATORS = {"one stream": lambda: seeded(7), "a stream a run": lambda: RunGenerators(range(5))}


@pytest.mark.parametrize("generator", GENERATORS.values(), ids=GENERATORS.keys())
@pytest.mark.parametrize("stop", [1, 10, 17, 39])
def test_resuming_gives_every_number_of_the_uninterrupted_training(tmp_path, generator, stop):
    whole = list(training_steps(update, start(), steps=40, generator=generator()))
    path = tmp_path / "c.pt"
    for step in training_steps(update, start(), steps=40, generator=generator(), on_step=[Checkpoint(path, every=5)]):
        if step.number == stop:
            break
    rest = list(training_steps(update, start(), steps=40, generator=generator(), resume=path))
    assert [step.number for step in rest] == list(range(stop - stop % 5 + 1, 41))
    for mine, theirs in zip(rest, whole[-len(rest):], strict=True):
        assert torch.equal(mine.loss, theirs.loss)
        assert torch.equal(mine.state["w"], theirs.state["w"])
        assert torch.equal(mine.state["memory"]["v"], theirs.state["memory"]["v"])
        assert mine.state["memory"]["t"] == theirs.state["memory"]["t"] == mine.number


def test_without_a_file_resume_starts_at_the_start(tmp_path):
    first = next(training_steps(update, start(), steps=4, generator=seeded(0), resume=tmp_path / "none.pt"))
    assert first.number == 1


def test_a_finished_training_gives_its_last_step_again(tmp_path):
    path, calls = tmp_path / "c.pt", []
    last = train(update, start(), steps=12, generator=seeded(0), on_step=[Checkpoint(path, every=5)])
    assert load_snapshot(path).number == 12
    again = train(update, start(), steps=12, generator=seeded(0), resume=path, on_step=[calls.append])
    assert (again.number, calls) == (12, [])
    assert torch.equal(again.loss, last.loss)
    assert torch.equal(again.state["w"], last.state["w"])
    longer = train(update, start(), steps=20, generator=seeded(0), resume=path)
    assert torch.equal(longer.state["w"], train(update, start(), steps=20, generator=seeded(0)).state["w"])


KILLED = """
import sys, time
from tests_checkpoint import start, update
from mathdl.core.checkpoint import Checkpoint
from mathdl.core.on_step import Log
from mathdl.core.training import seeded, train

folder = sys.argv[1]
train(update, start(), steps=3000, generator=seeded(7), resume=f"{folder}/c.pt",
      on_step=[Checkpoint(f"{folder}/c.pt", every=10), Log(f"{folder}/log.jsonl"), lambda step: time.sleep(0.002)])
"""


def test_a_killed_process_is_resumed_with_equal_numbers(tmp_path):
    script, log = tmp_path / "run.py", tmp_path / "log.jsonl"
    script.write_text(KILLED)
    (tmp_path / "tests_checkpoint.py").write_text(Path(__file__).read_text())
    process = subprocess.Popen([sys.executable, script, tmp_path])
    try:
        deadline = time.monotonic() + 60
        while not (log.exists() and log.read_text().count("\n") > 57) and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.005)
    finally:
        os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    killed_at, saved = read_log(log)[-1]["step"], load_snapshot(tmp_path / "c.pt").number
    assert 50 <= saved <= killed_at < 3000
    steps = killed_at + 15
    whole = train(update, start(), steps=steps, generator=seeded(7), on_step=[Log(tmp_path / "whole.jsonl")])
    resumed = train(update, start(), steps=steps, generator=seeded(7), resume=tmp_path / "c.pt", on_step=[Log(log)])
    assert torch.equal(resumed.state["w"], whole.state["w"])
    assert log.read_text() == (tmp_path / "whole.jsonl").read_text()


def test_an_interrupt_between_steps_leaves_the_last_checkpoint(tmp_path):
    path = tmp_path / "c.pt"

    def interrupt(step):
        if step.number == 18:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(update, start(), steps=40, generator=seeded(1), on_step=[Checkpoint(path, every=5), interrupt])
    assert load_snapshot(path).number == 15
    resumed = train(update, start(), steps=40, generator=seeded(1), resume=path)
    assert torch.equal(resumed.state["w"], train(update, start(), steps=40, generator=seeded(1)).state["w"])


@pytest.mark.parametrize("broken", ["torch.save", "os.fsync", "os.replace"])
def test_when_writing_fails_the_old_file_stays_and_nothing_else(tmp_path, monkeypatch, broken):
    path = tmp_path / "c.pt"
    steps = training_steps(update, start(), steps=9, generator=seeded(1), on_step=[Checkpoint(path, every=1)])
    next(steps)
    before = path.read_bytes()
    owner, name = broken.split(".")
    really = getattr(sys.modules[owner], name)

    def fails(*arguments):
        if name == "save":
            arguments[1].write(b"half a file")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys.modules[owner], name, fails)
    with pytest.raises(OSError, match="No space left"):
        next(steps)
    monkeypatch.setattr(sys.modules[owner], name, really)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["c.pt"]


def test_a_state_that_is_not_finite_is_never_written(tmp_path):
    path = tmp_path / "c.pt"

    def explodes(state, generator):
        return {"w": state["w"] * 1e30}, state["w"].sum()

    with pytest.raises(FloatingPointError):
        train(explodes, {"w": torch.ones(2)}, steps=9, generator=seeded(0), on_step=[Checkpoint(path, every=1)])
    assert torch.isfinite(load_snapshot(path).state["w"]).all()


def test_views_are_stored_without_what_they_are_views_of(tmp_path):
    path, large = tmp_path / "c.pt", torch.zeros(1_000_000)
    train(lambda s, g: ({"w": large[:2]}, s["w"].sum()), {"w": large[:2]}, steps=1, generator=seeded(0),
          on_step=[Checkpoint(path, every=1)])
    assert path.stat().st_size < 20_000


# --- files that are no checkpoint of this training

@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "c.pt"
    train(update, start(), steps=10, generator=seeded(1), on_step=[Checkpoint(path, every=10)],
          settings={"step size": 0.05})
    return path


def resume(path, **changes):
    options = {"steps": 20, "generator": seeded(1), "settings": {"step size": 0.05}, **changes}
    return train(update, options.pop("state", None) or start(), resume=path, **options)


def test_a_truncated_or_altered_file_is_refused(saved):
    good = saved.read_bytes()
    at = good.index(load_snapshot(saved).state["w"].numpy().tobytes())
    altered = bytearray(good)
    altered[at] ^= 1  # the last bit of a weight
    for content in (b"", good[:len(good) // 2], good[:-1], bytes(altered), b"{}", pickle.dumps({"format": 1})):
        saved.write_bytes(content)
        with pytest.raises(ValueError, match="expected a checkpoint of training_steps, got a damaged or foreign file"):
            resume(saved)
        assert saved.read_bytes() == content


def test_a_foreign_file_is_refused_and_runs_no_code(saved, tmp_path):
    torch.save({"weights": torch.ones(3)}, saved)
    with pytest.raises(ValueError, match="foreign"):
        resume(saved)

    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    torch.save({"format": checkpoint.FORMAT, "state": Trap()}, saved)
    with pytest.raises(ValueError, match="foreign"):
        resume(saved)
    assert not (tmp_path / "ran").exists()


def wider():
    w = torch.zeros(5, 4)
    return {"w": w, "memory": RULE.start(w)}


def moved():
    return {**start(), "w": START + 1}


@pytest.mark.parametrize(("changes", "message"), [
    ({"generator": seeded(2)}, "expected a training from this start"),
    ({"generator": RunGenerators(range(5))}, "expected a training from this start"),
    ({"state": moved()}, "expected a training from this start"),
    ({"state": wider()}, r"state\['w'\]: expected float32 \(5, 4\), found float32 \(5, 3\)"),
    ({"state": {"w": START}}, r"state\['memory'\].*: expected nothing, found"),
    ({"settings": {"step size": 0.1}}, "setting step size: expected 0.1, found 0.05. It is another training"),
    ({"settings": None}, "setting step size: expected nothing, found 0.05"),
    ({"steps": 9}, "expected at most 9 updates, found 10. Ask for more steps"),
])
def test_a_checkpoint_of_another_training_is_refused(saved, changes, message):
    with pytest.raises(ValueError, match=message):
        resume(saved, **changes)
    resume(saved)  # and the right one is not


def test_a_generator_that_has_drawn_is_another_start(saved):
    generator = seeded(1)
    torch.randn(1, generator=generator)
    with pytest.raises(ValueError, match="a generator that has drawn is another one"):
        resume(saved, generator=generator)


def test_refusals_of_the_callback(tmp_path):
    with pytest.raises(ValueError, match=">= 1; got 0"):
        Checkpoint(tmp_path / "c.pt", every=0)
    with pytest.raises(ValueError, match="existing folder"):
        train(update, start(), steps=1, generator=seeded(0), on_step=[Checkpoint(tmp_path / "no" / "c.pt", every=1)])
    with pytest.raises(FileNotFoundError):
        load_snapshot(tmp_path / "none.pt")


def test_a_training_with_a_frozen_run_is_resumed_with_the_run_frozen(tmp_path):
    def late(state, generator):  # run 1 would recover after update 3
        t = state["t"] + 1
        return {"w": state["w"] + 1, "t": t}, torch.tensor([1.0, float("nan") if t == 3 else 1.0])

    options = {"steps": 8, "diverged": "freeze"}
    state, path = {"w": torch.zeros(2), "t": 0}, tmp_path / "c.pt"
    for step in training_steps(late, state, generator=seeded(0), on_step=[Checkpoint(path, every=5)], **options):
        if step.number == 6:
            break
    resumed = train(late, state, generator=seeded(0), resume=path, **options)
    whole = train(late, state, generator=seeded(0), **options)
    assert resumed.state["w"].tolist() == whole.state["w"].tolist() == [8, 2]
