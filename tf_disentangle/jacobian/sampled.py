"""A random, unbiased part of the Jacobian, whose cost does not grow with the latents."""
import keras
import tensorflow as tf

from tf_disentangle import errors, replicas
from tf_disentangle.configuration import registry
from tf_disentangle.jacobian import estimators

__all__ = ["Sampled"]


@registry.part("sampled")
class Sampled(estimators.JacobianEstimator):
    """Random columns of another estimator, weighted so that sums over them are unbiased.

    Unbiased for sums over columns (L1, squared L2), but not for norms that couple the latents of
    one pixel. Give either `num_directions` or `num_columns`.

    Args:
        estimator: computes the columns; `ForwardMode()` if None.
        num_directions: number of distinct latents for every example, each sum weighted by
            num_latent / num_directions.
        num_columns: number of distinct (example, latent) pairs in the whole batch, weighted by
            batch * num_latent / num_columns: the cheapest choice. If the last batch of an epoch
            has fewer pairs, all are used.
    """

    def __init__(self, estimator=None, num_directions=None, num_columns=None):
        self.estimator = estimators.ForwardMode() if estimator is None else errors.instance(
            "estimator", estimator, estimators.JacobianEstimator)
        if (num_directions is None) == (num_columns is None):
            raise errors.InvalidArgumentError(
                "num_directions", "either num_directions or num_columns", num_directions,
                f"num_columns={num_columns!r} came with it.")
        self.num_directions = (None if num_directions is None else
                               errors.whole_number("num_directions", num_directions))
        self.num_columns = (None if num_columns is None else
                            errors.whole_number("num_columns", num_columns))

    def columns(self, decoder, z, latents, output_function, examples=None,
                linearization=None):
        return self.estimator.columns(decoder, z, latents, output_function, examples,
                                      linearization)

    def __call__(self, decoder, z, output_function, seed=None, linearization=None):
        if seed is None:
            raise errors.InvalidArgumentError("seed", "two integers", seed)
        num_latent = z.shape[-1]
        if self.num_directions is not None:
            latents, examples = self._directions(tf.shape(z)[0], num_latent, seed), None
            weight = num_latent / self.num_directions
        else:
            latents, examples, weight = self._pairs(z, num_latent, seed)
        tangents = self.columns(decoder, z, latents, output_function, examples, linearization)
        return estimators.Columns(tangents, weight)

    def _directions(self, batch, num_latent, seed):
        errors.whole_number("num_directions", self.num_directions, maximum=num_latent)
        # The largest of independent uniform numbers are at distinct, uniformly random places.
        draws = tf.random.stateless_uniform([batch * replicas.number(), num_latent], seed)
        return tf.math.top_k(replicas.rows(draws), self.num_directions).indices

    def _pairs(self, z, num_latent, seed):
        """(latents, examples, weight) of the pairs that are among the rows of `z`."""
        batch = (z.shape[0] or tf.shape(z)[0]) * replicas.number()
        num_pairs, count = batch * num_latent, self.num_columns
        if z.shape[0] is None:
            count = tf.minimum(count, num_pairs)
        else:
            errors.whole_number("num_columns", count, maximum=num_pairs)
        pairs = tf.math.top_k(tf.random.stateless_uniform([num_pairs], seed), count).indices
        weight = tf.cast(num_pairs, tf.float32) / tf.cast(count, tf.float32)
        latents, examples = pairs % num_latent, pairs // num_latent
        if replicas.number() > 1:
            size = tf.shape(z)[0]
            examples -= replicas.first_row(size)
            own = (examples >= 0) & (examples < size)
            latents, examples = latents[own], examples[own]
        return latents[:, None], examples, weight

    def get_config(self):
        return {"estimator": keras.saving.serialize_keras_object(self.estimator),
                "num_directions": self.num_directions, "num_columns": self.num_columns}

    @classmethod
    def from_config(cls, config):
        estimator = keras.saving.deserialize_keras_object(config["estimator"])
        return cls(**{**config, "estimator": estimator})
