"""Minimising a function of an orthogonal matrix, and choosing among equivalent matrices.

The minimiser moves along geodesics R expm(t X), X skew-symmetric. It is limited-memory BFGS that
starts from a diagonal Hessian, the exact second derivatives along planar rotations, as in Ablin,
Cardoso and Gramfort (2018), "Faster ICA under orthogonal constraint",
https://arxiv.org/abs/1711.10873.
"""
import collections

import numpy as np
import scipy.linalg
import scipy.optimize

__all__ = ["minimize", "nearest_order_and_signs", "random_orthogonal"]

_MEMORY = 8
_LARGEST_TURN = 0.8       # radians in a plane, in one step
_SMALLEST_STEP = 1e-5
_SUFFICIENT = 1e-4        # share of the linear decrease that a step must achieve
_SMALLEST_CURVATURE = 0.05  # relative to the mean over planes


def random_orthogonal(size, random_state):
    """A uniformly distributed orthogonal matrix `[size, size]`."""
    q, r = np.linalg.qr(random_state.normal(size=(size, size)))
    return q * np.where(np.diag(r) < 0, -1.0, 1.0)


def nearest_order_and_signs(matrix):
    """An orthogonal matrix with the order and signs of its columns nearest to the identity.

    Args:
        matrix: `[size, size]`.
    Returns:
        the same columns, ordered and signed so that the sum of the diagonal is as large as
        possible.
    """
    rows, columns = scipy.optimize.linear_sum_assignment(-np.abs(matrix))
    ordered = np.empty_like(matrix)
    ordered[:, rows] = matrix[:, columns]
    return ordered * np.where(np.diag(ordered) < 0, -1.0, 1.0)


def minimize(function, start, tolerance=1e-6, max_iterations=300, patience=3):
    """A local minimum of a function of an orthogonal matrix.

    Args:
        function: function from an orthogonal matrix to an `objective.Evaluation`.
        start: `[size, size]` orthogonal matrix.
        tolerance: an iteration is small if it lowers the value by less than this share of it.
        max_iterations: the most iterations.
        patience: how many small iterations in a row count as convergence.
    Returns:
        the matrix, orthogonal up to rounding, and its value, never above that at `start`.
    """
    planes = np.triu_indices(len(start), 1)
    matrix, here = start, function(start)
    history, left = _History(), patience
    for _ in range(max_iterations if planes[0].size else 0):
        gradient = here.gradient[planes]
        scale = _positive(here.curvature[planes])
        direction = history.direction(gradient, scale)
        if not direction @ gradient < 0:
            history = _History()
            direction = -gradient / scale
        step, turned, there = _line_search(function, matrix, here, direction, planes)
        if there is None:
            if not history.pairs:
                break
            history = _History()
            continue
        history.add(step * direction, there.gradient[planes] - gradient)
        small = here.value - there.value < tolerance * abs(here.value)
        left = left - 1 if small else patience
        matrix, here = turned, there
        if not left:
            break
    u, _, v = np.linalg.svd(matrix)
    return u @ v, here.value


def _positive(curvature):
    """Second derivatives as positive scales for steps: absolute, and not too close to 0."""
    size = np.abs(curvature)
    return np.maximum(size, _SMALLEST_CURVATURE * size.mean() + np.finfo(float).tiny)


def _skew(values, planes, size):
    matrix = np.zeros((size, size))
    matrix[planes] = values
    return matrix - matrix.T


def _line_search(function, matrix, here, direction, planes):
    """Step, matrix and evaluation of a sufficient decrease; the last is None if none is found."""
    slope = direction @ here.gradient[planes]
    step = min(1.0, _LARGEST_TURN / np.abs(direction).max()) if slope < 0 else 0.0
    while step > _SMALLEST_STEP:
        turned = matrix @ scipy.linalg.expm(_skew(step * direction, planes, len(matrix)))
        there = function(turned)
        excess = there.value - here.value - step * slope
        if there.value < here.value and excess <= (_SUFFICIENT - 1) * step * slope:
            return step, turned, there
        # To the minimum of the parabola through both values with the current slope.
        step *= np.clip(-step * slope / (2 * excess), 0.1, 0.5)
    return step, matrix, None


class _History:
    """The last steps and changes of the gradient, for limited-memory BFGS.

    Both are in the frame that rotates with the matrix, and are not transported otherwise.
    """

    def __init__(self):
        self.pairs = collections.deque(maxlen=_MEMORY)

    def add(self, step, change):
        if step @ change > 1e-10 * np.linalg.norm(step) * np.linalg.norm(change):
            self.pairs.append((step, change))

    def direction(self, gradient, scale):
        """Minus the estimated inverse Hessian, which starts as `1 / scale`, times the gradient."""
        found, weights = gradient.copy(), []
        for step, change in reversed(self.pairs):
            weights.append(step @ found / (step @ change))
            found -= weights[-1] * change
        found /= scale
        for (step, change), weight in zip(self.pairs, reversed(weights)):
            found += (weight - change @ found / (step @ change)) * step
        return -found
