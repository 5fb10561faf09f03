"""Figures on criticality: the gradient against h with its certificates, and where the lemma's constants go."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.sparse_coding.certificate import Neighbourhood, gradient_certificate
from mathdl.sparse_coding.criticality import uniform_neighbourhood
from mathdl.sparse_coding.decay_curves import Curve

PARTS = ("shrink", "mismatch", "remainder")
TOLD = ("|α| δ", "|α − β|", "‖e‖")


def decay_figure(curve: Curve, *, name: str, k: int, factor: float) -> Picture:
    """Left the gradient's norm, right the same over max(m1², m2)k/h: exact, certified and predicted."""
    fig, (left, right) = new_figure(1, 2, width=10.4, height=3.6)
    for ax, scale in ((left, curve.reference / curve.atoms), (right, np.ones_like(curve.atoms))):
        _shade(ax, curve)
        for i, kind in enumerate(("lemma", "sharp"), start=1):
            ax.plot(curve.atoms, curve.bounds[kind] * scale, color=COLOURS[i], linestyle=LINES[i],
                    label=f"bound, {'corrected lemma' if kind == 'lemma' else 'ours'}")
        ax.plot(curve.atoms, scale, color=COLOURS[3], linestyle=":", linewidth=1.5, label="max(m₁², m₂) k/h")
        at_built = curve.reference / curve.built if ax is left else np.ones_like(curve.built)
        _dots(ax, curve, at_built)
        ax.set(xscale="log", yscale="log", xlabel="atoms h", xlim=(curve.atoms[0] / 1.5, curve.atoms[-1] * 1.5))
    _slope(right, curve)
    left.set(ylabel="norm of the expected gradient", title=_spoken(curve, k))
    right.set(ylabel="ρ = norm / (max(m₁², m₂) k/h)", title=_falling(curve))
    legend(right, loc="upper left", bbox_to_anchor=(1.02, 1), fontsize=8)
    return described(fig, _alt(curve, name, k, factor))


def _shade(ax: Axes, curve: Curve) -> None:
    end = curve.first_spoken
    end = curve.atoms[-1] * 1.5 if math.isinf(end) else end
    if curve.silent.any():
        ax.axvspan(curve.atoms[0] / 1.5, end, color=INK, alpha=0.15, linewidth=0, label="theorem silent")


def _dots(ax: Axes, curve: Curve, scale: np.ndarray) -> None:
    for sure, face, label in ((True, COLOURS[0], "exact gradient"), (False, "none", "exact proxy only")):
        at = curve.surely == sure
        if at.any():
            ax.plot(curve.built[at], (curve.ratios * scale)[at], "o", color=COLOURS[0], markerfacecolor=face,
                    markersize=6, label=label)


def _slope(ax: Axes, curve: Curve) -> None:
    """The two predicted slopes through the largest exact ratio that the theorem speaks about."""
    if not curve.surely.any():
        return
    start = np.flatnonzero(curve.surely)[-1]
    h = np.array([curve.built[start], curve.atoms[-1]])
    for i, (whose, rate) in enumerate((("source's", curve.powers.rate), ("our", curve.powers.sharp_rate)), start=4):
        if rate > 0:
            ax.plot(h, curve.ratios[start] * (h / h[0]) ** -rate, color=COLOURS[i], linestyle=LINES[i], linewidth=1.4,
                    label=f"{whose} rate, $h^{{-{rate:.2f}}}$")


def _spoken(curve: Curve, k: int) -> str:
    end = curve.first_spoken
    return f"k = {k}: silent at every h drawn" if math.isinf(end) else f"k = {k}: theorem speaks from h = {end:,.0f}"


def _falling(curve: Curve) -> str:
    pairs = len(curve.ratios)
    if pairs < 2 or curve.ratios[-1] <= 0:
        return "No gradient to compare"
    slope = math.log(curve.ratios[-1] / curve.ratios[-2]) / math.log(curve.built[-1] / curve.built[-2])
    return f"Last two dots: ρ goes like $h^{{{slope:.2f}}}$"


def _alt(curve: Curve, name: str, k: int, factor: float) -> str:
    dots = ", ".join(f"{r:.3g} at h = {h:.0f}{'' if s else ' (proxy)'}"
                     for h, r, s in zip(curve.built, curve.ratios, curve.surely, strict=True))
    return (f"Family {name}, k = {k}, distance {factor:g} C, against h on logarithmic axes. {_spoken(curve, k)}. "
            f"Exact ratios {dots}. At h = {curve.atoms[-1]:.3g} the lemma's certificate is "
            f"{curve.bounds['lemma'][-1]:.3g}, ours {curve.bounds['sharp'][-1]:.3g}.")


def constants_figure(k: int = 2, exponents: Sequence[int] = tuple(range(4, 31)), closeness: float = 0.5) -> Picture:
    """Each part of both certificates over max(m1², m2)k/h for identity beside Hadamard, n = 2^exponent, δ = C/2."""
    fig, axes = new_figure(1, 2, width=9, height=3.8, sharey=True)
    nears = [_hadamard(e, k, closeness) for e in exponents]
    h, told = np.array([n.atoms for n in nears], dtype=float), []
    for ax, kind, text in zip(axes, ("lemma", "sharp"), ("The lemma, corrected", "Ours"), strict=True):
        found = [gradient_certificate(n, kind=kind) for n in nears]
        for i, (part, label) in enumerate(zip(PARTS, TOLD, strict=True)):
            curve = np.array([getattr(c, part) / c.reference for c in found])
            if curve.any():
                ax.plot(h, curve, color=COLOURS[i], linestyle=LINES[i], label=label)
        whole = np.array([c.proxy / c.reference for c in found])
        ax.plot(h, whole, color=COLOURS[3], linewidth=3, linestyle="-", label="certificate")
        ax.axhline(1, color=INK, linestyle=":", linewidth=1.2)
        below = h[whole < 1]
        crossing = f"below 1 from h = {below[0]:,.0f}" if len(below) else "never below 1 here"
        ax.set(xscale="log", yscale="log", xlabel="atoms h", title=f"{text}: {crossing}")
        told.append(f"{text}: {crossing}, {whole[-1]:.3g} at h = {h[-1]:.3g}")
    axes[0].set(ylabel="bound on ρ")
    legend(axes[0], loc="lower left")
    return described(fig, f"Bounds on ρ for k = {k}, δ = {closeness:g} C, by parts. {'; '.join(told)}.")


def _hadamard(exponent: int, k: int, closeness: float) -> Neighbourhood:
    C = 2.0 ** (-exponent / 2)
    return uniform_neighbourhood(2 ** (exponent + 1), k, C, closeness * C)
