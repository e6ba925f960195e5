"""What was there before a run that fails is there after it, and what is damaged is made again."""
import os
import pathlib
import signal

import pytest
import tensorflow as tf
from helpers import tiny_run
from training import test_at_once

from tf_disentangle import errors, models, trained
from tf_disentangle.runs import directory as directory_lib
from tf_disentangle.training import hooks, learning, loop, outcome


@pytest.fixture
def no_export(monkeypatch):
    tiny_run.finished_run()  # which has one
    monkeypatch.setattr(outcome.export, "export_saved_model", lambda model, path: None)


def contents(folder):
    """Relative path -> bytes of every file, the lock left out."""
    return {path.relative_to(folder).as_posix(): path.read_bytes()
            for path in pathlib.Path(folder).rglob("*") if path.is_file() and path.name != ".lock"}


def fitted(kind):
    """Bindings of a run that is fitted at once."""
    return [f"model.model = @{kind}()", *["fast_ica.tol = 1e-3"] * (kind == "fast_ica")]


@pytest.mark.parametrize("kind", ["pca", "fast_ica"])
def test_a_failed_rerun_of_a_run_that_is_fitted_at_once(tmp_path, kind, no_export):
    run = tmp_path / "run"
    test_at_once.train(run, *fitted(kind))
    for name in ("figures/samples.png", "evaluation/mig/results/json/evaluation_results.json"):
        (run / name).parent.mkdir(parents=True)
        (run / name).write_text("{}")
    before = contents(run)
    with pytest.raises(errors.InvalidArgumentError, match="training_steps"):
        test_at_once.train(run, *fitted(kind), "model.training_steps = 100000000")
    assert contents(run) == before
    with pytest.raises(errors.InvalidArgumentError):
        test_at_once.train(run, *fitted(kind), "model.training_steps = 100000000", overwrite=True)
    assert contents(run) == before
    # Nothing stands in the way of another one.
    test_at_once.train(run, *fitted(kind), "model.training_steps = 12")
    test_at_once.train(run, *fitted(kind), "model.training_steps = 4", overwrite=True)
    assert sorted(contents(run)) == ["config.gin", "model.keras", "origin.json",
                                     *sorted(name for name in before if "results/" in name
                                             and "evaluation" not in name)]


@pytest.mark.parametrize("binding", [
    "decoder.decoder_fn = @vae", "encoder.encoder_fn = @tiny_decoder", "vae.prior = @vae()",
    "vae_optimizer.optimizer_fn = @vae", "sampled.num_directions = 4", "train.hooks = [@vae]",
    "reconstruction_loss.loss_fn = @vae", "AdamOptimizer.learning_rate = 1e30"])
def test_overwriting_with_a_mistake(tmp_path, binding, no_export):
    run = tiny_run.copy_of_finished_run(tmp_path)
    before = contents(run)
    with pytest.raises(Exception):
        tiny_run.train(run, binding, "train.checkpoint_every = 100", overwrite=True)
    assert contents(run) == before
    assert trained.load_model(run).built


def test_after_a_kill_any_command_brings_the_old_run_back(tmp_path, no_export):
    run = tiny_run.copy_of_finished_run(tmp_path)
    before = contents(run)
    child = os.fork()
    if child == 0:
        with directory_lib.ModelDirectory(run).locked() as directory:
            directory.prepare("vae.beta = 1.0\n", overwrite=True)
            with directory.started("vae.beta = 1.0\n"):
                os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert not (run / "model.keras").exists()
    assert trained.load_model(run).built
    assert contents(run) == before


def test_an_overwrite_is_decided_by_the_first_checkpoint(tmp_path, no_export, monkeypatch):
    run = tiny_run.copy_of_finished_run(tmp_path)
    there = {}

    class Look(loop.Hook):
        def __call__(self, step, logs):
            there[step] = (run / ".earlier_run" / "model.keras").exists()
    begin = learning._begin_hooks

    def begin_with_look(run, directory):
        begin(run, directory)
        run.hooks.append(Look(2))
    monkeypatch.setattr(learning, "_begin_hooks", begin_with_look)
    tiny_run.train(run, "vae.beta = 3", overwrite=True)
    assert there == {2: True, 4: True, 6: False, 8: False, 10: False, 12: False}
    assert not list(run.glob(".earlier*"))
    assert trained.load_model(run).beta == 3


def remove(path):
    path.unlink()


def truncate(path):
    path.write_bytes(path.read_bytes()[:-100])


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def directory_flag(path):
    data = bytearray(path.read_bytes())
    data[data.rindex(b"PK\x01\x02") + 10] ^= 0x40   # how the member is compressed
    path.write_bytes(data)


def empty(path):
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [remove, truncate, flip, directory_flag, empty])
def test_the_model_of_a_finished_run_is_made_again(tmp_path, damage, monkeypatch):
    run = tiny_run.copy_of_finished_run(tmp_path)
    before, whole = contents(run), tiny_run.finished_run()
    damage(run / "model.keras")
    monkeypatch.setattr(learning.loop, "run_steps", None)  # from the checkpoint, not by training
    with pytest.raises(errors.UserError, match="bin/train with the same model_dir"):
        trained.load_model(run)
    results, text = tiny_run.train(run)
    assert "model.keras is missing or damaged" in text and results["global_step"] == 12
    tiny_run.assert_same_arrays(run / "model.keras", whole / "model.keras")
    after = contents(run)
    assert sorted(after) == sorted(before)
    assert [name for name in after if after[name] != before[name]] == ["model.keras"]
    assert tiny_run.train(run)[1].endswith("nothing was changed.\n")


