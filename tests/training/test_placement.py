"""What one device does with a model, batches and steps; and that a loop asks only a placement."""
import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers import tiny_run

from tf_disentangle import training
from tf_disentangle.training import devices, loop, placement, preparation


def test_variables_are_float32_and_layers_compute_in_the_precision():
    with placement.OneDevice("mixed_bfloat16").scope():
        layer = keras.layers.Dense(2)
        layer.build((None, 3))
    assert layer.compute_dtype == "bfloat16" and layer.kernel.dtype == "float32"
    assert keras.config.dtype_policy().name == "float32"
    assert [placement.OneDevice(name).scales_loss for name in (
        "float32", "mixed_bfloat16", "mixed_float16")] == [False, False, True]


@pytest.mark.parametrize("jit_compile, is_compiled", [
    (None, bool(tf.config.list_physical_devices("GPU"))), (False, False), (True, True)])
def test_a_step_is_compiled_where_asked_for(jit_compile, is_compiled):
    def update(images):
        return {"loss": images + 1}
    step = placement.OneDevice(jit_compile=jit_compile).compiled(update)
    assert (step is not update) == is_compiled
    assert float(step(tf.constant(2.0))["loss"]) == 3


@pytest.mark.contract
def test_it_is_what_the_options_ask_for():
    options = training.RunOptions("mixed_bfloat16", jit_compile=True)
    assert devices.placed(options) == placement.OneDevice("mixed_bfloat16", True)


class TwoHalves(placement.OneDevice):
    """Another placement: a batch goes as two halves, whose terms are averaged."""

    def feed(self, batches):
        return iter(batches.map(lambda images: tf.split(images, 2)))

    def compiled(self, update):
        return lambda halves: [update(half) for half in halves]

    def reduced(self, terms):
        return {name: tf.reduce_mean([half[name] for half in terms]) for name in terms[0]}


@pytest.mark.contract
def test_the_loop_leaves_devices_to_the_placement():
    class Model:
        def update(self, images):
            return {"loss": tf.reduce_mean(images)}
    batches = tf.data.Dataset.from_tensor_slices(np.float32([[1, 2, 3, 6], [0, 0, 4, 4]]))
    runner = loop.StepRunner(Model(), batches, placement=TwoHalves())
    assert runner(2).tolist() == [[3.0], [2.0]] and runner.names == ["loss"]


@pytest.mark.parametrize("precision", ["float32", "mixed_float16"])
def test_preparing_with_an_average_scales_the_loss_once(precision):
    model = tiny_run.make_model()
    preparation.prepare(model, tiny_run.SHAPE, 3, keras.optimizers.SGD(0.1),
                        placement.OneDevice(precision), ema=0.5)
    scales = isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    assert scales == (precision == "mixed_float16")
    inner = model.optimizer.inner_optimizer if scales else model.optimizer
    assert (inner.use_ema, inner.ema_momentum, inner.built) == (True, 0.5, True)
    assert model.seed == training.RunSpec(random_seed=3).noise_seed
