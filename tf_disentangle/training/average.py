"""An exponential moving average of the weights, kept by the optimizer.

    average[1] = weights[1]
    average[k] = ema * average[k - 1] + (1 - ema) * weights[k],   weights[k] those after step k

Polyak and Juditsky (1992), https://doi.org/10.1137/0330046, with exponential weights. The average
is a variable of the optimizer, so checkpoints hold it next to the weights that training continues
from. It covers what the model's optimizer trains: the encoder, the decoder and a learned prior.
FactorVAE's discriminator has its own optimizer and is not averaged. A step that mixed_float16
skips because gradients overflow leaves the average unchanged.
"""
import contextlib

import keras

from tf_disentangle import errors

__all__ = ["averaged", "averages", "check", "keep_average", "use_average"]


def _inner(optimizer):
    scales = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    return optimizer.inner_optimizer if scales else optimizer


def keep_average(optimizer, ema):
    """Makes an optimizer keep the average; it must not be built yet.

    Args:
        optimizer: Keras optimizer.
        ema: decay of the average, greater than 0 and less than 1.
    """
    optimizer = _inner(optimizer)
    if optimizer.built:
        raise errors.InvalidArgumentError(
            "optimizer", "an optimizer that has not been used, because of the option `ema`",
            optimizer.name)
    optimizer.use_ema, optimizer.ema_momentum = True, float(ema)


def check(model):
    """Raises an error for batch normalization, whose statistics are not averaged.

    With averages of the weights, statistics of the last ones would give other images.

    Args:
        model: the model, built.
    """
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            raise errors.InvalidArgumentError(
                "ema", f"None for a network with batch normalization, the layer {layer.name}",
                "a decay", "Its statistics belong to the weights of the last step.")


def averages(model):
    """The averages of a model's trainable variables, in the same order; empty if none are kept.

    A hook that changes the weights must change these in the same way.
    """
    optimizer = _inner(model.optimizer)
    # Keras has no public name for these; a test compares them with the equation above.
    return list(optimizer._model_variables_moving_average) if optimizer.use_ema else []


def use_average(model):
    """Replaces the weights of a model by their averages, if there are any."""
    for variable, average in zip(model.trainable_variables, averages(model)):
        variable.assign(average)


@contextlib.contextmanager
def averaged(model):
    """Within this context, the weights of a model are their averages, if there are any."""
    if not averages(model):
        yield
        return
    trained = [variable.numpy() for variable in model.trainable_variables]
    use_average(model)
    try:
        yield
    finally:
        for variable, value in zip(model.trainable_variables, trained):
            variable.assign(value)
