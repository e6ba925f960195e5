"""PCA and FastICA against scikit-learn, known sources and eigenvalues; as models like others."""
import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers import fixtures
from sklearn import decomposition

from tf_disentangle import errors, models
from tf_disentangle.configuration import parsing
from tf_disentangle.visualize import jacobian_columns

SHAPE, NUM, NUM_LATENT = [4, 5, 1], 3000, 3
LINEAR = (models.PCA, models.FastICA)


def independent_sources(num=NUM, num_latent=NUM_LATENT, seed=0):
    """`[num, num_latent]` of variance 1: a bounded one, one of two values, others with tails."""
    random = np.random.RandomState(seed)
    return np.stack([random.uniform(-3**0.5, 3**0.5, num), random.choice([-1.0, 1.0], num),
                     *random.laplace(scale=0.5**0.5, size=(num_latent - 2, num))], axis=1)


def mixed_images(noise=0.0, seed=0):
    """Images that are a linear mixture of sources, the mixing matrix, and the sources."""
    random = np.random.RandomState(seed + 100)
    mixing = random.normal(scale=0.05, size=(NUM_LATENT, np.prod(SHAPE)))
    sources = independent_sources(seed=seed)
    pixels = 0.5 + sources @ mixing + noise * random.normal(size=(NUM, np.prod(SHAPE)))
    return pixels.reshape(NUM, *SHAPE), mixing, sources


def fitted(cls, images, num_components=NUM_LATENT, dtype="float32", report=pytest.fail, **options):
    """A model adapted to images. That something is reported fails a test by default."""
    with fixtures.computing_in(dtype):
        model = cls(num_components=num_components, **options)
        model.build((None, *images.shape[1:]))
    model.adapt(images, report)
    return model


def flat(images):
    return np.reshape(images, (len(images), -1))


@pytest.mark.oracle
@pytest.mark.parametrize("dtype, code_error, image_error", [
    # float64: two solvers, and noise of neighbouring variances. float32: codes are the small
    # difference of sums of pixels around 1/2.
    ("float64", 1e-8, 1e-10), ("float32", 1e-4, 1e-6)])
def test_pca_is_that_of_scikit_learn(dtype, code_error, image_error):
    images, _, _ = mixed_images(noise=0.02)
    model = fitted(models.PCA, images, 5, dtype)
    theirs = decomposition.PCA(5, whiten=True, svd_solver="full").fit(flat(images))
    codes, expected = model.representation(images), theirs.transform(flat(images))
    signs = np.sign(np.sum(codes * expected, axis=0))
    np.testing.assert_allclose(codes * signs, expected, rtol=0, atol=code_error)
    np.testing.assert_allclose(flat(model.reconstruct(images)), theirs.inverse_transform(expected),
                               rtol=0, atol=image_error)
    scale = np.sqrt(theirs.explained_variance_)[:, None]
    np.testing.assert_allclose(flat(model.columns) * signs[:, None], theirs.components_ * scale,
                               rtol=0, atol=image_error)


@pytest.mark.oracle
@pytest.mark.parametrize("cls", LINEAR)
def test_squared_error_is_the_variance_that_is_left_out(cls):
    images, _, _ = mixed_images(noise=0.05)
    model = fitted(cls, images, dtype="float64")
    error = np.mean(np.sum(flat(model.reconstruct(images) - images)**2, axis=1))
    eigenvalues = np.linalg.eigvalsh(np.cov(flat(images).T, bias=True))
    np.testing.assert_allclose(error, eigenvalues[:-NUM_LATENT].sum(), rtol=1e-10)
    terms = model.loss_terms(tf.constant(images))
    np.testing.assert_allclose([terms["loss"], terms["reconstruction_loss"]], error, rtol=1e-10)


@pytest.mark.oracle
def test_ica_finds_the_sources_that_were_mixed():
    images, mixing, sources = mixed_images()
    model = fitted(models.FastICA, images, dtype="float64", tol=1e-8)
    codes = model.representation(images)
    correlations = np.corrcoef(sources.T, codes.T)[:NUM_LATENT, NUM_LATENT:]
    found = np.argmax(np.abs(correlations), axis=1)
    assert sorted(found) == list(range(NUM_LATENT))
    # Sources are independent up to 1 / sqrt(3000) = 0.018 in the sample.
    strongest = correlations[np.arange(NUM_LATENT), found]
    assert np.all(np.abs(strongest) > 1 - 3 * 0.018**2)
    np.testing.assert_allclose(np.sign(strongest)[:, None] * flat(model.columns)[found], mixing,
                               rtol=0, atol=0.05 * 4 * 0.018 * NUM_LATENT)
    # PCA does not: its columns are orthogonal, those of the mixture are not.
    assert np.abs(np.corrcoef(sources.T, fitted(models.PCA, images).representation(images).T)
                  [:NUM_LATENT, NUM_LATENT:]).max(axis=1).min() < 0.9


