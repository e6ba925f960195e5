"""disentanglement_lib's postprocessing: the function of the posterior that represents an image."""
import inspect

import numpy as np

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.evaluation.metrics.common import model_protocol

__all__ = ["make_representation", "mean_representation", "sampled_representation"]

_PROTOCOL = ("ground_truth_data", "gaussian_encoder", "random_state", "model")


@registry.register("mean_representation", denylist=_PROTOCOL)
def mean_representation(ground_truth_data, gaussian_encoder, random_state, save_path=None):
    """The posterior's mean.

    Args:
        ground_truth_data, gaussian_encoder, random_state: not needed here.
        save_path: accepted for old gin files, but ignored.
    Returns:
        transform_fn: function of `mean` and `logvar`, `[num, num_latent]` each, to
            `[num, num_codes]`.
        checkpoint path: None.
    """
    del ground_truth_data, gaussian_encoder, random_state, save_path
    return (lambda mean, logvar: mean), None


@registry.register("sampled_representation", denylist=_PROTOCOL)
def sampled_representation(ground_truth_data, gaussian_encoder, random_state, save_path=None,
                           model=None):
    """A sample from the posterior, with noise from `random_state`.

    Args:
        ground_truth_data, gaussian_encoder, save_path: not needed here.
        random_state: `numpy.random.RandomState`.
        model: the model whose posterior is sampled; None for a normal posterior.
    Returns:
        as for `mean_representation`.
    """
    del ground_truth_data, gaussian_encoder, save_path
    draw = model_protocol.sample_gaussian if model is None else model.posterior.draw
    return (lambda mean, logvar: draw(mean, logvar, random_state)), None


@registry.slot("postprocess", denylist=("gaussian_encoder", "ground_truth_data", "model"))
def make_representation(gaussian_encoder, ground_truth_data=None,
                        postprocess_fn=mean_representation, random_seed=0, name="", model=None):
    """The function from images to codes that metrics score.

    Args:
        gaussian_encoder: function from images `[num, *observation_shape]` to a dictionary
            of `mean` and `logvar`, `[num, num_latent]` NumPy arrays.
        ground_truth_data: passed to `postprocess_fn`.
        postprocess_fn: `mean_representation`, `sampled_representation` or a similar function. If
            it has a parameter `model`, that is passed, too.
        random_seed: seed of the random state that `postprocess_fn` gets.
        name: a tag that is saved with the configuration.
        model: the model that the encoder belongs to, for a `postprocess_fn` that needs its
            posterior or its decoder.
    Returns:
        function from images to codes `[num, num_codes]`.
    """
    del name
    seed = errors.whole_number("random_seed", random_seed, 0, 2**32 - 1)
    # disentanglement_lib's functions take only three arguments.
    keywords = {"model": model} if "model" in inspect.signature(postprocess_fn).parameters else {}
    transform, _ = postprocess_fn(ground_truth_data, gaussian_encoder,
                                  np.random.RandomState(seed), **keywords)
    return lambda images: np.asarray(transform(**gaussian_encoder(images)))
