"""The parts of the KL against closed forms, where posteriors coincide, are apart, or are known."""
import numpy as np
import pytest
from scipy import stats

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import aggregate_posterior
from tf_disentangle.evaluation.metrics.common import model_protocol

NUM_POINTS = 500


def model(encode=None, log_prior=None):
    return model_protocol.ModelFunctions(
        encode, decode=None, reconstruction_loss=None, log_likelihood=None,
        log_prior=log_prior or (lambda codes: np.sum(stats.norm.logpdf(codes), axis=1)))


def scores(mean, logvar, **parts):
    return aggregate_posterior.aggregate_posterior(mean, logvar, model(**parts), 3)


@pytest.mark.oracle
def test_equal_posteriors_overlap_wholly():
    mean, logvar = np.full((NUM_POINTS, 2), 0.7), np.full((NUM_POINTS, 2), -1.0)
    found = scores(mean, logvar)
    assert found["mutual_information"] == pytest.approx(0, abs=1e-12)
    assert found["overlap"] == pytest.approx(1 - 1 / NUM_POINTS, abs=1e-12)
    # The logarithm of the ratio has a standard deviation of 0.87.
    closed_form = np.sum(model_protocol.gaussian_kl(mean[0], logvar[0]))
    assert found["marginal_kl"] == pytest.approx(closed_form, abs=4 * 0.9 / np.sqrt(NUM_POINTS))


@pytest.mark.oracle
def test_posteriors_that_are_apart_tell_the_image():
    mean = np.stack([np.arange(NUM_POINTS), np.zeros(NUM_POINTS)], axis=1)
    found = scores(mean, np.full(mean.shape, -12.0))
    assert found["mutual_information"] == pytest.approx(np.log(NUM_POINTS), abs=1e-9)
    assert found["overlap"] == pytest.approx(0, abs=1e-9)


@pytest.mark.oracle
def test_known_mutual_information_of_a_gaussian_channel():
    # Means from N(0, 0.75) and noise of variance 0.25: the aggregate posterior is N(0, 1), and
    # the mutual information of a code is log(1 / 0.25) / 2.
    mean = np.random.RandomState(0).normal(scale=np.sqrt(0.75), size=(2000, 1))
    found = scores(mean, np.full(mean.shape, np.log(0.25)))
    assert found["mutual_information"] == pytest.approx(np.log(2), abs=0.05)
    assert found["marginal_kl"] == pytest.approx(0, abs=0.01)


@pytest.mark.property
def test_parts_add_up_for_any_prior():
    mean, logvar = np.random.RandomState(1).normal(size=(2, NUM_POINTS, 3))
    found = scores(mean, logvar,
                   log_prior=lambda codes: np.sum(stats.t.logpdf(codes, 3), axis=1))
    assert found["kl"] == pytest.approx(
        found["mutual_information"] + found["marginal_kl"], abs=1e-12)


class Data:
    """Images that are the parameters of their posterior, in random order."""

    factors_num_values, num_factors, observation_shape = [NUM_POINTS], 1, [4, 1, 1]
    images = np.random.RandomState(2).normal(size=(NUM_POINTS, 4, 1, 1))

    def sample(self, num, random_state):
        rows = random_state.permutation(NUM_POINTS)[:num]
        return rows[:, None], self.images[rows]


@pytest.mark.oracle
def test_scores_of_a_dataset_are_those_of_its_points():
    functions = model(encode=lambda images: (images[:, :2, 0, 0], images[:, 2:, 0, 0]))
    found = aggregate_posterior.compute_aggregate_posterior(
        Data(), None, np.random.RandomState(0), None, functions, 40, 40)
    random_state = np.random.RandomState(0)
    noise = np.random.RandomState(random_state.randint(2**31))
    parameters = Data().sample(40, random_state)[1][:, :, 0, 0]
    assert found == pytest.approx(aggregate_posterior.aggregate_posterior(
        parameters[:, :2], parameters[:, 2:], functions, noise), rel=1e-12)


def test_bad_input():
    compute = aggregate_posterior.compute_aggregate_posterior
    with pytest.raises(errors.InvalidArgumentError, match="model_functions"):
        compute(Data(), None, np.random.RandomState(0))
    with pytest.raises(errors.InvalidArgumentError, match="num_test.*at least 2"):
        compute(Data(), None, np.random.RandomState(0), None, model(), num_test=1)
    with pytest.raises(errors.InvalidArgumentError, match="log_prior"):
        scores(np.zeros((5, 2)), np.zeros((5, 2)), log_prior=lambda codes: np.full(5, np.nan))
