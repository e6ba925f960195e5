"""The rotation of latents that makes given Jacobians sparse."""
import concurrent.futures
import os
from typing import NamedTuple

import numpy as np
import threadpoolctl

from tf_disentangle import errors
from tf_disentangle.rotation import criteria, objective, orthogonal

__all__ = ["Solution", "criterion_of", "solve"]

# Rows that the starts are compared on; the best goes on with all.
_FEW_ROWS = 20_000
_FEW_ROWS_PER_LATENT = 200

# How much less exactly the starts are followed than the best of them.
_LOOSER = 20


class Solution(NamedTuple):
    """A rotation, and what it is worth.

    Attributes:
        rotation: `[num_latent, num_latent]` float64, orthogonal: rotated codes are
            codes @ rotation, the columns of their Jacobian rows @ rotation.
        before, after: the criterion of all rows without and with it.
        starts: the criterion, on a part of the rows and less exactly, that each start ended at;
            first that of the identity.
    """
    rotation: np.ndarray
    before: float
    after: float
    starts: list


def criterion_of(rows, criterion="l1"):
    """The criterion of rows as they are; see `criteria`."""
    rows = _scaled(_checked(rows))
    return objective.Objective(rows, criteria.criterion(criterion))(np.eye(rows.shape[1])).value


def solve(rows, criterion="l1", num_starts=8, seed=0, tolerance=1e-6, max_iterations=300):
    """The orthogonal matrix R for which rows @ R are sparsest.

    Minimises a criterion from the identity and from random orthogonal matrices, each on a part
    of the rows, and goes on from the best with all rows. The same rows and arguments give the
    same matrix bit for bit on a CPU, whatever the number of its cores. Columns come in the order
    and with the signs that are nearest to the identity; where nothing lowers the criterion, it
    is the identity.

    Args:
        rows: `[num_rows, num_latent]` array, a row for each pixel, channel and image.
        criterion: "l1", "log_cosh", "quartimax" or "varimax"; see `criteria`.
        num_starts: number of starts, the identity among them.
        seed: seed of the other starts, and of the choice of rows.
        tolerance: relative decrease of the criterion below which an iteration counts as
            converged.
        max_iterations: at most so many iterations from each start.
    Returns:
        `Solution`.
    Raises:
        InvalidArgumentError: rows that are not finite, or all 0.
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
    # One thread for a start: sums are then in the same order on every machine.
    with threadpoolctl.threadpool_limits(1, "blas"):
        few = objective.Objective(_some(rows, random_state), wanted)
        function = objective.Objective(rows, wanted)
        ends = _from_each(few, starts, tolerance * _LOOSER, max_iterations)
        best, _ = min(ends, key=lambda end: end[1])
        for judge in (few, function):
            best, _ = orthogonal.minimize(judge, best, tolerance, max_iterations)
        best = orthogonal.nearest_order_and_signs(best)
        before, after = function(identity).value, function(best).value
    values = [value for _, value in ends]
    if before - after <= tolerance * abs(before):
        return Solution(identity, before, before, values)
    return Solution(best, before, after, values)


def _some(rows, random_state):
    """A random part of many rows."""
    count = max(_FEW_ROWS, _FEW_ROWS_PER_LATENT * rows.shape[1])
    if count >= len(rows):
        return rows
    return rows[np.sort(random_state.choice(len(rows), count, replace=False))]


def _from_each(function, starts, tolerance, max_iterations):
    """Where each start ends: matrix and value."""
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
    """float32 rows of root mean square 1."""
    largest = max(rows.max(), -rows.min())  # squares of tiny numbers would vanish
    rows = (rows / largest).astype(np.float32, copy=False)
    rows /= np.float32(np.sqrt(np.einsum("rl,rl->", rows, rows, dtype=np.float64) / rows.size))
    return rows
