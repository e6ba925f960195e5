"""A run's spec is a value, and its gin text says the same."""
import dataclasses
import inspect
import io

import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle import errors, training
from tf_disentangle.training import outcome, spec
from tf_disentangle.training import train as train_lib

TEXT = """
import helpers.tiny_run
STEPS = 12
SAME = %STEPS
# A comment.
model.training_steps = %SAME
model.model = @vae()
train.log_every = 4
train.ema = 0.5
train.hooks = [@my_hook()]
vae.penalties = [
    @jacobian_l1()]
other/model.batch_size = 5
"""


@pytest.mark.oracle
def test_seeds_are_those_of_disentanglement_lib():
    # conventions.md 1.1: the first two of RandomState(0).randint(2**32).
    made = training.RunSpec()
    assert [made.train_seed, made.eval_seed] == [2357136044, 2546248239]
    assert [made.train_seed, made.eval_seed, made.noise_seed] == spec.seeds(0)


@pytest.mark.contract
def test_it_is_a_value():
    one, same = (training.RunSpec(np.int64(5), options=training.RunOptions(log_every=3))
                 for _ in range(2))
    assert one == same and len({one, same}) == 1 and type(one.training_steps) is int
    assert one != dataclasses.replace(one, random_seed=1)
    assert one != dataclasses.replace(one, options=training.RunOptions())
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.batch_size = 3


@pytest.mark.contract
def test_its_defaults_are_those_of_the_gin_slot():
    defaults = {name: parameter.default
                for name, parameter in inspect.signature(train_lib.train).parameters.items()}
    for field in dataclasses.fields(training.RunSpec):
        if field.name != "options":
            assert defaults[field.name] == field.default, field.name


@pytest.mark.parametrize("name, value", [
    ("training_steps", 0), ("batch_size", 1.5), ("eval_steps", -1), ("random_seed", -1),
    ("random_seed", 2**32), ("sampling", "epoch"), ("options", {})])
def test_wrong_fields(name, value):
    with pytest.raises(errors.InvalidArgumentError, match=f"`{name}`"):
        training.RunSpec(**{name: value})


@pytest.mark.contract
def test_from_gin_and_back():
    made = training.RunSpec.from_gin(TEXT)
    assert made == training.RunSpec(12, config_text=TEXT,
                                    options=training.RunOptions(log_every=4, ema=0.5))
    assert made.gin_text() == TEXT
    other = made.changed(training_steps=7, sampling="epochs",
                         options=training.RunOptions(log_every=4, jit_compile=False))
    assert training.RunSpec.from_gin(other.config_text) == other
    assert (other.training_steps, other.sampling, other.options.ema) == (7, "epochs", None)
    assert other.config_text.splitlines() == [
        "import helpers.tiny_run", "STEPS = 12", "SAME = %STEPS", "model.training_steps = 7",
        "model.model = @vae()", "train.log_every = 4", "train.ema = None",
        "train.hooks = [@my_hook()]", "vae.penalties = [@jacobian_l1()]",
        "other/model.batch_size = 5", "model.sampling = 'epochs'", "train.jit_compile = False"]
    assert other.changed() == other
    python = training.RunSpec(3, options=training.RunOptions(ema=0.25))
    again = training.RunSpec.from_gin(python.gin_text())
    assert dataclasses.replace(again, config_text="") == python


@pytest.mark.parametrize("text, sentence", [
    ("include 'jl1.gin'\n", "`config_text`. Expected gin text without `include`."),
    ("model.batch_size = @size()\n", "`model.batch_size`. Expected a literal value"),
    ("model.batch_size = %SIZE\n", "Received: model.batch_size='%SIZE'."),
    ("model.batch_size = -1\n", "`batch_size`. Expected a whole number of at least 1."),
    ("train.ema = 2\n", "`ema`. Expected None or a number less than 1."),
    ("model.batch_size = (\n", "`gin_text`. Expected a gin configuration.")])
def test_gin_text_that_is_not_a_spec(text, sentence):
    with pytest.raises(errors.InvalidArgumentError) as caught:
        training.RunSpec.from_gin(text)
    assert sentence in str(caught.value)


def test_a_run_is_what_its_spec_says(tmp_path, monkeypatch):
    monkeypatch.setattr(outcome.export, "export_saved_model", lambda model, path: None)
    whole = tiny_run.finished_run()
    before = training.RunSpec.from_gin((whole / "config.gin").read_text())
    assert before == training.RunSpec(
        12, 4, 0, 2, config_text=before.config_text, options=training.RunOptions(
            steps_per_call=4, log_every=4, checkpoint_every=4))
    text = before.changed(training_steps=4, random_seed=1).config_text
    training.train_with_gin(str(tmp_path / "run"), gin_bindings=[text], stream=io.StringIO())
    written = training.RunSpec.from_gin((tmp_path / "run/config.gin").read_text())
    assert dataclasses.replace(written, config_text="") == dataclasses.replace(
        before, training_steps=4, random_seed=1, config_text="")
