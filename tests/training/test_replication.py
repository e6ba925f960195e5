"""A run on several devices ends as it does on one."""
import json
import socket

import keras
import numpy as np
import pytest
from helpers import preloaded, replicated, tiny_run

from tf_disentangle import errors, models, training
from tf_disentangle.training import replication


def run(task, folder, *arguments):
    """Runs a task of the program in a folder, to its end."""
    code = "import sys\nfrom helpers import replicated\nreplicated.main(*sys.argv[1:])"
    program = preloaded.start(folder, code, task, *arguments)
    printed = program.communicate(timeout=1200)
    assert program.returncode == 0, printed


@pytest.fixture(scope="module")
def terms(tmp_path_factory):
    path = tmp_path_factory.mktemp("terms") / "terms.npz"
    run("compare", path.parent, path)
    with np.load(path) as arrays:
        return dict(arrays)


@pytest.mark.parametrize("name", replicated.MODELS)
def test_losses_are_those_of_one_device(terms, name):
    """In float64, to rounding, over 20 steps with clipped gradients."""
    one, two = terms[f"{name}_1"], terms[f"{name}_2"]
    assert np.ptp(one, axis=0).min() > 0                 # every term changes
    np.testing.assert_allclose(two, one, rtol=1e-10, atol=1e-12)


def test_fit_in_keras_is_that_of_one_device(terms):
    """In float64; Keras gives each device rows of its own, and terms need those of the batch."""
    for name in ("losses", "codes"):
        np.testing.assert_allclose(terms[f"{name}_2"], terms[f"{name}_1"], rtol=1e-9, atol=1e-12)
    assert np.ptp(terms["losses_1"], axis=1).min() > 0


def test_a_batch_that_devices_cannot_share_is_refused(terms):
    assert "batches that 2 devices can share equally. Received: x=3" in str(terms["refused_2"])
    assert not str(terms["refused_1"])


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    run("train", folder, folder)
    return folder


def weights(folder):
    return keras.saving.load_model(folder / "model.keras").get_weights()


def losses(folder):
    return [json.loads(line) for line in (folder / "losses.jsonl").read_text().splitlines()]


def test_a_run_on_two_devices_ends_with_the_weights_of_one(runs):
    for two, one in zip(weights(runs / "two"), weights(runs / "one"), strict=True):
        np.testing.assert_allclose(two, one, rtol=1e-4, atol=1e-5)
    for two, one in zip(losses(runs / "two"), losses(runs / "one"), strict=True):
        assert two == pytest.approx(one, rel=1e-5)


@pytest.mark.contract
def test_a_stopped_run_on_two_devices_ends_with_the_same_bits(runs):
    for resumed, whole in zip(weights(runs / "resumed"), weights(runs / "two"), strict=True):
        np.testing.assert_array_equal(resumed, whole)
    assert losses(runs / "resumed") == losses(runs / "two")


def test_two_processes_end_with_the_weights_of_one(runs, tmp_path):
    with socket.socket() as first, socket.socket() as second:
        for each in (first, second):
            each.bind(("127.0.0.1", 0))
        addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in (first, second)]
    run("work", tmp_path, tmp_path, *addresses)
    chief, other = ((tmp_path / f"printed_{number}").read_text() for number in (0, 1))
    assert "step 12/12" in chief and "the first worker writes" in other
    for two, one in zip(weights(tmp_path / "workers"), weights(runs / "one"), strict=True):
        np.testing.assert_allclose(two, one, rtol=1e-4, atol=1e-5)
    assert len(losses(tmp_path / "workers")) == len(losses(runs / "one"))


@pytest.mark.parametrize("options, words", [
    ({"distribution": "two"}, "distribution"),
    ({"distribution": "mirrored", "jit_compile": True}, "jit_compile"),
    ({"distribution": "mirrored", "mixed_precision": "mixed_float16"}, "mixed_bfloat16")])
def test_options_that_do_not_go_together(options, words):
    with pytest.raises(errors.InvalidArgumentError, match=words):
        training.RunOptions(**options)


@pytest.mark.parametrize("text", [None, "{", "[]", '{"cluster": {"worker": []}}', (
    '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}')])
def test_workers_without_a_cluster(monkeypatch, text):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    if text is not None:
        monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(errors.UserError, match="needs the environment variable TF_CONFIG"):
        replication.multi_worker()


class Strategy:
    """What `Replicated` asks of a strategy, with three replicas."""
    num_replicas_in_sync = 3

    class extended:
        @staticmethod
        def variable_created_in_scope(variable):
            return variable is not None


@pytest.mark.parametrize("layer, words", [
    (keras.layers.BatchNormalization(name="normalize"), "normalize.*synchronized=True"),
    (keras.layers.GaussianNoise(0.1, name="noise"), "noise")])
def test_layers_that_see_a_part_of_the_batch_are_refused(layer, words):
    layer.build((None, 3))
    with pytest.raises(errors.InvalidArgumentError, match=words):
        replication.check_layer(layer)


def test_accumulated_gradients_are_refused():
    model = tiny_run.make_model()
    model.compile(keras.optimizers.Adam(gradient_accumulation_steps=2))
    with pytest.raises(errors.InvalidArgumentError, match="gradient_accumulation_steps.*several"):
        replication.Replicated(Strategy()).check(model, 3)


def test_a_batch_that_cannot_be_divided_is_refused():
    with pytest.raises(errors.InvalidArgumentError, match="batch_size.*multiple of.*3.*4"):
        replication.Replicated(Strategy()).check(tiny_run.make_model(), 4)


@pytest.mark.parametrize("update, refused", [("simultaneous", (4, 8)), ("alternating", (3, 9, 15))])
def test_batches_of_factor_vae_are_divided_twice(update, refused):
    model = models.FactorVAE(discriminator_update=update)
    for batch_size in refused:
        with pytest.raises(errors.InvalidArgumentError, match="batch_size.*multiple of.*3"):
            replication.Replicated(Strategy()).check(model, batch_size)


def test_a_linear_model_is_not_distributed(tmp_path):
    with pytest.raises(errors.InvalidArgumentError, match="distribution.*PCA"):
        tiny_run.train(tmp_path / "run", "model.model = @pca()", "train.distribution = 'mirrored'")
