"""Factors in the form that a metric takes: all factors pass through here before they are scored.

A metric declares what it does with continuous factors and with missing values (see
`declaration.metric`). Here `Factors` are changed accordingly, for arrays and for data sets alike,
and a note says what was changed. Discrete factors without missing values stay as they are.

Factors keep their numbers: one that a metric cannot use becomes constant, and metrics leave out
constant factors by name (see `varying`).
"""
import hashlib
import weakref

import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import notes
from tf_disentangle.factors import binning

__all__ = ["BINNED", "LEAST", "LEFT_OUT", "NUMBERS", "WAYS", "note_order", "of_arrays", "of_data"]

# What a metric does with continuous factors.
NUMBERS, BINNED, LEFT_OUT = "numbers", "binned", "left out"
WAYS = (NUMBERS, BINNED, LEFT_OUT)

# With fewer points nothing can be held out, or estimated at all.
LEAST = 3

# How many values a note shows.
_SHOWN = 4

# Views of data sets, so that metrics that draw the same points share them (see `shared_draws`).
_views = weakref.WeakKeyDictionary()


def of_arrays(codes, factors, continuous, by_factor):
    """Codes and factors of the points that a metric uses.

    Args:
        codes: `[num_points, num_codes]`.
        factors: `Factors` of these points.
        continuous: one of `WAYS`.
        by_factor: whether the metric itself leaves out, for each factor, the points that lack it.
            If not, points that lack any factor are left out here.
    Returns:
        codes and `Factors` of the points left.
    Raises:
        InvalidArgumentError: fewer than `LEAST` points are left.
    """
    if factors.is_plain:
        return codes, factors
    factors, rows = _prepared(factors, continuous, by_factor)
    return (codes if rows is None else codes[rows]), factors


def note_order(factors):
    """Notes of a score that takes classes for numbers: which of them counts as which number.

    Args:
        factors: `Factors`.
    """
    for k, name in enumerate(factors.names):
        values = factors.value_names.get(name, ())
        if name in factors.categorical and len(values) > 2:     # the order of two is their sign
            more = ", ..." if len(values) > _SHOWN else ""
            shown = values[:_SHOWN]
            notes.add(f"{notes.factor(k)}: {', '.join(shown)}{more} count as the numbers "
                      f"{', '.join(map(str, range(len(shown))))}{more}")


def of_data(ground_truth_data, continuous, by_factor):
    """A data set as a metric takes it; the given one if its factors are discrete and complete.

    Args:
        ground_truth_data: data set. One with other factors has `mixed_factors`, the `Factors` of
            its observations, and `with_factors(factors, rows)`.
        continuous, by_factor: see `of_arrays`.
    Returns:
        data set.
    Raises:
        InvalidArgumentError: see `of_arrays`.
    """
    factors = getattr(ground_truth_data, "mixed_factors", None)
    if factors is None:
        return ground_truth_data
    factors, rows = _prepared(factors, continuous, by_factor)
    views = _views.setdefault(ground_truth_data, {})
    key = hashlib.sha256(factors.values.tobytes()).digest(), rows is None
    if key not in views:
        views[key] = ground_truth_data.with_factors(factors, rows)
    return views[key]


def _prepared(factors, continuous, by_factor):
    """`Factors`, and the rows that they belong to; None for all."""
    errors.one_of("continuous", continuous, WAYS)
    factors = _without_unusable(factors)
    if continuous != NUMBERS:
        for k in np.flatnonzero(factors.continuous):
            factors = _left_out(factors, k) if continuous == LEFT_OUT else _binned(factors, k)
    missing = np.isnan(factors.values)
    if not np.any(missing):
        return factors, None
    if by_factor:
        for k, count in enumerate(missing.sum(axis=0)):
            if count:
                _note_missing(k, count, len(missing))
        return factors, None
    rows = np.flatnonzero(~np.any(missing, axis=1))
    if len(rows) < LEAST:
        worst = factors.names[np.argmax(missing.sum(axis=0))]
        raise errors.InvalidArgumentError(
            "factors", f"at least {LEAST} points without missing values",
            f"{len(rows)} of {len(missing)}",
            f"Most are missing in '{worst}'; leave that factor out.")
    notes.add(f"{len(missing) - len(rows)} of {len(missing)} points have missing values and are "
              "left out")
    return factors.rows(rows), rows


def _without_unusable(factors):
    """`Factors` in which those with fewer than `LEAST` values present are made constant."""
    present = np.count_nonzero(~np.isnan(factors.values), axis=0)
    for k in np.flatnonzero(present < LEAST):
        _note_missing(k, len(factors.values) - present[k], len(factors.values))
        factors = _constant(factors, k)
    return factors


def _note_missing(k, count, number):
    notes.add(f"{notes.factor(k)}: {'all' if count == number else count} of {number} values are "
              "missing")


def _binned(factors, k):
    found = binning.bin_factor(factors.values[:, k])
    notes.add(f"{notes.factor(k)}: continuous, {found.description}")
    number = int(np.nanmax(found.bins)) + 1
    return _replaced(factors, k, found.bins, [f"bin {i}" for i in range(number)])


def _left_out(factors, k):
    notes.add(f"{notes.factor(k)}: continuous, which this score cannot use")
    return _constant(factors, k)


def _constant(factors, k):
    return _replaced(factors, k, np.zeros(len(factors.values)), [""])


def _replaced(factors, k, column, value_names):
    values, continuous = factors.values.copy(), factors.continuous.copy()
    values[:, k], continuous[k] = column, False
    return factors._replace(values=values, continuous=continuous,
                            value_names={**factors.value_names, factors.names[k]: value_names})
