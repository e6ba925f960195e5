"""`init_from`: a new run that starts from the weights of another."""
import json
import re
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers import tiny_run

from tf_disentangle import atomic, errors, priors, trained, training
from tf_disentangle.configuration import gin_errors
from tf_disentangle.pretrained import library
from tf_disentangle.training import initial, outcome

STILL = "AdamOptimizer.learning_rate = 1e-30"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """No export, and steps that are not traced; the run to start from is made before."""
    tiny_run.finished_run()
    monkeypatch.setattr(outcome.export, "export_saved_model", lambda model, path: None)
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def weights(model_dir):
    """Encoder's and decoder's weights, and the step."""
    model = trained.load_model(model_dir)
    return [variable.numpy() for variable in
            [*model.encoder.variables, *model.decoder.variables]], int(model.step.numpy())


def test_training_starts_from_the_weights_at_step_0(tmp_path):
    source = tiny_run.finished_run()
    results, printed = tiny_run.train(tmp_path / "run", STILL, init_from=str(source))
    theirs, ours = weights(source), weights(tmp_path / "run")
    assert all(np.array_equal(one, other) for one, other in zip(theirs[0], ours[0]))
    assert theirs[1] == ours[1] == results["global_step"] == 12
    assert f"Starting from the 1,182 weights of {source}." in printed
    first = json.loads((tmp_path / "run/losses.jsonl").read_text().splitlines()[0])
    assert first["step"] == 4


def test_the_run_remembers_where_its_weights_are_from(tmp_path):
    source = tiny_run.finished_run()
    results, _ = tiny_run.train(tmp_path / "run", init_from=str(source))
    sha256 = library.sha256(source / "model.keras")
    kept = json.loads((tmp_path / "run/results/json/train_results.json").read_text())
    for found in (results, kept):
        assert (found["init_from"], found["init_from_sha256"]) == (str(source), sha256)
    origin = json.loads((tmp_path / "run/origin.json").read_text())
    assert origin["init_from"] == {"place": str(source), "sha256": sha256}
    assert "init_from" not in tiny_run.train(None)[0]


def test_a_run_that_was_stopped_continues_from_its_own_weights(tmp_path):
    source = tiny_run.copy_of_finished_run(tmp_path)
    tiny_run.train(tmp_path / "whole", init_from=str(source))
    tiny_run.train(tmp_path / "run", "model.training_steps = 4", init_from=str(source))
    shutil.rmtree(source)                   # not needed any more
    tiny_run.train(tmp_path / "run", init_from=str(source))
    tiny_run.assert_same_arrays(tmp_path / "run/model.keras", tmp_path / "whole/model.keras")


def test_a_run_without_a_checkpoint_starts_from_the_same_weights_again(tmp_path):
    source = tiny_run.copy_of_finished_run(tmp_path)
    tiny_run.train(tmp_path / "whole", init_from=str(source))
    shutil.copytree(tmp_path / "whole", tmp_path / "run")
    for name in ("checkpoints", "results", "model.keras", "losses.jsonl"):
        atomic.remove(tmp_path / "run" / name)
    _, printed = tiny_run.train(tmp_path / "run", init_from=str(source))
    assert "Starting from the" in printed
    tiny_run.assert_same_arrays(tmp_path / "run/model.keras", tmp_path / "whole/model.keras")
    for name in ("checkpoints", "results", "model.keras", "losses.jsonl"):
        atomic.remove(tmp_path / "run" / name)
    shutil.copy(tmp_path / "whole/model.keras", source / "model.keras")
    with pytest.raises(errors.UserError, match="has changed since the run in"):
        tiny_run.train(tmp_path / "run", init_from=str(source))


@pytest.mark.parametrize("first, then, message", [
    (True, False, "has started from the weights of .*, not from random weights. Give the same"),
    (False, True, "has started from random weights, not from the weights of"),
    (True, "pretrained:mixture_prior_pinwheel", "not from the weights of pretrained:mixture_prior"),
])
def test_a_run_does_not_change_where_it_started(tmp_path, first, then, message):
    first, then = (str(tiny_run.finished_run()) if each is True else each or None
                   for each in (first, then))
    tiny_run.train(tmp_path / "run", init_from=first)
    before = tiny_run.files_of(tmp_path / "run")
    with pytest.raises(errors.UserError, match=message):
        tiny_run.train(tmp_path / "run", init_from=then)
    assert tiny_run.files_of(tmp_path / "run") == before


