"""Rotation within training: sparser there and then, and the same weights after a stop."""
import contextlib
import re

import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle import data, errors, rotation, trained, training
from tf_disentangle.training import outcome, rotate_codes, signals

HOOK = ["train.hooks = [@rotate_codes()]", "rotate_codes.num_images = 32", "vae.beta = 0.0",
        "encoder.logvar_offset = -3.0"]


@pytest.fixture(autouse=True)
def no_export(monkeypatch):
    monkeypatch.setattr(outcome.export, "export_saved_model", lambda model, path: None)


def rotated_at(printed):
    return [int(step) for step in re.findall(r"Rotated 3 latents at step (\d+)", printed)]


@pytest.mark.contract
def test_it_looks_at_training_images_only(monkeypatch):
    seen = []

    def find_rotation(model, images, *args, **kwargs):
        seen.append(images)
        raise errors.InvalidArgumentError("model", "another", "this")
    monkeypatch.setattr(rotation, "find_rotation", find_rotation)
    images = np.broadcast_to(np.linspace(0, 1, 12)[:, None, None, None], (12, *tiny_run.SHAPE))
    hook = rotate_codes.RotateCodes([2], num_images=500)
    training.train_model(
        tiny_run.make_model(), data.ImageSet(images), 2, 4, eval_steps=1,
        options=training.RunOptions(validation_fraction=0.5, validate_every=2, hooks=[hook]))
    assert len(np.unique(seen)) == 6
    np.testing.assert_array_equal(np.unique(seen), np.unique(
        hook._run.training_data.sample_observations(500, np.random.RandomState(0))))


@pytest.mark.contract
@pytest.mark.parametrize("bindings, steps", [
    (["rotate_codes.steps = 4"], [4, 8, 12]), (["rotate_codes.steps = [6, 9]"], [6, 9]),
    (["rotate_codes.steps = 3", "rotate_codes.until = 7"], [3, 6])])
def test_it_happens_at_its_steps(tmp_path, bindings, steps):
    _, printed = tiny_run.train(tmp_path / "run", *HOOK, *bindings)
    assert rotated_at(printed) == steps
    assert "are not rotated" not in printed


def test_a_run_that_ends_before_says_so(tmp_path):
    _, printed = tiny_run.train(tmp_path / "run", *HOOK, "rotate_codes.steps = [30]",
                                "model.training_steps = 2")
    assert "rotate_codes.steps has no step from 1 to 2: the latents are not rotated." in printed


@pytest.mark.property
def test_the_criterion_falls_and_nothing_is_left_to_turn(tmp_path):
    _, printed = tiny_run.train(tmp_path / "run", *HOOK, "rotate_codes.steps = [12]")
    assert "are not rotated" not in printed     # 12 is the last step
    before, after = map(float, re.search(r"l1 ([\d.]+) to ([\d.]*\d)", printed).groups())
    assert after < before
    model = trained.load_model(tmp_path / "run")
    images = tiny_run.TinyData().sample_observations(200, np.random.RandomState(3))
    report = rotation.find_rotation(model, images).report
    gained = report["criterion_before"] - report["criterion_after"]
    assert gained < 0.2 * (before - after)


@pytest.mark.contract
def test_a_run_that_is_stopped_ends_with_the_same_weights(tmp_path, monkeypatch):
    bindings = [*HOOK, "rotate_codes.steps = [5, 9]", "train.ema = 0.5",
                "train.checkpoint_every = 3", "train.steps_per_call = 2"]
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    tiny_run.train(whole, *bindings)
    stops = []
    for num_calls in (5, 1, 100):
        answers = iter([False] * (num_calls - 1) + [True])
        monkeypatch.setattr(signals, "stop_on_signals", lambda answers=answers:
                            contextlib.nullcontext(lambda: next(answers)))
        results, _ = tiny_run.train(parts, *bindings)
        stops.append(results["global_step"])
    assert stops == [5, 6, 12], "where it rotates, and where it does not"
    tiny_run.assert_same_arrays(whole / "model.keras", parts / "model.keras")


def test_a_model_whose_latents_sleep_is_left_alone(tmp_path):
    _, printed = tiny_run.train(tmp_path / "run", *HOOK, "rotate_codes.steps = [4]",
                                "vae.beta = 1000.0", "vae.annealing_steps = 0",
                                "encoder.logvar_offset = 0.0",
                                "AdamOptimizer.learning_rate = 0.3")
    assert "No rotation at step 4." in printed and "at least 2 latents" in printed


@pytest.mark.parametrize("bindings, sentence", [
    (["vae.prior = @laplace_prior()", "laplace_prior.kl_mode = 'monte_carlo'"], "isotropic normal"),
    (["encoder.num_latent = 1"], "at least 2 latents")])
def test_a_model_that_cannot_be_rotated_is_refused_at_once(tmp_path, bindings, sentence):
    with pytest.raises(errors.InvalidArgumentError, match=sentence):
        tiny_run.train(tmp_path / "run", *HOOK, *bindings)


@pytest.mark.parametrize("argument, value", [
    ("steps", 0), ("steps", []), ("steps", [3, "x"]), ("until", -1), ("num_images", 0),
    ("criterion", "l3")])
def test_bad_arguments(argument, value):
    with pytest.raises(errors.InvalidArgumentError, match=f"`{argument}`"):
        rotate_codes.RotateCodes(**{argument: value})
