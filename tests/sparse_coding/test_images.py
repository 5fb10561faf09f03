"""Autoencoders of images: gradients, training, statements, and what the pictures draw."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from matplotlib.patches import Rectangle

from mathdl.core.datasets import digits
from mathdl.core.optimizers import rmsprop
from mathdl.core.theorem import State
from mathdl.core.training import seeded
from mathdl.sparse_coding.exercises.images import check_copies, check_fewest
from mathdl.sparse_coding.experiments.motivating_images import SETS, SHOWN, image_sets, run, stored
from mathdl.sparse_coding.explorers.images import Atoms, draw_atoms, film
from mathdl.sparse_coding.figures.images import copying_figure, panel_figure, tiles, widths_figure
from mathdl.sparse_coding.images import (
    ImageAutoencoder,
    effective_pixels,
    errors_by_width,
    every_third,
    image_steps,
    image_training,
    net_of,
    principal_components,
    projection_error,
    relative_error,
    shuffled_pixels,
    train_images,
    unseen_part,
)
from mathdl.sparse_coding.theorems import images as theorems

TRAIN, HELD = every_third(digits((6, 7)).pixels)
SIGNED = np.vstack([np.eye(3), -np.eye(3)])


def net(weights, bias=None, output_bias=None) -> ImageAutoencoder:
    w = torch.as_tensor(np.asarray(weights, dtype=float))
    b = torch.zeros(len(w), dtype=w.dtype) if bias is None else torch.as_tensor(np.asarray(bias, dtype=float))
    return ImageAutoencoder(w, b, None if output_bias is None else torch.as_tensor(np.asarray(output_bias, float)))


@pytest.mark.parametrize("layers", [1, 2])
def test_the_closed_gradient_is_that_of_autograd(layers):
    g = seeded(layers)
    y = torch.randn(40, 5, generator=g, dtype=torch.float64)
    leaves = [torch.randn(*shape, generator=g, dtype=torch.float64).requires_grad_() for shape in ((7, 5), (7,), (5,))]
    model = ImageAutoencoder(*leaves[:1 + layers])
    expected = torch.autograd.grad(0.5 * (model(y) - y).square().sum(1).mean(), leaves[:1 + layers])
    with torch.no_grad():
        loss, gradients = model.loss_and_gradients(y)
        assert float(loss) == pytest.approx(0.5 * float((model(y) - y).square().sum(1).mean()))
    assert len(gradients) == 1 + layers
    for found, wanted in zip(gradients.values(), expected, strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-12, atol=1e-13)


def test_at_a_kink_the_derivative_is_zero():
    """W y = ε exactly: the unit counts as off, so nothing moves."""
    _, gradients = net([[1.0, 0.0]], [1.0]).loss_and_gradients(torch.tensor([[1.0, 2.0]], dtype=torch.float64))
    assert all(float(g.abs().max()) == 0 for g in gradients.values())


def test_the_forward_pass_by_hand():
    model = net([[1.0, 2.0], [-1.0, 0.0]], [0.5, -1.0], [1.0, 9.0])
    y = np.array([0.5, 1.0])
    r = np.maximum([0.5 + 2 - 0.5, -0.5 + 1], 0)  # 2, 0.5
    out = r[0] * np.array([1.0, 2.0]) + r[1] * np.array([-1.0, 0.0])  # 1.5, 4
    assert model(torch.tensor(y)).tolist() == np.maximum(out - [1, 9], 0).tolist() == [0.5, 0]
    assert replace(model, output_bias=None)(torch.tensor(y)).tolist() == [1.5, 4]


def test_the_error_and_the_projection_against_numpy():
    model = train_images(TRAIN, steps=3, hidden=9, generator=seeded(0))
    y = torch.tensor(HELD)
    expected = np.linalg.norm(model(y).numpy() - HELD) / np.linalg.norm(HELD)
    assert relative_error(model, HELD, chunk=7) == pytest.approx(expected, rel=1e-5)
    values = np.linalg.svd(TRAIN.astype(float), compute_uv=False)
    for h in (4, 30):
        v = principal_components(TRAIN, h)
        np.testing.assert_allclose(v @ v.T, np.eye(h), atol=1e-12)
        assert projection_error(v, TRAIN) == pytest.approx((values[h:] @ values[h:] / (values @ values)) ** 0.5)
    assert principal_components(TRAIN, 999).shape == (64, 64)


def test_twice_as_many_units_as_numbers_copy_everything_and_fewer_do_not():
    y = np.random.default_rng(0).normal(size=(50, 3))
    assert relative_error(net(SIGNED), y) == 0
    assert relative_error(net(SIGNED[:5]), y) > 0.1
    assert relative_error(net(SIGNED[:3]), np.abs(y)) == 0  # pixels are not negative, and then n are enough


def test_cutting_the_output_at_zero_never_hurts_images():
    """The second hidden layer of the source with c = 0 projects onto y >= 0, where the images are."""
    model = train_images(TRAIN, steps=20, hidden=12, generator=seeded(0))
    cut = replace(model, output_bias=torch.zeros(64))
    assert relative_error(cut, HELD) < relative_error(model, HELD)


def test_training_is_a_function_of_the_seed_and_touches_no_global_generator():
    before = torch.get_rng_state()
    first, again, other = (train_images(TRAIN, steps=5, hidden=8, batch=10, generator=seeded(s)) for s in (0, 0, 1))
    assert torch.equal(first.weights, again.weights)
    assert not torch.equal(first.weights, other.weights)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_first_updates_are_those_of_torch_optim():
    """RMSProp with the falling step, on autograd's gradients."""
    _, state = image_training(TRAIN, optimizer=rmsprop(1e-3), hidden=10, generator=seeded(0))
    w, b = (state["net"][name].clone().requires_grad_() for name in ("weights", "bias"))
    optimizer = torch.optim.RMSprop([w, b], lr=1e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: 2 * (1 - t / 6))  # 0.002 for narrow nets
    y = torch.tensor(TRAIN)
    for step in image_steps(TRAIN, steps=6, hidden=10, generator=seeded(0)):
        optimizer.zero_grad()
        (0.5 * (torch.relu(y @ w.T - b) @ w - y).square().sum() / len(y)).backward()
        optimizer.step()
        schedule.step()
        torch.testing.assert_close(net_of(step).weights, w.detach(), rtol=1e-4, atol=1e-5)


