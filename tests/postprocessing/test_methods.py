"""What represents an image: the mean of its posterior, or a sample of it."""
import types

import gin
import numpy as np
import pytest
import scipy.stats
from helpers import small_vae

from tf_disentangle import errors, postprocessing, priors
from tf_disentangle.evaluation import subject

IMAGES = np.random.RandomState(0).uniform(size=(6, 4)).astype(np.float32)


def gaussian_encoder(images):
    return {"mean": images[:, :3] * 5, "logvar": np.full((len(images), 3), np.log(0.25), "f")}


@pytest.mark.oracle
def test_mean():
    codes = postprocessing.make_representation(gaussian_encoder)(IMAGES)
    np.testing.assert_array_equal(codes, IMAGES[:, :3] * 5)
    transform, path = postprocessing.mean_representation(None, None, None, save_path="x")
    assert path is None
    np.testing.assert_array_equal(transform(mean=np.ones((2, 3)), logvar=None), np.ones((2, 3)))


@pytest.mark.oracle
def test_sample():
    transform, path = postprocessing.sampled_representation(
        None, None, np.random.RandomState(3))
    mean, logvar = np.full((20000, 2), 1.5, np.float32), np.full((20000, 2), np.log(0.25), "f")
    codes = transform(mean=mean, logvar=logvar)
    assert path is None and codes.dtype == np.float32
    # mean 1.5, variance 0.25: four standard errors of either with 20 000 samples.
    np.testing.assert_allclose(codes.mean(axis=0), 1.5, rtol=0, atol=4 * 0.5 / 20000 ** 0.5)
    np.testing.assert_allclose(codes.var(axis=0), 0.25, rtol=4 * (2 / 20000) ** 0.5)


@pytest.mark.oracle
def test_sample_of_a_student_t_posterior():
    # 60 000 samples with 8 degrees of freedom: the variance is df / (df - 2) = 4 / 3 times the
    # squared scale; its standard error, the kurtosis being 3 + 6 / (df - 4) = 4.5, is
    # sqrt(3.5 / 60 000) of it. Normal noise is 33 standard errors away.
    representation = postprocessing.make_representation(
        lambda images: {"mean": np.full((20000, 3), 1.5, "f"),
                        "logvar": np.full((20000, 3), np.log(0.25), "f")},
        None, postprocessing.sampled_representation, 3,
        model=types.SimpleNamespace(posterior=priors.StudentTPosterior(8.0)))
    codes = representation(None).astype(np.float64)
    np.testing.assert_allclose(codes.var(), 0.25 * 4 / 3, rtol=4 * (3.5 / 60000) ** 0.5)
    assert scipy.stats.kstest(codes.ravel(), scipy.stats.t(8, 1.5, 0.5).cdf).pvalue > 1e-3


@pytest.mark.contract
def test_an_evaluation_samples_the_posterior_of_the_model(monkeypatch):
    model = small_vae.make(posterior=priors.StudentTPosterior(2.5),
                           prior=priors.StandardNormal(kl_mode="monte_carlo"))
    monkeypatch.setattr(subject.trained, "load_model",
                        lambda model_dir, trust_modules=False: model)
    gin.parse_config("postprocess.postprocess_fn = @sampled_representation")
    images = small_vae.images()
    codes = subject.Subject("a run").representation(None)(images)
    np.testing.assert_array_equal(codes, model.posterior.draw(
        **model.gaussian_encoder(images), random_state=np.random.RandomState(0)))


@pytest.mark.property
def test_samples_are_a_function_of_the_seed():
    def codes(seed):
        representation = postprocessing.make_representation(
            gaussian_encoder, postprocess_fn=postprocessing.sampled_representation,
            random_seed=seed)
        return representation(IMAGES)
    np.testing.assert_array_equal(codes(1), codes(1))
    assert np.all(codes(1) != codes(2))


@pytest.mark.contract
def test_by_gin():
    gin.parse_config("postprocess.postprocess_fn = @sampled_representation\n"
                     "postprocess.random_seed = 1\npostprocess.name = 'a tag'\n"
                     "sampled_representation.save_path = None")
    codes = postprocessing.make_representation(gaussian_encoder)(IMAGES)
    gin.clear_config()
    np.testing.assert_array_equal(codes, postprocessing.make_representation(
        gaussian_encoder, None, postprocessing.sampled_representation, 1)(IMAGES))


def test_a_function_of_ones_own_sees_the_protocol():
    seen = {}

    def first_code(ground_truth_data, encoder, random_state):
        seen.update(data=ground_truth_data, encoder=encoder, draw=random_state.randint(2**31))
        return (lambda mean, logvar: mean[:, :1]), None
    codes = postprocessing.make_representation(gaussian_encoder, "data", first_code, 7)(IMAGES)
    assert codes.shape == (6, 1)
    assert seen == {"data": "data", "encoder": gaussian_encoder,
                    "draw": np.random.RandomState(7).randint(2**31)}


def test_wrong_seed():
    with pytest.raises(errors.InvalidArgumentError, match="random_seed=-1"):
        postprocessing.make_representation(gaussian_encoder, random_seed=-1)
