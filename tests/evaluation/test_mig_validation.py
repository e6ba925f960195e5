"""The mutual information gap of a fixed labelled set."""
import gin
import numpy as np
import pytest

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import mig


@pytest.fixture
def toy_set(toy_problem):
    """The observations and labels that the recorded score was made of."""
    random_state, data = np.random.RandomState(7), toy_problem.ToyData()
    batches = [data.sample(min(16, 1000 - start), random_state) for start in range(0, 1000, 16)]
    factors, observations = (np.concatenate(parts) for parts in zip(*batches))
    return observations, factors.T


@pytest.mark.parametrize("batch_size", [1, 100, 5000])
def test_recorded_score(toy_problem, metrics_oracle, toy_set, batch_size):
    scores = mig.compute_mig_on_fixed_data(*toy_set, toy_problem.toy_representation, batch_size)
    recorded = metrics_oracle["upstream"]["scores"]["mig/live"]
    assert scores == {"discrete_mig": pytest.approx(recorded["discrete_mig"], abs=1e-6)}


def test_it_is_the_score_of_the_arrays(identity):
    random_state = np.random.RandomState(0)
    factors = random_state.randint(4, size=(700, 3))
    observations = (factors + random_state.normal(size=(700, 3)))[:, :, None, None]
    scores = mig.compute_mig_on_fixed_data(observations, factors.T, identity, discretizer=7)
    assert scores["discrete_mig"] == mig.mig(observations[:, :, 0, 0], factors, 7)
    # As from lists that a JSON file or a labeller gives.
    assert scores == mig.compute_mig_on_fixed_data(observations, factors.T.tolist(), identity,
                                                   discretizer=7)


def test_gin(identity):
    factors = np.random.RandomState(0).randint(4, size=(200, 2))
    observations = factors[:, :, None, None] + np.random.RandomState(1).uniform(size=(200, 2, 1, 1))
    gin.parse_config("mig_validation.batch_size = 10\ndiscretizer.num_bins = 3")
    scores = gin.get_configurable("mig_validation")(observations, factors.T, identity)
    gin.clear_config()
    assert scores == mig.compute_mig_on_fixed_data(observations, factors.T, identity,
                                                   discretizer=3)
    with pytest.raises(ValueError):
        gin.parse_config("mig_validation.labels = 1")


def test_labels_the_other_way_round_are_an_error(identity):
    factors = np.random.RandomState(0).randint(4, size=(200, 2))
    with pytest.raises(errors.InvalidArgumentError, match="`factors.shape`.*200 rows.*transpose"):
        mig.compute_mig_on_fixed_data(factors[:, :, None, None], factors, identity)
