"""What a rotation makes small: measures of how far from sparse the columns of a Jacobian are.

All are means over rows and columns, of columns whose root mean square is 1: a rotation does not
change that number, so what is left to win is how the same energy is spread.
"""
import dataclasses
from collections.abc import Callable

import numpy as np

from tf_disentangle import errors

__all__ = ["CRITERIA", "Criterion", "criterion"]

# How wide the kink of |y| counts as, in root mean squares, where a curvature is needed.
_KINK = 0.05


@dataclasses.dataclass(frozen=True)
class Criterion:
    """mean{ penalty(y) } + balance * mean{ mean{ y[:, j]**2 }**2 : j }, y = rows @ rotation.

    Attributes:
        name: what the criterion is called.
        penalty: function from `[num, num_latent]` to the penalties, their first and their second
            derivatives, arrays of the same shape.
        balance: weight of the columns' squared second moments, which are equal where every
            column has the same share of the energy.
    """
    name: str
    penalty: Callable
    balance: float = 0.0


def _l1(y):
    size = np.abs(y)
    # The second derivative of |y| is 2 delta(y); here a box of the same area.
    return size, np.sign(y), (size < _KINK).astype(y.dtype) / y.dtype.type(_KINK)


def _log_cosh(y):
    size, slope = np.abs(y), np.tanh(y)
    value = size + np.log1p(np.exp(-2 * size)) - y.dtype.type(np.log(2))
    return value, slope, 1 - slope * slope


def _fourth_powers(y):
    square = y * y
    return -square * square, -4 * square * y, -12 * square


CRITERIA = {
    # Rhodes and Lee (2021), equation 3, https://arxiv.org/abs/2106.02923.
    "l1": Criterion("l1", _l1),
    # Hyvarinen (1999), "Fast and robust fixed-point algorithms for ICA": less steep near 0.
    "log_cosh": Criterion("log_cosh", _log_cosh),
    # Neuhaus and Wrigley (1954); minus the mean fourth power.
    "quartimax": Criterion("quartimax", _fourth_powers),
    # Kaiser (1958): minus the mean variance of the squares in a column.
    "varimax": Criterion("varimax", _fourth_powers, balance=1.0),
}


def criterion(name):
    """The criterion of a name, or an `InvalidArgumentError`."""
    return CRITERIA[errors.one_of("criterion", name, list(CRITERIA))]
