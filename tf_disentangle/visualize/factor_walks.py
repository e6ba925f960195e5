"""Observations of a data set in which one factor varies and the others stay, as far as it has them.

A data set that has an observation for any factors is asked for those. A collection, such as a
folder of pictures with labels, often has only some combinations: there, the observation is chosen
that has the wanted value and is otherwise most like the first one.
"""
from typing import NamedTuple

import numpy as np

from tf_disentangle import errors

__all__ = ["Walk", "Walker", "is_complete"]

_NEAR = 0.05               # share of a continuous factor's ranks that counts as one value
_MOST_ROWS = 20000         # of a collection, among which the most alike are looked for


def is_complete(ground_truth_data):
    """Whether a data set has an observation for any factors, as far as it says."""
    return (not getattr(ground_truth_data, "is_collected", False)
            or getattr(ground_truth_data, "has_every_combination", False))


class Walk(NamedTuple):
    """Observations in the order of one factor's values.

    Attributes:
        name: of the factor.
        labels: the value of each observation, strings.
        observations: `[num, *observation_shape]`.
    """
    name: str
    labels: list
    observations: np.ndarray


class Walker:
    """Walks along the factors of a data set, all from one observation.

    Args:
        ground_truth_data: `GroundTruthData`.
        random_state: `numpy.random.RandomState` that chooses the observation.

    Attributes:
        varying: indices of the factors that vary.
    """

    def __init__(self, ground_truth_data, random_state):
        self._data, self._random_state = ground_truth_data, random_state
        self._mixed = getattr(ground_truth_data, "mixed_factors", None)
        self._rows, self._known_values = None, {}
        self._table = None if is_complete(ground_truth_data) else self._factors_of_rows()
        self.varying = [k for k in range(ground_truth_data.num_factors)
                        if len(self._values(k)) > 1]
        if self._table is None:
            self._base = np.asarray(ground_truth_data.sample_factors(1, random_state))[0]
        else:
            complete = np.flatnonzero(~np.isnan(self._table).any(axis=1))
            rows = complete if len(complete) else np.arange(len(self._table))
            self._base = self._table[rows[random_state.randint(len(rows))]]

    def _factors_of_rows(self):
        """The factors of all observations; of a large set, of some, drawn at random."""
        number = self._data.num_observations
        self._rows = np.arange(number)
        if number > _MOST_ROWS:
            self._rows = self._random_state.choice(number, _MOST_ROWS, replace=False)
        self._known_values.clear()
        return np.asarray(self._data.factors_at(self._rows), np.float64)

    def start(self, factor):
        """Where a factor begins: its value in the first observation, as a share of its values."""
        values = self._values(factor)
        return float(np.searchsorted(values, self._base[factor]).clip(max=len(values) - 1)
                     / max(1, len(values) - 1))

    def walk(self, factor, most):
        """A `Walk` through at most `most` values, evenly spaced among those of the factor."""
        values = self._values(factor)
        return self.at(factor, np.linspace(0, 1, min(most, len(values))))

    def at(self, factor, shares):
        """A `Walk` through the values at some shares, from 0 to 1, of the sorted values."""
        values = self._values(factor)
        chosen = values[np.rint(np.asarray(shares) * (len(values) - 1)).astype(int)]
        different, places = np.unique(chosen, return_inverse=True)
        found, observations = self._observations(factor, different)
        name = self._data.factor_names[factor]
        return Walk(str(name), [self._label(name, factor, value) for value in found[places]],
                    np.asarray(observations)[places])

    def _values(self, factor):
        """The sorted values of a factor."""
        if factor not in self._known_values:
            column = (np.arange(self._data.factors_num_values[factor]) if self._table is None
                      else self._table[:, factor])
            self._known_values[factor] = np.unique(column[~np.isnan(column)])
        return self._known_values[factor]

    def _label(self, name, factor, value):
        if self._mixed is not None and self._mixed.continuous[factor]:
            return f"{value:.3g}"
        names = self._data.factor_value_names.get(name)
        return str(names[int(value)]) if names else str(int(value))

    def _observations(self, factor, values):
        """The values that were found, and their observations."""
        if self._table is not None:
            rows = np.array([self._most_alike(factor, value) for value in values])
            return self._table[rows, factor], self._data.observations_at(
                self._rows[rows], self._random_state)
        factors = np.tile(self._base, (len(values), 1))
        factors[:, factor] = values
        try:
            return values, self._data.sample_observations_from_factors(
                factors, self._random_state)
        except errors.InvalidArgumentError:  # a combination that this data set does not have
            if self._data.num_observations is None or self._data.factors_at is None:
                raise
            self._table = self._factors_of_rows()
            return self._observations(factor, values)

    def _most_alike(self, factor, value):
        """The row with a value, or nearly, whose other factors are most like those of the base."""
        column = self._table[:, factor]
        rows = np.flatnonzero(column == value)
        if self._mixed is not None and self._mixed.continuous[factor]:
            ranked = np.argsort(np.abs(column - value), kind="stable")   # NaN comes last
            known = np.count_nonzero(~np.isnan(column))
            rows = ranked[:max(len(rows), int(_NEAR * known), 1)]
        others = [k for k in self.varying if k != factor]
        return rows[np.argmin(self._distances(rows, others))]

    def _distances(self, rows, others):
        total = np.zeros(len(rows))
        for k in others:
            difference = np.abs(self._table[rows, k] - self._base[k])
            if self._mixed is not None and self._mixed.continuous[k]:
                difference /= np.ptp(self._values(k)) or 1.0
            else:
                difference = np.minimum(difference, 1.0)
            total += np.nan_to_num(difference, nan=1.0)
        return total
