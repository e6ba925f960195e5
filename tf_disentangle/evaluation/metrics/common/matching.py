"""Which code stands for which factor: the best one-to-one assignment."""
import numpy as np

from tf_disentangle import errors

__all__ = ["checked_codes", "code_of_factor", "matched"]


def code_of_factor(matrix):
    """The code that stands for each factor, such that the sum of matched entries is largest.

    The assignment problem, solved by `scipy.optimize.linear_sum_assignment` (Crouse 2016).

    Args:
        matrix: `[num_codes, num_factors]`, how strongly a code is related to a factor. A column
            of NaN is that of a factor of which this is not known.
    Returns:
        `[num_factors]` ints; -1 for a factor without a code (if there are fewer codes, or of NaN).
    """
    from scipy import optimize

    known = np.flatnonzero(~np.any(np.isnan(matrix), axis=0))
    codes, factors = optimize.linear_sum_assignment(matrix[:, known], maximize=True)
    result = np.full(matrix.shape[1], -1)
    result[known[factors]] = codes
    return result


def matched(matrix):
    """The entry of each factor's own code; 0 for a factor without a code, NaN for one of NaN.

    Args:
        matrix: see `code_of_factor`.
    Returns:
        `[num_factors]` floats.
    """
    own = code_of_factor(matrix)
    of_own = np.where(own >= 0, matrix[own, np.arange(len(own))], 0.0)
    return np.where(np.any(np.isnan(matrix), axis=0), np.nan, of_own)


def checked_codes(code_of_factor, num_codes, num_factors):
    """A user's list of the code that stands for each factor, as an array.

    Args:
        code_of_factor: list of `num_factors` columns of the codes.
        num_codes, num_factors: numbers of columns.
    Returns:
        `[num_factors]` ints.
    Raises:
        InvalidArgumentError: another length, or codes that do not exist.
    """
    code_of_factor = errors.sequence("code_of_factor", code_of_factor)
    if len(code_of_factor) != num_factors:
        raise errors.InvalidArgumentError(
            "code_of_factor", f"{num_factors} codes, one for each factor that varies",
            code_of_factor)
    return np.array([errors.whole_number("code_of_factor", code, 0, num_codes - 1)
                     for code in code_of_factor])
