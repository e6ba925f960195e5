"""Block-wise R2: does each block of codes predict its own block of factors and no other?

Block-identifiability: von Kuegelgen et al. (2021), "Self-Supervised Learning with Data
Augmentations Provably Isolates Content from Style", definition 4.1 [1]; Chen et al.
(2025), "CausalVerse", report it for blocks of latent variables [2].

References: [1] https://arxiv.org/abs/2106.04619  [2] https://arxiv.org/abs/2510.14049
"""
import math

import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    draws,
    matching,
    regression,
    varying,
)

__all__ = ["compute_r2_blockwise", "r2_blockwise"]


@declaration.metric(
    "r2_blockwise", draws.train_and_test(), paper="von Kuegelgen et al. (2021), definition 4.1",
    scores="r2_own_block: at most 1, higher; r2_other_blocks: at most 1, lower", in_all=False,
    place=105, continuous="numbers")
def r2_blockwise(codes, factors, test_codes=None, test_factors=None, code_blocks=None,
                 factor_blocks=None, max_points=1000, random_state=0):
    """Block-wise R2 of given codes.

    R[b, c] = mean{ R2 of factor k from the codes of block b : k in block c }, by kernel ridge
    regression on test points. Blocks of codes and of factors are matched such that the sum of R is
    largest. Identified blocks have R near 1 for their own block and near 0 for all others (if the
    factors are independent).

    Factors may be continuous or discrete; discrete ones count as numbers. Those with a single
    value in training or in test are left out of their blocks. All regressions are fitted to the
    same points, so that the order of codes and blocks does not matter.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` real array.
        test_codes, test_factors: see `arrays.split`.
        code_blocks: list of lists of columns of the codes, such as `[[0, 1], [2]]`; None makes each
            code a block.
        factor_blocks: the same for the factors.
        max_points: largest number of training points of a regression.
        random_state: `RandomState` or its seed, for the split and then the regressions.
    Returns:
        r2_own_block: float, at most 1, mean over the blocks of factors; a block that gets no
            block of codes counts as 0.
        r2_other_blocks: float, at most 1, mean over the blocks of factors of the largest R of
            all other blocks of codes; 0 if there are none, or all have less.
    Raises:
        InvalidArgumentError: see `arrays.split`; blocks with columns that do not exist.
    """
    random_state = arrays.random_state(random_state)
    codes, factors, test_codes, test_factors = arrays.split(
        codes, factors, test_codes, test_factors, random_state, discrete=False)
    code_blocks = _blocks("code_blocks", code_blocks, codes.shape[1])
    kept = varying.in_test(test_factors, varying.indices(factors), "R2")
    factor_blocks = [[column for column in block if column in kept] for block in _blocks(
        "factor_blocks", factor_blocks, factors.shape[1])]
    factor_blocks = [block for block in factor_blocks if block]
    if not factor_blocks:
        return {"r2_own_block": math.nan, "r2_other_blocks": math.nan}
    matrix = np.empty((len(code_blocks), len(factor_blocks)))
    seed = random_state.randint(2**31)
    for b, columns in enumerate(code_blocks):
        found = regression.kernel_ridge(codes[:, columns], factors, test_codes[:, columns],
                                        max_points, np.random.RandomState(seed))
        explained = regression.explained_variance(found, test_factors)
        matrix[b] = [np.mean(explained[block]) for block in factor_blocks]
    own = matching.code_of_factor(matrix)
    others = [np.max(np.delete(column, own[c]), initial=0.0) if own[c] >= 0 else column.max()
              for c, column in enumerate(matrix.T)]
    return {"r2_own_block": float(np.mean(matching.matched(matrix))),
            "r2_other_blocks": float(np.mean(others))}


compute_r2_blockwise = r2_blockwise.on_dataset


def _blocks(argument, blocks, width):
    """The blocks as lists of columns, each of which exists and is in only one block."""
    if blocks is None:
        return [[column] for column in range(width)]
    if not isinstance(blocks, (list, tuple)) or not blocks or not all(
            isinstance(block, (list, tuple)) and block for block in blocks):
        raise errors.InvalidArgumentError(argument, "a list of lists of columns", blocks)
    for block in blocks:
        for column in block:
            errors.whole_number(argument, column, 0, width - 1)
    if len({column for block in blocks for column in block}) < sum(map(len, blocks)):
        raise errors.InvalidArgumentError(argument, "each column in only one block", blocks)
    return [list(block) for block in blocks]
