"""Validation: which images are held out, which weights are kept, when a run ends, and why."""
import contextlib
import json
import shutil

import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle import data, errors, parts, training
from tf_disentangle.configuration import registry
from tf_disentangle.data import held_out
from tf_disentangle.training import average, checkpoint, loop, outcome, signals, validation
from tf_disentangle.training import run as run_lib

NUM_IMAGES = 40


@pytest.fixture(autouse=True)
def no_export(monkeypatch):
    monkeypatch.setattr(outcome.export, "export_saved_model", lambda model, path: None)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Path of an .npz file of 40 images."""
    path = tmp_path_factory.mktemp("images") / "images.npz"
    observations = tiny_run.TinyData().sample_observations(NUM_IMAGES, np.random.RandomState(0))
    np.savez(path, images=(255 * observations).astype(np.uint8))
    return path


@registry.register("worse_hook")
class Worse(training.Hook):
    """Doubles the decoder's last weights at one step, after which every loss is higher."""
    when_stopped = False

    def begin(self, run, directory):
        self._model = run.model

    def __call__(self, step, logs):
        if step == 20:
            for variable in self._model.decoder.trainable_variables:
                variable.assign(variable + 10.0)


def bindings(images, *more):
    return ["dataset.name = 'npz'", f"npz.path = '{images}'", "train.validation_fraction = 0.25",
            "train.patience = 3", "train.validate_every = 5", "model.training_steps = 60",
            "vae.penalties = []", "vae.annealing_steps = 0", "train.hooks = [@worse_hook()]",
            "worse_hook.every_steps = 4", *more]


def log_of(model_dir):
    return [json.loads(line) for line in (model_dir / "validation.jsonl").open()]