def test_a_stopped_training_goes_on(tmp_path):
    options = {"steps": 12, "hidden": 6, "batch": 8, "hidden_layers": 2}
    whole = train_images(TRAIN, generator=seeded(3), **options)
    path = tmp_path / "run.pt"
    for step in image_steps(TRAIN, generator=seeded(3), resume=path, every=4, **options):
        if step.number == 9:
            break
    rest = list(image_steps(TRAIN, generator=seeded(3), resume=path, every=4, **options))
    assert rest[0].number == 9  # went on after the eighth
    assert torch.equal(net_of(rest[-1]).weights, whole.weights)
    with pytest.raises(ValueError, match="steps in all"):
        train_images(TRAIN, generator=seeded(3), resume=path, **options | {"steps": 20})


@pytest.mark.parametrize(("images", "options", "message"), [
    (np.zeros(4), {}, r"shape \(S, n\); got shape \(4,\)"), (np.full((2, 2), np.nan), {}, "finite numbers"),
    (TRAIN, {"hidden": 0}, "hidden >= 1"), (TRAIN, {"hidden_layers": 3}, "hidden_layers 1 or 2"),
    (TRAIN, {"batch": 241}, "batch of 1 to 240 images"), (np.zeros((0, 3)), {}, "Give one image a row")])
def test_bad_input_is_refused(images, options, message):
    with pytest.raises(ValueError, match=message):
        image_training(images, optimizer=rmsprop(1e-3), generator=seeded(0), **options)


