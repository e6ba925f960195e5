"""The rotation of latents that makes given Jacobians sparse."""
import concurrent.futures
import os
from typing import NamedTuple

import numpy as np
import threadpoolctl

from tf_disentangle import errors
from tf_disentangle.rotation import criteria, objective, orthogonal

__all__ = ["Solution", "criterion_of", "solve"]

# Number of rows on which the starts are compared; the best one continues with all rows.
_FEW_ROWS = 20_000
_FEW_ROWS_PER_LATENT = 200

# Factor by which the tolerance of the starts exceeds that of the best one.
_LOOSER = 20

# Small decreases in a row that count as convergence of the best one. Where rows are sparse, the L1
# norm has kinks near its minimum, and a few small decreases may precede larger ones.
_PATIENCE = 8


class Solution(NamedTuple):
    """A rotation and the criterion that it achieves.

    Attributes:
        rotation: `[num_latent, num_latent]` float64, orthogonal: rotated codes are
            codes @ rotation, and the rows of their Jacobian are rows @ rotation.
        before, after: the criterion of all rows without and with the rotation.
        starts: the criterion that each start reached, approximately and on a part of the rows;
            the identity comes first.
    """
    rotation: np.ndarray
    before: float
    after: float
    starts: list


def criterion_of(rows, criterion="l1"):
    """The criterion of rows without any rotation; see `criteria`."""
    rows = _scaled(_checked(rows))
    return objective.Objective(rows, criteria.criterion(criterion))(np.eye(rows.shape[1])).value


def solve(rows, criterion="l1", num_starts=8, seed=0, tolerance=1e-6, max_iterations=300):
    """The orthogonal matrix R for which rows @ R are sparsest.

    Minimises a criterion from the identity and from random orthogonal matrices, each on a part
    of the rows, and continues from the best with all rows. The same rows and arguments give the
    same matrix bit for bit on a CPU with any number of cores. The order and signs of the columns
    are those nearest to the identity. If nothing lowers the criterion, R is the identity.

    Args:
        rows: `[num_rows, num_latent]` array, a row for each pixel, channel and image.
        criterion: "l1", "log_cosh", "quartimax" or "varimax"; see `criteria`.
        num_starts: number of starts, including the identity.
        seed: seed of the other starts and of the choice of rows.
        tolerance: relative decrease of the criterion below which an iteration counts as
            converged.
        max_iterations: the most iterations from each start.
    Returns:
        `Solution`.
    Raises:
        InvalidArgumentError: the rows are not finite, or all 0.
    """
    rows = _checked(rows)
    num_starts = errors.whole_number("num_starts", num_starts)
    tolerance = errors.number("tolerance", tolerance, above=0)
    max_iterations = errors.whole_number("max_iterations", max_iterations)
    random_state = np.random.RandomState(errors.whole_number("seed", seed, 0, 2**32 - 1))
    wanted = criteria.criterion(criterion)
    identity, rows = np.eye(rows.shape[1]), _scaled(rows)
    starts = [identity, *(orthogonal.random_orthogonal(len(identity), random_state)
                          for _ in range(num_starts - 1))]
    # With one thread for each start, sums have the same order on every machine.
    with threadpoolctl.threadpool_limits(1, "blas"):
        few = objective.Objective(_some(rows, random_state), wanted)
        function = objective.Objective(rows, wanted)
        ends = _from_each(few, starts, tolerance * _LOOSER, max_iterations)
        best, _ = min(ends, key=lambda end: end[1])
        for judge in (few, function):
            best, _ = orthogonal.minimize(judge, best, tolerance, max_iterations, _PATIENCE)
        best = orthogonal.nearest_order_and_signs(best)
        before, after = function(identity).value, function(best).value
    values = [value for _, value in ends]
    if before - after <= tolerance * abs(before):
        return Solution(identity, before, before, values)
    return Solution(best, before, after, values)


def _some(rows, random_state):
    """A random part of the rows, if there are many."""
    count = max(_FEW_ROWS, _FEW_ROWS_PER_LATENT * rows.shape[1])
    if count >= len(rows):
        return rows
    return rows[np.sort(random_state.choice(len(rows), count, replace=False))]


def _from_each(function, starts, tolerance, max_iterations):
    """The matrix and value that each start reaches."""
    def run(start):
        return orthogonal.minimize(function, start, tolerance, max_iterations)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(run, starts))


def _checked(rows):
    rows = np.asarray(rows)
    if rows.ndim != 2 or not rows.size or rows.dtype.kind not in "fiu":
        raise errors.InvalidArgumentError(
            "rows", "an array of numbers [num_rows, num_latent]", f"{rows.dtype} {rows.shape}")
    if not np.isfinite(rows).all():
        raise errors.InvalidArgumentError(
            "rows", "finite numbers", f"{np.sum(~np.isfinite(rows))} entries that are nan or inf")
    if not rows.any():
        raise errors.InvalidArgumentError("rows", "a Jacobian that is not 0 everywhere", "zeros")
    return rows


def _scaled(rows):
    """The rows in float32, scaled to root mean square 1."""
    largest = max(rows.max(), -rows.min())  # squares of tiny numbers would underflow
    rows = (rows / largest).astype(np.float32, copy=False)
    rows /= np.float32(np.sqrt(np.einsum("rl,rl->", rows, rows, dtype=np.float64) / rows.size))
    return rows
