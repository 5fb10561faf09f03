"""The recorded tree: its order of children, its symmetry rule, and that its leaves cover every pattern once."""

from itertools import permutations, product

import numpy as np
import pytest

from mathdl.exact_erm.branch_and_bound import branch_and_bound
from mathdl.exact_erm.cells import cells
from mathdl.exact_erm.problem import ERMProblem
from mathdl.exact_erm.search_tree import Branch, Empty, Leaf, SearchTree, dropped


def solved(seed=0, D=6, n=1, w=2, x=None, **options):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(D, n)) if x is None else np.array(x, dtype=float)
    problem = ERMProblem(x, rng.normal(size=len(x)), w, **options)
    return problem, branch_and_bound(problem, record=True)


SMALL = [{"n": 1, "w": 1}, {"n": 1, "w": 2}, {"n": 2, "w": 1}, {"n": 2, "w": 2, "D": 5}, {"n": 1, "w": 3, "D": 5},
         {"n": 3, "w": 1}, {"x": [[0], [0], [1], [1], [2]]}, {"x": [[0, 0], [1, 1], [2, 2], [1, 0], [1, 1]], "w": 1},
         {"x": [[0, 0], [1, 1], [2, 2]], "w": 2}, {"x": [[3], [3]], "w": 1}, {"loss": "absolute", "output_bias": True}]


def walk(tree):
    """Every node with its sign vector and the labels on its path."""
    stack = [(signs, root, {}) for signs, root in zip(tree.signs, tree.roots, strict=True)]
    while stack:
        signs, node, path = stack.pop()
        yield signs, node, path
        if isinstance(node, Branch):
            assert node.sample not in path
            assert len(node.children) == 2 ** tree.width
            for bits, child in zip(product((0, 1), repeat=tree.width), node.children, strict=True):
                stack.append((signs, child, {**path, node.sample: bits}))


def realised(patterns, gate, path):
    """Whether some cell has the labels of this gate."""
    at = list(path)
    return bool((patterns[:, at] == [path[s][gate] for s in at]).all(axis=1).any())


@pytest.mark.parametrize("options", SMALL)
@pytest.mark.parametrize("seed", [0, 1])
def test_empty_children_are_empty_and_others_are_not(options, seed):
    problem, result = solved(seed, **options)
    patterns = cells(problem.x).patterns
    for _, node, path in walk(result.proof):
        if isinstance(node, Empty):
            assert not realised(patterns, node.gate, path)
        elif node is not None:
            assert all(realised(patterns, gate, path) for gate in range(problem.width))


@pytest.mark.parametrize("options", SMALL)
def test_dropped_children_are_those_of_the_rule(options):
    tree = solved(2, **options)[1].proof
    for signs, node, path in walk(tree):
        if not isinstance(node, Branch):
            continue
        labels = np.full((tree.width, tree.n_samples), -1, dtype=np.int8)
        for sample, bits in path.items():
            labels[:, sample] = bits
        for bits, child in zip(product((0, 1), repeat=tree.width), node.children, strict=True):
            assert (child is None) == dropped(signs, labels, bits)


@pytest.mark.parametrize("options", SMALL)
def test_every_pattern_lies_in_a_leaf(options):
    """Each tuple of cells, with gates of equal sign exchanged suitably, is in a leaf of its sign vector."""
    problem, result = solved(3, **options)
    patterns = cells(problem.x).patterns.astype(int)
    leaves = list(result.proof.leaves())
    w = problem.width
    for signs in result.proof.signs:
        at = np.array([labels for s, labels in leaves if s == signs])
        plus = signs.count(1)
        orders = [[*a, *b] for a in permutations(range(plus)) for b in permutations(range(plus, w))]
        for chosen in product(patterns, repeat=w):
            fits = [((at < 0) | (at == np.array(chosen)[order])).all(axis=(1, 2)) for order in orders]
            assert np.any(fits)
            assert np.sum(fits, axis=1).max() == 1  # a pattern as it stands is in one leaf at most


@pytest.mark.parametrize("options", SMALL)
def test_bounds_of_the_leaves_prove_the_value(options):
    """The least loss over the cones of a leaf, found by another solver in θ, is not below the optimum."""
    from scipy.optimize import minimize

    problem, result = solved(4, **options)
    if problem.loss.name != "squared":
        return
    scale = (problem.y ** 2).sum()
    for signs, labels in list(result.proof.leaves())[:40]:
        known = np.flatnonzero(labels[0] >= 0)
        L, p = problem.lifted[known], labels[:, known]
        M = np.hstack([s * q[:, None] * L for s, q in zip(signs, p, strict=True)])
        G = np.zeros((p.size, M.shape[1]))
        for i, q in enumerate(p):
            G[i * len(known):(i + 1) * len(known), i * L.shape[1]:(i + 1) * L.shape[1]] = (2 * q[:, None] - 1) * L
        found = minimize(lambda t, M=M, k=known: ((M @ t - problem.y[k]) ** 2).sum(), np.zeros(M.shape[1]),
                         jac=lambda t, M=M, k=known: 2 * M.T @ (M @ t - problem.y[k]), method="SLSQP",
                         constraints={"type": "ineq", "fun": lambda t, G=G: G @ t, "jac": lambda t, G=G: G},
                         options={"ftol": 1e-14, "maxiter": 300})
        assert found.fun >= result.value - 1e-6 * scale


def test_the_tree_of_one_sample_by_hand():
    problem = ERMProblem(np.array([[1.0]]), np.array([2.0]), 1)
    tree = branch_and_bound(problem, record=True, gap=1e-6).proof
    assert tree.signs == ((1,), (-1,))
    assert tree.n_samples == 1
    signs, labels = next(tree.leaves())
    assert (signs, labels.shape) == ((1,), (1, 1))


def test_leaves_read_the_children_in_order():
    tree = SearchTree(2, ((1, -1),), (Branch(1, (Leaf(), Empty(0), None, Branch(0, (Leaf(),) * 4))),))
    assert [labels.tolist() for _, labels in tree.leaves()] == [
        [[-1, 0], [-1, 0]], [[0, 1], [0, 1]], [[0, 1], [1, 1]], [[1, 1], [0, 1]], [[1, 1], [1, 1]]]
    assert tree.count() == {"splits": 2, "leaves": 5, "empty": 1, "dropped": 1}


def test_symmetry_needs_equal_signs_and_equal_labels():
    same, other = np.array([[1, -1], [1, -1]], dtype=np.int8), np.array([[1, -1], [0, -1]], dtype=np.int8)
    assert dropped((1, 1), same, (0, 1))
    assert not dropped((1, 1), same, (1, 0))
    assert not dropped((1, -1), same, (0, 1))
    assert not dropped((1, 1), other, (0, 1))


def test_no_tree_unless_asked_for():
    assert branch_and_bound(ERMProblem(np.array([[1.0]]), np.array([2.0]), 1)).proof is None
