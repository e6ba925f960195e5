"""Samples, reconstructions, and models in scikit-learn's pipelines."""
import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers import tiny_run
from models.test_small_batches import IMAGES, make
from sklearn import base, linear_model, model_selection, pipeline

from tf_disentangle import errors, models, networks, priors, reconstruction
from tf_disentangle.models import array_methods

LABELS = np.arange(len(IMAGES)) % 2


def fitted_pca(cls=models.PCA):
    return cls(num_components=3).fit(IMAGES)


def all_models():
    return [make(), make(models.DIPVAE), fitted_pca(), fitted_pca(models.FastICA),
            make(prior=priors.LaplacePrior(0.5)),
            make(prior=priors.VampPrior(2, kl_mode="monte_carlo")),
            make(reconstruction_loss=reconstruction.L2Loss("tanh"))]


@pytest.mark.contract
def test_every_model_samples_and_reconstructs():
    for model in all_models():
        samples = model.sample(5, seed=3)
        assert isinstance(samples, np.ndarray) and samples.shape == (5, 8, 8, 1)
        np.testing.assert_array_equal(samples, model.sample(5, seed=3))
        assert np.abs(samples - model.sample(5, seed=4)).max() > 1e-4
        reconstructed = model.reconstruct(IMAGES)
        expected = model.mean_image(model.decode(model.representation(IMAGES)))
        np.testing.assert_allclose(reconstructed, expected, rtol=1e-6)
        if model.reconstruction_loss.is_bounded:
            assert 0 <= samples.min() and samples.max() <= 1
        np.testing.assert_array_equal(model.transform(IMAGES), model.representation(IMAGES))


@pytest.mark.oracle
def test_samples_are_of_the_models_own_prior():
    # A decoder that shows its codes: the moments of samples are those of the prior.
    def shows(latent_tensor, output_shape, is_training=False):
        del is_training
        zeros = keras.layers.Concatenate()([latent_tensor] * 22)[:, :64]
        return keras.layers.Reshape(tuple(output_shape))(zeros)
    for prior, variance in ((priors.IsotropicNormalPrior(4.0), 4.0), (None, 1.0),
                            (priors.LaplacePrior(2.0), 8.0)):
        model = models.VAE(decoder=networks.make_decoder(3, [8, 8, 1], shows), prior=prior,
                           encoder=networks.make_gaussian_encoder(
                               [8, 8, 1], 3, tiny_run.tiny_encoder),
                           reconstruction_loss=reconstruction.L2Loss("linear"))
        found = model.sample(20000).reshape(20000, -1)[:, :3]
        # 4 standard errors of a variance: the Laplace distribution's has kurtosis 6.
        tolerance = 4 * np.sqrt(5 / 20000) * variance
        np.testing.assert_allclose(found.var(axis=0), variance, atol=tolerance)
        np.testing.assert_allclose(found.mean(axis=0), 0, atol=4 * np.sqrt(variance / 20000))


@pytest.mark.contract
def test_arguments_of_samples():
    model = make()
    for arguments, name in (((0,), "num"), ((2.5,), "num"), ((2, -1), "seed"), ((2, 0.5), "seed")):
        with pytest.raises(errors.InvalidArgumentError, match=f"`{name}`"):
            model.sample(*arguments)
    with pytest.raises(errors.UserError, match="does not know the shape"):
        models.VAE().sample(2)
    # A model of a given encoder knows it.
    assert make().sample(2).shape == (2, 8, 8, 1) and make().num_latent == 3
    assert make().decode(np.zeros([1, 3], "f")).shape == (1, 8, 8, 1)


@pytest.mark.property
@pytest.mark.parametrize("cls", [models.PCA, models.FastICA])
def test_linear_models_in_a_pipeline(cls):
    pipe = pipeline.make_pipeline(cls(num_components=3), linear_model.LogisticRegression())
    pipe.fit(IMAGES, LABELS)
    codes = cls(num_components=3)
    codes.adapt(IMAGES, report=lambda line: None)
    by_hand = linear_model.LogisticRegression().fit(codes.representation(IMAGES), LABELS)
    np.testing.assert_array_equal(pipe.predict(IMAGES),
                                  by_hand.predict(codes.representation(IMAGES)))
    clone = base.clone(pipe)
    assert clone[0] is not pipe[0] and clone[0].num_components == 3
    np.testing.assert_array_equal(clone.fit(IMAGES, LABELS).predict(IMAGES), pipe.predict(IMAGES))
    scores = model_selection.cross_val_score(pipe, IMAGES, LABELS, cv=2)
    assert scores.shape == (2,) and np.isfinite(scores).all() and repr(pipe)


