"""The pictures show the numbers of the library."""

import numpy as np
import pytest

from mathdl.core.figures import clipped_text
from mathdl.sparse_coding.decomposition import decompose
from mathdl.sparse_coding.exact_one_sparse import one_sparse_gradient
from mathdl.sparse_coding.exercises.population import check_certain_bias, check_inclusion
from mathdl.sparse_coding.explorers.population import FAMILIES, Parts, draw_parts, explore_parts, parts_model
from mathdl.sparse_coding.figures.population import FLOOR, gap_figure, gates_figure
from mathdl.sparse_coding.population_instances import false_alarms, moved, theorem_bias
from mathdl.sparse_coding.proxy import proxy_gap


def test_bars_are_the_parts():
    state = Parts(sparsity=1)
    model = parts_model(state.family, 1)
    W = moved(model.dictionary, state.delta, rng=np.random.default_rng(0))
    bias = state.bias * theorem_bias(model, state.delta)
    parts, scale = decompose(model, W, bias), max(model.m1 ** 2, model.m2) / 32
    left, right = draw_parts(state).axes
    for patch, top, base in zip(left.patches, np.cumsum(parts.sizes, 0), [np.zeros(32), *np.cumsum(parts.sizes, 0)],
                                strict=False):
        assert np.allclose(patch.get_data().values, top / scale)
        assert np.allclose(patch.get_data().baseline, base / scale)
    norms, true = (line.get_ydata() for line in left.lines)
    assert np.allclose(norms, np.linalg.norm(parts.gradient, axis=1) / scale)
    assert np.allclose(true, np.linalg.norm(one_sparse_gradient(model, W, bias)[1], axis=1) / scale)
    assert np.allclose(right.lines[0].get_ydata(), norms / (parts.sizes.sum(0) / scale))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("k", "delta", "bias"), [(1, 0.0, 0.0), (8, 0.5, 2.0)])
def test_nothing_is_clipped(family, k, delta, bias):
    picture = draw_parts(Parts(delta, k, family, bias))
    assert not clipped_text(picture)
    assert "Bars for 32 units" in picture.alt


def test_one_arrow_key_changes_the_picture():
    explorer = explore_parts()
    before = explorer.view.picture
    explorer.controls["delta"].value += 0.01
    assert explorer.view.picture != before


def test_gap_curves_are_the_gaps():
    cases = [false_alarms(k=k) for k in (2, 3)]
    gaps = [proxy_gap(c.model, c.weights, c.bias) for c in cases]
    picture = gap_figure((2, 3), gaps, np.array([0.5, 0.2]), label="sparsity k")
    worst, rms, root, bound = (line.get_ydata() for line in picture.axes[0].lines)
    assert np.allclose(worst, np.log10([g.sizes.max() for g in gaps]))
    assert np.allclose(rms, np.log10([g.rms.max() for g in gaps]))
    assert np.allclose(root, 0.5 * np.log10([g.any_wrong for g in gaps]))
    assert np.allclose(bound, np.log10([0.5, 0.2]))
    assert (worst > FLOOR).all()
    assert not clipped_text(picture)


def test_gates_figure_says_where_they_are_right():
    eps = np.linspace(0, 1, 5)
    picture = gates_figure(eps, eps + 1, eps + 1, certified=(0.2, 0.6))
    assert np.allclose(picture.axes[0].lines[0].get_ydata(), eps + 1)
    assert "from 0.2 to 0.6" in picture.alt
    assert "always wrong" in gates_figure(eps, eps, 2 * eps, certified=(0.6, 0.2)).alt


def test_exercises():
    assert check_inclusion([3 / 10, 6 / 90, 6 / 720, 0]).right
    assert not check_inclusion([3 / 10, 9 / 100, 27 / 1000, 0]).right
    assert check_inclusion(...).right is None
    assert check_certain_bias(0.5).right
    assert not check_certain_bias(0.2).right
    assert not check_certain_bias(0.9).right
