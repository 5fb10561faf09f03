"""Progress bar, log and live plot: what they write, that they stop in order, and that none of them needs a notebook."""

import json
import math
import sys

import numpy as np
import pytest
import torch

from mathdl.core import live_plot
from mathdl.core.checkpoint import Checkpoint
from mathdl.core.figures import Picture, clipped_text
from mathdl.core.live_plot import LivePlot, loss_picture
from mathdl.core.on_step import Log, Progress, read_log
from mathdl.core.training import seeded, train, training_steps


def halving(state, generator):
    """Three runs of w <- w/2; the losses before update n are (1, 4, 9) / 4^(n-1)."""
    return {"w": state["w"] / 2}, state["w"] ** 2


START = {"w": torch.tensor([1.0, 2.0, 3.0])}


def run(on_step, steps=10, **options):
    return train(halving, START, steps=steps, generator=seeded(0), on_step=on_step, **options)


# --- log

def test_a_log_holds_every_loss(tmp_path):
    run([Log(tmp_path / "log")])
    lines = read_log(tmp_path / "log")
    assert [line["step"] for line in lines] == list(range(1, 11))
    assert [line["loss"] for line in lines] == [[f / 4 ** n for f in (1.0, 4.0, 9.0)] for n in range(10)]


def test_a_log_of_some_steps_has_the_last_and_further_measurements(tmp_path):
    run([Log(tmp_path / "log", every=4, measure=lambda step: {"w": step.state["w"], "half": np.float64(0.5)})])
    lines = read_log(tmp_path / "log")
    assert [line["step"] for line in lines] == [4, 8, 10]
    assert lines[0]["w"] == [w / 16 for w in (1.0, 2.0, 3.0)]
    assert lines[0]["half"] == 0.5


def test_a_log_is_strict_json_also_when_a_number_is_not_finite(tmp_path):
    run([Log(tmp_path / "log", measure=lambda step: {"a": math.nan, "b": torch.tensor([1.0, math.inf])})], steps=1)
    assert json.loads((tmp_path / "log").read_text(), parse_constant=lambda name: pytest.fail(name)) == {
        "step": 1, "loss": [1.0, 4.0, 9.0], "a": None, "b": [1.0, None]}


def test_lines_are_on_their_way_before_the_next_update(tmp_path):
    for step in training_steps(halving, START, steps=9, generator=seeded(0), on_step=[Log(tmp_path / "log")]):
        assert (tmp_path / "log").read_text().count("\n") == step.number


def test_a_resumed_log_has_every_line_once(tmp_path):
    run([Log(tmp_path / "whole")])
    log, path = tmp_path / "log", tmp_path / "c.pt"
    options = {"steps": 10, "generator": seeded(0), "on_step": [Checkpoint(path, every=3), Log(log)]}
    for step in training_steps(halving, START, **options):
        if step.number == 8:
            break
    log.write_text(log.read_text() + '{"step": 9, "lo')  # as a kill would leave it
    run([Checkpoint(path, every=3), Log(log)], resume=path)
    assert log.read_text() == (tmp_path / "whole").read_text()
    run([Log(log)], resume=path)  # finished: nothing more to write
    assert log.read_text() == (tmp_path / "whole").read_text()


def test_a_checkpoint_waits_for_the_log(tmp_path):
    """Whatever the order in which they are given, the line of a step is written before its checkpoint."""
    class Stop(Exception):
        pass

    class Failing(Checkpoint):
        def __call__(self, step):
            raise Stop

    with pytest.raises(Stop):
        run([Failing(tmp_path / "c.pt", every=1), Log(tmp_path / "log")])
    assert [line["step"] for line in read_log(tmp_path / "log")] == [1]


def test_a_fresh_training_begins_a_fresh_log(tmp_path):
    for _ in range(2):
        run([Log(tmp_path / "log")], steps=3)
    assert len(read_log(tmp_path / "log")) == 3


def test_a_log_is_closed_when_the_loop_is_left(tmp_path):
    log = Log(tmp_path / "log")
    for _ in training_steps(halving, START, steps=9, generator=seeded(0), on_step=[log]):
        break
    assert log._file.closed


@pytest.mark.parametrize("text", ["no json\n", "[1]\n", '{"loss": 1}\n', '{"step": 1}\nhalf\n{"step": 2}\n'])
def test_another_file_is_not_read_as_a_log(tmp_path, text):
    (tmp_path / "log").write_text(text)
    with pytest.raises(ValueError, match="expected a log.*got another file"):
        read_log(tmp_path / "log")
    with pytest.raises(ValueError, match="expected a log.*got another file"):
        run([Log(tmp_path / "log")])
    assert (tmp_path / "log").read_text() == text


def test_refusals_of_the_log(tmp_path):
    with pytest.raises(ValueError, match=">= 1; got 0"):
        Log(tmp_path / "log", every=0)
    with pytest.raises(ValueError, match="existing folder"):
        run([Log(tmp_path / "no" / "log")])


# --- progress

