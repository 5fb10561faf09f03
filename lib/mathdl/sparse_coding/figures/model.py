"""Figures on the generative model: Gram matrices, exponents against the number of atoms, and laws of supports."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mathdl.core.figures import COLOURS, INK, LINES, Picture, described, legend, new_figure
from mathdl.sparse_coding.dictionaries import coherence, coherence_floor, row_maxima
from mathdl.sparse_coding.supports import SupportLaw

MAP = "Blues"


def gram_figure(dictionary: np.ndarray, name: str) -> Picture:
    """|AᵀA| without its diagonal, and each atom's largest |inner product|, sorted, beside C, their mean and Welch."""
    found, rows = coherence(dictionary), np.sort(row_maxima(dictionary))
    n, h = dictionary.shape
    fig, axes = new_figure(columns=2, width=8, height=3.6, gridspec_kw={"width_ratios": (1, 1.25)})
    G = np.abs(dictionary.T @ dictionary)
    np.fill_diagonal(G, np.nan)
    axes[0].imshow(G, cmap=MAP, vmin=0, vmax=1, interpolation="nearest")
    axes[0].set(title="|⟨$A_i, A_j$⟩|: 0 white, 1 dark", xlabel="atom i", ylabel="atom j")
    axes[1].plot(np.arange(1, h + 1), rows, color=COLOURS[0], linewidth=3, label="an atom's largest")
    for i, (label, value) in enumerate((("coherence C", found.C), ("their mean", found.mean_row_max),
                                        ("Welch bound", found.welch)), start=1):
        axes[1].axhline(value, color=COLOURS[i], linestyle=LINES[i], label=f"{label}: {value:.3f}")
    axes[1].set(ylim=(0, 1.4), yticks=np.arange(6) / 5, xlabel="atoms, sorted",
                title=f"{name}: exponent ζ = {found.zeta:.3f}")
    legend(axes[1], loc="upper left", ncols=2)
    return described(fig, f"{name}, n = {n}, h = {h}. Coherence {found.C:.3f}, exponent {found.zeta:.3f}, mean of the "
                          f"atoms' largest inner products {found.mean_row_max:.3f}, Welch bound {found.welch:.3f}.")


def refusal_figure(text: str) -> Picture:
    """A sentence in the place of a picture."""
    fig, ax = new_figure(width=8, height=3.6)
    ax.set_axis_off()
    ax.text(0.5, 0.5, text, ha="center", va="center", color=INK, transform=ax.transAxes)
    return described(fig, text)


def exponent_figure(fixed_n: Sequence[np.ndarray], fixed_exponent: Sequence[np.ndarray], exponent: float) -> Picture:
    """Coherence and exponent of two families against h: Gaussian at one n, and DeVore's at one exponent."""
    fig, axes = new_figure(columns=2, width=8, height=3.5)
    told = []
    families = {f"Gaussian, n = {len(fixed_n[0])}": fixed_n, "DeVore, n grows": fixed_exponent}
    for i, (name, dictionaries) in enumerate(families.items()):
        h, found = [A.shape[1] for A in dictionaries], [coherence(A) for A in dictionaries]
        style = {"color": COLOURS[i], "linestyle": LINES[i], "marker": "os"[i], "label": name}
        axes[0].plot(h, [c.C for c in found], **style)
        axes[1].plot(h, [c.zeta for c in found], **style)
        told.append(f"{name}: " + ", ".join(f"h = {a}: C {c.C:.3f}, exponent {c.zeta:.3f}"
                                            for a, c in zip(h, found, strict=True)))
    n, h = len(fixed_n[0]), [A.shape[1] for A in fixed_n]
    axes[0].plot(h, [coherence_floor(n, a) for a in h], color=COLOURS[2], linestyle=LINES[2], label=f"no less, n = {n}")
    axes[1].axhline(exponent, color=COLOURS[3], linestyle=":", linewidth=1.2)
    for ax in axes:
        ax.set(xscale="log", xticks=h, xticklabels=h)
        ax.minorticks_off()
    axes[0].set(yscale="log", xlabel="atoms h", ylabel="coherence C", ylim=(0.09, 2.4),
                yticks=(0.1, 0.2, 0.5, 1), yticklabels=(0.1, 0.2, 0.5, 1),
                title="At fixed n coherence rises")
    axes[0].minorticks_off()
    axes[1].set(xlabel="atoms h", ylabel="exponent ζ", ylim=(0, 0.3), title="and the exponent drifts")
    legend(axes[0], loc="upper left", fontsize=8)
    return described(fig, ". ".join(told) + ".")


def pairs_figure(laws: dict[str, SupportLaw]) -> Picture:
    """P[i and j in S] for each law of the supports, as a map, with the smallest and largest value off the diagonal."""
    fig, axes = new_figure(columns=len(laws), width=2.7 * len(laws), height=3.6)
    told, maps = [], {name: law.pairs() for name, law in laws.items()}
    top = max(P.max() for P in maps.values())
    for ax, (name, P) in zip(np.ravel(axes), maps.items(), strict=True):
        ax.imshow(P, cmap=MAP, vmin=0, vmax=top, interpolation="nearest")
        off = P[~np.eye(len(P), dtype=bool)]
        low, high = float(off.min()), float(off.max())
        q2 = f"q₂ = {high:.4f}" if math.isclose(low, high, rel_tol=1e-9) else f"{low:.2g} to {high:.2g}"
        ax.set(title=f"{name}\n{q2}", xlabel="atom i")
        told.append(f"{name}: {q2}")
    np.ravel(axes)[0].set_ylabel("atom j")
    return described(fig, "Probability that atoms i and j are used together. " + "; ".join(told) + ".")
