"""Data sets with an end: no observation is in training and in test, and the result says so."""
import functools
import hashlib
import inspect

import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle import data, errors
from tf_disentangle.data import grid_data
from tf_disentangle.evaluation import catalog
from tf_disentangle.evaluation import validate as validate_lib
from tf_disentangle.evaluation.metrics import (
    attribute_classification,
    beta_vae,
    dci,
    dci_es,
    downstream_task,
    factor_vae,
    fairness,
    infomec,
    local_mig,
    local_scores,
    mig,
    modularity_explicitness,
    reduced_downstream_task,
    sap_score,
    strong_downstream_task,
    udr,
    utils,
    z_max_variance,
)
from tf_disentangle.evaluation.metrics.common import finite, local_sampling, predictors

NUM_IMAGES = 456
SIZES = {"shape": 3, "place": 4, "level": 5}


def labelled_images(number=NUM_IMAGES, seed=0):
    """Random images, all different, and factors that have nothing to do with them."""
    random = np.random.RandomState(seed)
    factors = np.stack([random.randint(size, size=number) for size in SIZES.values()], axis=1)
    return random.randint(256, size=(number, 8, 8, 1)).astype(np.uint8), factors


def image_set(number=NUM_IMAGES):
    images, factors = labelled_images(number)
    return data.ImageSet(images, factors, SIZES)


def noise(images):
    """Six codes of each image that are a hash of it: the same for the same image, else noise."""
    def codes(image):
        digest = hashlib.sha256(np.uint8(np.rint(255 * image)).tobytes()).digest()
        return np.frombuffer(digest[:24], np.uint32) / 2.0**32
    return np.stack([codes(image) for image in np.asarray(images)])


class Watched:
    """A representation that remembers which images it was given, a set for each call."""

    def __init__(self):
        self.seen = []

    def __call__(self, images):
        self.seen += [image.tobytes() for image in np.asarray(images)]
        return noise(images)


TREES = {"predictor": predictors.hist_gradient_boosting_classifier, "num_jobs": 1}


def test_codes_of_noise_tell_nothing_of_other_images(tmp_path):
    images, factors = labelled_images()
    np.savez(tmp_path / "a.npz", images=images, factors=factors)
    made = data.make_npz(tmp_path / "a.npz")
    scores = dci.compute_dci(made, noise, np.random.RandomState(0), num_train=3000, num_test=1500,
                             **TREES)
    # Chance is the mean of 1/3, 1/4 and 1/5; four standard errors of 152 answers to each.
    assert scores["informativeness_test"] == pytest.approx(0.261, abs=4 * np.sqrt(0.19 / 456))
    assert scores["notes"] == [
        "of 456 observations 304 are for training and 152 for testing, not 3000 and 1500"]
    arrays = dci.dci(noise(images / 255), factors, **TREES)
    assert scores["informativeness_test"] == pytest.approx(arrays["informativeness_test"], abs=0.1)


# Each metric that holds points out, and the score that is at chance for codes of noise.
MANY = {"num_train": 3000, "num_test": 1500}
HELD_OUT = {
    "dci": (dci.compute_dci, {**MANY, **TREES}, "informativeness_test", 0.261),
    "dci_es": (dci_es.compute_dci_es, {**MANY, "num_jobs": 1}, "informativeness", 0.30),
    "explicitness": (modularity_explicitness.compute_modularity_explicitness, MANY,
                     "explicitness_score_test", 0.5),
    "downstream": (downstream_task.compute_downstream_task,
                   {**MANY, "num_train": [3000], **TREES}, "304:mean_test_accuracy", 0.261),
    "reduced": (reduced_downstream_task.compute_reduced_downstream_task,
                {**MANY, "num_train": [3000], **TREES,
                 "reduce_fn": lambda train, ys, test, ys_test, factor: (train[1:], test[1:])},
                "304:mean_test_accuracy_reduced_factor", 0.261),
    "strong": (strong_downstream_task.compute_strong_downstream_task,
               {**MANY, "num_train": [3000], "n_experiment": 2, **TREES},
               "304:mean_test_accuracy", 0.261),
    "z_diff": (beta_vae.compute_beta_vae_sklearn,
               {"num_train": 600, "num_eval": 600, "batch_size": 8}, "eval_accuracy", 1 / 3),
    "factor_vae": (factor_vae.compute_factor_vae,
                   {"num_train": 600, "num_eval": 600, "batch_size": 8}, "eval_accuracy", 1 / 3),
    "z_max_variance": (z_max_variance.compute_z_max_variance, {"num_votes": 2000},
                       "z_max_variance", 0.0),
    "infomec": (infomec.compute_infomec, {"num_train": 3000}, "infoe", 0.0)}


@pytest.mark.parametrize("name", sorted(HELD_OUT))
def test_every_metric_that_fits_something_holds_observations_out(name):
    compute, settings, key, chance = HELD_OUT[name]
    scores = compute(image_set(), noise, np.random.RandomState(0), **settings)
    assert scores[key] == pytest.approx(chance, abs=0.11)
    assert any("456" in note or "304" in note for note in scores["notes"])


