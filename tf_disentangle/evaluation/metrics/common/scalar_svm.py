"""Linear support vector machines on a single real feature, solved exactly.

With x sorted, the points that a line w * x + b leaves inside the margin are on one side of a
threshold, so the loss and its derivatives are differences of cumulative sums: a Newton step costs a
binary search for each class, no matter how many points there are.

The problem is that of scikit-learn's `LinearSVC` (squared hinge loss, one class against the
rest, intercept penalised with the slope) [1]; solving it exactly changes the decisions of
`LinearSVC` only where its tolerance left them open.

References: [1] https://www.jmlr.org/papers/v9/fan08a.html
"""
import numpy as np

__all__ = ["fit_lines", "predict_class"]

_MAX_STEPS = 100
# Relative precision of the loss, for accepting a step and for stopping the search.
_PRECISION = 1e-15


def fit_lines(values, labels, penalty=0.01):
    """One line per class; the predicted class is that of the largest line.

    Class k minimises, with y = 1 for its points and -1 for all others,

        (w**2 + b**2) / 2 + penalty * sum{ c[i] * max(0, 1 - y[i] * (w * x[i] + b))**2 : i }

    where c weights the points of the class by n / (K * their number), and all others by 1 (by their
    own class's weight if K = 2), as `LinearSVC(C=penalty, class_weight="balanced")` does.

    Args:
        values: `[num_points]` real.
        labels: `[num_points]` ints 0 ... K - 1, each of which occurs, K >= 2.
        penalty: weight of the loss, > 0.
    Returns:
        slopes `[K]`, intercepts `[K]`, float64.
    """
    problem = _Problem(np.asarray(values, np.float64), labels, penalty)
    lines = np.zeros((2, problem.num_classes))
    loss, gradient, hessian = problem.evaluate(lines)
    scale = loss
    for _ in range(_MAX_STEPS):
        direction = -_solve(hessian, gradient)
        slope = np.sum(gradient * direction, axis=0)
        if np.all(-slope <= _PRECISION * scale):
            break
        step = np.ones_like(loss)
        while True:
            trial = problem.evaluate(lines + step * direction)
            too_long = trial[0] > loss + 1e-4 * step * slope + _PRECISION * scale
            if not np.any(too_long & (step > 1e-6)):
                break
            step[too_long] /= 2
        lines = lines + step * direction
        loss, gradient, hessian = trial
    return lines[0], lines[1]


def predict_class(slopes, intercepts, values):
    """The class of the largest line at each of `values [num_points]`: `[num_points]` ints."""
    values = np.asarray(values, np.float64)
    return np.argmax(slopes[:, None] * values + intercepts[:, None], axis=0)


def _solve(hessian, gradient):
    """Solutions of all the 2 by 2 systems, `[2, K]`."""
    (a, b, c), (u, v) = hessian, gradient
    return np.stack([c * u - b * v, a * v - b * u]) / (a * c - b * b)


class _Problem:
    """The sorted points with cumulative sums of 1, x and x**2, overall and per class."""

    def __init__(self, values, labels, penalty):
        order = np.argsort(values, kind="stable")
        self.values, labels = values[order], np.asarray(labels)[order]
        counts = np.bincount(labels)
        self.num_points, self.num_classes = len(values), len(counts)
        ranks = np.argsort(labels, kind="stable")
        self.sums, self.own_sums = _moments(self.values), _moments(self.values[ranks])
        # Ascending by class, then by rank: one search finds a rank within a class.
        self.keys = labels[ranks] * (self.num_points + 1) + ranks
        self.ends = np.cumsum(counts)
        self.starts = self.ends - counts
        balanced = self.num_points / (self.num_classes * counts)
        others = balanced[::-1] if self.num_classes == 2 else np.ones(self.num_classes)
        self.weights = penalty * balanced, penalty * others

    def evaluate(self, lines):
        """Loss `[K]`, its gradient `[2, K]` and Hessian `[3, K]` (ww, wb, bb)."""
        w, b = lines
        loss, gradient = (w * w + b * b) / 2, lines.copy()
        hessian = np.stack([np.ones_like(w), np.zeros_like(w), np.ones_like(w)])
        inside = self._inside(w, b, 1)[1], np.subtract(*self._inside(w, b, -1))
        for sign, weight, (ones, x, xx) in zip((1, -1), self.weights, inside):
            rest = 1 - sign * b
            loss += weight * (rest * rest * ones - 2 * sign * w * rest * x + w * w * xx)
            gradient += 2 * weight * np.stack([w * xx - sign * rest * x,
                                               w * x - sign * rest * ones])
            hessian += 2 * weight * np.stack([xx, x, ones])
        return loss, gradient, hessian

    def _inside(self, w, b, sign):
        """Sums `[3, K]` over the points with sign * (w * x + b) < 1: overall, and of class k."""
        edge = (sign - b) / np.where(w == 0, 1, w)
        below = np.where(w == 0, sign * b < 1, sign * w > 0)
        place = np.where(w == 0, self.num_points, np.searchsorted(self.values, edge))
        own_place = np.searchsorted(
            self.keys, np.arange(self.num_classes) * (self.num_points + 1) + place)
        own_left = self.own_sums[:, own_place] - self.own_sums[:, self.starts]
        own_all = self.own_sums[:, self.ends] - self.own_sums[:, self.starts]
        left, total = self.sums[:, place], self.sums[:, -1:]
        return np.where(below, left, total - left), np.where(below, own_left,
                                                             own_all - own_left)


def _moments(values):
    powers = np.stack([np.ones_like(values), values, values * values])
    return np.pad(np.cumsum(powers, axis=1), ((0, 0), (1, 0)))
