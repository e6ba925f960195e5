"""The SavedModel of a run works without the package and gives the numbers of model.keras."""
import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
from helpers import tiny_run

from tf_disentangle import errors, export, models, priors
from tf_disentangle.configuration import gin_errors

# Loads a SavedModel with nothing but TensorFlow.
PROGRAM = """
import sys
import numpy as np
import tensorflow as tf
signatures = tf.saved_model.load(sys.argv[1]).signatures
given = np.load(sys.argv[2])
made = {}
for name, argument in (("gaussian_encoder", "images"), ("representation", "images"),
                       ("reconstructions", "images"), ("decoder", "latent_vectors")):
    for key, value in signatures[name](**{argument: tf.constant(given[argument])}).items():
        made[name + "." + key] = value.numpy()
again = signatures["reconstructions"](images=tf.constant(given["images"]))["images"].numpy()
assert np.all(made["reconstructions.images"] != again), "the code is a sample"
np.savez(sys.argv[3], **made)
assert not [name for name in sys.modules if name.startswith("tf_disentangle")]
print(sorted(signatures))
"""

pytestmark = pytest.mark.contract


@pytest.fixture(scope="module")
def model():
    return keras.saving.load_model(tiny_run.finished_run() / "model.keras")


def some_images(num):
    return tiny_run.TinyData().sample_observations(num, np.random.RandomState(0)).astype(
        np.float32)


def test_it_loads_without_the_package_and_gives_the_same_numbers(tmp_path, model):
    images = some_images(5)
    codes = np.random.RandomState(1).normal(size=(7, 3)).astype(np.float32)
    np.savez(tmp_path / "given.npz", images=images, latent_vectors=codes)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, tiny_run.finished_run() / "saved_model",
         tmp_path / "given.npz", tmp_path / "made.npz"], cwd=tmp_path, text=True,
        capture_output=True, env=environment)
    assert done.returncode == 0, done.stderr
    endpoints = ["decoder", "gaussian_encoder", "reconstructions", "representation"]
    assert json.loads(done.stdout.replace("'", '"')) == endpoints
    made = dict(np.load(tmp_path / "made.npz"))
    assert made.keys() == {"gaussian_encoder.mean", "gaussian_encoder.logvar",
                           "representation.default", "reconstructions.images",
                           "decoder.images"}
    posterior = model.gaussian_encoder(images)
    for ours, theirs in ((made["gaussian_encoder.mean"], posterior["mean"]),
                         (made["gaussian_encoder.logvar"], posterior["logvar"]),
                         (made["representation.default"], model.representation(images)),
                         (made["decoder.images"], model.decode(codes).numpy())):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)
    assert made["reconstructions.images"].shape == (5, 8, 8, 1)


def test_export_replaces_and_reconstructions_decode_a_sampled_code(tmp_path):
    for name in ("saved", ".saved.unfinished"):  # an earlier one, and what a kill left
        (tmp_path / name).mkdir()
        (tmp_path / name / "part").touch()
    (tmp_path / "saved" / "saved_model.pb").touch()
    model = keras.saving.load_model(tiny_run.finished_run() / "model.keras")
    # With a posterior of standard deviation e^-20 the random code is the mean.
    head = model.encoder.get_layer("log_var")
    head.kernel.assign(tf.zeros_like(head.kernel))
    head.bias.assign(tf.fill(head.bias.shape, -40.0))
    export.export_saved_model(model, tmp_path / "saved")
    assert os.listdir(tmp_path) == ["saved"] and "part" not in os.listdir(tmp_path / "saved")
    loaded, images = tf.saved_model.load(str(tmp_path / "saved")), some_images(3)
    np.testing.assert_allclose(
        loaded.signatures["reconstructions"](tf.constant(images))["images"],
        model.decode(model.representation(images)), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["models", "models/mine.txt"])
def test_what_is_no_saved_model_is_not_replaced(tmp_path, name):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "mine.txt").write_text("kept")
    with pytest.raises(errors.UserError) as caught:
        export.export_saved_model(None, tmp_path / name)   # no model: it says so before any work
    text = gin_errors.explain(caught.value)
    assert str(tmp_path / name) in text and "\n" not in text
    assert [path.read_text() for path in tmp_path.rglob("*.*")] == ["kept"]


def test_an_empty_directory_or_a_link_may_be_replaced(tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "mine.txt").touch()
    (tmp_path / "link").symlink_to(tmp_path / "outside")
    monkeypatch.setattr(tf.saved_model, "save",
                        lambda _, path, signatures: os.mkdir(path))
    monkeypatch.setattr(export.saved_model._Endpoints, "signatures", lambda endpoints: None)
    model = keras.saving.load_model(tiny_run.finished_run() / "model.keras")
    for name in ("empty", "link"):
        export.export_saved_model(model, tmp_path / name)
        assert os.listdir(tmp_path / name) == [] and not (tmp_path / name).is_symlink()
    assert (tmp_path / "outside" / "mine.txt").exists()


@pytest.mark.oracle
@pytest.mark.parametrize("posterior, law", [
    (priors.NormalPosterior(), scipy.stats.norm(0.5, 0.1)),
    (priors.StudentTPosterior(3.0), scipy.stats.t(3, 0.5, 0.1))])
def test_reconstructions_come_from_the_posterior_of_the_model(tmp_path, posterior, law):
    # Codes are the decoder's outputs; every image has the location 0.5 and the scale 0.1.
    images, codes = keras.Input((1, 1, 2)), keras.Input((2,))
    flat = keras.layers.Flatten()(images)
    model = models.VAE(
        encoder=keras.Model(images, (keras.layers.Rescaling(0.0, 0.5)(flat),
                                     keras.layers.Rescaling(0.0, 2 * np.log(0.1))(flat))),
        decoder=keras.Model(codes, keras.layers.Reshape((1, 1, 2))(codes)), posterior=posterior)
    model.build((None, 1, 1, 2))
    export.export_saved_model(model, tmp_path / "saved")
    endpoint = tf.saved_model.load(str(tmp_path / "saved")).signatures["reconstructions"]
    made, again = (endpoint(tf.zeros([10000, 1, 1, 2]))["images"].numpy() for _ in range(2))
    assert np.all(made != again)
    # Kolmogorov-Smirnov, 20 000 draws, new ones each time: right ones fail once in a million.
    # Normal noise in place of Student's t with 3 degrees of freedom has 1e-46.
    assert scipy.stats.kstest(made.ravel(), law.cdf).pvalue > 1e-6


def test_keras_file_of_a_run_has_everything(model):
    assert (model.beta, model.annealing_steps, model.num_latent) == (2.0, 20, 3)
    assert int(model.step.numpy()) == 12
    assert [penalty.name for penalty in model.penalties] == ["jacobian_l1"]
    assert isinstance(model.optimizer, keras.optimizers.Adam)
    assert model.optimizer.epsilon == 1e-8 and int(model.optimizer.iterations.numpy()) == 12
