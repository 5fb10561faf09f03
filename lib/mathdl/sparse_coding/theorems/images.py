"""Statements on the motivating experiment on images."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from mathdl.core.datasets import digits
from mathdl.core.registry import statement
from mathdl.core.theorem import Theorem, Verdict, number
from mathdl.sparse_coding.images import (
    every_third,
    image_training,
    net_of,
    principal_components,
    projection_error,
    relative_error,
    train_images,
    unseen_part,
)

LEVEL = 0.1  # the relative error that we ask of the reduced experiment
THIRD = 1e-3  # errors are given to three decimals: a change of the pixels in the seventh digit moves them by some 1e-5


@statement("sparse_coding/claim-motivating-experiment", "An autoencoder of digits",
           "Mukherjee 2020, section 4.1.1, reduced by us",
           says=r"\|\hat Y - Y\|_F \le 0.1 \|Y\|_F \text{ on digits 6 and 7 that were held out}",
           measures="relative error on held-out images",
           hypotheses=("no held-out image was trained on", "all weights are finite"))
def digits_are_reconstructed(theorem: Theorem, /, *, hidden: int = 256, hidden_layers: int = 1, steps: int = 500,
                             leak: bool = False, seed: int = 0) -> Verdict:
    """One of three images of the shipped digits is held out; the trivial value is the error of the mean image.

    Beside it, in the instance, the error of as many principal components: 0 as soon as there are as many as pixels.
    """
    train, held = every_third(digits((6, 7)).pixels)
    train = np.vstack([train, held]) if leak else train
    net = train_images(train, steps=steps, hidden=hidden, hidden_layers=hidden_layers, generator=_seeded(seed))
    apart = not {image.tobytes() for image in train} & {image.tobytes() for image in held}
    linear = projection_error(principal_components(train, hidden), held)
    return theorem.verdict(given=(apart, bool(net.weights.isfinite().all() and net.bias.isfinite().all())),
                           measured=round(relative_error(net, held), 3), at_most=LEVEL, error=THIRD,
                           trivial=round(float(np.linalg.norm(held - train.mean(0)) / np.linalg.norm(held)), 3),
                           instance=f"h={hidden}, {hidden_layers} hidden, {steps} steps, {len(train)} images; "
                                    f"{min(hidden, train.shape[1])} principal components: "
                                    f"{number(round(linear, 3), 1e-9)}")


@statement("sparse_coding/ours-linear-floor", "No better than principal components", "ours, with Eckart and Young 1936",
           says=r"\|\hat Y - Y\|_F^2 \ge \sum_{i > h} \sigma_i(Y)^2", measures="relative error on the training images",
           hypotheses=("linear output",))
def linear_floor(theorem: Theorem, /, *, hidden: int = 16, hidden_layers: int = 1, steps: int = 200,
                 images: np.ndarray | None = None, seed: int = 0) -> Verdict:
    """The training error of a narrow net against that of as many principal components; both divided by ‖Y‖."""
    train = every_third(digits((6, 7)).pixels)[0] if images is None else images
    net = train_images(train, steps=steps, hidden=hidden, hidden_layers=hidden_layers, generator=_seeded(seed))
    return theorem.verdict(given=(net.output_bias is None,), measured=round(relative_error(net, train), 3),
                           at_least=round(projection_error(principal_components(train, hidden), train), 3),
                           error=THIRD, trivial=THIRD,
                           instance=f"h={hidden}, {hidden_layers} hidden, {len(train)} images")


@statement("sparse_coding/ours-atoms", "Atoms lose what images lack", "ours",
           says=r"\|W_{t+1} P\|_F \le \|W_t P\|_F, \quad P \text{ the projection onto } \operatorname{span}(Y)^\perp",
           measures="largest ratio of successive norms",
           hypotheses=("linear output", "plain gradient steps", "γ λ_max(RRᵀ/S) ≤ 2 in every step"))
def atoms_lose_the_unseen(theorem: Theorem, /, *, hidden: int = 32, hidden_layers: int = 1, n_images: int = 30,
                          step: float = 0.05, steps: int = 100, rule: str = "gradient", output_bias: float = 0.0,
                          seed: int = 0) -> Verdict:
    """Full-batch steps in float64 on a few digits; in each the step condition is evaluated on the codes R of then.

    Rounding: a step errs by some ε √(nh) ‖W‖, here relative to ‖WP‖.
    """
    from mathdl.core.optimizers import rmsprop, sgd

    images = digits((6, 7)).pixels[:n_images]
    ratios, gains, rounding = _unseen_ratios(images, steps, hidden=hidden, hidden_layers=hidden_layers,
                                             optimizer=sgd(step) if rule == "gradient" else rmsprop(step),
                                             output_bias=output_bias, seed=seed)
    return theorem.verdict(given=(hidden_layers == 1, rule == "gradient", step * max(gains) <= 2),
                           measured=max(ratios), at_most=1, error=rounding,
                           instance=f"{rule}, h={hidden}, {n_images} images, γ={step:g}, {steps} steps; "
                                    f"norm {math.prod(ratios):.2g} of the first")


def _unseen_ratios(images: np.ndarray, steps: int, *, output_bias: float, seed: int,
                   **options) -> tuple[list[float], list[float], float]:
    """‖W_{t+1} P‖/‖W_t P‖ and λ_max(RRᵀ/S) for each step, and the rounding error of a ratio."""
    import torch

    from mathdl.core.training import training_steps

    P, generator = torch.as_tensor(unseen_part(images)), _seeded(seed)
    y = torch.as_tensor(images, dtype=torch.float64)
    update, state = image_training(images, generator=generator, dtype="float64", **options)
    if "output_bias" in state["net"]:
        state["net"]["output_bias"] += output_bias
    norms, gains, sizes = [], [], []
    for net in _nets(state, training_steps(update, state, steps=steps, generator=generator)):
        norms.append(float((net.weights @ P).norm()))
        sizes.append(float(net.weights.norm()))
        gains.append(float(torch.linalg.matrix_norm(net.codes(y), 2)) ** 2 / len(y))
    ratios = [b / a for a, b in pairwise(norms)]
    return ratios, gains[:-1], np.finfo(float).eps * net.weights.numel() ** 0.5 * max(
        size / norm for size, norm in zip(sizes, norms, strict=True))


def _nets(state, run):
    """The nets before the first step and after each."""
    from mathdl.sparse_coding.images import ImageAutoencoder

    yield ImageAutoencoder(**state["net"])
    for step in run:
        yield net_of(step)


def _seeded(seed: int):
    from mathdl.core.training import seeded

    return seeded(seed)
