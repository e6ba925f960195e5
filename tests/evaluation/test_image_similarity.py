"""PSNR and structural similarity against closed forms, loops and scikit-image."""
import numpy as np
import pytest

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import image_similarity
from tf_disentangle.evaluation.metrics.common import model_protocol

C1, C2 = 1e-4, 9e-4


def pairs(shape=(3, 17, 23, 3)):
    random_state = np.random.RandomState(5)
    images = random_state.uniform(size=shape)
    return images, np.clip(images + 0.2 * random_state.normal(size=shape), 0, 1)


def similarity_by_loops(x, y):
    """The definition, window by window, of one image of one channel `[height, width]`."""
    offsets = np.arange(11) - 5
    weights = np.exp(-(offsets[:, None]**2 + offsets**2) / (2 * 1.5**2))
    weights /= weights.sum()
    values = []
    for row in range(x.shape[0] - 10):
        for column in range(x.shape[1] - 10):
            a, b = (image[row:row + 11, column:column + 11] for image in (x, y))
            mean_a, mean_b = np.sum(weights * a), np.sum(weights * b)
            variance_a = np.sum(weights * (a - mean_a)**2)
            variance_b = np.sum(weights * (b - mean_b)**2)
            covariance = np.sum(weights * (a - mean_a) * (b - mean_b))
            values.append((2 * mean_a * mean_b + C1) * (2 * covariance + C2)
                          / (mean_a**2 + mean_b**2 + C1) / (variance_a + variance_b + C2))
    return np.mean(values)


@pytest.mark.oracle
def test_similarity_is_that_of_the_definition():
    images, others = pairs((2, 14, 13, 2))
    expected = [np.mean([similarity_by_loops(images[i, :, :, c], others[i, :, :, c])
                         for c in range(2)]) for i in range(2)]
    np.testing.assert_allclose(image_similarity.structural_similarity(images, others), expected,
                               rtol=1e-10)


@pytest.mark.oracle
def test_both_are_those_of_scikit_image():
    # scikit-image 0.26.0, image by image: structural_similarity(x, y, gaussian_weights=True,
    # sigma=1.5, use_sample_covariance=False, data_range=1, channel_axis=2) and
    # peak_signal_noise_ratio(x, y, data_range=1), on `pairs()` and on its first channel.
    images, others = pairs()
    np.testing.assert_allclose(
        image_similarity.structural_similarity(images, others),
        [0.8156982777447218, 0.8109601247507277, 0.8118390183263663], rtol=1e-10)
    np.testing.assert_allclose(
        image_similarity.structural_similarity(images[..., :1], others[..., :1]),
        [0.8675315881687286, 0.843636797751485, 0.8142296521635554], rtol=1e-10)
    np.testing.assert_allclose(
        image_similarity.psnr(images, others),
        [15.035385407847965, 14.98266057023148, 14.881863996296614], rtol=1e-10)


@pytest.mark.oracle
def test_constant_images():
    # Without contrast the second factor is C2 / C2.
    levels = np.array([0.0, 0.2, 0.7, 1.0])
    images = np.broadcast_to(levels[:, None, None, None], (4, 12, 15, 1))
    others = images[::-1]
    expected = (2 * levels * levels[::-1] + C1) / (levels**2 + levels[::-1]**2 + C1)
    np.testing.assert_allclose(image_similarity.structural_similarity(images, others), expected,
                               rtol=1e-10)
    np.testing.assert_allclose(image_similarity.psnr(images, others),
                               -20 * np.log10(np.abs(levels - levels[::-1])), rtol=1e-12,
                               atol=1e-12)


@pytest.mark.property
def test_equal_images_and_order():
    images, others = pairs()
    np.testing.assert_allclose(image_similarity.structural_similarity(images, images), 1,
                               rtol=1e-12)
    assert image_similarity.psnr(images, images).tolist() == [100, 100, 100]
    assert image_similarity.psnr(images, images + 1e-6).tolist() == [100, 100, 100]
    assert image_similarity.psnr(images, images + 1e-4)[0] == pytest.approx(80, abs=1e-6)
    # The negative of an image has the same variance and minus the covariance.
    negative = image_similarity.structural_similarity(images, 1 - images)
    assert np.all(negative > -1) and np.all(negative < -0.8)
    for measure in (image_similarity.psnr, image_similarity.structural_similarity):
        np.testing.assert_allclose(measure(images, others), measure(others, images), rtol=1e-12)
        turned = np.rot90(images, axes=(1, 2)), np.rot90(others, axes=(1, 2))
        np.testing.assert_allclose(measure(*turned), measure(images, others), rtol=1e-12)
        np.testing.assert_allclose(measure(images[::-1], others[::-1]),
                                   measure(images, others)[::-1], rtol=1e-12)


@pytest.mark.property
def test_many_images_are_as_one_by_one():
    images, others = (part.astype(np.float32) for part in pairs((130, 11, 12, 1)))
    one_by_one = [image_similarity.structural_similarity(images[i:i + 1], others[i:i + 1])[0]
                  for i in (0, 63, 64, 129)]
    together = image_similarity.structural_similarity(images, others)
    assert together.shape == (130,) and together.dtype == np.float64
    np.testing.assert_allclose(together[[0, 63, 64, 129]], one_by_one, rtol=1e-12)


class NoiseData:
    """Images of noise."""

    factors_num_values, num_factors, observation_shape = [2], 1, [12, 12, 1]

    def sample(self, num, random_state):
        return (random_state.randint(2, size=(num, 1)),
                random_state.uniform(size=(num, 12, 12, 1)).astype(np.float32))


@pytest.mark.oracle
def test_similarity_on_a_dataset():
    def encode(images):
        return images.reshape(len(images), -1), None
    model = model_protocol.ModelFunctions(
        encode, lambda codes: codes.reshape(-1, 12, 12, 1) / 2, None, None, None)
    scores = image_similarity.compute_image_similarity(
        NoiseData(), None, np.random.RandomState(1), None, model, num_test=600, batch_size=600)
    _, images = NoiseData().sample(600, np.random.RandomState(1))
    assert scores == pytest.approx({
        "psnr": np.mean(-10 * np.log10(np.mean((images / 2)**2, axis=(1, 2, 3)))),
        "ssim": np.mean([similarity_by_loops(x, x / 2)
                         for x in images[:, :, :, 0].astype(np.float64)])}, rel=1e-6)


def test_bad_images():
    images = np.zeros((2, 11, 10, 1))
    with pytest.raises(errors.InvalidArgumentError, match="sides of at least 11.*10, 1"):
        image_similarity.structural_similarity(images, images)
    with pytest.raises(errors.InvalidArgumentError, match="sides of at least 11"):
        image_similarity.structural_similarity(images[..., 0], images[..., 0])
    with pytest.raises(errors.InvalidArgumentError, match="`others.shape`"):
        image_similarity.psnr(images, images[0])
    with pytest.raises(errors.InvalidArgumentError, match="`images`.*NaN"):
        image_similarity.structural_similarity(np.full((1, 11, 11, 1), np.nan),
                                               np.zeros((1, 11, 11, 1)))
