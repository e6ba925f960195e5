"""Reconstruction error against plain sums, and what metrics of whole models have in common."""
import gin
import numpy as np
import pytest

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import (
    image_similarity,
    log_likelihood,
    reconstruction_error,
)
from tf_disentangle.evaluation.metrics.common import model_protocol, sampling

METRICS = {"reconstruction_error": reconstruction_error.compute_reconstruction_error,
           "image_similarity": image_similarity.compute_image_similarity,
           "log_likelihood": log_likelihood.compute_log_likelihood}


def model():
    """Codes are the rows' values; every other column comes back larger by the first code."""
    def encode(images):
        return images[:, :, 1, 0], np.zeros((len(images), 2), "f")

    def decode(codes):
        images = np.repeat(codes[:, :, None, None], 4, axis=2)
        images[:, :, ::2] += codes[:, :1, None, None]
        return images
    return model_protocol.ModelFunctions(
        encode, decode, reconstruction_loss=lambda images, codes: 3.0 + codes[:, 1],
        log_likelihood=None, log_prior=None)


class StripedData:
    """Two factors of eight values, each the value of a row."""

    factors_num_values, num_factors, observation_shape = [8, 8], 2, [2, 4, 1]
    largest_batch = 0

    def sample(self, num, random_state):
        self.largest_batch = max(num, self.largest_batch)
        factors = random_state.randint(8, size=(num, 2))
        return factors, np.repeat(factors[:, :, None, None] / 8, 4, axis=2).astype(np.float32)


@pytest.mark.oracle
def test_errors_of_arrays():
    random_state = np.random.RandomState(0)
    images, others = random_state.uniform(size=(2, 5, 3, 4, 2))
    scores = reconstruction_error.reconstruction_error(images, others)
    pairs = list(zip(images.ravel(), others.ravel()))
    assert scores == pytest.approx({
        "mean_squared_error": sum((x - y)**2 for x, y in pairs) / len(pairs),
        "mean_absolute_error": sum(abs(x - y) for x, y in pairs) / len(pairs)}, rel=1e-12)
    squared, absolute = reconstruction_error.pixel_errors(images, others)
    assert squared[3] == pytest.approx(np.sum((images[3] - others[3])**2) / 24, rel=1e-12)
    assert absolute[3] == pytest.approx(np.sum(np.abs(images[3] - others[3])) / 24, rel=1e-12)


@pytest.mark.property
def test_differences_of_bytes_and_halves_do_not_wrap_or_round():
    low, high = np.zeros((1, 2, 2, 1), np.uint8), np.full((1, 2, 2, 1), 255, np.uint8)
    assert reconstruction_error.reconstruction_error(low, high)["mean_absolute_error"] == 255
    halves = np.full((1, 64, 64, 1), 0.3, np.float16)
    expected = float(np.float16(0.3))**2
    assert reconstruction_error.reconstruction_error(halves, 0 * halves)[
        "mean_squared_error"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.oracle
def test_errors_on_a_dataset():
    data = StripedData()
    scores = reconstruction_error.compute_reconstruction_error(
        data, None, np.random.RandomState(3), None, model(), num_test=1300, batch_size=7)
    random_state = np.random.RandomState(3)
    rows = np.concatenate([StripedData().sample(num, random_state)[0] / 8
                           for num in [7] * 185 + [5]])
    assert data.largest_batch == 7 and len(rows) == 1300
    # Half the pixels are off by the value of the first row.
    assert scores == pytest.approx({
        "mean_squared_error": np.mean(rows[:, 0]**2) / 2,
        "mean_absolute_error": np.mean(rows[:, 0]) / 2,
        "reconstruction_loss": 3 + np.mean(rows[:, 1])}, rel=1e-6)


@pytest.mark.property
def test_images_are_held_a_chunk_at_a_time():
    sizes, functions = [], model()

    def encode(images):
        sizes.append(len(images))
        return functions.encode(images)
    reconstruction_error.compute_reconstruction_error(
        StripedData(), None, np.random.RandomState(0), None, functions._replace(encode=encode),
        num_test=2 * sampling.ENCODING_BATCH + 5)
    assert sizes == [sampling.ENCODING_BATCH] * 2 + [5]


@pytest.mark.contract
@pytest.mark.parametrize("name, compute", METRICS.items())
def test_a_metric_that_needs_a_model_says_so(name, compute):
    with pytest.raises(errors.InvalidArgumentError, match=(
            "`model_functions`. Expected the functions of a trained model, which this metric "
            "needs. Received: model_functions=None. .*make_model_functions")) as raised:
        compute(StripedData(), None, np.random.RandomState(0))
    assert "\n" not in str(raised.value)
    for argument in ("model_functions", "random_state", "artifact_dir"):
        with pytest.raises(ValueError):
            gin.parse_config(f"{name}.{argument} = 3")
    gin.parse_config(f"{name}.num_test = 3")


@pytest.mark.contract
def test_the_same_by_gin():
    gin.parse_config("reconstruction_error.num_test = 20\nreconstruction_error.batch_size = 5")
    by_gin = gin.get_configurable("reconstruction_error")(
        StripedData(), None, np.random.RandomState(0), model_functions=model())
    assert by_gin == reconstruction_error.compute_reconstruction_error(
        StripedData(), None, np.random.RandomState(0), model_functions=model(), num_test=20,
        batch_size=5)


def test_bad_arrays():
    images = np.zeros((2, 3, 3, 1))
    compute = reconstruction_error.reconstruction_error
    expected = r"`others.shape`. Expected \(2, 3, 3, 1\)"
    with pytest.raises(errors.InvalidArgumentError, match=expected):
        compute(images, images[:1])
    with pytest.raises(errors.InvalidArgumentError, match="`images.shape`.*none of them zero"):
        compute(images[:0], images[:0])
    with pytest.raises(errors.InvalidArgumentError, match="`others`.*18 NaN or infinite"):
        compute(images, images + np.nan)
    broken = model()._replace(reconstruction_loss=lambda images, codes: codes[:, 0] * np.inf)
    with np.errstate(invalid="ignore"), pytest.raises(
            errors.InvalidArgumentError, match="`reconstruction_loss`.*training"):
        reconstruction_error.compute_reconstruction_error(
            StripedData(), None, np.random.RandomState(0), model_functions=broken, num_test=4)
    with pytest.raises(errors.InvalidArgumentError, match="`num_test`"):
        reconstruction_error.compute_reconstruction_error(
            StripedData(), None, np.random.RandomState(0), model_functions=model(), num_test=0)
