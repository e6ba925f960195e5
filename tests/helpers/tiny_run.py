"""A data set and networks so small that a training step takes no time, under gin names.

A gin file reaches them by `import helpers.tiny_run`, with tests/ on the path.
"""
import functools
import io
import pathlib
import shutil
import tempfile
import zipfile
from unittest import mock

import h5py
import keras
import numpy as np

from tf_disentangle import data, export, models, networks, training
from tf_disentangle.configuration import registry
from tf_disentangle.networks import common

TESTS = pathlib.Path(__file__).parent.parent
EXPORT = export.export_saved_model
SHAPE = [8, 8, 1]

# A complete run; tests add to it or change it by bindings.
GIN = """
import helpers.tiny_run
dataset.name = "tiny"
model.model = @vae()
model.training_steps = 12
model.batch_size = 4
model.random_seed = 0
model.eval_steps = 2
vae.beta = 2.0
vae.annealing_steps = 20
vae.penalties = [@jacobian_l1()]
jacobian_l1.weight = 0.1
jacobian_l1.estimator = @sampled()
sampled.num_directions = 1
encoder.encoder_fn = @tiny_encoder
encoder.num_latent = 3
decoder.decoder_fn = @tiny_decoder
vae_optimizer.optimizer_fn = @AdamOptimizer
AdamOptimizer.learning_rate = 1e-2
train.steps_per_call = 4
train.log_every = 4
train.checkpoint_every = 4
"""


@data.register_dataset("tiny")
class TinyData(data.GroundTruthData):
    """A soft spot at one of 16 x 16 places, in 8x8 pixels."""
    factors_num_values = [16, 16]
    observation_shape = SHAPE

    def sample_factors(self, num, random_state):
        return random_state.randint(16, size=(num, 2))

    def sample_observations_from_factors(self, factors, random_state):
        offsets = np.arange(8) - np.asarray(factors)[:, :, np.newaxis] / 2
        rows, columns = np.moveaxis(np.exp(-offsets ** 2 / 4), 1, 0)
        return (rows[:, :, np.newaxis] * columns[:, np.newaxis])[..., np.newaxis]


@data.register_dataset("tiny_colour")
class TinyColourData(TinyData):
    """The same in three channels."""
    observation_shape = [8, 8, 3]

    def sample_observations_from_factors(self, factors, random_state):
        images = super().sample_observations_from_factors(factors, random_state)
        return np.repeat(images, 3, axis=-1)


@registry.register("tiny_encoder", denylist=common.NETWORK_ARGUMENTS)
def tiny_encoder(input_tensor, num_latent, is_training=False):
    """One hidden layer of 8 units."""
    del is_training
    features = keras.layers.Dense(8, "relu")(keras.layers.Flatten()(input_tensor))
    return common.gaussian_heads(features, num_latent)


@registry.register("tiny_decoder", denylist=common.NETWORK_ARGUMENTS)
def tiny_decoder(latent_tensor, output_shape, is_training=False):
    """One hidden layer of 8 units."""
    del is_training
    features = keras.layers.Dense(8, "tanh")(latent_tensor)
    features = keras.layers.Dense(int(np.prod(output_shape)))(features)
    return keras.layers.Reshape(tuple(output_shape))(features)


@registry.register("tiny_discriminator")
def tiny_discriminator(input_tensor, is_training=False):
    """A discriminator with one hidden layer."""
    del is_training
    hidden = keras.layers.Dense(8, "tanh")(input_tensor)
    logits = keras.layers.Dense(2, dtype="float32")(hidden)
    return logits, keras.layers.Softmax(dtype="float32")(logits)


@registry.register("worse")
class Worse(training.Hook):
    """Adds 10 to the decoder's weights at step 6; from then on every loss is higher."""
    when_stopped = False

    def begin(self, run, directory):
        self._model = run.model

    def __call__(self, step, logs):
        if step == 6:
            for variable in self._model.decoder.trainable_variables:
                variable.assign(variable + 10.0)


def make_model(cls=models.VAE, **kwargs):
    """An unbuilt VAE with the tiny networks, always with the same initial weights."""
    keras.utils.set_random_seed(0)
    return cls(encoder=networks.make_gaussian_encoder(SHAPE, 3, tiny_encoder),
               decoder=networks.make_decoder(3, SHAPE, tiny_decoder), **kwargs)


def gin_file(folder, *lines):
    """Path of a file that holds `GIN` and then `lines`."""
    path = pathlib.Path(folder, "tiny.gin")
    path.write_text("\n".join([GIN, *lines, ""]))
    return path


def train(model_dir, *bindings, **kwargs):
    """Trains as `GIN` says, with bindings; returns the results and what was printed."""
    with tempfile.TemporaryDirectory() as folder:
        stream = io.StringIO()
        results = training.train_with_gin(
            model_dir and str(model_dir), gin_config_files=[str(gin_file(folder))],
            gin_bindings=bindings, stream=stream, **kwargs)
    return results, stream.getvalue()


@functools.lru_cache(maxsize=None)
def _folder():
    return tempfile.TemporaryDirectory(prefix="tiny_run")


@functools.lru_cache(maxsize=None)
def finished_run():
    """Directory of a finished run that is made once; tests only read it."""
    model_dir = pathlib.Path(_folder().name, "run")
    # Some tests do without a SavedModel; the one that comes first may be one of them.
    with mock.patch.object(export, "export_saved_model", EXPORT):
        train(model_dir)
    return model_dir


def copy_of_finished_run(folder):
    """A finished run in `folder`, for tests that write to it."""
    return pathlib.Path(shutil.copytree(finished_run(), pathlib.Path(folder, "copy")))


def arrays(path):
    """Every variable in a .keras file, those of the optimizer included: name -> array."""
    with zipfile.ZipFile(path) as archive:
        content = io.BytesIO(archive.read("model.weights.h5"))
    found = {}
    with h5py.File(content) as file:
        file.visititems(lambda name, item: found.update({name: item[()]})
                        if isinstance(item, h5py.Dataset) else None)
    return found


def assert_same_arrays(path, other):
    """Both .keras files hold the same variables, bit for bit."""
    ours, theirs = arrays(path), arrays(other)
    assert ours.keys() == theirs.keys() and any("optimizer" in name for name in ours)
    different = [name for name in ours if ours[name].tobytes() != theirs[name].tobytes()]
    assert different == []


def files_of(directory):
    """Relative path -> time of the last change, of every file."""
    return {path.relative_to(directory).as_posix(): path.stat().st_mtime_ns
            for path in pathlib.Path(directory).rglob("*") if path.is_file()}
