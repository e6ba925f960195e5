"""Models of a table's rows: units, saving, every method, penalty and likelihood."""
import functools
import io

import keras
import numpy as np
import pytest
import tensorflow as tf

from tf_disentangle import (
    data,
    errors,
    export,
    models,
    networks,
    parts,
    penalties,
    priors,
    reconstruction,
    training,
)
from tf_disentangle import jacobian as jacobian_lib
from tf_disentangle.evaluation.metrics import reconstruction_error
from tf_disentangle.evaluation.of_models import model_functions

UNITS = np.array([1e-9, 1.0, 1e9])
LATENTS = 2


def rows(num=64, seed=0):
    """`[num, 3]` numbers that depend on another one, in very different units."""
    random_state = np.random.RandomState(seed)
    mixed = random_state.normal(size=(num, 1)) * [1.0, 1.0, -1.0]
    return (mixed + 0.1 * random_state.normal(size=(num, 3)) + 3) * UNITS


def counts(num=64):
    """`[num, 3]` counts of means around 1, 10 and 100."""
    return np.random.RandomState(0).poisson([[1, 10, 100]] * num).astype(float)


def tiny(cls=models.VAE, length=3, num_layers=1, **arguments):
    """A small model of vectors, not built yet."""
    sizes = {"num_hidden": 8, "num_layers": num_layers}
    return cls(
        encoder=networks.make_gaussian_encoder([length], LATENTS, functools.partial(
            networks.dense_encoder, **sizes)),
        decoder=networks.make_decoder(LATENTS, [length], functools.partial(
            networks.dense_decoder, **sizes)), **arguments)


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(0)


@pytest.fixture(scope="module")
def trained():
    """A model that `fit` has trained on `rows()`."""
    keras.utils.set_random_seed(0)
    model = tiny()
    model.compile(keras.optimizers.Adam(0.02))
    model.fit(rows(), epochs=60, verbose=0)
    return model


def test_rows_of_mixed_scales_train_and_come_back_in_their_own_units(trained):
    found = trained.reconstruct(rows()) / UNITS
    errors_of_columns = np.std(found - rows() / UNITS, axis=0) / np.std(rows() / UNITS, axis=0)
    assert np.all(errors_of_columns < 0.7), errors_of_columns
    sampled = trained.sample(200) / UNITS
    np.testing.assert_allclose(sampled.mean(axis=0), 3, atol=1.0)


def test_the_scale_is_learned(trained):
    # It began at 0.3 of a column's deviation, and its optimum is the error of the samples.
    codes = trained.encode(rows())
    z = [trained.posterior.sample(*codes, seed=tf.constant([draw, 0])) for draw in range(20)]
    left = [trained.compared(rows().astype(np.float32)) - trained.decode(codes) for codes in z]
    expected = np.sqrt(np.mean(np.square(left), axis=(0, 1)))
    np.testing.assert_allclose(trained.reconstruction_loss.stddev, expected, rtol=0.25)


def test_the_default_is_chosen_by_the_shape():
    model = models.VAE()
    model.build([None, 5])
    assert type(model.reconstruction_loss) is reconstruction.SharedNormalLoss
    assert model.reconstruction_loss.stddev.shape == [5]
    assert [type(layer).__name__ for layer in model.decoder.layers][1:] == [
        "Dense", "Dense", "Dense", "Reshape"]
    of_images = models.VAE()
    assert type(of_images.reconstruction_loss) is reconstruction.BernoulliLoss


def test_a_model_that_is_not_built_keeps_its_choice_open():
    model = models.VAE.from_config(models.VAE().get_config())
    model.build([None, 5])
    assert type(model.reconstruction_loss) is reconstruction.SharedNormalLoss


def test_saved_and_loaded(trained, tmp_path):
    trained.save(tmp_path / "model.keras")
    loaded = parts.load_model(tmp_path / "model.keras")
    assert loaded.table_columns == trained.table_columns
    np.testing.assert_array_equal(loaded.reconstruct(rows()), trained.reconstruct(rows()))
    np.testing.assert_array_equal(loaded.reconstruction_loss.stddev,
                                  trained.reconstruction_loss.stddev)


def test_exported(trained, tmp_path):
    export.export_saved_model(trained, tmp_path / "saved")
    exported = tf.saved_model.load(str(tmp_path / "saved")).signatures
    found = exported["representation"](images=tf.constant(rows(), tf.float32))["default"]
    np.testing.assert_allclose(found, trained.transform(rows()), rtol=1e-5, atol=1e-6)
    decoded = exported["decoder"](latent_vectors=found)
    np.testing.assert_allclose(decoded["means"] / UNITS, trained.reconstruct(rows()) / UNITS,
                               rtol=1e-5)