@pytest.mark.contract
def test_fit_of_a_linear_model():
    model = models.PCA(num_components=3)
    assert model.fit(IMAGES, LABELS) is model
    fresh = models.PCA(num_components=3)
    np.testing.assert_array_equal(fresh.fit_transform(IMAGES), model.transform(IMAGES))
    bytes_ = np.round(IMAGES * 255).astype(np.uint8)
    np.testing.assert_allclose(
        models.PCA(num_components=3).fit(bytes_).columns,
        models.PCA(num_components=3).fit(bytes_ / np.float64(255)).columns, rtol=1e-4, atol=1e-6)
    with pytest.raises(errors.UserError, match="does not learn in steps"):
        model.fit(IMAGES, epochs=2)
    with pytest.raises(errors.InvalidArgumentError, match="from nan"):
        models.PCA(num_components=3).fit(IMAGES * np.nan)


@pytest.mark.contract
def test_a_vae_in_a_pipeline():
    pipe = pipeline.Pipeline([("vae", make()), ("labels", linear_model.LogisticRegression())])
    pipe.fit(IMAGES, LABELS, vae__epochs=2, vae__verbose=0)
    assert int(pipe[0].step) == 2 and pipe.predict(IMAGES).shape == LABELS.shape
    clone = base.clone(pipe)
    clone.fit(IMAGES, LABELS, vae__verbose=0)
    assert int(clone[0].step) == 1 and clone[0].optimizer is not pipe[0].optimizer
    assert tf.reduce_any(clone[0].encoder.weights[0] != pipe[0].encoder.weights[0])


@pytest.mark.contract
@pytest.mark.parametrize("through_a_file", [False, True])
def test_a_clone_begins_as_its_model_did(through_a_file, tmp_path):
    keras.utils.set_random_seed(0)
    encoder = networks.make_gaussian_encoder([8, 8, 1], 3, logvar_offset=-30.0,
                                             initialization="torch")
    model = models.VAE(encoder=encoder, decoder=networks.make_decoder(
        3, [8, 8, 1], initialization="torch"))
    model.compile("sgd")
    model.predict(IMAGES, verbose=0)
    if through_a_file:
        model.save(tmp_path / "model.keras")
        model = keras.models.load_model(tmp_path / "model.keras")
    clone = base.clone(model)
    clone.as_images(IMAGES)                 # builds it
    for name in ("encoder", "decoder"):
        for ours, theirs in zip(getattr(clone, name).layers, getattr(model, name).layers):
            if not hasattr(ours, "kernel"):
                continue
            # Of hundreds of draws from U(-b, b) one is beyond .8 b. Glorot's have another bound.
            bound = 1 / np.sqrt(np.prod(ours.kernel.shape[:-1]))
            largest = np.max(np.abs(ours.kernel))
            assert bound * 0.8 < largest <= bound * (1 + 1e-6)
            shift = -30.0 if ours.name == "log_var" else 0.0
            assert 0 < np.max(np.abs(ours.bias - shift)) <= bound + 1e-5
            assert np.any(ours.kernel.numpy() != theirs.kernel.numpy())


@pytest.mark.property
@pytest.mark.parametrize("of", [np.asarray, tf.constant, list])
def test_many_images_are_encoded_in_parts(monkeypatch, of):
    """One after another, so that memory does not grow with the number of images."""
    model, sizes = tiny_run.make_model(), []
    encoded = model._encoded
    monkeypatch.setattr(model, "_encoded", lambda block: sizes.append(len(block)) or encoded(block))
    monkeypatch.setattr(array_methods, "_BLOCK", 8)
    monkeypatch.setattr(array_methods, "_VALUES", 100)
    images = np.random.RandomState(0).rand(20, *tiny_run.SHAPE).astype(np.float32)
    codes = model.gaussian_encoder(of(images))
    assert sizes == ([20] if of is list else [8, 8, 4])
    means, logvars = model.encode(images)
    np.testing.assert_allclose(codes["mean"], means, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(codes["logvar"], logvars, rtol=1e-5, atol=1e-6)
    assert model.transform(images[:0]).shape == (0, 3)
