"""A trained Keras model as the NumPy functions that metrics of whole models need."""
import functools

import numpy as np
import tensorflow as tf

from tf_disentangle import errors, priors
from tf_disentangle.evaluation.metrics.common import model_protocol

__all__ = ["log_likelihood_of", "make_model_functions"]


@functools.singledispatch
def log_likelihood_of(loss, images, outputs):
    """`loss.log_likelihood(images, outputs)`; a name from version 0.1, to be removed in 0.3.

    A user's own loss should have a method `log_likelihood`;
    `@log_likelihood_of.register(ItsClass)` still works, too.
    """
    return loss.log_likelihood(images, outputs)


def make_model_functions(model, batch_size=256):
    """`ModelFunctions` of a model.

    Every function is traced once and runs in batches. The likelihood is summed over pixels in
    float64, because differences of a few nats in several thousand matter.

    Args:
        model: a built `BaseVAE`. If it is trained further, the functions use its new weights.
        batch_size: rows per call of the encoder or decoder, which bounds the memory.
    Returns:
        `ModelFunctions`; its `log_likelihood` raises `InvalidArgumentError` for a loss
        without a `log_likelihood`.
    """
    in_batches = functools.partial(_in_batches, batch_size=errors.whole_number(
        "batch_size", batch_size), dtype=model.variable_dtype)
    image, code = list(model.observation_shape), [model.num_latent]
    loss = model.reconstruction_loss

    def log_likelihood(images, codes):
        images, outputs = (tf.cast(part, tf.float64) for part in (images, model.decode(codes)))
        return log_likelihood_of(loss, model.compared(images), outputs)

    return model_protocol.ModelFunctions(
        encode=in_batches(lambda images: tuple(model.encode(images)), images=image),
        decode=in_batches(lambda codes: model.mean_image(model.decode(codes)), codes=code),
        reconstruction_loss=in_batches(
            lambda images, codes: tf.cast(
                loss(model.compared(images), model.decode(codes)), tf.float64),
            images=image, codes=code),
        log_likelihood=in_batches(log_likelihood, images=image, codes=code),
        log_prior=in_batches(
            # Not through the layer's `__call__`, which would round codes under a mixed policy.
            lambda codes: tf.cast(model.prior.distribution().log_prob(codes), tf.float64),
            codes=code),
        standardised=lambda images: model.standardised(np.asarray(images)),
        **_posterior_functions(model.posterior, in_batches, code))


def _posterior_functions(posterior, in_batches, code):
    """The functions with which a non-normal posterior replaces the protocol's own formulas."""
    if type(posterior) is priors.NormalPosterior:
        return {}

    def log_density(codes, mean, logvar):
        return tf.cast(posterior.distribution(mean, logvar).log_prob(codes), tf.float64)

    def kl_of_its_moments(mean, logvar):
        return model_protocol.gaussian_kl(mean, np.log(posterior.variance(logvar)))
    return {"log_posterior": in_batches(log_density, codes=code, mean=code, logvar=code),
            "sample_posterior": posterior.draw, "kl": kl_of_its_moments}


def _in_batches(function, batch_size, dtype, **shapes):
    """A function of tensors as a function of arrays.

    Args:
        function: from tensors to a tensor or a tuple of them.
        batch_size: rows per call.
        dtype: dtype of the tensors.
        **shapes: name of each argument -> the shape of one row.
    """
    # Without AutoGraph, which would obscure the error from a loss that has no likelihood.
    traced = tf.function(function, autograph=False, input_signature=[
        tf.TensorSpec([None, *shape], dtype) for shape in shapes.values()])

    def call(*values):
        values = [_checked(name, value, shape, len(values[0]))
                  for (name, shape), value in zip(shapes.items(), values, strict=True)]
        blocks = [tf.nest.map_structure(lambda tensor: tensor.numpy(), traced(*(
            tf.convert_to_tensor(value[start:start + batch_size], dtype) for value in values)))
            for start in range(0, len(values[0]), batch_size)]
        return tf.nest.map_structure(lambda *parts: np.concatenate(parts), *blocks)
    return call


def _checked(argument, value, shape, num_rows):
    value = np.asarray(value)
    if num_rows == 0 or list(value.shape) != [num_rows, *shape]:
        expected = ", ".join(map(str, [max(1, num_rows), *shape]))
        raise errors.InvalidArgumentError(f"{argument}.shape", f"[{expected}]", value.shape)
    return value
