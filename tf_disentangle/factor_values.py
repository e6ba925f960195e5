"""What values a factor has, for arrays that somebody has made elsewhere."""
import numpy as np

__all__ = ["continuous_factor", "ranks"]

# Of fewer values it cannot be told whether they are those of a discrete factor.
_ENOUGH_TO_TELL = 100


def continuous_factor(factors):
    """What speaks against the first column that seems to be continuous, or None.

    That is one with fractions, of which more than half are different.

    Args:
        factors: `[num_points, num_factors]` numbers.
    Returns:
        text such as "150 different values of factor 2 in 200 points", or None.
    """
    if factors.dtype.kind != "f" or len(factors) < _ENOUGH_TO_TELL:
        return None
    for number, values in enumerate(factors.T):
        count = len(np.unique(values))
        if 2 * count > len(values) and np.any(values != np.rint(values)):
            return f"{count} different values of factor {number} in {len(values)} points"
    return None


def ranks(factors):
    """Values of any kind as whole numbers: those of each factor, in their order, as 0 ... n - 1.

    Args:
        factors: `[num_points, num_factors]`, numbers or texts.
    Returns:
        `[num_points, num_factors]` int64.
    """
    columns = [np.unique(column, return_inverse=True)[1].ravel() for column in factors.T]
    return np.stack(columns, axis=1).astype(np.int64)
