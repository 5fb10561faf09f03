"""Pictures on GLM-Tron with benign noise: sign patterns that drift, the term that does not vanish, and θ for all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.relu_gate.activations import relu
from mathdl.relu_gate.confidence import coverage, theta_for_confidence
from mathdl.relu_gate.glm_tron import TronRun
from mathdl.relu_gate.noise import NoiseLaw
from mathdl.relu_gate.sign_patterns import NoisePatterns
from mathdl.relu_gate.tron_risk import LinearGateRisks

Array = NDArray[np.float64]
SHOWN = 160  # points of a curve over thousands of updates, evenly spaced on a log axis
MARKS = ("o", "s", "D", "^")
FLOOR = 1e-6  # risks below are drawn here: zero has no logarithm
PLATEAU = 1e-6  # relative: from the first iterate this close to the least risk on, a curve looks flat


def patterns_figure(run: TronRun, patterns: NoisePatterns, x: Array, y: Array, bound: float) -> Picture:
    """L_S(h_t) for each of the four patterns of two labels, with its least value marked; the four gates at the end.

    `x` (2,) inputs of one coordinate, `y` (4, 2) labels, `bound` the right-hand side of the printed theorem.
    """
    mean, least = (float(patterns.mean(r)) for r in (run.risk[-1], run.risk.min(axis=0)))
    names = ["".join("+" if v > 0 else "−" for v in row) for row in patterns.values]
    fig, (left, right) = new_figure(1, 2, width=9, height=3.6)
    _risk_curves(left, run, names)
    left.axhline(bound, color=INK, linewidth=1, label="printed bound")
    left.set(title=f"t = {run.times[-1]:,}: mean {mean:.3g}, bound {bound:.3g}")
    _gates(right, run, x, y)
    right.legend(*left.get_legend_handles_labels(), loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False,
                 labelcolor=INK, fontsize=9)
    words = "; ".join(f"{name} at w = {w:.4g} with risk {r:.4g} (least {low:.4g})" for name, w, r, low in
                      zip(names, run.w[-1, :, 0], run.risk[-1], run.risk.min(axis=0), strict=True))
    return described(fig, f"Left, the observable risk of GLM-Tron over time for the four sign patterns of the noise of "
                          f"two labels, at inputs {x[0]:.3g} and {x[1]:.3g}. After {run.times[-1]} iterates: {words}. "
                          f"The mean is {mean:.4g}, the printed bound {bound:.4g}; stopped at the least risk the mean "
                          f"is {least:.4g}. Right, the four gates at the end, with the labels.")


def _risk_curves(ax: Axes, run: TronRun, names: Sequence[str]) -> None:
    rows = np.unique(np.geomspace(1, len(run.w), SHOWN).astype(int)) - 1
    for i, name in enumerate(names):
        risk = np.maximum(run.risk[:, i], FLOOR)
        best = int((risk <= risk.min() * (1 + PLATEAU)).argmax())
        shown = np.union1d(rows, best)
        ax.loglog(run.times[shown], risk[shown], color=COLOURS[i], linestyle=LINES[i], label=name, marker=MARKS[i],
                  markersize=7, markevery=[int(np.searchsorted(shown, best))])
    ax.minorticks_off()  # with the next line half of the time of a drawing
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter("{x:g}")
    ax.set(xlabel="t (marks: least risk, stop there)", ylabel="observable risk",
           xticks=[10.0 ** k for k in range(0, round(np.log10(len(run.w))) + 1, 2)])


def _gates(ax: Axes, run: TronRun, x: Array, y: Array) -> None:
    """The gates u ↦ σ(w_T u) between the inputs, and the labels that they were trained on."""
    u = np.unique([*np.linspace(min(-0.3, x.min()), max(1, x.max()), 3), 0.0, *x])
    for i in range(y.shape[0]):
        ax.plot(u, relu(run.w[-1, i, 0] * u), color=COLOURS[i], linestyle=LINES[i])
        ax.plot(x, y[i], MARKS[i], color=COLOURS[i], markersize=6)
    top = max(1.0, float(relu(run.w[-1] @ x[None, :]).max()), float(y.max()))
    ax.set(xlabel="input", ylim=(min(y.min(), 0) - 0.1 * top, 1.15 * top), title="The gates then, and their labels")
    ax.locator_params(nbins=4)


def optimism_figure(exact: LinearGateRisks, second_moment: float) -> Picture:
    """Risks of the identity gate on training labels and on fresh ones over time, and its degrees of freedom."""
    t = 1 + np.arange(len(exact.risk))
    fresh = exact.effective + second_moment
    fig, (left, right) = new_figure(1, 2, width=8.5, height=3.6)
    left.fill_between(t, exact.risk, fresh, color=COLOURS[3], alpha=0.25, linewidth=0)
    rows = ((fresh, "on fresh labels: $E\\tilde L_S + E\\xi^2$"), (exact.effective, "effective: $E\\tilde L_S$"),
            (exact.risk, "on the training labels: $E L_S$"))
    for i, (values, name) in enumerate(rows):
        left.loglog(t, values, color=COLOURS[i], linestyle=LINES[i], label=name)
    left.set(xlabel="t", title="Between them: twice the cross term", ylim=(None, 100 * fresh.max()))
    legend(left, loc="upper right")
    right.semilogx(t, exact.degrees, color=COLOURS[3])
    right.set(xlabel="t", ylabel="degrees of freedom tr $P_t$", title=f"The fit spends {exact.degrees[-1]:.3g} of "
              f"{_samples(exact, second_moment)} degrees")
    return described(fig, f"Left, exact mean risks of the identity gate over time. At t = {t[-1]} the training risk is "
                          f"{exact.risk[-1]:.3g}, the effective risk {exact.effective[-1]:.4g}, the risk on fresh "
                          f"labels {fresh[-1]:.4g}; the gap between first and last is "
                          f"{fresh[-1] - exact.risk[-1]:.4g}, twice the cross term. Right, the degrees of freedom of "
                          f"the fit, {exact.degrees[0]:.3g} at the start and {exact.degrees[-1]:.4g} at the end.")


def _samples(exact: LinearGateRisks, second_moment: float) -> int:
    """S, from cross = s² degrees/S."""
    return round(second_moment * exact.degrees[-1] / exact.cross[-1])


def confidence_figure(noise: NoiseLaw, delta: float, samples: Sequence[int]) -> Picture:
    """θ as a quantile of one ξ_i or of the maximum of S of them, and how often each is respected by all S."""
    one = theta_for_confidence(noise, 1, delta)
    ways = (("of one label", [one] * len(samples)),
            ("of the largest of S", [theta_for_confidence(noise, S, delta) for S in samples]))
    fig, (left, right) = new_figure(1, 2, width=8.5, height=3.4)
    held = []
    for i, (name, thetas) in enumerate(ways):
        held.append([coverage(noise, S, theta) for S, theta in zip(samples, thetas, strict=True)])
        for ax, values in ((left, thetas), (right, held[-1])):
            ax.semilogx(samples, values, color=COLOURS[1 - i], linestyle=LINES[i], marker=MARKS[i], markersize=4,
                        label=f"{1 - delta:g} quantile {name}")
    left.set(xlabel="labels S", ylabel="θ", title="θ has to grow with S", ylim=(0, 1.5 * max(ways[1][1])))
    right.set(xlabel="labels S", ylabel="P[max |ξ| ≤ θ]", ylim=(-0.05, 1.05),
              title=f"else: {held[0][-1]:.2g} at S = {samples[-1]}")
    legend(left, loc="upper left")
    return described(fig, f"Bounds θ for the noise of S labels with confidence {1 - delta:g}. At S = {samples[-1]} the "
                          f"quantile of one label is {one:.4g} and bounds all of them with probability "
                          f"{held[0][-1]:.3g}; the quantile of the largest is {ways[1][1][-1]:.4g}, with probability "
                          f"{held[1][-1]:.3g}.")
