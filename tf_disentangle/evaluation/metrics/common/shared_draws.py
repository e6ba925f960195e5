"""Points that several metrics draw identically, rendered and encoded only once."""
import numpy as np

from tf_disentangle.evaluation.metrics.common import known_codes

__all__ = ["SharedDraws", "codes_of", "points"]


class SharedDraws:
    """A representation function that remembers the points drawn for it.

    Metrics that start from the same seed and ask for the same numbers of points draw the same
    ones; `sampling.generate_batch_factor_code` finds here what an earlier metric has drawn. Every
    score is the same as without sharing: stored points are found by the position of the random
    state, which is left where the draw would have left it.

    Args:
        representation_function: images `[n, *observation_shape]` to codes `[n, num_codes]`, always
            the same for the same images.
    """

    def __init__(self, representation_function):
        self._representation_function = representation_function
        self._kept = {}
        self._known = {}

    def __call__(self, images):
        return self._representation_function(images)

    def points(self, key, random_state, draw):
        """What `draw()` returns, now or when it was last requested.

        Args:
            key: hashable; together with the position of `random_state` it determines the result.
            random_state: `numpy.random.RandomState` that `draw` reads.
            draw: function without arguments that returns a tuple of arrays.
        Returns:
            the tuple, arrays that cannot be written to.
        """
        key = key, _position(random_state)
        if key not in self._kept:
            arrays = draw()
            for array in arrays:
                array.flags.writeable = False
            self._kept[key] = arrays, random_state.get_state()
        arrays, state = self._kept[key]
        random_state.set_state(state)
        return arrays

    def codes_of(self, ground_truth_data, factors, encode):
        """Codes of observations that factors determine; none is encoded twice.

        Args:
            ground_truth_data: data set.
            factors: `[num, num_factors]`.
            encode: function from rows of `factors` to their codes.
        Returns:
            `[num, num_codes]`.
        """
        if not known_codes.can_be_known(ground_truth_data):
            return encode(factors)
        key = id(ground_truth_data)
        if key not in self._known:
            self._known[key] = known_codes.KnownCodes(ground_truth_data)
        return self._known[key].codes_of(factors, encode)


def codes_of(representation_function, ground_truth_data, factors, encode):
    """`encode(factors)`, with codes that a `SharedDraws` knows taken from there."""
    if isinstance(representation_function, SharedDraws):
        return representation_function.codes_of(ground_truth_data, factors, encode)
    return encode(factors)


def points(representation_function, key, random_state, draw):
    """`draw()`, or its stored result if the representation function is a `SharedDraws`."""
    if isinstance(representation_function, SharedDraws):
        return representation_function.points(key, random_state, draw)
    return draw()


def _position(random_state):
    _, words, *rest = random_state.get_state()
    return np.asarray(words).tobytes(), *rest