def test_no_score_without_a_third_party():
    """SAP, fairness and attributes have no score at chance: their points are looked at."""
    binary = data.ImageSet(labelled_images()[0], labelled_images()[1][:, :2] % 2,
                           {"a": 2, "b": 2})
    for compute, made, settings in (
            (sap_score.compute_sap, image_set(), MANY),
            (attribute_classification.compute_attribute_classification, binary, MANY),
            (fairness.compute_fairness, image_set(), {
                "num_train": 300, "num_test_points_per_class": 30, **TREES})):
        watched = Watched()
        scores = compute(made, watched, np.random.RandomState(0), **settings)
        assert len(watched.seen) == len(set(watched.seen)) == NUM_IMAGES or (
            len(watched.seen) == len(set(watched.seen)) == 300 + 150)
        assert all(np.isfinite(value) for value in scores.values() if isinstance(value, float))


@pytest.mark.parametrize("num_train, num_test", [(20, 10), (100, 50), (304, 152), (450, 6)])
def test_halves_are_disjoint_and_as_large_as_asked_where_that_can_be(num_train, num_test):
    watched = Watched()
    scores = dci.compute_dci(image_set(), watched, np.random.RandomState(0), num_train=num_train,
                             num_test=num_test, **TREES)
    assert len(watched.seen) == len(set(watched.seen)) == num_train + num_test
    assert "notes" not in scores


@pytest.mark.parametrize("asked, got", [
    ((10, 5000), (10, 446)), ((3000, 1500), (304, 152)), ((5000, 10), (446, 10)),
    ((300, 156), (300, 156)), ((1, 1), (1, 1)), ((10**6, 10**6), (304, 152))])
def test_numbers_are_cut_to_what_there_is(asked, got):
    assert finite.sizes(NUM_IMAGES, *asked) == got


def test_sizes_of_small_sets():
    for number in range(2, 40):
        for asked in ((1, 1), (5, 3), (100, 1), (1, 100), (100, 100)):
            train, test = finite.sizes(number, *asked)
            assert 1 <= train <= asked[0] and 1 <= test <= asked[1] and train + test <= number


def test_sizes_of_a_training_set_that_are_the_same_are_scored_once():
    scores = downstream_task.compute_downstream_task(
        image_set(), noise, np.random.RandomState(0), num_train=[10, 1000, 10000], num_test=5000,
        **TREES)
    assert {key.partition(":")[0] for key in scores if key != "notes"} == {"10", "304"}


class Grid(grid_data.GridData):
    """Every combination of 24 x 4 x 183 values, as Cars3D, an image of three bytes."""

    def __init__(self, sizes=(24, 4, 183)):
        super().__init__({f"f{i}": size for i, size in enumerate(sizes)}, [1, 1, len(sizes)])

    def _observe(self, factors, random_state):
        return (factors[:, None, None] / 255).astype(np.float32)


def test_a_small_grid_is_a_data_set_with_an_end_and_a_large_one_is_a_simulator():
    assert finite.applies(Grid(), 15000) and not finite.applies(Grid(), 800)
    assert not finite.applies(Grid(), 0)
    assert finite.applies(image_set(), 1) and finite.applies(image_set(), 0)
    assert not finite.applies(tiny_run.TinyData(), 10**6)

    def identity(images):
        seen.extend(image.tobytes() for image in np.asarray(images))
        return np.asarray(images)[:, 0, 0]
    for num_train, num_test in ((10000, 5000), (600, 600)):
        seen = []
        sap_score.compute_sap(Grid(), identity, np.random.RandomState(0), num_train=num_train,
                              num_test=num_test)
        assert len(seen) == len(set(seen)) == num_train + num_test


def test_points_of_simulators_are_those_that_they_always_were():
    draws = []

    class Large(Grid):
        def sample(self, num, random_state):
            draws.append(num)
            return super().sample(num, random_state)
    large = Large((24, 40, 183))
    codes, factors = utils.generate_batch_factor_code(
        large, lambda images: np.asarray(images)[:, 0, 0], 50, np.random.RandomState(3), 16)
    expected = np.random.RandomState(3)
    expected = np.concatenate([Grid((24, 40, 183)).sample(num, expected)[0]
                               for num in (16, 16, 16, 2)])
    np.testing.assert_array_equal(factors.T, expected)
    assert draws == [16, 16, 16, 2] and codes.dtype == np.float64


def test_factors_and_observations_of_numbers_belong_together():
    images, factors = labelled_images()
    made = image_set()
    np.testing.assert_array_equal(made.factors_at([7, 3]), factors[[7, 3]])
    grid = Grid((3, 4, 5))
    np.testing.assert_array_equal(np.rint(255 * grid.observations_at(np.arange(60), None))[:, 0, 0],
                                  grid.factors_at(np.arange(60)))
    dots = data.ThreeDotsTrainingSet(num_images=5)
    np.testing.assert_array_equal(
        dots.observations_at([3, 1], None),
        dots.sample_observations_from_factors(dots.factors_at([3, 1]), None))