def test_small_helpers():
    assert effective_pixels([[0, 3, 0, 0], [1, -1, 1, 1]]).tolist() == [1, 4]
    noise = effective_pixels(np.random.default_rng(0).normal(size=(3, 100_000)))
    np.testing.assert_allclose(noise, 100_000 / 3, rtol=0.05)
    mixed = shuffled_pixels(HELD, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(np.sort(mixed, 1), np.sort(HELD, 1))
    assert not np.array_equal(mixed, HELD)
    P = unseen_part(TRAIN[:9])
    assert np.trace(P) == pytest.approx(64 - 9)
    np.testing.assert_allclose(P @ P, P, atol=1e-10)
    assert np.abs(TRAIN[:9] @ P).max() < 1e-10


@pytest.mark.statement("sparse_coding/claim-motivating-experiment")
@pytest.mark.parametrize(("hidden", "layers", "seed"), [(256, 1, 0), (128, 2, 1)])
def test_digits_are_reconstructed(hidden, layers, seed):
    verdict = theorems.digits_are_reconstructed(hidden=hidden, hidden_layers=layers, seed=seed)
    assert verdict.state is State.HOLDS
    assert 0.04 < verdict.measured < 0.08
    assert "64 principal components: 0" in verdict.instance


@pytest.mark.statement("sparse_coding/claim-motivating-experiment")
def test_the_claim_fails_in_narrow_nets_and_is_silent_on_images_trained_on():
    narrow = theorems.digits_are_reconstructed(hidden=8, steps=150)
    assert narrow.state is State.VIOLATED
    assert "8 principal components: 0.246" in narrow.instance
    leaked = theorems.digits_are_reconstructed(hidden=16, steps=5, leak=True)
    assert leaked.state is State.SILENT
    assert leaked.given == (False, True)


@pytest.mark.statement("sparse_coding/claim-motivating-experiment")
def test_infinite_weights_silence_the_claim(monkeypatch):
    monkeypatch.setattr(theorems, "train_images", lambda *a, **k: net(np.full((1, 64), np.nan)))
    assert theorems.digits_are_reconstructed().given == (True, False)


@pytest.mark.statement("sparse_coding/ours-linear-floor")
@pytest.mark.parametrize("hidden", [2, 8, 40])
def test_no_net_with_linear_output_beats_principal_components(hidden):
    verdict = theorems.linear_floor(hidden=hidden, steps=60, seed=hidden)
    assert verdict.state is State.HOLDS
    rng = np.random.default_rng(hidden)
    v = principal_components(TRAIN, hidden)
    for _ in range(5):  # any weights, also those made of the components themselves
        w = rng.normal(size=(hidden, hidden)) @ v
        assert relative_error(net(w, rng.normal(size=hidden)), TRAIN) >= projection_error(v, TRAIN)


@pytest.mark.statement("sparse_coding/ours-linear-floor")
def test_the_floor_is_attained_by_parts_apart_and_says_nothing_of_wide_nets(monkeypatch):
    parts = np.kron(np.eye(4), np.ones((1, 4)) / 2)  # orthonormal atoms on separate pixels
    images = np.random.default_rng(0).uniform(1, 2, (20, 4)) * [4, 3, 2, 1] @ parts
    order = parts[:3]
    monkeypatch.setattr(theorems, "train_images", lambda *a, **k: net(order))
    attained = theorems.linear_floor(hidden=3, images=images)
    assert relative_error(net(order), images) >= projection_error(principal_components(images, 3), images) - 1e-12
    exact = theorems.linear_floor(hidden=3, images=images * [[1] * 12 + [0] * 4])
    assert (exact.measured, exact.bound, exact.state) == (0, 0, State.VACUOUS)
    assert attained.state is State.HOLDS
    blocks = np.repeat(np.diag([4.0, 3, 2, 1]), 2, axis=0) @ parts  # now the components are the atoms
    nearest = theorems.linear_floor(hidden=3, images=blocks)
    assert nearest.measured == nearest.bound == round((1 / 30) ** 0.5, 3)
    monkeypatch.undo()
    assert theorems.linear_floor(hidden=64, steps=5).state is State.VACUOUS


@pytest.mark.statement("sparse_coding/ours-linear-floor")
def test_the_floor_needs_a_linear_output(monkeypatch):
    """One hidden unit and a gate at each output copy two images that no line through 0 contains."""
    images = np.array([[1.0, 0.0], [2.0, 1.0]])
    clever = net([[0.5**0.5] * 2], [0.0], [-0.5, 0.5])
    monkeypatch.setattr(theorems, "train_images", lambda *a, **k: clever)
    verdict = theorems.linear_floor(hidden=1, hidden_layers=2, images=images)
    assert verdict.state is State.SILENT
    assert verdict.measured == 0 < verdict.bound


@pytest.mark.statement("sparse_coding/ours-atoms")
@pytest.mark.parametrize(("hidden", "n_images"), [(5, 3), (32, 30), (64, 240)])
def test_atoms_lose_what_images_lack(hidden, n_images):
    verdict = theorems.atoms_lose_the_unseen(hidden=hidden, n_images=n_images, steps=20, seed=hidden, step=0.02)
    assert verdict.state is State.HOLDS
    assert 0.9 < verdict.measured < 1


@pytest.mark.statement("sparse_coding/ours-atoms")
def test_the_unseen_part_of_the_gradient_is_what_the_proof_says():
    """(gradient in W) P = (1/S) RRᵀ W P for the projection P onto what the images lack."""
    images = TRAIN[:20].astype(float)
    g = seeded(1)
    model = ImageAutoencoder(torch.randn(12, 64, generator=g, dtype=torch.float64),
                             torch.randn(12, generator=g, dtype=torch.float64))
    y, P = torch.tensor(images), torch.tensor(unseen_part(images))
    _, gradients = model.loss_and_gradients(y)
    r = model.codes(y)
    torch.testing.assert_close(gradients["weights"] @ P, r.T @ r @ model.weights @ P / 20, rtol=1e-9, atol=1e-9)


@pytest.mark.statement("sparse_coding/ours-atoms")
def test_the_ratio_is_one_when_all_units_are_off(monkeypatch):
    usual = theorems.image_training

    def off(*args, **options):
        update, state = usual(*args, **options)
        state["net"]["bias"] += 1e6
        return update, state

    monkeypatch.setattr(theorems, "image_training", off)
    verdict = theorems.atoms_lose_the_unseen(steps=5)
    assert (verdict.measured, verdict.state) == (1, State.HOLDS)


@pytest.mark.statement("sparse_coding/ours-atoms")
@pytest.mark.parametrize(("options", "failing"), [({"hidden_layers": 2}, 0), ({"rule": "rmsprop", "step": 0.01}, 1),
                                                  ({"step": 0.5, "steps": 10}, 2)])
def test_atoms_are_silent_without_a_hypothesis(options, failing):
    verdict = theorems.atoms_lose_the_unseen(**options)
    assert verdict.state is State.SILENT
    assert [i for i, answer in enumerate(verdict.given) if not answer] == [failing]
    if failing:  # and then the conclusion does fail
        assert verdict.measured > 1.01


@pytest.mark.statement("sparse_coding/ours-atoms")
def test_a_gate_at_the_output_can_feed_what_images_lack():
    """Negative c: a blank pixel whose gate is open has output u·r − c, and pulling that to 0 pushes u away from 0."""
    found = theorems.atoms_lose_the_unseen(hidden_layers=2, output_bias=3.0, steps=5, n_images=240, hidden=64)
    fed = theorems.atoms_lose_the_unseen(hidden_layers=2, output_bias=-3.0, steps=5, n_images=240, hidden=64)
    assert found.given[0] is fed.given[0] is False
    assert fed.measured > 1


def test_the_explorer_draws_the_numbers_of_the_film():
    state = Atoms(frame=7, hidden=16)
    shown, picture = film(16, 1, "small", 0), draw_atoms(state)
    atoms, middle, right = picture.axes
    assert len(shown.nets) == len(shown.updates) == 41
    np.testing.assert_array_equal(right.lines[0].get_ydata(), shown.errors["held out"])
    assert right.lines[1].get_ydata()[0] == shown.errors["held out"][7] == relative_error(shown.nets[7], HELD)
    assert right.lines[4].get_ydata()[0] == projection_error(principal_components(TRAIN, 16), HELD)
    w = shown.nets[7].weights.numpy()
    np.testing.assert_allclose(np.asarray(atoms.images[0].get_array())[:8, :8],
                               (w[0] / np.abs(w[0]).max()).reshape(8, 8), rtol=1e-6)
    rebuilt = shown.nets[7](torch.tensor(HELD[:6])).numpy()
    np.testing.assert_allclose(np.asarray(middle.images[0].get_array())[9:17, :8],
                               np.clip(rebuilt[0], 0, 1).reshape(8, 8), rtol=1e-4, atol=1e-6)
    assert draw_atoms(replace(state, frame=8)).png() != picture.png()
    assert shown.errors["held out"][-1] < 0.5 * shown.errors["held out"][0]


def test_tiles_are_laid_out_in_lines():
    picture = tiles(np.repeat(np.arange(5.0)[:, None], 4, 1), 2, 3)
    assert picture.shape == (5, 8)
    assert picture[::3, ::3].tolist()[0] == [0, 1, 2]
    assert picture[3, 0] == 3
    assert np.isnan(picture[2]).all()
    assert np.isnan(picture[3:, 6:]).all()


def test_the_static_figures_draw_their_numbers():
    bars = copying_figure(("a", "b"), {"net": [0.1, 0.4], "other": [0.2, 0.3]})
    heights = [p.get_height() for p in bars.axes[0].patches if isinstance(p, Rectangle)]
    assert heights == [0.1, 0.4, 0.2, 0.3]
    errors = errors_by_width((4, 8), steps=9)
    lines = widths_figure((4, 8), errors)
    assert [list(line.get_ydata()) for line in lines.axes[0].lines] == list(errors.values())
    model = train_images(TRAIN, steps=9, hidden=8, generator=seeded(0))
    assert errors["one hidden layer"][1] == relative_error(model, HELD)
    assert errors["components"][0] == projection_error(principal_components(TRAIN, 4), HELD)


def test_the_experiment_runs_small_and_goes_on(tmp_path):
    options = {"hidden": (6, 5), "updates": 4}
    found, again = (run("laptop", folder=tmp_path, **options) for _ in range(2))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["laptop-1-6.pt", "laptop-2-5.pt"]
    for name in ("errors 1", "errors 2", "atoms 1", "atoms 2"):
        np.testing.assert_array_equal(found[name], again[name])
    np.testing.assert_array_equal(found["errors 1"], run("laptop", **options)["errors 1"])
    sets, _ = image_sets("laptop")
    assert [len(sets[name]) for name in SETS] == [240, 120, 1437, 120]
    with pytest.raises(ValueError, match="laptop.*paper.*got 'huge'"):
        run("huge")


def test_the_committed_results_agree_with_themselves():
    found = stored()
    assert {name for name, value in found.items() if value.size > 9} == {"atoms 1", "atoms 2"}  # no pictures of the set
    for layers in ("1", "2"):
        errors, atoms = found[f"errors {layers}"], found[f"atoms {layers}"].astype(float)
        assert 0 < errors[0] < errors[1] < errors[2] < errors[3]
        assert atoms.shape == (SHOWN, 784)
        low, _, high = found[f"effective pixels {layers}"]
        assert low < np.median(effective_pixels(atoms)) < high
        shown = panel_figure({"net": atoms}, 28).axes[0].images[0].get_array()
        np.testing.assert_allclose(shown[:28, :28], (atoms[0] / np.abs(atoms[0]).max()).reshape(28, 28))
    assert found["hardware"].item()
    assert (found["hidden 1"], found["hidden 2"], found["side"]) == (10000, 5000, 28)
    assert found["components 16"][0] > found["components 256"][0] > 0


@pytest.mark.parametrize(("answer", "right"), [
    (..., None), ([[1, 0], [0, 1], [-1, 0], [0, -1]], True), (np.array([[3, 4], [-4, 3], [-3, -4], [4, -3]]) / 5, True),
    ([[1, 0], [0, 1]], False), ([[1, 0], [0, 1], [-1, 0]], False),
    (0.99 * SIGNED[[0, 1, 3, 4], :2], False), ([[2, 0], [0, 2], [-2, 0], [0, -2]], False),
    ([1, 2, 3], False), ("no", False)])
def test_the_first_exercise(answer, right):
    assert check_copies(answer).right is right


@pytest.mark.parametrize(("answer", "right"), [(..., None), (1568, True), (784, False), (1567, False), (1568.0, False)])
def test_the_second_exercise(answer, right):
    assert check_fewest(answer).right is right
