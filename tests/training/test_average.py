"""The average of the weights: its recurrence, what it is of, and that it is saved and used."""
import contextlib
import io
import shutil

import keras
import numpy as np
import pytest
from helpers import tiny_run, tracing

from tf_disentangle import errors, models, networks, parts, training
from tf_disentangle.training import average, loop, outcome, placement, preparation, signals

LAST = "checkpoints/step_000000012.keras"


@pytest.fixture
def no_export(monkeypatch):
    monkeypatch.setattr(outcome.export, "export_saved_model", lambda model, path: None)


class Seen(loop.Hook):
    """Keeps the weights after every step."""

    def begin(self, run, directory):
        self.model, self.weights = run.model, []

    def __call__(self, step, logs):
        self.weights.append(values(self.model.trainable_variables))


def values(variables):
    return [variable.numpy() for variable in variables]


def recurrence(weights, ema):
    """average[1] = weights[1], then ema * average + (1 - ema) * weights, in float64."""
    made = [value.astype(np.float64) for value in weights[0]]
    for step in weights[1:]:
        made = [ema * old + (1 - ema) * new for old, new in zip(made, step)]
    return made


def make_factor_vae():
    keras.utils.set_random_seed(0)
    return models.FactorVAE(
        encoder=networks.make_gaussian_encoder(tiny_run.SHAPE, 3, tiny_run.tiny_encoder),
        decoder=networks.make_decoder(3, tiny_run.SHAPE, tiny_run.tiny_decoder),
        discriminator=networks.make_discriminator(3, tiny_run.tiny_discriminator),
        discriminator_optimizer=keras.optimizers.Adam(0.1))


@pytest.mark.oracle
@pytest.mark.parametrize("make", [tiny_run.make_model, make_factor_vae])
@pytest.mark.parametrize("precision, jit_compile", [
    ("float32", False), ("float32", True), ("mixed_float16", False)])
def test_it_is_the_recurrence(make, precision, jit_compile):
    model, seen = make(), Seen(1)
    # A first loss scale that does not overflow, so that no step is skipped.
    optimizer = keras.optimizers.Adam(0.05)
    if precision == "mixed_float16":
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer, initial_scale=32.0)
    training.train_model(
        model, tiny_run.TinyData(), 5, 4, optimizer=optimizer, eval_steps=1,
        stream=io.StringIO(), options=training.RunOptions(
            precision, jit_compile, ema=0.75, hooks=[seen]))
    assert len(seen.weights) == 5
    kept, last = values(average.averages(model)), seen.weights[-1]
    assert len(kept) == len(last) == 10, "encoder and decoder; FactorVAE's discriminator not"
    for ours, expected in zip(kept, recurrence(seen.weights, 0.75)):
        np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-6)
    assert all(np.abs(ours - new).max() > 1e-3 for ours, new in zip(kept, last))
    # The finished model has them.
    for ours, used in zip(kept, values(model.trainable_variables)):
        np.testing.assert_array_equal(ours, used)


@pytest.mark.property
def test_a_skipped_step_leaves_the_average_as_it_is():
    model = tiny_run.make_model()
    preparation.prepare(model, tiny_run.SHAPE, 0, keras.optimizers.SGD(0.1),
                        placement.OneDevice("mixed_float16"), ema=0.5)
    weights = values(model.trainable_variables)
    model.optimizer.inner_optimizer.iterations.assign(1)
    before = values(average.averages(model))
    gradients = [np.full(weight.shape, np.inf, np.float32) for weight in weights]
    model.optimizer.apply(gradients, model.trainable_variables)
    for ours, old in zip(values(average.averages(model)), before):
        np.testing.assert_array_equal(ours, old)


@pytest.mark.property
def test_without_it_there_is_none_and_weights_stay():
    model = tiny_run.make_model()
    preparation.prepare_model(model, tiny_run.SHAPE)
    before = values(model.trainable_variables)
    assert average.averages(model) == []
    average.use_average(model)
    for ours, old in zip(values(model.trainable_variables), before):
        np.testing.assert_array_equal(ours, old)