@pytest.mark.parametrize("bindings, message", [
    (["encoder.num_latent = 4"],
     r"encoder, layer 4: Dense linear 8x4 4.*It has Dense linear 8x3 3\. Train the same networks"),
    (["dataset.name = 'tiny_colour'"], r"observations: \[8, 8, 3\].*It has \[8, 8, 1\]\."),
    (["decoder.decoder_fn = @dense_decoder"], r"decoder, layer 2: Dense relu 3x128"),
    (["model.model = @pca()", "encoder.encoder_fn = @fc_encoder"], "None for PCA, which is fitted"),
])
def test_other_networks_are_refused_in_one_line(tmp_path, bindings, message):
    with pytest.raises(errors.InvalidArgumentError) as error:
        tiny_run.train(tmp_path / "run", *bindings, init_from=str(tiny_run.finished_run()))
    # gin adds a line about its call, which the programs leave out.
    assert re.search(message, errors.first_line(error.value)) and not (tmp_path / "run").exists()


@pytest.mark.parametrize("name, message", [
    ("nowhere", "There is no model.keras in nowhere, which --init_from names. Give the directory"),
    ("pretrained:jl1_three_dot", "no pretrained model 'jl1_three_dot', which --init_from names. "
     r"Did you mean 'jl1_three_dots'\?"),
    ("pretrained:", "no pretrained model '', which --init_from names. Valid names: "),
    ("", "Expected a path"),
])
def test_runs_that_do_not_exist(tmp_path, name, message, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(errors.UserError, match=message):
        tiny_run.train(tmp_path / "run", init_from=name)
    assert list(tmp_path.iterdir()) == []


def test_a_run_is_not_overwritten_from_its_own_weights(tmp_path):
    run = tiny_run.copy_of_finished_run(tmp_path)
    before = tiny_run.files_of(run)
    with pytest.raises(errors.UserError, match="of the one that it overwrites"):
        tiny_run.train(run, init_from=str(run), overwrite=True)
    assert tiny_run.files_of(run) == before


def test_an_unknown_name_has_no_place_in_a_gin_file(tmp_path):
    """`dataset.name` has the name of the argument that a pretrained model's name is."""
    with pytest.raises(errors.UserError) as error:
        training.train_with_gin(tmp_path / "run", ["own_images.gin"], init_from="pretrained:no")
    assert gin_errors.explain(error.value).startswith("There is no pretrained model 'no'")


def saved(folder, model):
    """Directory with a built model that stands for a run."""
    model.build((None, *tiny_run.SHAPE))
    for variable in model.variables:
        if variable.name != "step":
            variable.assign(variable + 0.1)
    folder.mkdir()
    model.save(folder / "model.keras")
    return str(folder)


def values_of(part):
    return [variable.numpy() for variable in part.variables]


def test_other_parts_are_taken_over_where_both_models_have_them(tmp_path):
    def make(**kwargs):
        model = tiny_run.make_model(**kwargs)
        model.build((None, *tiny_run.SHAPE))
        return model
    learned = saved(tmp_path / "learned", tiny_run.make_model(
        prior=priors.DiagonalNormalPrior(learned=True)))
    source = trained.load_model(learned)
    same, other = make(prior=priors.DiagonalNormalPrior(learned=True)), make()
    initial.Initial(learned).give_to(same)
    initial.Initial(learned).give_to(other)
    assert values_of(source.prior) and values_of(other.prior) == []
    for ours, theirs in zip(values_of(same.prior), values_of(source.prior)):
        assert np.array_equal(ours, theirs)
    assert int(same.step.numpy()) == 0


def test_training_from_python(tmp_path):
    images = np.random.RandomState(0).rand(20, *tiny_run.SHAPE)
    source = saved(tmp_path / "source", tiny_run.make_model())
    model = tiny_run.make_model()
    training.train_model(model, images, training_steps=1, batch_size=4, eval_steps=1,
                         optimizer=keras.optimizers.SGD(1e-30), init_from=source)
    theirs = trained.load_model(source)
    assert all(np.array_equal(one, other) for one, other in zip(
        values_of(theirs.decoder), values_of(model.decoder)))