def loss_of(model, images, fraction=0.25):
    """The loss of the held-out images, computed anew: two batches of 4 and a rest, or one."""
    with np.load(images) as file:
        whole = data.as_ground_truth_data(file["images"])
    part = held_out.split(whole, fraction)[1]
    held = part.observations_at(np.arange(part.num_observations), None)
    batches = np.array_split(held, max(1, len(held) // 4))
    losses = [float(model.loss_terms(batch, draw=draw)["loss"])
              for draw, batch in enumerate(batches)]
    return np.average(losses, weights=list(map(len, batches)))


@pytest.fixture(scope="module")
def stopped_run(images, tmp_path_factory):
    """(directory, results, output) of a run that ended before its last step."""
    model_dir = tmp_path_factory.mktemp("stopped") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outcome.export, "export_saved_model", lambda model, path: None)
        return model_dir, *tiny_run.train(model_dir, *bindings(images))


@pytest.mark.property
@pytest.mark.parametrize("fraction, num_held_out", [(0.25, 10), (0.01, 1), (0.99, 99)])
def test_the_parts_share_nothing_and_miss_nothing(fraction, num_held_out):
    number = NUM_IMAGES if fraction == 0.25 else 100
    whole = data.as_ground_truth_data(
        np.arange(number, dtype=np.uint8).reshape(-1, 1, 1, 1).repeat(64, 1).reshape(-1, 8, 8, 1))
    train, held = held_out.split(whole, fraction)
    assert held.num_observations == num_held_out
    levels = [np.rint(255 * part.observations_at(np.arange(part.num_observations), None)[:, 0, 0])
              for part in (train, held)]
    assert sorted(np.concatenate(levels).ravel()) == list(range(number))
    drawn = train.sample_observations(500, np.random.RandomState(0))
    assert set(np.rint(255 * drawn[:, 0, 0]).ravel()) <= set(levels[0].ravel())
    again = held_out.split(whole, fraction)[1]
    np.testing.assert_array_equal(
        levels[1], np.rint(255 * again.observations_at(np.arange(num_held_out), None)[:, 0, 0]))


@pytest.mark.oracle
def test_the_best_weights_are_kept_and_patience_ends_the_run(stopped_run, images):
    model_dir, results, output = stopped_run
    log = log_of(model_dir)
    assert [line["step"] for line in log] == [5, 10, 15, 20, 25, 30]
    losses = {line["step"]: line["loss"] for line in log}
    assert min(losses, key=losses.get) == 15 == results["best_step"]
    assert results["validation_loss"] == losses[15] and results["global_step"] == 30
    model = parts.load_model(model_dir / "model.keras")
    np.testing.assert_allclose(loss_of(model, images), losses[15], rtol=1e-5)
    last = parts.load_model(model_dir / "checkpoints/step_000000030.keras")
    np.testing.assert_allclose(loss_of(last, images), losses[30], rtol=1e-5)


@pytest.mark.contract
def test_the_run_says_what_it_did_and_why(stopped_run):
    model_dir, results, output = stopped_run
    assert "10 images are held out for validation, 30 train." in output
    because = "no lower validation loss in 3 evaluations, one every 5 steps"
    assert f"Stopped early at step 30: {because}. The model has the weights of step 15" in output
    assert results["stopped_early"] is True and results["stopped_because"] == because
    written = json.loads((model_dir / "results/json/train_results.json").read_text())
    assert {key: written[key] for key in results} == results


@pytest.mark.contract
def test_a_run_that_ended_early_is_finished(stopped_run, images):
    model_dir, results, _ = stopped_run
    before = tiny_run.files_of(model_dir)
    again, output = tiny_run.train(model_dir, *bindings(images))
    assert again["best_step"] == 15 and "is finished (30 steps); nothing was changed" in output
    assert tiny_run.files_of(model_dir) == before


@pytest.mark.contract
def test_a_run_that_is_stopped_and_resumed_ends_with_the_same_bits(
        stopped_run, images, tmp_path, monkeypatch):
    whole, results, _ = stopped_run
    for num_calls in (3, 2, 3, 1, 4, 1, 100):  # 4 steps a call, fewer where a hook is due
        answers = [False] * (num_calls - 1) + [True]
        monkeypatch.setattr(signals, "stop_on_signals", lambda answers=answers: (
            contextlib.nullcontext(iter(answers).__next__)))
        resumed, _ = tiny_run.train(tmp_path / "run", *bindings(images))
    different = {"elapsed_time", "uuid"}  # of the files, if it was finished before
    assert {key: value for key, value in resumed.items() if key not in different} == {
        key: value for key, value in results.items() if key not in different}
    for name in ("checkpoints/step_000000030.keras", "model.keras"):
        tiny_run.assert_same_arrays(whole / name, tmp_path / "run" / name)
    assert log_of(whole) == log_of(tmp_path / "run")


@pytest.mark.contract
def test_the_model_of_a_run_that_ended_early_is_made_again(stopped_run, images, tmp_path):
    copy = shutil.copytree(stopped_run[0], tmp_path / "copy")
    (copy / "model.keras").unlink()
    tiny_run.train(copy, *bindings(images))
    tiny_run.assert_same_arrays(copy / "model.keras", stopped_run[0] / "model.keras")


@pytest.mark.contract
def test_without_patience_all_steps_are_made(images, tmp_path):
    results, output = tiny_run.train(tmp_path / "run", *bindings(
        images, "train.patience = None", "model.training_steps = 33"))
    assert results["global_step"] == 33 and results["best_step"] == 15
    assert results["stopped_early"] is False
    assert results["stopped_because"] == "all steps were made"
    assert "Stopped early" not in output and "The model has the weights of step 15" in output


@pytest.mark.oracle
def test_an_average_of_the_weights_is_what_is_evaluated(images, tmp_path):
    tiny_run.train(tmp_path / "run", *bindings(
        images, "train.ema = 0.5", "train.hooks = []", "model.training_steps = 10"))
    last = log_of(tmp_path / "run")[-1]
    model = parts.load_model(tmp_path / "run/checkpoints/step_000000010.keras")
    raw = loss_of(model, images)
    average.use_average(model)
    np.testing.assert_allclose(loss_of(model, images), last["loss"], rtol=1e-5)
    assert abs(raw - last["loss"]) > 1e-3


@pytest.mark.contract
def test_evaluations_count_once_the_loss_is_the_final_one(images, tmp_path):
    results, output = tiny_run.train(tmp_path / "run", *bindings(
        images, "vae.annealing_steps = 25", "train.hooks = []", "model.training_steps = 30",
        "vae.penalties = [@code_l1()]", "code_l1.start_step = 10", "code_l1.annealing_steps = 17"))
    assert results["best_step"] == 30
    results, output = tiny_run.train(None, *bindings(
        images, "vae.annealing_steps = 100", "train.hooks = []", "model.training_steps = 5"))
    assert results["best_step"] == 5 and "validation_loss" not in results
    assert "No evaluation counts, because the weights of the loss change up to step 100" in output


@pytest.mark.contract
def test_the_state_goes_through_a_checkpoint(tmp_path):
    best = validation.Best(7, 1.25, 2, [np.arange(3.0), np.ones((2, 2), np.float32)])
    checkpoints = checkpoint.Checkpoints(tmp_path)
    checkpoints.save(tiny_run.make_model(), 9, beside=best.arrays())
    again = validation.Best.from_arrays(checkpoints.beside(9))
    assert (again.step, again.loss, again.num_worse) == (7, 1.25, 2)
    for ours, theirs in zip(best.weights, again.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert checkpoints.beside(0) == {}
    assert validation.Best.from_arrays({}) == validation.Best()


@pytest.mark.contract
def test_a_hook_that_is_over_ends_the_loop_and_later_hooks_are_called():
    class Note(loop.Hook):
        def __init__(self, every_steps, over_at):
            super().__init__(every_steps)
            self.over_at, self.steps = over_at, []

        def __call__(self, step, logs):
            self.steps.append(step)
            self.is_over = step == self.over_at

    class Runner:
        names = ["loss"]

        def __call__(self, num_steps):
            return np.zeros((num_steps, 1))

    ending, later = Note(4, 8), Note(100, None)
    assert loop.run_steps(Runner(), 0, 20, [ending, later], steps_per_call=3) == 8
    assert ending.steps == [4, 8] and later.steps == [8]


def run_of(observations, steps=4, model=None, **options):
    spec = training.RunSpec(steps, 4, eval_steps=1, options=training.RunOptions(**options))
    return run_lib.Run(spec, model or tiny_run.make_model(),
                       data.as_ground_truth_data(observations))


FEW = np.zeros((3, 8, 8, 1), np.float32)


@pytest.mark.contract
@pytest.mark.parametrize("make, sentence", [
    (lambda: training.RunOptions(validation_fraction=0), "Expected a number greater than 0"),
    (lambda: training.RunOptions(validation_fraction=1.0), "Expected None or a number less than 1"),
    (lambda: training.RunOptions(validation_fraction="x"), "Expected a number"),
    (lambda: training.RunOptions(patience=2),
     "`patience`. Expected None without images to evaluate. Received: patience=2. Set "
     "train.validation_fraction, for example to 0.1, too."),
    (lambda: training.RunOptions(validation_fraction=0.1, patience=0), "`patience`. Expected a"),
    (lambda: training.RunOptions(validate_every=0), "`validate_every`. Expected a whole number"),
    (lambda: run_of(FEW, 200, validation_fraction=0.1).held_out,
     "Expected a share that leaves at least one of the 3 images for training and one for"),
    (lambda: run_of(FEW, 200, validation_fraction=0.9).held_out,
     "Received: validation_fraction=0.9."),
    (lambda: run_of(FEW, validation_fraction=0.4).held_out,
     "`validate_every`. Expected at most the number of steps, 4. Received: validate_every=200."),
    (lambda: run_of(tiny_run.TinyData(), 300, validation_fraction=0.1).held_out,
     "Expected None for a data set that is unlimited")])
def test_bad_arguments(make, sentence):
    with pytest.raises(errors.InvalidArgumentError) as error:
        make()
    assert sentence in str(error.value) and "\n" not in str(error.value)


@pytest.mark.contract
def test_a_refusal_leaves_nothing_behind(tmp_path, images):
    for change in ("train.validation_fraction = 0.001", "model.model = @pca()",
                   "train.validate_every = 61"):
        with pytest.raises(errors.UserError, match="`validat(ion_fraction|e_every)`"):
            tiny_run.train(tmp_path / "run", *bindings(images, change))
        assert not (tmp_path / "run").exists()
