"""Tied autoencoders of images, trained by RMSProp: the motivating experiment of the chapter, at any size."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from mathdl.core.optimizers import Optimizer
    from mathdl.core.training import State, Step, Update

LARGEST, SHARE = 2e-3, 0.256  # RMSProp's first step is the smaller of LARGEST and SHARE/h


@dataclass(frozen=True, eq=False)
class ImageAutoencoder:
    """y -> Wᵀ ReLU(W y − ε), or with an `output_bias` c, y -> ReLU(Wᵀ ReLU(W y − ε) − c).

    `weights` W (h, n), one atom a row; `bias` ε (h,); `output_bias` c (n,) or None. The second form is a net with two
    hidden layers, of h and n gates, the second matrix the transpose of the first and the output matrix the identity
    (Mukherjee 2020, section 4.1.1).
    """

    weights: Tensor
    bias: Tensor
    output_bias: Tensor | None = None

    def codes(self, images: Tensor) -> Tensor:
        """The hidden values of images (S, n), shape (S, h), all >= 0."""
        return (images @ self.weights.T - self.bias).clamp(min=0)

    def __call__(self, images: Tensor) -> Tensor:
        """The reconstructions of images (S, n), shape (S, n)."""
        out = self.codes(images) @ self.weights
        return out if self.output_bias is None else (out - self.output_bias).clamp(min=0)

    def loss_and_gradients(self, images: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """½ mean ‖ŷ − y‖² over images (S, n), and its gradients by name, in closed form; no derivative at a kink.

        With residuals F, zeroed where the output gate is off, and G = F Wᵀ, zeroed where a hidden gate is off, the
        gradient in W is (rᵀF + Gᵀy)/S, in ε −(sum of G)/S and in c −(sum of F)/S.
        """
        before = images @ self.weights.T - self.bias
        r = before.clamp(min=0)
        out = r @ self.weights
        residuals = (out if self.output_bias is None else (out - self.output_bias).clamp(min=0)) - images
        loss = 0.5 * (residuals * residuals).sum() / len(images)
        if self.output_bias is not None:
            residuals = residuals * (out > self.output_bias)
        back = (residuals @ self.weights.T) * (before > 0)
        gradients = {"weights": (r.T @ residuals).addmm_(back.T, images).div_(len(images)),
                     "bias": -back.mean(0)}
        return loss, gradients | ({} if self.output_bias is None else {"output_bias": -residuals.mean(0)})


def falling_rmsprop(hidden: int, steps: int) -> Optimizer:
    """RMSProp with decay 0.99 whose step falls on a line to 0, for a net with that many hidden units.

    Each weight moves by about one step and h of them add up, so the first step is in proportion to 1/h in wide nets. It
    has to fall: at a constant step the error at the end jumps about, and a change in the seventh digit of the pixels
    moves it by a tenth.
    """
    from mathdl.core.optimizers import rmsprop

    return rmsprop(lambda t: min(LARGEST, SHARE / hidden) * (1 - (t - 1) / steps))


def image_training(images: np.ndarray, *, optimizer: Optimizer, hidden: int = 256, hidden_layers: int = 1,
                   batch: int | None = None, spread: float = 1.0, generator: torch.Generator, device: str = "cpu",
                   dtype: str = "float32") -> tuple[Update, State]:
    """The update and the start for `core.training.training_steps`: no bias, normal weights of variance 2/max(h, n).

    `images` (S, n); `batch` of them an update, drawn by the generator of the training; None takes all. The start is
    drawn from `generator`; `spread` multiplies its weights. Raises ValueError for images that are no matrix of finite
    numbers, and for sizes below 1.
    """
    import torch

    images = np.asarray(images)
    if images.ndim != 2 or not images.size or not np.isfinite(images).all():
        raise ValueError(f"images: expected finite numbers of shape (S, n); got shape {images.shape}. Give one image a "
                         f"row, pixels from 0 to 1")
    if hidden < 1 or hidden_layers not in (1, 2) or not 1 <= (batch or 1) <= len(images):
        raise ValueError(f"expected hidden >= 1, hidden_layers 1 or 2, and a batch of 1 to {len(images)} images; got "
                         f"{hidden}, {hidden_layers}, {batch}")
    y, n = torch.as_tensor(images, dtype=getattr(torch, dtype), device=device), images.shape[1]
    first = torch.randn(hidden, n, generator=generator, dtype=y.dtype) * (spread * (2 / max(hidden, n)) ** 0.5)
    net = {"weights": first.to(device), "bias": torch.zeros(hidden, dtype=y.dtype, device=device)}
    if hidden_layers == 2:
        net["output_bias"] = torch.zeros(n, dtype=y.dtype, device=device)

    def update(state: State, generator: Any) -> tuple[State, Tensor]:
        with torch.no_grad():
            rows = y if batch is None else y[torch.randint(len(y), (batch,), generator=generator).to(device)]
            loss, gradients = ImageAutoencoder(**state["net"]).loss_and_gradients(rows)
            new, memory = optimizer(state["net"], gradients, state["memory"])
            return {"net": new, "memory": memory}, loss

    return update, {"net": net, "memory": optimizer.start(net)}


def image_steps(images: np.ndarray, *, steps: int, hidden: int = 256, optimizer: Optimizer | None = None,
                generator: torch.Generator, resume: str | PathLike | None = None, every: int = 100,
                **options: Any) -> Iterator[Step]:
    """Every Step of a training of `image_training`, by `falling_rmsprop` by default; `net_of(step)` is its net.

    `resume`: a checkpoint file, written every `every` updates, from which a stopped training goes on.
    """
    from mathdl.core.checkpoint import Checkpoint
    from mathdl.core.training import training_steps

    rule = falling_rmsprop(hidden, steps) if optimizer is None else optimizer
    update, state = image_training(images, optimizer=rule, hidden=hidden, generator=generator, **options)
    saved = () if resume is None else (Checkpoint(resume, every=every),)
    return training_steps(update, state, steps=steps, generator=generator, resume=resume, on_step=saved,
                          settings={"steps in all": steps})


def train_images(images: np.ndarray, *, steps: int = 500, generator: torch.Generator,
                 **options: Any) -> ImageAutoencoder:
    """The net after `steps` updates; `options` as in `image_steps`."""
    return net_of(deque(image_steps(images, steps=steps, generator=generator, **options), maxlen=1).pop())


def net_of(step: Step) -> ImageAutoencoder:
    """The net that an update left."""
    return ImageAutoencoder(**step.state["net"])


def relative_error(net: ImageAutoencoder, images: np.ndarray, chunk: int = 1000) -> float:
    """‖Ŷ − Y‖ / ‖Y‖ over images (S, n), Frobenius norms: 0 is perfect, a net that returns 0 has 1."""
    import torch

    y = torch.as_tensor(np.asarray(images), dtype=net.weights.dtype, device=net.weights.device)
    with torch.no_grad():
        wrong = sum(float((net(part) - part).double().square().sum()) for part in y.split(chunk))
    return (wrong / float(y.double().square().sum())) ** 0.5


def principal_components(images: np.ndarray, number: int) -> np.ndarray:
    """The first right singular vectors (number, n) of images (S, n), nothing subtracted; fewer where there are fewer.

    No linear map of that rank has a smaller error on these images (Eckart and Young 1936).
    """
    return np.linalg.svd(np.asarray(images, dtype=float), full_matrices=False)[2][:number]


def projection_error(directions: np.ndarray, images: np.ndarray) -> float:
    """‖Y V ᵀV − Y‖ / ‖Y‖ for orthonormal rows V (m, n): the error of principal components as an autoencoder."""
    y = np.asarray(images, dtype=float)
    return float(np.linalg.norm(y @ directions.T @ directions - y) / np.linalg.norm(y))


def every_third(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The images to train on, and every third one, which is held out."""
    held = np.arange(len(images)) % 3 == 2
    return images[~held], images[held]