def test_single_sets_are_cut_and_hold_nothing_twice():
    watched = Watched()
    scores = mig.compute_mig(image_set(), watched, np.random.RandomState(0))
    assert len(watched.seen) == len(set(watched.seen)) == NUM_IMAGES
    assert scores["notes"] == [
        "456 points are used instead of 10000, because there are no more observations"]
    images, factors = labelled_images()
    assert scores["discrete_mig"] == pytest.approx(mig.mig(noise(images / 255), factors), abs=1e-12)


def test_ranking_of_models_averages_over_what_there_is():
    def model(images):
        return noise(images), np.ones(6)
    result = udr.compute_udr_sklearn(image_set(), [model, model], np.random.RandomState(0),
                                     num_data_points=5000)
    assert result["model_scores"] == pytest.approx([0.9, 0.9], abs=0.01)


def test_a_labelled_set_for_validation_holds_nothing_twice():
    factors, images = validate_lib._labelled_set(image_set(), 1000, np.random.RandomState(0))
    assert len(factors) == len({image.tobytes() for image in images}) == NUM_IMAGES
    drawn = validate_lib._labelled_set(tiny_run.TinyData(), 10, np.random.RandomState(5))
    np.testing.assert_array_equal(drawn[0], tiny_run.TinyData().sample(
        10, np.random.RandomState(5))[0])


def test_a_data_set_that_cannot_tell_its_factors_is_named():
    class Mute(Grid):
        factors_at = None
    scores = sap_score.compute_sap(Mute((3, 4, 5)), lambda x: np.asarray(x)[:, 0, 0],
                                   np.random.RandomState(0), num_train=30, num_test=30)
    assert any("has no factors_at" in note for note in scores["notes"])


def test_every_metric_with_a_test_half_is_in_this_file():
    halves = {metric.name for metric in catalog.METRICS if metric.from_arrays is not None
              and "test_codes" in inspect.signature(metric.from_arrays).parameters}
    assert halves <= {
        "modularity_explicitness", "dci_fast", "dci", "dci_es", "sap_score", "unified_scores",
        "downstream_task_logistic_regression", "downstream_task_boosted_trees",
        "strong_downstream_task", "fairness", "attribute_classification", "beta_vae_sklearn",
        "factor_vae_metric", "z_max_variance"} | {
            metric.name for metric in catalog.METRICS
            if metric.compute.metric is metric and _draws_halves(metric)}


def _draws_halves(metric):
    return {"num_train", "num_test"} <= set(inspect.signature(metric.compute).parameters)


def incomplete_grid():
    """A grid of 20 x 20 x 2 with an eighth of its combinations missing; images show the factors."""
    values = np.stack(np.meshgrid(*map(np.arange, (20, 20, 2)), indexing="ij"), -1).reshape(-1, 3)
    values = values[(values[:, 0] >= 5) | (values[:, 1] >= 10)]
    images = np.zeros((len(values), 2, 2, 1), np.float32)
    images[:, 0, :, 0], images[:, 1, 0, 0] = values[:, :2] / 20, values[:, 2]
    return data.ImageSet(images, values, {"x": 20, "y": 20, "z": 2})


def flat(images):
    return images.reshape(len(images), -1)[:, :3].astype(np.float64)


@pytest.mark.parametrize("metric, keywords, score, lowest", [
    # The code of z, which is frozen, is not informative: at most 2 of 3.
    (local_scores.compute_local_scores, {"num_local_clusters": 3, "locality_proportions": (0.9,)},
     "local_modularity(rho=0.9)", 0.66),
    (local_mig.compute_local_mig, {"num_local_clusters": 3, "window_fn": functools.partial(
        local_sampling.local_window, locality_proportion=0.9)}, "discrete_mig", 0.3),
    (z_max_variance.compute_z_max_variance, {"num_votes": 50}, "z_max_variance", 0.85),
    (beta_vae.compute_beta_vae_sklearn, {"num_train": 50, "num_eval": 50, "batch_size": 8},
     "eval_accuracy", 0.85),
    (factor_vae.compute_factor_vae, {"num_train": 50, "num_eval": 50}, "eval_accuracy", 0.85)])
def test_scores_that_set_factors_use_the_combinations_there_are(metric, keywords, score, lowest):
    found = metric(incomplete_grid(), flat, np.random.RandomState(0), **keywords)
    assert "the data set has 700 of 800 combinations of its factors (87.5%)" in found["notes"]
    # Each code is a factor.
    assert found[score] > lowest


def test_neighbourhoods_without_points_are_refused_by_name():
    values = np.random.RandomState(0).randint(1000, size=(300, 3))
    images = np.zeros((300, 2, 2, 1), np.float32)
    images[:, 0, :, 0], images[:, 1, 0, 0] = values[:, :2] / 1000, values[:, 2] / 1000
    sparse = data.ImageSet(images, values, dict.fromkeys("xyz", 1000), checked=True)
    with pytest.raises(errors.InvalidArgumentError, match="100 points in the neighbourhood"):
        local_scores.compute_local_scores(sparse, flat, np.random.RandomState(0))
