"""The layer that carries a rotation behind an encoder, and the one before a decoder.

Neither is trained: what trains stays in the coordinates it has, so that no moment of an
optimizer has to be turned.
"""
import keras
import tensorflow as tf

from tf_disentangle.configuration import registry

__all__ = ["PosteriorRotation", "turning_back"]


@registry.part("posterior_rotation")
class PosteriorRotation(keras.layers.Layer):
    """The diagonal normal posterior of codes z @ R, given that of z.

    Mean z_mean @ R and variances exp(z_logvar) @ R**2, the diagonal of R' diag(variance) R: the
    covariances are left out, so that the posterior stays diagonal. At the identity, which R
    starts as, both stay as they are bit for bit.
    """

    def __init__(self, **kwargs):
        policy = keras.dtype_policies.get(kwargs.pop("dtype", None))
        super().__init__(dtype=policy.variable_dtype, **kwargs)

    def build(self, z_mean_shape, z_logvar_shape):
        """Makes R, `[num_latent, num_latent]`, which does not train."""
        del z_logvar_shape
        self.rotation = self.add_weight(
            shape=[z_mean_shape[-1]] * 2, initializer=keras.initializers.Identity(),
            trainable=False, name="rotation")

    def call(self, z_mean, z_logvar):
        """Mean and log-variance of the turned codes, `[batch, num_latent]` each."""
        rotation = tf.convert_to_tensor(self.rotation)
        # Not a matrix product: accelerators round the factors of these.
        mean = tf.reduce_sum(z_mean[..., tf.newaxis] * rotation, axis=-2)
        # The logarithm of 0 is minus infinity, of which the sum of exponentials makes 0 again.
        shares = 2 * tf.math.log(tf.abs(rotation))
        return mean, tf.reduce_logsumexp(z_logvar[..., tf.newaxis] + shares, axis=-2)

    def compute_output_shape(self, z_mean_shape, z_logvar_shape):
        """The shapes that came."""
        return z_mean_shape, z_logvar_shape


def turning_back(num_latent, dtype):
    """The layer z -> z @ R', a dense one, so that exact Jacobians know it.

    Args:
        num_latent: number of latents.
        dtype: precision.
    """
    return keras.layers.Dense(
        num_latent, use_bias=False, kernel_initializer=keras.initializers.Identity(),
        trainable=False, name="turning_back", dtype=dtype)
