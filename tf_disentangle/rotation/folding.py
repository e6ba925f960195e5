"""A rotation as a change of weights, for a model that goes on training.

With the layers of `rotated_model`, the variances of the posterior are always
exp(z_logvar) @ R**2. That is right for a finished model, but would hold back one that trains. Here
the rotation goes into the heads of the encoder and the first layer of the decoder, and everything
stays trainable.
"""
import keras
import numpy as np

from tf_disentangle import errors
from tf_disentangle.rotation import moments

__all__ = ["fold", "foldable"]

_OTHERWISE = "bin/rotate can rotate any model after training."


def foldable(model):
    """The layers that absorb a rotation: mean head, log-variance head, first of the decoder.

    Args:
        model: a built `BaseVAE`.
    Raises:
        InvalidArgumentError: one of them is not a dense layer, a head has an activation, the
            log-variance head has no bias, or another layer uses what is rotated, too.
    """
    heads = [output._keras_history.operation for output in model.encoder.outputs]
    first = next(layer for layer in model.decoder.layers
                 if not isinstance(layer, keras.layers.InputLayer))
    dense = [isinstance(layer, keras.layers.Dense) for layer in (*heads, first)]
    if not all(dense) or any(layer.activation is not keras.activations.linear for layer in heads):
        raise errors.InvalidArgumentError(
            "model", "an encoder that ends in dense layers without activation, and a decoder that "
            "begins with a dense layer", [type(layer).__name__ for layer in (*heads, first)],
            _OTHERWISE)
    if not heads[1].use_bias:
        raise errors.InvalidArgumentError("model", "a log-variance head with a bias",
                                          f"{heads[1].name}, which has none", _OTHERWISE)
    decoder_nodes, encoder_nodes = _nodes(model.decoder), _nodes(model.encoder)
    others = [node.operation for node in _readers(decoder_nodes, model.decoder.inputs)
              if node.operation is not first]
    others += [node.operation for node in _readers(encoder_nodes, model.encoder.outputs)]
    others += [layer for layer in (*heads, first) if 1 < sum(
        node.operation is layer for node in (*encoder_nodes, *decoder_nodes))]
    if others:
        raise errors.InvalidArgumentError(
            "model", "codes that only the decoder's first layer uses, once",
            f"{others[0].name}, which uses them as well or is used again", _OTHERWISE)
    return *heads, first


def _nodes(network):
    """The calls of layers that a network consists of."""
    graph = network._functional if isinstance(network, keras.Sequential) else network
    return [node for nodes in graph._nodes_by_depth.values() for node in nodes]


def _readers(nodes, tensors):
    """The calls that take one of these tensors."""
    return [node for node in nodes if any(
        taken is tensor for taken in node.input_tensors for tensor in tensors)]


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
        InvalidArgumentError: see `foldable` and `moments.moments_of`; raised before anything has
            changed.
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
    kept = moments.moments_of(model.optimizer)
    for place, variable in enumerate(model.trainable_variables):
        yield variable, [(variable, False), *((values[place], False) for values in also),
                         *((values[place], of_squares) for values, of_squares in kept)]


def _array(value):
    return np.asarray(keras.ops.convert_to_numpy(value), np.float64)


def _assign(variable, values):
    variable.assign(values.astype(keras.backend.standardize_dtype(variable.dtype)))