def test_the_bar_ends_at_the_last_step_with_the_mean_loss(capsys):
    run([Progress("a training")], steps=10)
    shown = capsys.readouterr().err
    assert "a training" in shown
    assert "10/10" in shown
    assert f"loss={sum((1, 4, 9)) / 3 / 4 ** 9:.4g}" in shown


def test_the_bar_is_closed_at_a_break_and_starts_where_the_training_resumes(tmp_path, capsys):
    path, bar = tmp_path / "c.pt", Progress()
    for step in training_steps(halving, START, steps=10, generator=seeded(0), on_step=[Checkpoint(path, every=4), bar]):
        if step.number == 5:
            break
    assert bar._bar.disable  # what tqdm calls closed
    assert "5/10" in capsys.readouterr().err
    run([Progress()], resume=path)
    shown = capsys.readouterr().err
    assert "4/10" in shown
    assert "10/10" in shown


# --- live plot

class Shown:
    """Stands for a notebook's display: remembers what was shown and updated."""

    def __init__(self):
        self.pictures = []

    def display(self, picture, display_id):
        assert display_id is True
        self.pictures.append(("new", picture))
        return self

    def update(self, picture):
        self.pictures.append(("again", picture))


@pytest.fixture
def notebook(monkeypatch):
    import IPython
    import IPython.display

    shown = Shown()
    monkeypatch.setattr(IPython, "get_ipython", object)
    monkeypatch.setattr(IPython.display, "display", shown.display)
    return shown


def test_one_picture_is_shown_and_then_updated_in_place(notebook):
    run([LivePlot(seconds=0)], steps=5)
    assert [kind for kind, _ in notebook.pictures] == ["new"] + ["again"] * 5  # five steps, and once more at the end
    assert all(isinstance(picture, Picture) for _, picture in notebook.pictures)
    last = notebook.pictures[-1][1].axes[0].lines[2].get_xydata()
    np.testing.assert_allclose(last, [[n + 1, 9 / 4 ** n] for n in range(5)])


def test_no_more_pictures_than_seconds_allow(notebook, monkeypatch):
    clock = iter(range(100))
    monkeypatch.setattr(live_plot, "monotonic", lambda: next(clock))
    run([LivePlot(seconds=8)], steps=10)
    assert [kind for kind, _ in notebook.pictures] == ["new", "again", "again"]


def test_the_last_picture_is_shown_also_after_a_break_and_nothing_without_a_step(notebook):
    plot = LivePlot(seconds=1e9)
    for step in training_steps(halving, START, steps=50, generator=seeded(0), on_step=[plot]):
        if step.number == 3:
            break
    assert [len(p.axes[0].lines[0].get_xdata()) for _, p in notebook.pictures] == [1, 3]
    LivePlot().close()
    assert len(notebook.pictures) == 2


def test_without_a_notebook_it_only_collects(capsys):
    plot = LivePlot(points=5)
    run([plot], steps=20)
    assert plot.numbers.tolist() == [4, 8, 12, 16, 20]
    assert plot.losses.shape == (5, 3)
    assert "median 0.0625 at step 4" in plot.picture().alt
    assert capsys.readouterr() == ("", "")


def test_pyplot_is_not_needed(notebook, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)  # importing it raises ImportError
    run([LivePlot(seconds=0)], steps=2)
    assert notebook.pictures[-1][1].png()


@pytest.mark.parametrize("n_runs", [1, 3, 50])
def test_the_picture_draws_the_losses(n_runs):
    numbers, losses = np.arange(1, 31), np.exp(-np.outer(np.arange(30), np.linspace(0.1, 0.2, n_runs)))
    picture = loss_picture(numbers, losses)
    axes = picture.axes[0]
    drawn = losses if n_runs <= 6 else np.sort(losses)[:, [24]]
    np.testing.assert_array_equal(np.column_stack([line.get_ydata() for line in axes.lines]), drawn)
    assert axes.get_yscale() == "log"
    assert len(axes.collections) == (n_runs > 6)
    assert clipped_text(picture) == []


def test_runs_that_diverged_leave_the_picture():
    losses = np.ones((4, 10))
    losses[2:, :2] = np.inf
    picture = loss_picture([1, 2, 3, 4], losses)
    assert "8 of 10 still finite" in picture.alt
    assert np.isfinite(picture.axes[0].lines[0].get_ydata()).all()
    one = loss_picture([1, 2, 3, 4], losses[:, :1])
    assert np.isnan(one.axes[0].lines[0].get_ydata()).tolist() == [False, False, True, True]


def test_losses_that_are_not_positive_are_drawn_on_a_linear_scale():
    assert loss_picture([1, 2], [[1.0], [0.0]]).axes[0].get_yscale() == "linear"


def test_refusals_of_the_live_plot():
    with pytest.raises(ValueError, match="seconds >= 0 and points >= 2"):
        LivePlot(points=1)


def test_everything_at_once_without_a_notebook(tmp_path):
    run([Progress(), LivePlot(), Log(tmp_path / "log"), Checkpoint(tmp_path / "c.pt", every=3)])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.pt", "log"]
