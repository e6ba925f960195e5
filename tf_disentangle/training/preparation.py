"""A model made ready for its first step: weights, precision, optimizer."""
import keras

from tf_disentangle import optimizers
from tf_disentangle.training import average, placement
from tf_disentangle.training import spec as spec_lib

__all__ = ["prepare", "prepare_model"]


def prepare_model(model, observation_shape, random_seed=0, optimizer=None,
                  mixed_precision="float32"):
    """Builds and compiles a model whose initial weights are a function of the seed.

    Keras draws initial weights from the global seeds of Python, NumPy and TensorFlow, which are
    set here.

    Args:
        model: a `BaseVAE` that is not built yet.
        observation_shape: shape of one image.
        random_seed: seed of weights and noise.
        optimizer: Keras optimizer; if None, that of the `vae_optimizer` slot.
        mixed_precision: see `training.precision`.
    """
    prepare(model, observation_shape, random_seed, optimizer,
            placement.OneDevice(mixed_precision))


def prepare(model, observation_shape, random_seed, optimizer, place, ema=None):
    """`prepare_model` for any placement.

    Args:
        model, observation_shape, random_seed, optimizer: see `prepare_model`.
        place: `Placement`.
        ema: decay of the average of the weights, or None; see `training.average`.
    """
    _, _, model.seed = spec_lib.seeds(random_seed)
    keras.utils.set_random_seed(random_seed)
    with place.scope():
        model.build((None, *observation_shape))
        optimizer = (optimizers.make_vae_optimizer() if optimizer is None else
                     place.here(keras.optimizers.get(optimizer)))
        if ema is not None:
            average.check(model)
            average.keep_average(optimizer, ema)
        model.compile(optimizer, auto_scale_loss=place.scales_loss)
        if place.scales_loss and not isinstance(
                model.optimizer, keras.optimizers.LossScaleOptimizer):
            model.optimizer = keras.optimizers.LossScaleOptimizer(model.optimizer)
        model.optimizer.build(model.trainable_variables)
