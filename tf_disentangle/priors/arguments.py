"""Checks of priors' constructor arguments: one number for all latents, or one for each."""
import numpy as np

from tf_disentangle import errors

__all__ = ["positive_number", "positive_numbers", "spread"]


def positive_number(argument, value):
    """`value` as a finite float greater than 0, or an `InvalidArgumentError`."""
    return errors.number(argument, value, above=0)


def positive_numbers(argument, value):
    """A positive float, or a list of them, from a number or a one-dimensional sequence."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (list, tuple)) and value:
        return [positive_number(argument, number) for number in value]
    return positive_number(argument, value)


def spread(argument, value, num_latent):
    """`num_latent` floats, from one number for all latents or a list with one for each.

    Raises:
        InvalidArgumentError: a list of another length.
    """
    if not isinstance(value, list):
        return [value] * num_latent
    if len(value) != num_latent:
        raise errors.InvalidArgumentError(
            argument, f"one number, or {num_latent} of them, one per latent", value)
    return value
