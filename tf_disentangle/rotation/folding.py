"""A rotation as a change of weights, for a model that goes on training.

With the layers of `rotated_model`, the variances of the posterior are always
exp(z_logvar) @ R**2. That is right for a finished model, but would hold back one that trains. Here
the rotation goes into the heads of the encoder and the first layer of the decoder, and everything
stays trainable.
"""
import keras
import numpy as np

from tf_disentangle import errors

__all__ = ["fold", "foldable"]

# Parts of the names under which optimizers keep averages of squared gradients.
_OF_SQUARES = ("velocit", "accumulat")


def foldable(model):
    """The layers that absorb a rotation: mean head, log-variance head, first of the decoder.

    Args:
        model: a built `BaseVAE`.
    Raises:
        InvalidArgumentError: one of them is not a dense layer, or a head has an activation.
    """
    heads = [output._keras_history.operation for output in model.encoder.outputs]
    first = next(layer for layer in model.decoder.layers
                 if not isinstance(layer, keras.layers.InputLayer))
    dense = [isinstance(layer, keras.layers.Dense) for layer in (*heads, first)]
    if not all(dense) or any(layer.activation is not keras.activations.linear for layer in heads):
        raise errors.InvalidArgumentError(
            "model", "an encoder that ends in dense layers without activation, and a decoder that "
            "begins with a dense layer", [type(layer).__name__ for layer in (*heads, first)],
            "bin/rotate can rotate any model after training.")
    return *heads, first


def fold(model, rotation, images, also=()):
    """Rotates the codes of a model by changing its trainable weights.

    The new codes z @ R have the rotated mean and decode to the same image as z. Their log-variance,
    log(exp(z_logvar) @ R**2), is not linear in the head's input: instead the head returns
    z_logvar @ R**2, which is never larger, plus the mean difference over the images.

    Args:
        model: a built and compiled `BaseVAE`; its optimizer's moments are rotated as well.
        rotation: `[num_latent, num_latent]` orthogonal matrix R.
        images: `[num_images, *observation_shape]`, over which the mean difference is taken.
        also: lists of variables or arrays, in the order of `model.trainable_variables`, to be
            rotated like the weights, such as averages of them.
    Raises:
        InvalidArgumentError: see `foldable`.
    """
    mean_head, log_var_head, first = foldable(model)
    squares = np.square(rotation)
    before = model.gaussian_encoder(images)["logvar"].astype(np.float64)
    maps = {}
    for layer, matrix in ((mean_head, rotation), (log_var_head, squares)):
        for variable in layer.trainable_variables:
            maps[id(variable)] = _behind(matrix)
    maps[id(first.kernel)] = _before(rotation)
    for variable, values in _all_values(model, also):
        if id(variable) in maps:
            turn, turn_squares = maps[id(variable)]
            for value, holds_squares in values:
                _assign(value, (turn_squares if holds_squares else turn)(_array(value)))
    wanted = np.log(np.exp(before) @ squares)
    shift = np.mean(wanted - model.gaussian_encoder(images)["logvar"], axis=0)
    place = next(i for i, variable in enumerate(model.trainable_variables)
                 if variable is log_var_head.bias)
    for bias in (log_var_head.bias, *(variables[place] for variables in also)):
        _assign(bias, _array(bias) + shift)


def _behind(matrix):
    """How a matrix after a layer changes its kernel or bias, and the squared moments of these."""
    return (lambda values: values @ matrix), (lambda values: values @ np.square(matrix))


def _before(matrix):
    """Like `_behind`, for the inverse of an orthogonal matrix before a layer."""
    return (lambda values: matrix.T @ values), (lambda values: np.square(matrix).T @ values)


def _all_values(model, also):
    """Yields each trainable variable and all values that rotate with it: (value, is squared)."""
    moments = _moments(model.optimizer, model.trainable_variables)
    for place, variable in enumerate(model.trainable_variables):
        yield variable, [(variable, False), *((values[place], False) for values in also),
                         *((values[place], of_squares) for values, of_squares in moments)]


def _moments(optimizer, trained):
    """The moments that an optimizer keeps: pairs (list in the order of variables, is squared).

    Keras optimizers keep them as lists in attributes, for which there is no public name. The
    moving average of the weights is left to the caller.
    """
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer = optimizer.inner_optimizer
    shapes = [variable.shape for variable in trained]
    return [(values, any(word in name for word in _OF_SQUARES))
            for name, values in vars(optimizer).items()
            if isinstance(values, list) and "average" not in name and name != "_trainable_variables"
            and [getattr(value, "shape", None) for value in values] == shapes]


def _array(value):
    return np.asarray(keras.ops.convert_to_numpy(value), np.float64)


def _assign(variable, values):
    variable.assign(values.astype(keras.backend.standardize_dtype(variable.dtype)))
