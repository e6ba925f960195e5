"""Pairs of codes and factors, drawn from a dataset and encoded.

The random draws come in batches of `batch_size`, because that number decides the order in which a
dataset reads its random state, and hence the score. The images are encoded in larger chunks, which
only saves time. Where factors determine the images, factors are drawn first, and only images that
have not been encoded before are drawn.

Arrays are `[num_points, dimensions]`, stored column by column, because metrics process them by
columns.
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import ahead, finite, progress, shared_draws

__all__ = ["ENCODING_BATCH", "draw_codes", "draw_factors", "draw_halves",
           "generate_batch_factor_code", "obtain_representation", "split_train_test"]

# Images per call of the representation function: 25 MB for 64 x 64 colour images.
ENCODING_BATCH = 512


def generate_batch_factor_code(ground_truth_data, representation_function, num_points,
                               random_state, batch_size):
    """Draws points of a dataset and encodes their observations.

    Args:
        ground_truth_data: dataset with `sample(num, random_state)`.
        representation_function: images `[n, *observation_shape]` to codes `[n, num_codes]`.
        num_points: number of points. A collection of observations may give fewer, and none twice;
            see `finite`.
        random_state: `numpy.random.RandomState`.
        batch_size: points per draw; the last draw takes the rest.
    Returns:
        codes: `[num_points, num_codes]` float64.
        factors: `[num_points, num_factors]`.
    """
    def draw_all():
        if is_finite:
            draw, number = finite.sample(ground_truth_data, num_points, random_state)
            return draw_codes(draw, representation_function, number, batch_size)
        if _are_determined(ground_truth_data):
            return draw_factors(
                lambda num: ground_truth_data.sample_factors(num, random_state),
                ground_truth_data, representation_function, random_state, num_points, batch_size)
        return draw_codes(lambda num: ground_truth_data.sample(num, random_state),
                          representation_function, num_points, batch_size)

    num_points = errors.whole_number("num_points", num_points)
    is_finite = finite.applies(ground_truth_data)
    key = (id(ground_truth_data), num_points, batch_size)
    return shared_draws.points(representation_function, key, random_state, draw_all)


def draw_halves(ground_truth_data, representation_function, num_train, num_test, random_state,
                batch_size):
    """Training points, then test points, with their codes.

    Args:
        ground_truth_data, representation_function, random_state, batch_size: see
            `generate_batch_factor_code`.
        num_train, num_test: numbers of points; if the rule of `finite` applies, there may be fewer,
            and no observation is in both halves.
    Returns:
        `[num_train, num_codes]`, `[num_train, num_factors]`, `[num_test, num_codes]`,
        `[num_test, num_factors]`.
    """
    if not finite.applies(ground_truth_data, num_train + num_test):
        train, test = (generate_batch_factor_code(
            ground_truth_data, representation_function, num_points, random_state, batch_size)
            for num_points in (num_train, num_test))
        return *train, *test
    train, test = finite.sizes(ground_truth_data.num_observations, num_train, num_test)

    def draw_all():
        draw, number = finite.sample(ground_truth_data, train + test, random_state)
        return draw_codes(draw, representation_function, number, batch_size)
    codes, factors = shared_draws.points(
        representation_function, (id(ground_truth_data), "halves", train + test, batch_size),
        random_state, draw_all)
    return codes[:train], factors[:train], codes[train:], factors[train:]


def draw_codes(draw, representation_function, num_points, batch_size):
    """Codes and factors of points from any source.

    Args:
        draw: function `num -> (factors [num, num_factors], observations [num, ...])`.
        representation_function, num_points, batch_size: see `generate_batch_factor_code`.
    Returns:
        codes `[num_points, num_codes]`, factors `[num_points, num_factors]`.
    """
    drawn_factors = []

    def observations():
        for num in _sizes(num_points, batch_size):
            factors, images = draw(num)
            drawn_factors.append(factors)
            yield images

    with progress.counting(num_points, "images"):
        codes = _encode(observations(), representation_function, num_points)
    return codes, np.asfortranarray(np.concatenate(drawn_factors))


def draw_factors(draw, ground_truth_data, representation_function, random_state, num_points,
                 batch_size, num_parts=1):
    """Codes and factors of points whose factors are drawn in any way.

    Args:
        draw: function `num -> factors [num, num_factors]`.
        ground_truth_data: dataset that gives the observations.
        representation_function, num_points, batch_size: see `generate_batch_factor_code`.
        random_state: `numpy.random.RandomState`, for what the factors do not determine.
        num_parts: number of equal parts of a batch whose observations are drawn one after another.
    Returns:
        codes `[num_points, num_codes]`, factors `[num_points, num_factors]`.
    """
    def observe(factors):
        return ground_truth_data.sample_observations_from_factors(factors, random_state)

    def draw_both(num):
        factors = draw(num)
        if num_parts == 1:
            return factors, observe(factors)
        return factors, np.concatenate(list(map(observe, np.split(factors, num_parts))))

    if not _are_determined(ground_truth_data):
        return draw_codes(draw_both, representation_function, num_points, batch_size)
    factors = np.asfortranarray(np.concatenate(list(map(draw, _sizes(num_points, batch_size)))))

    def encode(rows):
        progress.advance(num_points - len(rows), "images")
        blocks = (rows[i:i + ENCODING_BATCH] for i in range(0, len(rows), ENCODING_BATCH))
        return _encode(map(observe, blocks), representation_function, len(rows))
    with progress.counting(num_points, "images"):
        codes = shared_draws.codes_of(representation_function, ground_truth_data, factors, encode)
    return codes, factors


def _are_determined(ground_truth_data):
    return getattr(ground_truth_data, "factors_determine_observations", False)


def _sizes(num_points, batch_size):
    """The sizes of batches: the last one takes the rest."""
    num_points = errors.whole_number("num_points", num_points)
    batch_size = errors.whole_number("batch_size", batch_size)
    return [min(batch_size, num_points - start) for start in range(0, num_points, batch_size)]


def obtain_representation(observations, representation_function, batch_size=ENCODING_BATCH):
    """Codes of given observations.

    Args:
        observations: `[num_points, *observation_shape]`.
        representation_function: images `[n, *observation_shape]` to codes `[n, num_codes]`.
        batch_size: part of disentanglement_lib's signature; images are always encoded
            `ENCODING_BATCH` at a time.
    Returns:
        `[num_points, num_codes]`.
    """
    errors.whole_number("batch_size", batch_size)
    errors.whole_number("len(observations)", len(observations))
    return _encode([observations], representation_function, len(observations))


def split_train_test(observations, train_percentage):
    """Cuts an array after the first ceil(num_points * train_percentage) points.

    Args:
        observations: `[num_points, ...]`.
        train_percentage: share of the points, in [0, 1].
    Returns:
        train, test: `[num_train, ...]` and `[num_points - num_train, ...]`.
    """
    share = errors.number("train_percentage", train_percentage, minimum=0.0, maximum=1.0)
    num_train = int(np.ceil(len(observations) * share))
    return observations[:num_train], observations[num_train:]


def _encode(batches, representation_function, num_points):
    codes, start = None, 0
    for images in ahead.ahead(_chunks(batches, ENCODING_BATCH)):
        block = np.asarray(representation_function(images))
        if block.ndim != 2 or len(block) != len(images):
            raise errors.InvalidArgumentError(
                "representation_function(images).shape",
                f"[{len(images)}, num_codes]", block.shape)
        if codes is None:
            codes = np.empty((num_points, block.shape[1]), dtype=_wide(block.dtype), order="F")
        codes[start:start + len(block)] = block
        start += len(block)
        progress.advance(len(block), "images")
    return codes


def _wide(dtype):
    # Sums of 16-bit or 32-bit numbers would lose digits.
    return np.float64 if dtype.kind == "f" else dtype


def _chunks(batches, size):
    """Joins and cuts batches so that all but the last hold `size` rows."""
    waiting, num_waiting = [], 0
    for batch in batches:
        waiting.append(batch)
        num_waiting += len(batch)
        if num_waiting < size:
            continue
        joined = waiting[0] if len(waiting) == 1 else np.concatenate(waiting)
        num_full = num_waiting - num_waiting % size
        yield from (joined[i:i + size] for i in range(0, num_full, size))
        waiting, num_waiting = [joined[num_full:]], num_waiting - num_full
    if num_waiting:
        yield np.concatenate(waiting)