def test_a_clone_learns_its_own_columns(trained):
    base = pytest.importorskip("sklearn.base")
    clone = base.clone(trained)
    clone.fit(rows() * 2, epochs=1, verbose=0)
    np.testing.assert_allclose(clone.table_columns.means,
                               2 * np.array(trained.table_columns.means))


def test_train_model_and_fit_learn_the_same_columns(trained):
    model = tiny()
    said = io.StringIO()
    training.train_model(model, rows(), 1, batch_size=100, eval_steps=1, optimizer="adam",
                         stream=said)
    assert "A batch of 100 holds observations more than once" in said.getvalue()
    assert model.table_columns == trained.table_columns


@pytest.mark.parametrize("kind", [np.int64, np.uint8, np.float64])
def test_whole_numbers_of_any_type_are_taken_as_they_are(kind):
    model = tiny(reconstruction_loss=reconstruction.PoissonLoss())
    model.compile("adam", run_eagerly=True)
    model.fit(counts().astype(kind), epochs=1, verbose=0)
    np.testing.assert_allclose(model.table_columns.means, counts().mean(axis=0))
    np.testing.assert_array_equal(model.transform(counts().astype(kind)),
                                  model.transform(counts()))


@pytest.mark.parametrize("cls", [reconstruction.PoissonLoss, reconstruction.NegativeBinomialLoss])
def test_counts(cls, tmp_path):
    model = tiny(reconstruction_loss=cls())
    model.compile(keras.optimizers.Adam(0.01))
    model.fit(counts(), epochs=20, verbose=0)
    # Outputs around 0 stand for the column's mean, so the size of a column makes no difference.
    np.testing.assert_allclose(model.reconstruct(counts()).mean(axis=0), [1, 10, 100], rtol=0.25)
    model.save(tmp_path / "model.keras")
    loaded = parts.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.sample(5), model.sample(5))
    logits = model.decode(model.encode(counts())[0])
    np.testing.assert_allclose(model.reconstruction_losses(counts().astype(np.float32), logits),
                               -model.reconstruction_loss.log_likelihood(
                                   counts().astype(np.float32), logits))


@pytest.mark.parametrize("loss, table, said", [
    (reconstruction.PoissonLoss(), rows(), "'column_0', 'column_1' and 'column_2'"),
    (reconstruction.NegativeBinomialLoss(), counts() - 50, "negative or not whole"),
    (reconstruction.BernoulliLoss(), counts(), "numbers from 0 to 1"),
    (None, [[1.0, np.inf, 2.0]], "finite numbers")])
def test_what_does_not_fit_is_refused_before_training(loss, table, said):
    model = models.VAE(reconstruction_loss=loss)
    model.compile("adam")
    with pytest.raises(errors.InvalidArgumentError, match=said) as caught:
        model.fit(np.asarray(table), epochs=1, verbose=0)
    assert "\n" not in str(caught.value)


def test_numbers_from_0_to_1_keep_their_bernoulli_likelihood():
    table = np.random.RandomState(0).uniform(size=(20, 3))
    model = tiny(reconstruction_loss=reconstruction.BernoulliLoss())
    model.compile("adam", run_eagerly=True)
    model.fit(table, epochs=1, verbose=0)
    found = model.reconstruct(table)
    assert found.min() > 0 and found.max() < 1


def test_a_loss_with_a_weight_belongs_to_one_model():
    loss = reconstruction.SharedNormalLoss()
    tiny(reconstruction_loss=loss).build([None, 3])
    with pytest.raises(errors.InvalidArgumentError, match="Make one for each model"):
        tiny(reconstruction_loss=loss).build([None, 3])


def small_discriminator(codes, is_training=False):
    del is_training
    logits = keras.layers.Dense(2)(codes)
    return logits, keras.layers.Softmax()(logits)


@pytest.mark.parametrize("cls, arguments", [
    (models.AnnealedVAE, {}), (models.BetaTCVAE, {}), (models.DIPVAE, {}),
    (models.FactorVAE, {"discriminator": networks.make_discriminator(
        LATENTS, small_discriminator)})])
def test_every_method_trains(cls, arguments):
    model = tiny(cls, penalties=[penalties.JacobianL1(0.1, jacobian_lib.ForwardMode())],
                 **arguments)
    model.use_columns(data.TableColumns.of(rows()))
    model.build([None, 3])
    model.compile(keras.optimizers.Adam(0.01))
    batch = tf.constant(rows(), tf.float32)
    losses = [float(model.update(batch)["loss"]) for _ in range(3)]
    assert np.isfinite(losses).all() and losses[-1] < losses[0]


ESTIMATORS = [jacobian_lib.ForwardMode(), jacobian_lib.FiniteDifference(),
              jacobian_lib.Sampled(jacobian_lib.ForwardMode(), num_directions=1)]


