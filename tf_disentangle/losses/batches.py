"""How many images a batch must have for what is estimated from it."""
from tf_disentangle import errors

__all__ = ["check_batch_size"]


def check_batch_size(batch_size, minimum, purpose):
    """Refuses a batch that is too small, where its size is known before training.

    Args:
        batch_size: integer; None or a tensor where a traced function takes batches of any size.
        minimum: least number of images.
        purpose: what needs them, with a preposition: "for a covariance of codes".
    Raises:
        InvalidArgumentError: there are fewer.
    """
    if isinstance(batch_size, int) and batch_size < minimum:
        raise errors.InvalidArgumentError(
            "batch_size", f"at least {minimum} {purpose}", batch_size)
