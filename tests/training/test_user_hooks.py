"""Hooks that a gin file or Python adds to a run, those that change the weights among them."""
import io
import pathlib

import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle import errors, training
from tf_disentangle.configuration import registry
from tf_disentangle.training import average, outcome


@registry.register("halve_hook")
class Halve(training.Hook):
    """Halves the encoder's weights, and their averages, every few steps."""
    when_stopped = False
    begun = []

    def __init__(self, every_steps=3):
        super().__init__(every_steps)

    def begin(self, run, directory):
        self.begun.append((run.model, directory, run.spec))
        self._model = run.model

    def __call__(self, step, logs):
        for variables in (self._model.trainable_variables, average.averages(self._model)):
            for variable in variables[:6]:
                variable.assign(variable / 2)


@registry.register("halve_factory")
def halve_factory(run, directory, period=3):
    """The same hook, made by a function."""
    assert run.spec.training_steps == 12 and directory.is_dir() and run.model.built
    return Halve(period)


@pytest.fixture(autouse=True)
def no_export(monkeypatch):
    Halve.begun.clear()
    monkeypatch.setattr(outcome.export, "export_saved_model", lambda model, path: None)


@pytest.mark.contract
def test_a_hook_that_changes_weights_and_a_run_that_is_stopped(tmp_path, stop_after):
    bindings = ["train.hooks = [@halve_hook()]", "train.ema = 0.5", "train.checkpoint_every = 6",
                "train.steps_per_call = 5"]
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    tiny_run.train(whole, *bindings)
    (_, directory, spec), = Halve.begun
    assert directory == pathlib.Path(whole) and spec.training_steps == 12
    stops = []
    for num_calls in (1, 1, 100):
        stop_after(num_calls)
        results, _ = tiny_run.train(parts, *bindings)
        stops.append(results["global_step"])
    assert stops == [3, 4, 12], "where the hook is due, and where it is not"
    for name in ("checkpoints/step_000000012.keras", "model.keras"):
        tiny_run.assert_same_arrays(whole / name, parts / name)


@pytest.mark.contract
def test_a_hook_is_called_at_its_steps_with_the_weights_before_the_checkpoint(tmp_path):
    tiny_run.train(tmp_path / "halved", "model.training_steps = 4",
                   "train.hooks = [@halve_hook()]", "halve_hook.every_steps = 4")
    name = "checkpoints/step_000000004.keras"
    plain, halved = (tiny_run.arrays(run / name)
                     for run in (tiny_run.finished_run(), tmp_path / "halved"))
    encoder = [key for key in plain if key.startswith("encoder") and np.any(plain[key] != 0)]
    assert encoder
    for key in plain:
        expected = plain[key] / 2 if key in encoder else plain[key]
        np.testing.assert_array_equal(halved[key], expected, err_msg=key)


@pytest.mark.contract
def test_a_factory_gets_what_it_needs(tmp_path):
    for name, hook in (("object", "@halve_hook()"), ("factory", "@halve_factory")):
        tiny_run.train(tmp_path / name, f"train.hooks = [{hook}]")
    name = "checkpoints/step_000000012.keras"
    tiny_run.assert_same_arrays(tmp_path / "object" / name, tmp_path / "factory" / name)


def train(*hooks):
    return training.train_model(
        tiny_run.make_model(), tiny_run.TinyData(), 4, 4, eval_steps=1, stream=io.StringIO(),
        options=training.RunOptions(hooks=hooks))


class Count(training.Hook):
    """Counts calls; without a `begin`."""
    calls = 0

    def __call__(self, step, logs):
        assert logs["loss"] > 0
        self.calls += 1


def test_hooks_by_python():
    counts = Count(2), Count(3)
    train(*counts)
    assert [count.calls for count in counts] == [2, 2], "after the last step, too"
    train(Halve(4))
    assert Halve.begun[0][1] is None


@pytest.mark.parametrize("hooks, sentence", [
    (3, "`hooks`. Expected a list of hooks. Received: hooks=3. In a gin file: [@my_hook()]."),
    ([3], "`hooks`. Expected a list of hooks. Received: hooks=[3].")])
def test_what_is_not_a_list_of_hooks(hooks, sentence):
    with pytest.raises(errors.InvalidArgumentError) as caught:
        training.RunOptions(hooks=hooks)
    assert sentence in str(caught.value)


def test_a_factory_that_makes_something_else():
    with pytest.raises(errors.InvalidArgumentError, match="`hooks`. Expected a Hook object"):
        train(lambda run, directory: 3)
