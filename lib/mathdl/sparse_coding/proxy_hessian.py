"""Curvature of the expected proxy loss: Hessian-vector products without sampling, and the smallest eigenvalue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mathdl.sparse_coding.model import SparseCodingModel
from mathdl.sparse_coding.population_gradient import proxy_loss
from mathdl.sparse_coding.support_moments import checked_weights, support_moments

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curvature:
    """The smallest eigenvalue of the Hessian, its unit direction (h, n), and `residual` = ‖Hv − λv‖.

    For a symmetric matrix an eigenvalue lies within `residual` of `value`; that it is the smallest one is what Lanczos
    promises for a start that is not orthogonal to it.
    """

    value: float
    direction: Array
    residual: float


def proxy_hessian_product(model: SparseCodingModel, weights: Array, bias: Array | float) -> Callable[[Array], Array]:
    """V (h, n) -> the derivative of the proxy gradient in the direction V, exact, O(h² n) a product (autograd twice).

    Raises ValueError for supports that are not uniform and for shapes that do not fit.
    """
    import torch

    W, eps = checked_weights(model.dictionary, weights, bias)
    moments = support_moments(model)
    A, at = torch.tensor(model.dictionary), torch.tensor(W, requires_grad=True)
    loss = proxy_loss(A, at, torch.tensor(eps), moments)
    (gradient,) = torch.autograd.grad(loss, at, create_graph=True)

    def product(V: Array) -> Array:
        direction = torch.tensor(np.asarray(V, dtype=float).reshape(W.shape))
        return torch.autograd.grad(gradient, at, direction, retain_graph=True)[0].numpy()

    return product


def smallest_curvature(model: SparseCodingModel, weights: Array, bias: Array | float, *, seed: int = 0) -> Curvature:
    """The smallest eigenvalue of the Hessian of the expected proxy loss by Lanczos from a random start."""
    from scipy.sparse.linalg import LinearOperator, eigsh

    product, shape = proxy_hessian_product(model, weights, bias), np.shape(weights)
    size = shape[0] * shape[1]
    operator = LinearOperator((size, size), matvec=lambda v: product(v).ravel(), dtype=np.float64)
    values, vectors = eigsh(operator, k=1, which="SA", v0=np.random.default_rng(seed).standard_normal(size),
                            tol=1e-8)  # the error of the eigenvalue is of the order of its square
    value, v = float(values[0]), vectors[:, 0]
    return Curvature(value, v.reshape(shape), float(np.linalg.norm(product(v).ravel() - value * v)))
