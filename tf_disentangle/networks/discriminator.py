"""FactorVAE's discriminator."""
import keras

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.networks import common

__all__ = ["fc_discriminator"]


@registry.register("fc_discriminator", denylist=common.NETWORK_ARGUMENTS)
def fc_discriminator(input_tensor, is_training=False, num_hidden=1000):
    """Six hidden layers of leaky ReLU units, slope 0.2; Kim and Mnih (2018), appendix A.

    https://arxiv.org/abs/1802.05983. Logits and probabilities are in the precision of the
    variables even under a mixed policy, because the probabilities are clipped to
    [1e-6, 1 - 1e-6].

    Args:
        input_tensor: `[batch, num_latent]` codes.
        is_training: not used.
        num_hidden: width of the hidden layers; 1000 in the paper, which on a CPU cost more than
            everything else.
    Returns:
        logits, probabilities: `[batch, 2]` each; class 0 is codes, class 1 is permuted codes.
    """
    del is_training
    dtype = keras.config.dtype_policy().variable_dtype
    features = keras.layers.Flatten()(input_tensor)
    errors.whole_number("num_hidden", num_hidden)
    for _ in range(6):
        features = keras.layers.Dense(num_hidden)(features)
        features = keras.layers.LeakyReLU(negative_slope=0.2)(features)
    logits = keras.layers.Dense(2, name="logits", dtype=dtype)(features)
    return logits, keras.layers.Softmax(dtype=dtype)(logits)