@pytest.mark.parametrize("detach", [True, False])
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda one: type(one).__name__)
def test_the_penalty_of_a_linear_decoder_is_the_sum_of_its_weights(estimator, detach):
    model = tiny(num_layers=0, penalties=[penalties.JacobianL1(1.0, estimator, detach)])
    model.use_columns(data.TableColumns.of(rows()))
    model.build([None, 3])
    found = np.mean([model.loss_terms(tf.constant(rows(), tf.float32), draw, training=True)[
        "jacobian_l1"] for draw in range(20 if "Sampled" in type(estimator).__name__ else 1)])
    # Of standardised columns: their units, from 1e-9 to 1e9, do not enter.
    kernel = model.decoder.layers[1].get_weights()[0]
    np.testing.assert_allclose(found, np.abs(kernel).sum(), rtol=1e-3 if type(
        estimator).__name__ != "Sampled" else 0.1)


@pytest.mark.parametrize("loss", [None, reconstruction.PoissonLoss])
def test_jacobian_against_finite_differences(loss):
    table = counts()
    model = tiny(reconstruction_loss=loss and loss())
    model.use_columns(data.TableColumns.of(table))
    model.build([None, 3])
    z = np.random.RandomState(0).normal(size=(4, LATENTS)).astype(np.float32)
    found = jacobian_lib.ForwardMode().columns(
        model.decoder, tf.constant(z), tf.tile(tf.range(LATENTS)[None], [4, 1]),
        model.standardised_mean)
    scales = np.array(model.table_columns.scales)
    step = 1e-2
    for latent in range(LATENTS):
        moved = [model.mean_image(model.decode(tf.constant(
            z + sign * step * np.eye(LATENTS, dtype=np.float32)[latent]))).numpy()
            for sign in (1, -1)]
        expected = (moved[0] - moved[1]) / (2 * step) / scales
        np.testing.assert_allclose(found[:, latent], expected, rtol=2e-2, atol=2e-3)


def test_pca_of_standardised_columns():
    decomposition = pytest.importorskip("sklearn.decomposition")
    table = rows()
    model = models.PCA(num_components=2).fit(table)
    standard = (table - table.mean(axis=0)) / table.std(axis=0)
    expected = decomposition.PCA(2).fit(standard)
    np.testing.assert_allclose(np.abs(model.columns), np.abs(
        expected.components_ * np.sqrt(expected.explained_variance_)[:, None]), rtol=1e-4)
    back = expected.inverse_transform(expected.transform(standard))
    np.testing.assert_allclose(
        model.reconstruct(table) / UNITS,
        (back * table.std(axis=0) + table.mean(axis=0)) / UNITS, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("make", [lambda: models.PCA(num_components=2), tiny])
def test_a_data_frame_whose_columns_differ_in_type(make):
    pandas = pytest.importorskip("pandas")
    table = np.round(rows() / UNITS)
    table[:, 1] = table[:, 0] > 3
    frame = pandas.DataFrame({"a": table[:, 0], "b": table[:, 1] > 0,
                              "c": pandas.array(table[:, 2], "Int64")})
    model = make()
    if not isinstance(model, models.PCA):
        model.compile("adam", run_eagerly=True)
    model.fit(frame, **({} if isinstance(model, models.PCA) else {"verbose": 0}))
    np.testing.assert_allclose(model.table_columns.means, table.mean(axis=0))
    np.testing.assert_array_equal(model.transform(frame), model.transform(table))
    np.testing.assert_array_equal(model.reconstruct(frame), model.reconstruct(table))
    with pytest.raises(errors.InvalidArgumentError, match="the column 'b' of"):
        model.transform(frame.assign(b=["x"] * len(frame)))


def test_ica_of_a_table():
    model = models.FastICA(num_components=2).fit(rows(200))
    np.testing.assert_allclose(np.cov(model.transform(rows(200)).T), np.eye(2), atol=1e-3)


def test_pseudo_inputs_are_standardised():
    model = tiny(prior=priors.VampPrior(3, low=-2, high=2, kl_mode="monte_carlo"))
    model.use_columns(data.TableColumns.of(rows()))
    model.build([None, 3])
    inputs = model.prior.pseudo_inputs().numpy()
    np.testing.assert_allclose(
        model.prior.distribution().components_distribution.mean(),
        model.transform(model.table_columns.own_units(inputs.astype(np.float64))), atol=1e-4)


def test_errors_are_those_of_standardised_columns(trained):
    functions = model_functions.make_model_functions(trained)
    found = reconstruction_error.compute_reconstruction_error(
        data.as_ground_truth_data(rows()), None, np.random.RandomState(0), None, functions,
        num_test=64)
    standard = [trained.standardised(part) for part in (rows(), trained.reconstruct(rows()))]
    assert found["mean_squared_error"] == pytest.approx(
        np.mean(np.square(standard[0] - standard[1])), rel=1e-4)
