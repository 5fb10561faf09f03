"""The picture of many runs: what is drawn are the window means, and runs that diverged are told."""

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.relu_gate.figures.training import runs_figure, window_means

RNG = np.random.default_rng(0)


def losses(diverged=(5,)):
    """Six runs of 47 updates with step sizes 0.1, 0.1, 0.5, 0.5, 2, 2; the diverged ones end after 9 updates."""
    found = np.exp(-np.outer(np.arange(47), np.linspace(0.01, 0.1, 6))) * RNG.uniform(0.9, 1.1, (47, 6))
    found[9:, list(diverged)] = np.inf
    return found, np.repeat([0.1, 0.5, 2.0], 2)


def test_window_means_are_means_of_whole_windows():
    values, _ = losses(())
    at, means = window_means(values, 10)
    assert at.tolist() == [10, 20, 30, 40]
    np.testing.assert_allclose(means[2], sum(values[20:30]) / 10, rtol=1e-13)


def test_every_run_its_median_and_the_crosses_are_drawn():
    values, sizes = losses()
    picture = runs_figure(values, sizes)
    axes = picture.axes[0]
    means = window_means(values, 10)[1]
    drawn = [line.get_ydata() for line in axes.lines]
    expected = [means[:, 0], means[:, 1], means[:, :2].mean(axis=1), means[:, 2], means[:, 3],
                means[:, 2:4].mean(axis=1), means[:, 4], means[:, 4]]
    for mine, theirs in zip(drawn[:8], expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-13)
    assert axes.lines[8].get_xdata().tolist() == [9]
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["step 0.1", "step 0.5", "step 2", "step 2: 1 diverged"]
    assert clipped_text(picture) == []


def test_title_and_alt_text_come_from_the_second_half():
    values, sizes = losses()
    picture = runs_figure(values, sizes)
    middle = np.median(window_means(values, 10)[1][2:, 2:4])
    assert f"step size 0.5: median {middle:.2g};" in picture.alt
    assert ", 1 diverged." in picture.alt
    assert picture.axes[0].get_title() == "6 runs in one training: step size 2 is lowest"
    assert "step size 0.1 is lowest" in runs_figure(values[:, ::-1], sizes).axes[0].get_title()


def test_when_all_diverged_the_title_says_so():
    values, sizes = losses(range(6))
    assert runs_figure(values, sizes).axes[0].get_title() == "6 runs in one training: all diverged"


@pytest.mark.parametrize(("shape", "n_sizes"), [((20,), 1), ((20, 3), 2), ((9, 3), 3), ((20, 7), 7)])
def test_refusals(shape, n_sizes):
    with pytest.raises(ValueError, match="at most 6 different ones; got shapes"):
        runs_figure(np.ones(shape), np.arange(n_sizes))
