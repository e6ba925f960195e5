"""Points that several metrics draw identically, rendered and encoded only once."""
import numpy as np

__all__ = ["SharedDraws", "points"]


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


def points(representation_function, key, random_state, draw):
    """`draw()`, or its stored result if the representation function is a `SharedDraws`."""
    if isinstance(representation_function, SharedDraws):
        return representation_function.points(key, random_state, draw)
    return draw()


def _position(random_state):
    _, words, *rest = random_state.get_state()
    return np.asarray(words).tobytes(), *rest
