"""The layers that carry a rotation: one after the encoder, one before the decoder.

Neither is trained. The trainable weights keep their coordinates, so the optimizer's moments do not
have to be rotated.
"""
import keras
import tensorflow as tf

from tf_disentangle.configuration import registry

__all__ = ["PosteriorRotation", "turning_back"]


@registry.part("posterior_rotation")
class PosteriorRotation(keras.layers.Layer):
    """The diagonal normal posterior of codes z @ R, given that of z.

    The mean is z_mean @ R. The variances are exp(z_logvar) @ R**2, the diagonal of
    R' diag(variance) R; covariances are dropped, so the posterior stays diagonal. R starts as the
    identity, which changes neither, bit for bit.
    """

    def __init__(self, **kwargs):
        policy = keras.dtype_policies.get(kwargs.pop("dtype", None))
        super().__init__(dtype=policy.variable_dtype, **kwargs)

    def build(self, z_mean_shape, z_logvar_shape):
        """Creates R, `[num_latent, num_latent]`, which is not trained."""
        del z_logvar_shape
        self.rotation = self.add_weight(
            shape=[z_mean_shape[-1]] * 2, initializer=keras.initializers.Identity(),
            trainable=False, name="rotation")

    def call(self, z_mean, z_logvar):
        """Mean and log-variance of the rotated codes, `[batch, num_latent]` each."""
        rotation = tf.convert_to_tensor(self.rotation)
        # Not a matrix product, because accelerators round the factors of those.
        mean = tf.reduce_sum(z_mean[..., tf.newaxis] * rotation, axis=-2)
        # log(0) is minus infinity, and its exponential is 0 again.
        shares = 2 * tf.math.log(tf.abs(rotation))
        return mean, tf.reduce_logsumexp(z_logvar[..., tf.newaxis] + shares, axis=-2)

    def compute_output_shape(self, z_mean_shape, z_logvar_shape):
        """The given shapes."""
        return z_mean_shape, z_logvar_shape


def turning_back(num_latent, dtype):
    """The layer z -> z @ R', which is dense because exact Jacobians support dense layers.

    Args:
        num_latent: number of latents.
        dtype: precision.
    """
    return keras.layers.Dense(
        num_latent, use_bias=False, kernel_initializer=keras.initializers.Identity(),
        trainable=False, name="turning_back", dtype=dtype)
