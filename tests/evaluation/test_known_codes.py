"""Each image is encoded once where factors determine it, and no score changes."""
import threading

import numpy as np
import pytest

from tf_disentangle import data as data_lib
from tf_disentangle.evaluation.metrics import (
    beta_vae,
    factor_vae,
    irs,
    local_scores,
    z_max_variance,
)
from tf_disentangle.evaluation.metrics.common import ahead, known_codes, sampling, shared_draws

SIZES = (3, 4, 11)


class Grid:
    """Every combination of three factors; an observation is the vector of factors."""

    is_collected = False

    def __init__(self, grid, factors_determine_observations, points=None):
        self._grid = grid
        self.factors_determine_observations = factors_determine_observations
        self._points = np.argwhere(np.ones(SIZES)) if points is None else points
        # Ten thousand times as many as there are, so that points are drawn with replacement.
        self.num_observations = 1_000_000 if points is None else len(points)

    def __getattr__(self, name):
        return getattr(self._grid, name)

    def factors_at(self, indices):
        return self._points[np.asarray(indices) % len(self._points)]


class Counting:
    def __init__(self):
        self.images = 0

    def __call__(self, images):
        self.images += len(images)
        return np.sin(np.asarray(images)[:, :, 0, 0] @ np.arange(1.0, 13).reshape(3, 4))


METRICS = {
    "z_diff": lambda *given: beta_vae.compute_beta_vae_sklearn(*given, None, 5, 120, 60),
    "factor_vae": lambda *given: factor_vae.compute_factor_vae(*given, None, 6, 60, 30, 200),
    "z_max_variance": lambda *given: z_max_variance.compute_z_max_variance(*given, None, 8, 60,
                                                                           200),
    "local_scores": lambda *given: local_scores.compute_local_scores(
        *given, None, 100, 3, locality_proportions=(0.2, 1.0)),
    "irs": lambda *given: irs.compute_irs(*given, num_train=300),
}


@pytest.mark.oracle
@pytest.mark.parametrize("name", METRICS)
def test_scores_are_those_of_every_image_encoded(grid_data, name):
    scores, images, numbers = [], [], []
    for is_determined in (False, True):
        counting, random_state = Counting(), np.random.RandomState(4)
        scores.append(METRICS[name](Grid(grid_data(SIZES), is_determined),
                                    shared_draws.SharedDraws(counting), random_state))
        images.append(counting.images)
        numbers.append(random_state.randint(2**31))
    assert scores[0] == scores[1]
    assert numbers[0] == numbers[1], "as many random numbers were read"
    assert images[1] <= np.prod(SIZES) < images[0]


def test_observations_outside_the_set_are_encoded_each_time(grid_data):
    points = np.argwhere(np.ones(SIZES))[::2]
    data, counting = Grid(grid_data(SIZES), True, np.concatenate([points, points])), Counting()
    shared = shared_draws.SharedDraws(counting)
    everything = np.argwhere(np.ones(SIZES))[np.random.RandomState(0).permutation(132)]

    def encode(factors):
        return counting(factors[:, :, None, None])
    for number, expected in ((132, 132), (132, 132 + 66)):
        codes = shared_draws.codes_of(shared, data, everything[:number], encode)
        np.testing.assert_array_equal(codes, Counting()(everything[:, :, None, None]))
        assert counting.images == expected
    # A function that nobody vouches for is called for every image.
    shared_draws.codes_of(encode, data, everything, encode)
    assert counting.images == 132 + 66 + 132


def test_what_is_random_or_endless_or_too_large_is_not_kept(grid_data):
    assert known_codes.can_be_known(Grid(grid_data(SIZES), True))
    assert not known_codes.can_be_known(Grid(grid_data(SIZES), False))
    assert not known_codes.can_be_known(data_lib.get_named_ground_truth_data("three_dots"))
    large = Grid(grid_data(SIZES), True)
    large.num_observations = 2**21 + 1
    assert not known_codes.can_be_known(large)


@pytest.mark.contract
@pytest.mark.parametrize("name, is_determined", [
    ("three_dots", True), ("three_dots_train_small", True), ("dsprites_rendered", True),
    ("dsprites_noshape_rendered", False), ("color_dsprites_rendered", False),
    ("noisy_dsprites_rendered", False), ("abstract_dsprites_rendered", False),
    ("dummy_data", False)])
def test_data_sets_say_what_factors_determine(name, is_determined):
    data = data_lib.get_named_ground_truth_data(name)
    assert data.factors_determine_observations is is_determined
    if not is_determined:
        return
    factors = data.sample_factors(9, np.random.RandomState(0))
    random_state = np.random.RandomState(1)
    images = data.sample_observations_from_factors(factors, random_state)
    assert random_state.randint(2**31) == np.random.RandomState(1).randint(2**31)
    parts = [data.sample_observations_from_factors(part, random_state)
             for part in np.split(factors, 3)]
    np.testing.assert_array_equal(images, np.concatenate(parts))
    drawn, observed = data.sample(9, np.random.RandomState(0))
    np.testing.assert_array_equal(drawn, factors)
    np.testing.assert_array_equal(observed, images)


# ----------------------------------------------------------------------- drawing ahead

def test_items_come_in_order_and_no_more_than_one_is_made_ahead():
    made, threads = [], set()

    def items():
        for number in range(5):
            made.append(number)
            threads.add(threading.current_thread())
            yield number
    used = []
    for item in ahead.ahead(items()):
        used.append(item)
        assert len(made) <= len(used) + 1
    assert used == made == list(range(5))
    assert len(threads) == 1 and threading.current_thread() not in threads


def test_an_error_of_either_side_arrives_and_ends_the_thread():
    def broken():
        yield 1
        raise ValueError("no more images")
    with pytest.raises(ValueError, match="no more images"):
        list(ahead.ahead(broken()))
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError):
        sampling.draw_codes(lambda num: (np.zeros((num, 1)), np.zeros((num, 2))),
                            lambda images: 1 / 0, 10, 5)
    assert threading.active_count() == before
