"""Chapter 2, rays: a cell's problem over its extreme rays, patterns that a search may skip, and faces (all ours)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, combinations_with_replacement, product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from mathdl.core.registry import statement
from mathdl.core.theorem import Theorem, Verdict
from mathdl.exact_erm.affine_span import independent_columns
from mathdl.exact_erm.enumeration import erm_enumerate
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.ray_fit import RayCells, ray_cells
from mathdl.exact_erm.rays import extreme_rays

Array = NDArray[np.float64]
Pattern = NDArray[np.bool_]
EPS = 2.0 ** -52
ROUNDING = 1e-9  # of sum y²: least squares with columns whose angles are above 1e-3, squared, times a few hundred units
SPANS = "the points span their space"
SPIKE = (0.0, 0.0, 0.0, 1.0, 0.0, 2.0, 4.0)  # bends +1, -2, +3 at the points 2, 3, 4 of the line


def noise_problem(samples: int, inputs: int, width: int, seed: int) -> ERMProblem:
    """Gaussian points with Gaussian labels."""
    rng = np.random.default_rng(seed)
    return ERMProblem(rng.standard_normal((samples, inputs)), rng.standard_normal(samples), width)


@statement("exact_erm/ours-extreme-rays", "A cell problem over the extreme rays", "ours",
           says=r"\min_{\theta \in \prod K_{p^i}} \sum_j v_j (f_\theta(x_j) - y_j)^2 = "
                r"\min_{c \ge 0} \Vert A c - y \Vert^2",
           measures="largest difference of the two minima over random products of cells, over sum v y²",
           hypotheses=("the rays are those of the cells of the product",))
def ray_problem(theorem: Theorem, /, *, samples: int = 9, inputs: int = 2, width: int = 2, products: int = 40,
                dropped: bool = False, seed: int = 0) -> Verdict:
    """Non-negative least squares over rays against the problem in θ with one inequality for each sample and gate.

    The second is solved by its dual, a projection on the cone of the inequalities, where the gates' columns are
    independent. With `dropped` one ray in use is left out.
    """
    problem = noise_problem(samples, inputs, width, seed)
    cells, rng = ray_cells(problem), np.random.default_rng(seed)
    full = np.flatnonzero(cells.patterns.sum(axis=1) > inputs)
    worst, done = 0.0, 0
    while done < products:
        rows, signs = rng.choice(full, width), rng.choice([-1.0, 1.0], width)
        M = np.hstack([s * cells.patterns[i][:, None] * problem.lifted for i, s in zip(rows, signs, strict=True)])
        if np.linalg.cond(M) > 1e3:
            continue
        A, done = cells.columns(rows, signs), done + 1
        c = nnls(A, problem.y)[0]
        if dropped and c.any():
            A[:, c.argmax()] = 0
        with_rays = nnls(A, problem.y)[1] ** 2
        worst = max(worst, abs(with_rays - value_in_theta(M, cells.patterns[rows], problem)))
    return theorem.verdict(given=(not dropped,), measured=worst / problem.zero_value, equals=0, error=ROUNDING,
                           instance=f"D={samples}, n={inputs}, w={width}, {products} products of cells")


def value_in_theta(M: Array, patterns: Pattern, problem: ERMProblem) -> float:
    """min |M θ - y|² under (2 p_j - 1) θ^i . (x_j, 1) >= 0: with M = QR and z = R θ, the distance to a cone of z's.

    The nearest point of {z : U'z >= 0} to b is b + U l with l >= 0, and |b + U l| is least (Moreau).
    """
    Q, R = np.linalg.qr(M)
    blocks = [(2.0 * p[:, None] - 1) * problem.lifted for p in patterns]
    G = np.zeros((sum(map(len, blocks)), M.shape[1]))
    for i, block in enumerate(blocks):
        G[i * len(block):(i + 1) * len(block), i * block.shape[1]:(i + 1) * block.shape[1]] = block
    U = np.linalg.solve(R.T, G.T)
    b = Q.T @ problem.y
    return float(problem.y @ problem.y - nnls(U, -b)[1] ** 2)


@statement("exact_erm/ours-near-equal-patterns", "Near-equal patterns can be skipped", "ours",
           says=r"\min_{p, q} v(p, q) = \min \{ v(p, q) : \bar X_{p \triangle q} \text{ has rank } n + 1 \}",
           measures="least value over the pairs that differ on a spanning set", hypotheses=("two gates", SPANS))
def near_equal_patterns(theorem: Theorem, /, *, points: Sequence[Sequence[float]] | None = None,
                        labels: Sequence[float] | None = None, width: int = 2, output_bias: bool = False,
                        seed: int = 1) -> Verdict:
    """The optimum over tuples of cells of which any two differ on samples that span, against the optimum over all."""
    problem = _given(points, labels, width, output_bias, seed)
    cells = ray_cells(problem)
    apart = lambda rows: all(_spans(problem, cells.patterns[i] ^ cells.patterns[k])  # noqa: E731
                             for i, k in combinations(rows, 2))
    least, every = _two_optima(cells, apart)
    return theorem.verdict(given=(width == 2, _spans(problem, np.ones(problem.n_samples, bool))), measured=least,
                           equals=every, error=ROUNDING * problem.zero_value, instance=_size(problem))


@statement("exact_erm/ours-small-patterns", "Gates that are on for few samples can be skipped", "ours",
           says=r"\min_{p^1, \dots, p^w} v = \min \{ v : \bar X_{p^i} \text{ has rank } n + 1 \text{ for all } i \}",
           measures="least value over the tuples of patterns that span",
           hypotheses=(SPANS, "no other rule is used with it"))
def small_patterns(theorem: Theorem, /, *, points: Sequence[Sequence[float]] | None = None,
                   labels: Sequence[float] | None = None, width: int = 2, output_bias: bool = False,
                   both: bool = False, seed: int = 2) -> Verdict:
    """The optimum over tuples of cells that each span, against the optimum over all.

    With `both`, patterns must also differ pairwise on spanning sets: two rules that hold each, but not together.
    """
    problem = _given(points, labels, width, output_bias, seed)
    cells = ray_cells(problem)

    def large(rows: tuple[int, ...]) -> bool:
        pairs = combinations(rows, 2) if both else ()
        return all(_spans(problem, cells.patterns[i]) for i in rows) and all(
            _spans(problem, cells.patterns[i] ^ cells.patterns[k]) for i, k in pairs)

    least, every = _two_optima(cells, large)
    return theorem.verdict(given=(_spans(problem, np.ones(problem.n_samples, bool)), not both),
                           measured=least, equals=every, error=ROUNDING * problem.zero_value, instance=_size(problem))


@statement("exact_erm/ours-faces", "One gate: closed forms on faces", "ours",
           says=r"\min_\theta \sum_j v_j (s\,\sigma(\theta \cdot \bar x_j) - y_j)^2 = "
                r"\min_{\text{faces } F} \{ \text{least squares on } \mathrm{span}\,F, \text{ if it lies in } F \}",
           measures="least feasible least-squares value over all faces", hypotheses=("one gate", "all faces are tried"))
def faces(theorem: Theorem, /, *, samples: int = 8, inputs: int = 2, skipped: int = 0, width: int = 1,
          seed: int = 3) -> Verdict:
    """Least squares on cells, walls and rays, kept where feasible, against the enumeration's optimum.

    `skipped` leaves out the faces through at least that many samples (0: none are left out).
    """
    problem = noise_problem(samples, inputs, width, seed)
    values = [v for through, v in feasible_faces(problem) if not skipped or through < skipped]
    optimum = erm_enumerate(problem)
    return theorem.verdict(given=(width == 1, not skipped), measured=min(values), equals=optimum.value,
                           error=ROUNDING * problem.zero_value, instance=_size(problem))


def feasible_faces(problem: ERMProblem) -> Iterator[tuple[int, float]]:
    """(number of samples on the face's hyperplane, value) for the faces whose least-squares solution lies in them.

    A face is a set Z of samples on the hyperplane, closed under affine dependence, and a pattern of the others.
    """
    rays, lifted, y = extreme_rays(problem.x), problem.lifted, problem.y
    D, n = problem.x.shape
    flats = {tuple(z) for z in rays.signs == 0} | {tuple(np.zeros(D, bool))}
    flats |= {tuple(np.isin(np.arange(D), c)) for k in range(1, n) for c in combinations(range(D), k)}
    yield 0, float(y @ y)  # θ = 0, the face through all samples
    for Z in map(np.array, flats):
        _, sizes, right = np.linalg.svd(lifted[Z]) if Z.any() else (0, np.zeros(0), np.eye(n + 1))
        basis = right[int((sizes > 1e-9).sum()):].T
        for p in np.unique(rays.cells.patterns[:, ~Z], axis=0):
            rows = lifted[~Z] @ basis
            for sign in (1.0, -1.0):
                c = np.linalg.lstsq(sign * rows * p[:, None], y[~Z], rcond=1e-12)[0]
                heights = (2.0 * p - 1) * (rows @ c)
                if heights.min() >= -1e-9 * abs(heights).max():
                    f = sign * np.maximum(rows @ c, 0)
                    yield int(Z.sum()), float(((f - y[~Z]) ** 2).sum() + (y[Z] ** 2).sum())


def _given(points: Sequence[Sequence[float]] | None, labels: Sequence[float] | None, width: int, output_bias: bool,
           seed: int) -> ERMProblem:
    """The points and labels given, or five random ones in the plane."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((5, 2)) if points is None else np.array(points, dtype=float)
    return ERMProblem(x, rng.standard_normal(len(x)) if labels is None else labels, width, output_bias=output_bias)


def _two_optima(cells: RayCells, kept: Callable[[tuple[int, ...]], bool]) -> tuple[float, float]:
    """The least value over the tuples that are kept, and over all."""
    width, least, every = cells.problem.width, np.inf, np.inf
    for rows in combinations_with_replacement(range(len(cells)), width):
        value = min(cells.fit(rows, signs).value for signs in product((1.0, -1.0), repeat=width))
        every = min(every, value)
        if kept(rows):
            least = min(least, value)
    return least, every


def _spans(problem: ERMProblem, chosen: Pattern) -> bool:
    """Whether the chosen samples affinely span the space of the inputs; exact."""
    return bool(chosen.any()) and len(independent_columns(problem.x[chosen])) == problem.n_inputs


def _size(problem: ERMProblem) -> str:
    return f"D={problem.n_samples}, n={problem.n_inputs}, w={problem.width}"