def shuffled_pixels(images: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """The images with one permutation of the pixels: the same numbers, no digits any more."""
    return images[:, rng.permutation(images.shape[1])]


def effective_pixels(atoms: np.ndarray) -> np.ndarray:
    """(Σ a²)² / Σ a⁴ of each row of atoms (h, n): 1 for one pixel, n for equal pixels, about n/3 for normal noise."""
    squares = np.asarray(atoms, dtype=float) ** 2
    return squares.sum(1) ** 2 / (squares ** 2).sum(1)


def unseen_part(images: np.ndarray) -> np.ndarray:
    """The orthogonal projection (n, n) onto what no combination of the images (S, n) has, blank pixels for example."""
    y = np.asarray(images, dtype=float)
    _, s, v = np.linalg.svd(y, full_matrices=False)
    v = v[s > s[0] * max(y.shape) * np.finfo(float).eps]
    return np.eye(y.shape[1]) - v.T @ v


def errors_by_width(widths: Sequence[int], *, steps: int = 200, seed: int = 0) -> dict[str, list[float]]:
    """Relative errors on the held-out digits 6 and 7, for both nets and as many principal components, at each width."""
    from mathdl.core.datasets import digits
    from mathdl.core.training import seeded

    train, held = every_third(digits((6, 7)).pixels)
    found = {name: [relative_error(train_images(train, steps=steps, hidden=h, hidden_layers=layers,
                                                generator=seeded(seed)), held) for h in widths]
             for layers, name in ((1, "one hidden layer"), (2, "two hidden layers"))}
    return found | {"components": [projection_error(principal_components(train, h), held) for h in widths]}
