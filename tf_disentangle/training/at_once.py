"""Fitting a model to all its images at once, without steps of gradient descent."""
import math
import time

import numpy as np

from tf_disentangle import errors
from tf_disentangle.data import tf_data
from tf_disentangle.training import precision

__all__ = ["fit_at_once"]

_MOST_NUMBERS = 2**27  # 0.5 GB as float32, twice that while they are fitted


def fit_at_once(model, ground_truth_data, num_batches, batch_size, seed,
                sampling="independent", report=print):
    """Builds a model and fits it to the first batches of a run.

    These are the batches that a model trained in steps would see in the same number of steps.
    The fit computes in float32, even if training steps are set to another precision.

    Args:
        model: a `LinearModel` that is not built yet, with its seed.
        ground_truth_data: see `train_model`.
        num_batches, batch_size: their product is the number of images.
        seed: seed of the batches.
        sampling: "independent" batches, or those of "epochs".
        report: called with a line that tells the user what was done.
    Raises:
        InvalidArgumentError: more images than are kept in memory (2**27 numbers).
    """
    started = time.monotonic()
    _check_memory(model, ground_truth_data.observation_shape, num_batches, batch_size)
    with precision.precision("float32"):
        model.build((None, *ground_truth_data.observation_shape))
    batches = tf_data.training_batches(ground_truth_data, batch_size, seed, sampling=sampling)
    images = np.concatenate(list(batches.take(num_batches).as_numpy_iterator()))
    model.adapt(images, report)
    report(f"Fitted {model.num_latent} components to {len(images)} images in "
           f"{time.monotonic() - started:.1f} s.")


def _check_memory(model, shape, num_batches, batch_size):
    most = max(1, _MOST_NUMBERS // (math.prod(shape) * batch_size))
    if num_batches > most:
        raise errors.InvalidArgumentError(
            "training_steps", f"at most {most} batches of {batch_size} images, because "
            f"{type(model).__name__} is fitted to all of them at once", num_batches)