def test_a_model_that_cannot_be_made_again(tmp_path):
    run = tiny_run.copy_of_finished_run(tmp_path)
    for path in [run / "model.keras", *(run / "checkpoints").iterdir()]:
        path.unlink()
    before = contents(run)
    with pytest.raises(errors.UserError, match="There is no checkpoint in .*--overwrite"):
        tiny_run.train(run)
    assert contents(run) == before


def test_a_model_that_is_fitted_at_once_is_made_again(tmp_path, no_export):
    test_at_once.train(tmp_path, *fitted("pca"))
    before = test_at_once.arrays(tmp_path)
    truncate(tmp_path / "model.keras")
    test_at_once.train(tmp_path, *fitted("pca"))
    for ours, theirs in zip(test_at_once.arrays(tmp_path), before, strict=True):
        assert ours.tobytes() == theirs.tobytes()


def test_results_are_made_again(tmp_path, no_export):
    run = tiny_run.copy_of_finished_run(tmp_path)
    (run / "results/aggregate/train.json").unlink()  # as version 0.1 may have been killed
    tiny_run.train(run)
    assert contents(run) == contents(tiny_run.finished_run())
    for text in ("", "{", "[]", "{}", '{"global_step": "x"}', "\udcff"):
        (run / "results/json/train_results.json").write_bytes(
            text.encode("utf-8", "surrogateescape"))
        results, said = tiny_run.train(run)
        assert "train_results.json is damaged" in said and "loss" in results
        assert sorted(contents(run)) == sorted(contents(tiny_run.finished_run()))


def test_a_saved_model_that_cannot_be_made_is_a_warning(tmp_path, monkeypatch):
    for number, error in enumerate((
            RuntimeError("no such op\nsecond line"), OSError(28, "No space left on device"),
            tf.errors.ResourceExhaustedError(None, None, "x; No space left on device"))):
        def fail(*_, error=error, **__):
            raise error
        monkeypatch.setattr(tf.saved_model, "save", fail)
        results, text = test_at_once.train(tmp_path / str(number), *fitted("pca"))
        assert "loss" in results and "Warning: there is no SavedModel of this run. " in text
        if number:
            assert f"Cannot write {tmp_path / str(number) / 'saved_model'}: No space left" in text
        assert not (tmp_path / str(number) / "saved_model").exists()


def test_tensorboard_that_cannot_be_written_is_a_warning(tmp_path):
    (tmp_path / "file").touch()
    said = []
    hook = hooks.TensorBoardHook(1, tmp_path / "file", said.append)
    for step in range(3):
        hook(step, {"loss": 1.0})
    assert len(said) == 1
    assert said[0].startswith("Warning: the TensorBoard logs end here. Cannot write ")


@pytest.mark.parametrize("text", [
    '{"step": "x"}\n', '{"step": null}\n', "\xff\n", "[1, 2]\n", "1\n", '{"step": 4'])
def test_damaged_lines_of_losses_are_made_again(tmp_path, text, no_export):
    run = tiny_run.copy_of_finished_run(tmp_path)
    whole = (run / "losses.jsonl").read_bytes()
    (run / "losses.jsonl").write_bytes(whole + text.encode("latin-1"))
    tiny_run.train(run, "model.training_steps = 16")
    assert (run / "losses.jsonl").read_bytes().startswith(whole)
    assert len((run / "losses.jsonl").read_text().splitlines()) == 4


def test_a_copy_by_hard_links_stays_as_it_was(tmp_path, no_export):
    run = tiny_run.copy_of_finished_run(tmp_path)
    copy = tmp_path / "linked"
    for path in run.rglob("*"):
        if path.is_file():
            (copy / path.relative_to(run)).parent.mkdir(parents=True, exist_ok=True)
            os.link(path, copy / path.relative_to(run))
    before = contents(copy)
    tiny_run.train(run, "model.training_steps = 16")
    assert contents(copy) == before


def test_a_full_output_stream_is_named(tmp_path):
    class Full:
        def write(self, text):
            raise OSError(28, "No space left on device")

        def flush(self):
            pass

        def isatty(self):
            return False
    from tf_disentangle import training
    with pytest.raises(errors.UserError, match="Cannot write .*output stream: No space left"):
        training.train_model(tiny_run.make_model(), tiny_run.TinyData(), 2, batch_size=4,
                             eval_steps=1, stream=Full())


def test_a_full_disk_names_what_could_not_be_written(tmp_path, monkeypatch, no_export):
    def save(self, path):
        try:
            raise OSError(28, "No space left on device")
        except OSError:
            raise ValueError("Can't close the ZIP file") from None  # while it cleans up
    monkeypatch.setattr(models.VAE, "save", save)
    with pytest.raises(errors.UserError, match="Cannot write .*step_000000004.keras: No space"):
        tiny_run.train(tmp_path / "run", "vae.penalties = []")
