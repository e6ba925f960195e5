"""A criterion of rotated rows, with first and second derivatives along planar rotations."""
from typing import NamedTuple

import numpy as np

__all__ = ["Evaluation", "Objective"]

# Rows at a time, so that intermediate results stay in the processor's cache.
_BLOCK = 8192


class Evaluation(NamedTuple):
    """A criterion at a rotation R, and its derivatives along further rotations R expm(X).

    Attributes:
        value: the criterion.
        gradient: `[num_latent, num_latent]`, skew-symmetric: entry i, j is the derivative with
            respect to X[i, j] = -X[j, i].
        curvature: `[num_latent, num_latent]`, symmetric: the second derivative likewise.
    """
    value: float
    gradient: np.ndarray
    curvature: np.ndarray


class Objective:
    """A criterion as a function of the rotation, for float32 rows and with float64 sums.

    Args:
        rows: `[num_rows, num_latent]` float32, with root mean square 1.
        criterion: `Criterion`.
    """

    def __init__(self, rows, criterion):
        self.rows, self._criterion = rows, criterion
        self._moments = np.zeros([rows.shape[1]] * 2)
        if criterion.balance:
            for block in self._blocks():
                self._moments += block.T @ block
            self._moments /= len(rows)

    def _blocks(self):
        return (self.rows[start:start + _BLOCK] for start in range(0, len(self.rows), _BLOCK))

    def __call__(self, rotation):
        """`Evaluation` at an orthogonal matrix."""
        turn = rotation.astype(self.rows.dtype)
        value, first, second = 0.0, np.zeros(turn.shape), np.zeros(turn.shape)
        for block in self._blocks():
            y = block @ turn
            penalty, slope, curvature = self._criterion.penalty(y)
            value += penalty.sum(dtype=np.float64)
            first += y.T @ slope
            second += curvature.T @ (y * y)
        value, first, second = (part / self.rows.size for part in (value, first, second))
        radial = np.diag(first)
        curvature = second + second.T - radial[:, None] - radial
        gradient = first - first.T
        if self._criterion.balance:
            more = _balance(rotation, self._moments, self._criterion.balance)
            return Evaluation(*(a + b for a, b in zip((value, gradient, curvature), more)))
        return Evaluation(value, gradient, curvature)


def _balance(rotation, moments, weight):
    """Value and derivatives of weight * mean{ moment[j]**2 : j }, moment[j] = (R' C R)[j, j]."""
    turned = rotation.T @ moments @ rotation
    energy = np.diag(turned)
    scale = weight / len(energy)
    first = 4 * scale * turned * energy
    curvature = scale * (16 * turned**2 - 4 * np.subtract.outer(energy, energy)**2)
    return scale * np.sum(energy**2), first - first.T, curvature
