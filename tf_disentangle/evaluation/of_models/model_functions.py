"""A trained Keras model as the NumPy functions that metrics of whole models take."""
import functools
import math

import numpy as np
import tensorflow as tf

from tf_disentangle import errors, losses, priors
from tf_disentangle.evaluation.metrics.common import model_protocol

__all__ = ["log_likelihood_of", "make_model_functions"]


@functools.singledispatch
def log_likelihood_of(loss, images, outputs):
    """log p(image | code) that a reconstruction loss stands for, constants included.

    - `BernoulliLoss`: minus the cross-entropy, also where the loss subtracts the images' own
      entropy. It is the probability of images whose pixels are 0 or 1. For pixels in between
      it is what training maximises, but no density integrates to 1.
    - `L2Loss`: sum{ (x - m)**2 } without a factor 1/2 is, up to a constant, minus the
      log-density of a Gaussian around the mean image m with variance 1/2. The constant is
      included: -loss - num_pixels / 2 * log(pi), channels counted. The density is one of
      real-valued images: it may be positive, and compares with no Bernoulli's.
    - `LaplaceLoss`, `NormalLoss`: minus the loss, which has its constants; densities, too.

    Another loss joins by `@log_likelihood_of.register(ItsClass)`.

    Args:
        loss: `ReconstructionLoss`.
        images: `[n, height, width, channels]` tensor in [0, 1].
        outputs: decoder outputs of the same shape and dtype, before the output function; for
            `NormalLoss` with one more axis, of 2 numbers a pixel.
    Returns:
        `[n]` tensor, nats.
    Raises:
        InvalidArgumentError: a loss for which none is known.
    """
    known = [cls.__name__ for cls in log_likelihood_of.registry if cls is not object]
    raise errors.InvalidArgumentError(
        "reconstruction_loss", f"a loss whose likelihood is known ({', '.join(known)})",
        type(loss).__name__, "Add one with @log_likelihood_of.register.")


@log_likelihood_of.register
def _(loss: losses.BernoulliLoss, images, outputs):
    return -losses.bernoulli_loss(images, outputs, loss.activation)


@log_likelihood_of.register
def _(loss: losses.L2Loss, images, outputs):
    num_pixels = math.prod(images.shape[1:])
    return -losses.l2_loss(images, outputs, loss.activation) - num_pixels / 2 * math.log(math.pi)


@log_likelihood_of.register(losses.NormalLoss)
@log_likelihood_of.register(losses.LaplaceLoss)
def _(loss, images, outputs):
    return -loss(images, outputs)


def make_model_functions(model, batch_size=256):
    """`ModelFunctions` of a model.

    Every function is traced once and runs in batches; the likelihood is summed over pixels in
    float64, since differences of a few nats in some thousands are what counts.

    Args:
        model: a built `BaseVAE`. If it is trained further, the functions see it.
        batch_size: rows of a call of encoder or decoder, which bounds the memory.
    Returns:
        `ModelFunctions`; its `log_likelihood` raises `InvalidArgumentError` for a loss that
        `log_likelihood_of` does not know.
    """
    in_batches = functools.partial(_in_batches, batch_size=errors.whole_number(
        "batch_size", batch_size), dtype=model.variable_dtype)
    image, code = list(model.observation_shape), [model.num_latent]
    loss = model.reconstruction_loss
    # Chosen before tracing, which would bury the error about an unknown loss.
    likelihood = log_likelihood_of.dispatch(type(loss))
    is_known = likelihood is not log_likelihood_of.dispatch(object)

    def log_likelihood(images, codes):
        images, outputs = (tf.cast(part, tf.float64) for part in (images, model.decode(codes)))
        return likelihood(loss, images, outputs)

    return model_protocol.ModelFunctions(
        encode=in_batches(lambda images: tuple(model.encode(images)), images=image),
        decode=in_batches(lambda codes: model.mean_image(model.decode(codes)), codes=code),
        reconstruction_loss=in_batches(
            lambda images, codes: tf.cast(loss(images, model.decode(codes)), tf.float64),
            images=image, codes=code),
        log_likelihood=(in_batches(log_likelihood, images=image, codes=code) if is_known
                        else functools.partial(log_likelihood_of, loss)),
        log_prior=in_batches(
            # Not through the layer's call, which would round the codes under a mixed policy.
            lambda codes: tf.cast(model.prior.distribution().log_prob(codes), tf.float64),
            codes=code),
        **_posterior_functions(model.posterior, in_batches, code))


def _posterior_functions(posterior, in_batches, code):
    """What a family other than the normal puts in place of the protocol's own formulas."""
    if type(posterior) is priors.NormalPosterior:
        return {}

    def log_density(codes, mean, logvar):
        return tf.cast(posterior.distribution(mean, logvar).log_prob(codes), tf.float64)

    def sample(mean, logvar, random_state):
        seed = random_state.randint(2**31, size=2).astype(np.int32)
        return posterior.sample(tf.constant(mean), tf.constant(logvar), seed).numpy()

    def kl_of_its_moments(mean, logvar):
        return model_protocol.gaussian_kl(mean, np.log(posterior.variance(logvar)))
    return {"log_posterior": in_batches(log_density, codes=code, mean=code, logvar=code),
            "sample_posterior": sample, "kl": kl_of_its_moments}


def _in_batches(function, batch_size, dtype, **shapes):
    """A function of tensors as a function of arrays.

    Args:
        function: from tensors to a tensor or a tuple of them.
        batch_size: rows per call.
        dtype: of the tensors.
        **shapes: name of each argument, and the shape of one row.
    """
    traced = tf.function(function, input_signature=[
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
