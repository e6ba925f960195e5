"""What encoders share, and what convolutional decoders share."""
import keras

from tf_disentangle import errors

__all__ = ["NETWORK_ARGUMENTS", "convolutions", "deconvolutions", "gaussian_heads"]

# The arguments that the caller of a network passes; gin files cannot bind them.
NETWORK_ARGUMENTS = ("input_tensor", "latent_tensor", "num_latent", "output_shape",
                     "is_training")


def gaussian_heads(features, num_latent):
    """Mean and log-variance of the posterior: two linear heads on `[batch, num_features]`.

    They compute in the precision of the variables even under a mixed policy: rounding a
    posterior to 8 bits would add noise that the KL does not account for.

    Returns:
        means, log_var: `[batch, num_latent]` each; also the names of the layers.
    """
    dtype = keras.config.dtype_policy().variable_dtype
    means = keras.layers.Dense(num_latent, name="means", dtype=dtype)(features)
    log_var = keras.layers.Dense(num_latent, name="log_var", dtype=dtype)(features)
    return means, log_var


def convolutions(images, filters, kernel_sizes, padding, hidden_units, activation="relu"):
    """Convolutions of stride 2 with ReLUs, then a dense layer.

    Args:
        images: `[batch, height, width, channels]`.
        filters: channels of each convolution.
        kernel_sizes: side of each convolution's kernels.
        padding: "same" or "valid".
        hidden_units: width of the dense layer.
        activation: activation of the dense layer; None for linear.
    Returns:
        `[batch, hidden_units]`.
    """
    features = images
    for count, kernel_size in zip(filters, kernel_sizes):
        features = keras.layers.Conv2D(count, kernel_size, strides=2, padding=padding,
                                       activation="relu")(features)
    features = keras.layers.Flatten()(features)
    return keras.layers.Dense(hidden_units, activation=activation)(features)


def deconvolutions(latent_tensor, output_shape, hidden_units, filters, kernel_size,
                   last_stride, name):
    """Two dense layers, then transposed convolutions that double the sides, with ReLUs between.

    Args:
        latent_tensor: `[batch, num_latent]` codes.
        output_shape: `[height, width, channels]`.
        hidden_units: width of the first dense layer; the second makes 64 small channels.
        filters: channels of the transposed convolutions before the last; stride 2 each.
        kernel_size: side of all kernels.
        last_stride: stride of the last transposed convolution, whose outputs are the channels.
        name: name of the decoder, for messages.
    Returns:
        `[batch, height, width, channels]` logits.
    """
    height, width, channels = output_shape
    factor = 2 ** len(filters) * last_stride
    if height % factor or width % factor:
        raise errors.InvalidArgumentError(
            "observation_shape", f"sides that are multiples of {factor} for {name}",
            list(output_shape), "Use decoder.decoder_fn = @fitted_decoder, which fits any size.")
    small = (height // factor, width // factor, 64)
    features = keras.layers.Dense(hidden_units, activation="relu")(latent_tensor)
    features = keras.layers.Dense(small[0] * small[1] * 64, activation="relu")(features)
    features = keras.layers.Reshape(small)(features)
    for count in filters:
        features = keras.layers.Conv2DTranspose(count, kernel_size, strides=2, padding="same",
                                                activation="relu")(features)
    return keras.layers.Conv2DTranspose(channels, kernel_size, strides=last_stride,
                                        padding="same")(features)
