"""Sentences below the titles of pictures: how to read them, and what it means if nothing shows."""
import numpy as np

__all__ = ["explained_share", "of_reconstructions", "of_samples", "of_traversals"]

# Below this share of explained variance, decoded images differ too little for the eye.
_LEAST = 0.1
_AVERAGE = ("so far the model draws little more than the average image. Train longer; if it stays "
            "so, lower the weight of the KL")


def explained_share(observations, reconstructions):
    """How much of what differs between observations is in their reconstructions.

    1 - sum{ (x - y)^2 } / sum{ (x - mean x)^2 }, the coefficient of determination over all pixels.

    Args:
        observations, reconstructions: `[num, ...]` arrays of the same shape.
    Returns:
        float, at most 1, below 0 if the average observation is the better reconstruction; None if
        the observations do not differ.
    """
    x, y = (np.asarray(part, np.float64).reshape(len(part), -1)
            for part in (observations, reconstructions))
    total = np.square(x - x.mean(axis=0)).sum()
    return float(1 - np.square(x - y).sum() / total) if total > 0 else None


def of_reconstructions(share):
    """How to read reconstructions, for an `explained_share`."""
    if share is None:
        return ""
    found = f"They explain {max(0, share):.0%} of the variance between images"
    if share < _LEAST:
        return f"{found}: {_AVERAGE}."
    return f"{found}; what is blurred or missing is what the code leaves out."


def of_samples(share):
    """How to read samples, for an `explained_share`."""
    if share is not None and share < _LEAST:
        return f"They are nearly alike: {_AVERAGE}."
    return "They should look like the data: their codes are random draws from the prior."


def of_traversals(share, named=False):
    """How to read traversals, for an `explained_share`.

    Args:
        share: see `explained_share`; None if it is not known.
        named: whether a latent stands beside the name of the factor that it follows.
    """
    if share is not None and share < _LEAST:
        return f"Little moves: {_AVERAGE}."
    names = " A factor's name: the latent tells most about that factor." if named else ""
    return ("Each row moves one latent and keeps the others. Rows in which nothing changes are "
            f"latents that the model does not use.{names}")
