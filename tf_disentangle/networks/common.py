"""What all encoders share."""
import keras

__all__ = ["NETWORK_ARGUMENTS", "gaussian_heads"]

# What the caller of a network passes: a gin file may not bind these.
NETWORK_ARGUMENTS = ("input_tensor", "latent_tensor", "num_latent", "output_shape",
                     "is_training")


def gaussian_heads(features, num_latent):
    """Mean and log-variance of the posterior: two linear heads on `[batch, num_features]`.

    They compute in the precision of the variables also under a mixed policy: rounding a
    posterior to 8 bits would add noise that the KL knows nothing of.

    Returns:
        means, log_var: `[batch, num_latent]` each; the layers have these names.
    """
    dtype = keras.config.dtype_policy().variable_dtype
    means = keras.layers.Dense(num_latent, name="means", dtype=dtype)(features)
    log_var = keras.layers.Dense(num_latent, name="log_var", dtype=dtype)(features)
    return means, log_var
