"""The codes of a finite data set's observations, each encoded when it is first drawn."""
import math

import numpy as np

__all__ = ["KnownCodes", "can_be_known"]

# More would take too much memory: 80 bytes each for ten codes.
_MOST_OBSERVATIONS = 2**21


def can_be_known(ground_truth_data):
    """Whether a data set is finite, not too large, and its factors determine its observations."""
    number = getattr(ground_truth_data, "num_observations", None)
    return (getattr(ground_truth_data, "factors_determine_observations", False)
            and number is not None and number <= _MOST_OBSERVATIONS
            and getattr(ground_truth_data, "factors_at", None) is not None
            and math.prod(map(int, ground_truth_data.factors_num_values)) < 2**63)


class KnownCodes:
    """Codes by factors.

    Only codes of observations in the data set are kept. A metric that sets factors can ask for
    other observations, which are encoded every time.

    Args:
        ground_truth_data: data set for which `can_be_known`.
    """

    def __init__(self, ground_truth_data):
        self._sizes = [int(size) for size in ground_truth_data.factors_num_values]
        indices = np.arange(ground_truth_data.num_observations)
        # The number of each combination of factors that occurs, ascending; its place is its row.
        self._numbers = np.unique(self._number_of(ground_truth_data.factors_at(indices)))
        self._is_known = np.zeros(len(self._numbers), bool)
        self._codes = None

    def codes_of(self, factors, encode):
        """Codes of the observations with given factors.

        Args:
            factors: `[num, num_factors]` ints.
            encode: function from rows of `factors` to the codes of their observations.
        Returns:
            `[num, num_codes]`.
        """
        numbers = self._number_of(factors)
        rows = np.searchsorted(self._numbers, numbers).clip(max=len(self._numbers) - 1)
        is_held = self._numbers[rows] == numbers
        unknown = np.flatnonzero(is_held & ~self._is_known[rows])
        # The first of several equal observations is encoded for all of them.
        new_rows, first = np.unique(rows[unknown], return_index=True)
        others = np.flatnonzero(~is_held)
        wanted = np.concatenate([unknown[first], others])
        if len(wanted):
            encoded = encode(factors[wanted])
            if self._codes is None:
                self._codes = np.empty((len(self._numbers), encoded.shape[1]), encoded.dtype)
            self._codes[new_rows] = encoded[:len(new_rows)]
            self._is_known[new_rows] = True
        codes = np.asfortranarray(self._codes[rows])
        if len(others):
            codes[others] = encoded[len(new_rows):]
        return codes

    def _number_of(self, factors):
        return np.ravel_multi_index(tuple(np.asarray(factors, np.int64).T), self._sizes)
