"""The criteria that a rotation minimises: how far the columns of a Jacobian are from sparse.

All are means over rows and columns of a Jacobian whose root mean square is 1. A rotation does not
change that number, only how the energy is spread.
"""
import dataclasses
from collections.abc import Callable

import numpy as np

from tf_disentangle import errors

__all__ = ["CRITERIA", "Criterion", "criterion"]

# Width given to the kink of |y| where a curvature is needed, in root mean squares.
_KINK = 0.05


@dataclasses.dataclass(frozen=True)
class Criterion:
    """mean{ penalty(y) } + balance * mean{ mean{ y[:, j]**2 }**2 : j }, y = rows @ rotation.

    Attributes:
        name: name of the criterion.
        penalty: function from `[num, num_latent]` to the penalties and their first and second
            derivatives, three arrays of that shape.
        balance: weight of the mean squared second moment of the columns, which is smallest when
            every column has the same share of the energy.
    """
    name: str
    penalty: Callable
    balance: float = 0.0


def _l1(y):
    size = np.abs(y)
    # The second derivative of |y| is 2 delta(y), replaced here by a box of the same area.
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
    # Neuhaus and Wrigley (1954): minus the mean fourth power.
    "quartimax": Criterion("quartimax", _fourth_powers),
    # Kaiser (1958): minus the mean variance of the squares in a column.
    "varimax": Criterion("varimax", _fourth_powers, balance=1.0),
}


def criterion(name):
    """The criterion with a name, or an `InvalidArgumentError`."""
    return CRITERIA[errors.one_of("criterion", name, list(CRITERIA))]