@pytest.mark.oracle
@pytest.mark.parametrize("fun", ["logcosh", "exp", "cube"])
def test_ica_is_that_of_scikit_learn(fun):
    images, _, _ = mixed_images(noise=0.002)
    model = fitted(models.FastICA, images, dtype="float64", tol=1e-10, fun=fun)
    theirs = decomposition.FastICA(NUM_LATENT, whiten="unit-variance", tol=1e-10, fun=fun,
                                   random_state=5, max_iter=500).fit(flat(images))
    codes, expected = model.representation(images), theirs.transform(flat(images))
    match = codes.T @ expected / NUM
    order = np.argmax(np.abs(match), axis=1)
    signs = np.sign(match[np.arange(NUM_LATENT), order])
    # Their variance 1 is over num_images; the functions are of codes that are longer by 1.7e-4.
    np.testing.assert_allclose(codes * (NUM / (NUM - 1))**0.5, signs * expected[:, order], rtol=0,
                               atol=2e-3)
    np.testing.assert_allclose(flat(model.reconstruct(images)), theirs.inverse_transform(expected),
                               rtol=0, atol=1e-12)


@pytest.mark.property
@pytest.mark.parametrize("cls", LINEAR)
def test_codes_order_and_signs(cls):
    images, _, _ = mixed_images(noise=0.02)
    model = fitted(cls, images, 8, report=print)
    codes, columns = model.representation(images), flat(model.columns)
    np.testing.assert_allclose(codes.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(np.cov(codes.T), np.eye(8), atol=1e-4)
    norms = np.linalg.norm(columns, axis=1)
    assert np.all(norms[:-1] >= norms[1:]) and norms[-1] > 0.01
    assert np.all(columns[np.arange(8), np.abs(columns).argmax(axis=1)] > 0)


@pytest.mark.property
@pytest.mark.parametrize("cls", LINEAR)
def test_images_that_vary_in_few_directions_are_reconstructed_exactly(cls):
    images, _, _ = mixed_images()
    lines = []
    model = fitted(cls, images.astype(np.float32), 7, report=lines.append)
    assert lines == ["The images vary in 3 directions only; 4 of 7 latents stay 0."]
    np.testing.assert_allclose(model.reconstruct(images), images, rtol=0, atol=2e-6)
    assert np.all(model.columns[3:] == 0) and np.all(model.representation(images)[:, 3:] == 0)
    lines.clear()
    model = fitted(cls, np.full([20, *SHAPE], 0.25), report=lines.append)
    assert lines == ["The images vary in 0 directions only; 3 of 3 latents stay 0."]
    np.testing.assert_array_equal(model.reconstruct(images[:2]), np.full([2, *SHAPE], 0.25))


@pytest.mark.property
def test_the_seed_decides_and_nothing_else():
    images, _, _ = mixed_images(noise=0.02)
    made = {}
    for name, seed, state in (("a", 1, 10), ("b", 1, 20), ("c", 2, 10)):
        np.random.seed(state)
        before = np.random.get_state()[1].copy()
        made[name] = fitted(models.FastICA, images, 6, seed=seed, report=print).columns
        np.testing.assert_array_equal(np.random.get_state()[1], before)
    np.testing.assert_array_equal(made["a"], made["b"])
    assert np.any(made["a"] != made["c"])


def test_ica_that_has_not_converged_says_what_to_raise(recwarn):
    images, _, _ = mixed_images(noise=0.02)
    lines = []
    model = fitted(models.FastICA, images, report=lines.append, max_iter=1, tol=1e-12)
    assert lines == [("FastICA has not converged in 1 iterations; its columns may still change. "
                      "Raise fast_ica.max_iter, or fast_ica.tol, or use more images.")]
    assert not [warning for warning in recwarn if "converge" in str(warning.message)]
    assert np.isfinite(model.columns).all()


@pytest.mark.contract
@pytest.mark.parametrize("cls", LINEAR)
def test_it_is_a_model_like_others(tmp_path, cls):
    images, _, _ = mixed_images(noise=0.02)
    images = images.astype(np.float32)
    options = {"max_iter": 300, "tol": 1e-3, "fun": "exp"} if cls is models.FastICA else {}
    model = fitted(cls, images, seed=4, **options)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded) is cls and loaded.num_components == NUM_LATENT and loaded.seed == 4
    assert {key: getattr(loaded, key) for key in options} == options
    for ours, theirs in zip(loaded.variables, model.variables, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(loaded.reconstruct(images), model.reconstruct(images))
    posterior = model.gaussian_encoder(images)
    np.testing.assert_array_equal(posterior["logvar"], np.full([NUM, NUM_LATENT], -20.0))
    np.testing.assert_array_equal(model(images).z_mean, posterior["mean"])
    jacobian = jacobian_columns.jacobian_columns(model, posterior["mean"][:2])
    np.testing.assert_allclose(jacobian, np.stack([model.columns] * 2), rtol=1e-6, atol=1e-9)
    assert model.trainable_variables == []
    model.compile()
    means = model.evaluate(images, batch_size=NUM, verbose=0, return_dict=True)
    np.testing.assert_allclose(means["loss"], model.loss_terms(images)["loss"], rtol=1e-6)
    with pytest.raises(errors.UserError, match="does not learn in steps: call `adapt`"):
        model.fit(images, verbose=0)


@pytest.mark.parametrize("name, cls", [("pca", models.PCA), ("fast_ica", models.FastICA)])
def test_gin_names_and_the_number_of_components(name, cls):
    bindings = [f"model.model = @{name}()", "encoder.num_latent = 4",
                "encoder.encoder_fn = @conv16_encoder", "encoder.logvar_offset = -3.0"]

    def made(*more):
        with parsing.parsed(bindings=[*bindings, *more]):
            model = parsing.bound_value("model.model").scoped_configurable_fn()
            model.build((None, *SHAPE))
            return model
    assert type(made()) is cls and made().num_latent == 4
    assert made(f"{name}.num_components = 6").num_latent == 6
    assert [variable.shape for variable in made().encoder.variables] == [(20, 4), (4,)]
    with pytest.raises(errors.UserError, match="penalties"):
        made(f"{name}.penalties = []")


@pytest.mark.parametrize("options, words", [
    ({"num_components": 0}, r"`num_components`. Expected a whole number of at least 1"),
    ({"num_components": 21}, r"`num_components`. Expected at most 20 components, one per pixel"),
    ({"fun": "tanh"}, r"`fun`. Expected"), ({"tol": 0}, r"`tol`. Expected a number greater than 0"),
    ({"max_iter": 0}, r"`max_iter`. Expected")])
def test_arguments_that_are_wrong(options, words):
    with pytest.raises(errors.InvalidArgumentError, match=words):
        models.FastICA(**options).build((None, *SHAPE))


@pytest.mark.parametrize("images, words", [
    (np.zeros([3, *SHAPE]), "more images than the 3 components. Received: images='3 images'"),
    (np.zeros([30, 4, 4, 1]), r"Expected \[num_images, 4, 5, 1\]"),
    (np.full([30, *SHAPE], np.nan), "Expected finite numbers")])
def test_images_that_are_wrong(images, words):
    model = models.PCA(num_components=3)
    model.build((None, *SHAPE))
    with pytest.raises(errors.InvalidArgumentError, match=words):
        model.adapt(images)
    assert not np.any(model.columns), "it is as it was"


@pytest.mark.property
def test_a_data_set_of_batches():
    images = np.random.RandomState(0).rand(20, 4, 4, 1).astype(np.float32)
    batches = tf.data.Dataset.from_tensor_slices((images, np.arange(20))).batch(8)
    np.testing.assert_array_equal(
        models.PCA(num_components=2).fit(batches).transform(images),
        models.PCA(num_components=2).fit(images).transform(images))
    for wrong, words in ((batches.repeat(), "without end"), (batches.take(0), "an empty data set")):
        with pytest.raises(errors.InvalidArgumentError, match=words):
            models.PCA(num_components=2).fit(wrong)