@pytest.mark.parametrize("ema", [0, 1, -0.5, 1.5, "x", True])
def test_wrong_decays(ema):
    with pytest.raises(errors.InvalidArgumentError, match="`ema`"):
        training.RunOptions(ema=ema)


def test_statistics_of_batch_normalization_are_not_averaged():
    model = models.VAE(
        encoder=networks.make_gaussian_encoder([8, 8, 1], 3, networks.dcgan_encoder),
        decoder=networks.make_decoder(3, [8, 8, 1], networks.dcgan_decoder))
    with pytest.raises(errors.InvalidArgumentError, match="`ema`.*batch normalization"):
        training.train_model(model, tiny_run.TinyData(), 2, 4, stream=io.StringIO(),
                             options=training.RunOptions(ema=0.9))


def test_an_optimizer_that_was_used_cannot_begin_an_average():
    optimizer = keras.optimizers.SGD(0.1)
    optimizer.build([keras.Variable(1.0)])
    with pytest.raises(errors.InvalidArgumentError, match="`optimizer`. Expected an optimizer that"
                                                          " has not been used"):
        average.keep_average(optimizer, 0.5)


@pytest.fixture(scope="module")
def averaged_run(tmp_path_factory):
    """A finished run that keeps an average."""
    run = tmp_path_factory.mktemp("averaged") / "run"
    tiny_run.train(run, "train.ema = 0.75")
    return run


@pytest.mark.contract
def test_the_files_of_a_run(averaged_run):
    raw = tiny_run.arrays(tiny_run.finished_run() / LAST)
    ours = tiny_run.arrays(averaged_run / LAST)
    for name in raw:
        if not name.startswith("optimizer"):
            assert ours[name].tobytes() == raw[name].tobytes(), "an average disturbs nothing"
    checkpoint, final = (parts.load_model(averaged_run / name) for name in (LAST, "model.keras"))
    kept = values(average.averages(checkpoint))
    for old, new, used in zip(kept, values(checkpoint.trainable_variables),
                              values(final.trainable_variables)):
        np.testing.assert_array_equal(used, old)
        assert np.any(old != new)


@pytest.mark.contract
def test_a_stopped_run_goes_on_to_the_same_average(averaged_run, tmp_path, monkeypatch,
                                                   no_export):
    @contextlib.contextmanager
    def stop_on_signals():
        answers = iter([False, True])
        yield lambda: next(answers, False)
    monkeypatch.setattr(signals, "stop_on_signals", stop_on_signals)
    results, _ = tiny_run.train(tmp_path / "run", "train.ema = 0.75", "train.steps_per_call = 3")
    assert results["global_step"] == 4  # calls of 3 and 1 steps
    monkeypatch.undo()
    monkeypatch.setattr(outcome.export, "export_saved_model", lambda model, path: None)
    tiny_run.train(tmp_path / "run", "train.ema = 0.75", "train.steps_per_call = 3")
    for name in (LAST, "model.keras"):
        tiny_run.assert_same_arrays(tmp_path / "run" / name, averaged_run / name)


@pytest.mark.contract
def test_more_steps_go_on_from_the_weights_that_trained(averaged_run, tmp_path, no_export):
    more = ["train.ema = 0.75", "model.training_steps = 16"]
    run = shutil.copytree(averaged_run, tmp_path / "more")
    tiny_run.train(run, *more)
    tiny_run.train(tmp_path / "whole", *more)
    for name in ("checkpoints/step_000000016.keras", "model.keras"):
        tiny_run.assert_same_arrays(run / name, tmp_path / "whole" / name)


@pytest.mark.contract
def test_a_linear_model_has_no_average():
    model = models.PCA(2)
    with tracing.without_tracing():
        results = training.train_model(model, tiny_run.TinyData(), 5, 20, eval_steps=1,
                                       stream=io.StringIO(), options=training.RunOptions(ema=0.9))
    assert np.isfinite(results["loss"])
