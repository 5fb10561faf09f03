"""Statements on the autoencoder: each holds or fails as announced, is silent without a hypothesis, and needs it."""

import numpy as np
import pytest

from mathdl.core.theorem import State
from mathdl.sparse_coding.autoencoder import TiedReLUAutoencoder
from mathdl.sparse_coding.kink import KinkCase
from mathdl.sparse_coding.orthogonal import (
    orthogonal_loss,
    orthogonality_defect,
    random_rotation,
    rotation_path,
    rounding,
)
from mathdl.sparse_coding.theorems import autoencoder


@pytest.mark.statement("sparse_coding/equation-1.3")
@pytest.mark.parametrize("seed", range(4))
def test_the_net_of_depth_two(seed):
    verdict = autoencoder.tied_net(n_inputs=1 + seed, hidden=9 - 2 * seed, seed=seed)
    assert (verdict.state, verdict.measured) == (State.HOLDS, 0)
    untied = autoencoder.tied_net(seed=seed, tied=False)
    assert untied.state is State.SILENT
    assert untied.measured > 0.1


@pytest.mark.statement("sparse_coding/equation-4.1")
@pytest.mark.parametrize("samples", [1, 4, 64])
def test_the_squared_loss(samples):
    verdict = autoencoder.squared_loss(samples=samples, seed=samples)
    assert verdict.state is State.HOLDS
    assert verdict.measured == verdict.bound > 0


@pytest.mark.statement("sparse_coding/equation-4.1")
def test_a_mean_over_another_number_of_samples_rounds_and_is_silent():
    verdict = autoencoder.squared_loss(samples=7)
    assert verdict.state is State.SILENT
    assert verdict.measured == pytest.approx(verdict.bound, rel=1e-15)


@pytest.mark.statement("sparse_coding/equation-1.3")
@pytest.mark.statement("sparse_coding/equation-4.1")
def test_a_bias_of_the_other_sign_is_noticed(monkeypatch):
    instance = autoencoder.binary_instance

    def flipped(*args, **options):
        net, Y = instance(*args, **options)

        class Other(TiedReLUAutoencoder):
            def forward(self, signals, **rest):
                return TiedReLUAutoencoder(self.weights, -self.bias).forward(signals)

            def loss(self, signals, **rest):
                return TiedReLUAutoencoder(self.weights, -self.bias).loss(signals)

        return Other(net.weights, net.bias), Y

    monkeypatch.setattr(autoencoder, "binary_instance", flipped)
    assert autoencoder.tied_net().state is State.VIOLATED
    assert autoencoder.squared_loss().state is State.VIOLATED


@pytest.mark.statement("sparse_coding/remark-orthogonal")
@pytest.mark.parametrize("n", [1, 2, 16, 60])
def test_orthogonal_dictionaries_lose_nothing(n):
    verdict = autoencoder.orthogonal_minimum(n=n, seed=n)
    assert verdict.state is State.HOLDS
    if n <= 16:
        assert verdict.measured < 1e-25
    assert verdict.error < 1e-21


@pytest.mark.statement("sparse_coding/remark-orthogonal")
@pytest.mark.parametrize(("change", "given"), [({"signed": True}, (True, False, True)),
                                               ({"bias": 0.1}, (True, True, False)),
                                               ({"orthogonal": False}, (False, True, True))])
def test_each_hypothesis_of_the_remark_is_needed(change, given):
    verdict = autoencoder.orthogonal_minimum(**change)
    assert (verdict.state, verdict.given) == (State.SILENT, given)
    assert verdict.measured > 0.05


@pytest.mark.statement("sparse_coding/ours-orthogonal-loss")
@pytest.mark.parametrize("n", [1, 5, 30])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("bias", [0.0, 0.1, 0.7, -0.3])
def test_what_orthogonal_weights_lose(n, signed, bias):
    verdict = autoencoder.orthogonal_weights(n=n, signed=signed, bias=bias, seed=n)
    assert verdict.state is State.HOLDS
    assert verdict.error < 1e-11
    if bias != 0 or signed:
        assert verdict.bound > 1e-3


@pytest.mark.statement("sparse_coding/ours-orthogonal-loss")
def test_unit_rows_alone_do_not_give_the_formula():
    verdict = autoencoder.orthogonal_weights(orthogonal=False)
    assert verdict.state is State.SILENT
    assert verdict.measured > 10 * verdict.bound


@pytest.mark.statement("sparse_coding/ours-orthogonal-loss")
def test_the_loss_under_a_bias_by_an_integral():
    """Entries uniform on [0, 1]: E min(x, ε)² = ε³/3 + (1 − ε) ε²; here by 10⁵ midpoints, error below 1e-9."""
    x, eps, n = (np.arange(100_000) + 0.5) / 100_000, 0.1, 4
    A = random_rotation(n, rng=np.random.default_rng(0))
    exact = n / 2 * (eps ** 3 / 3 + (1 - eps) * eps ** 2)
    assert TiedReLUAutoencoder(A.T, eps).loss(A @ np.tile(x, (n, 1))) == pytest.approx(exact, abs=1e-8)


@pytest.mark.statement("sparse_coding/ours-orthogonal-loss")
def test_among_orthogonal_weights_only_permutations_of_the_atoms_lose_nothing():
    A, X = random_rotation(5, rng=np.random.default_rng(1)), np.eye(5)
    for order in ([0, 1, 2, 3, 4], [3, 1, 4, 0, 2]):
        assert TiedReLUAutoencoder(A.T[order]).loss(A @ X) < 1e-28
    signs = A.T.copy()
    signs[2] *= -1
    assert TiedReLUAutoencoder(signs).loss(A @ X) == pytest.approx(0.1, abs=1e-14)  # ½ of one sample in five
    for seed in range(20):
        W = random_rotation(5, rng=np.random.default_rng(seed + 2))
        assert TiedReLUAutoencoder(W).loss(A @ X) > 1e-3


@pytest.mark.statement("sparse_coding/ours-gradient")
@pytest.mark.parametrize("path", ["dense", "active"])
@pytest.mark.parametrize("seed", range(6))
def test_the_gradient_is_the_slope(path, seed):
    verdict = autoencoder.closed_form(path=path, seed=seed, n_inputs=2 + seed, hidden=12 - seed)
    assert verdict.state is State.HOLDS
    assert verdict.error < 1e-6


@pytest.mark.statement("sparse_coding/ours-gradient")
@pytest.mark.parametrize("seed", range(3))
def test_at_a_kink_there_is_no_slope(seed):
    verdict = autoencoder.closed_form(at_kink=True, seed=seed)
    assert verdict.state is State.SILENT
    assert verdict.measured > 1e-3


@pytest.mark.statement("sparse_coding/ours-gradient")
def test_a_wrong_mask_is_noticed(monkeypatch):
    right = TiedReLUAutoencoder.gradient
    monkeypatch.setattr(TiedReLUAutoencoder, "gradient", lambda self, Y, *, path: right(
        TiedReLUAutoencoder(self.weights, self.bias + 0.1), Y, path=path))
    assert autoencoder.closed_form().state is State.VIOLATED


@pytest.mark.statement("sparse_coding/erratum-E4.2")
def test_printed_implication_is_violated_at_the_kink():
    verdict = autoencoder.printed_on_at_the_kink()
    assert (verdict.state, verdict.measured) == (State.VIOLATED, 0)
    assert all(verdict.given)
    corrected = autoencoder.printed_on_at_the_kink(bias_scale=1 - 2.0 ** -52)  # Q_i > ε by one unit of rounding
    assert (corrected.state, corrected.measured) == (State.HOLDS, 1)
    assert autoencoder.printed_on_at_the_kink(bias_scale=1 + 2.0 ** -52).state is State.SILENT


@pytest.mark.statement("sparse_coding/erratum-E4.2")
def test_the_case_satisfies_the_sharper_condition_with_equality_and_the_printed_one_has_room():
    """a ≥ (b (k − 1) + 2 m₁ k) C is 1 ≥ 1; with b k for b (k − 1), as printed, it is 1 ≥ 3/2 and excludes the kink."""
    case, (a, b, m1, k) = KinkCase(), (1, 1, 1, 1)
    A = case.dictionary
    C = (abs(A.T @ A) - np.eye(8)).max()
    assert (np.diag(A.T @ A) == 1).all()
    assert (C, case.bias) == (0.5, 2 * m1 * k * C)
    assert a == (b * (k - 1) + 2 * m1 * k) * C < (b * k + 2 * m1 * k) * C
    assert (A.T @ case.signals)[case.codes == 0].max() == 0.5


def test_paths_of_rotations():
    rng = np.random.default_rng(0)
    for n in (1, 2, 3, 6, 7):
        start, end = random_rotation(n, rng=rng), random_rotation(n, rng=rng)
        path = rotation_path(start, end, np.linspace(0, 1, 9))
        assert max(map(orthogonality_defect, path)) < 1e-13
        assert abs(path[0] - start).max() < 1e-13
        assert abs(path[-1] - end).max() < 1e-13
        lengths = np.linalg.norm(np.diff(path, axis=0), axis=(1, 2))
        assert np.ptp(lengths) < 1e-13  # constant speed


def test_half_turns_come_in_pairs():
    path = rotation_path(np.eye(4), np.diag([1.0, -1, -1, 1]), [0, 0.5, 1])
    assert abs(path[-1] - np.diag([1, -1, -1, 1])).max() < 1e-13
    assert np.trace(path[1]) == pytest.approx(2)  # two directions turn by a right angle
    with pytest.raises(ValueError, match="determinant"):
        rotation_path(np.eye(2), np.diag([1.0, -1]), [0.5])


def test_rotations_are_uniform_enough_and_bad_input_is_named():
    rng = np.random.default_rng(0)
    many = np.array([random_rotation(3, rng=rng) for _ in range(2000)])
    assert np.linalg.det(many) == pytest.approx(1)
    # Mean 0 and deviation 1/√3 of each of 9 entries: 6 standard errors, chance below 2e-8 in all.
    assert abs(many.mean(0)).max() < 6 / np.sqrt(3 * 2000)
    with pytest.raises(ValueError, match="n: expected"):
        random_rotation(0, rng=rng)
    with pytest.raises(ValueError, match="start: expected"):
        rotation_path(np.ones((2, 2)), np.eye(2), [0])
    with pytest.raises(ValueError, match="same size"):
        rotation_path(np.eye(3), np.eye(2), [0])
    with pytest.raises(ValueError, match="weights: expected square orthogonal"):
        orthogonal_loss(np.ones((2, 2)), np.eye(2))
    with pytest.raises(ValueError, match="weights: expected square orthogonal"):
        orthogonal_loss(np.eye(3)[:2], np.eye(3))
    assert rounding(16) < 1e-13
