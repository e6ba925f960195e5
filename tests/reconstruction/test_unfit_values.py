"""Counts: their losses refuse images from 0 to 1, however these are given."""
import io

import numpy as np
import pytest
import tensorflow as tf
from helpers import tiny_run

from tf_disentangle import data, errors, reconstruction, training

FLOATS = np.random.RandomState(0).uniform(size=(12, 8, 8, 1)).astype(np.float32)
BYTES = np.round(FLOATS * 255).astype(np.uint8)
COUNTS = (BYTES % 5).astype(np.float32)
LOSSES = [reconstruction.PoissonLoss, reconstruction.NegativeBinomialLoss]


def batches(images):
    return tf.data.Dataset.from_tensor_slices(images).batch(4)


def fitted(loss, images):
    model = tiny_run.make_model(reconstruction_loss=loss())
    model.compile("adam")
    model.fit(images, batch_size=None if isinstance(images, tf.data.Dataset) else 4, verbose=0)
    return model


def train(loss, ground_truth_data):
    training.train_model(tiny_run.make_model(reconstruction_loss=loss), ground_truth_data, 1,
                         batch_size=4, eval_steps=1, optimizer="adam", stream=io.StringIO())


@pytest.mark.parametrize("loss, images", [
    (LOSSES[0], FLOATS), (LOSSES[1], BYTES), (LOSSES[0], batches(BYTES)),
    (LOSSES[1], batches(-COUNTS))])
def test_fit_refuses_what_is_not_counted(loss, images):
    with pytest.raises(errors.InvalidArgumentError, match="whole numbers of at least 0") as caught:
        fitted(loss, images)
    assert "\n" not in str(caught.value) and "@bernoulli_loss" in str(caught.value)


def test_fit_takes_counts():
    assert all(np.isfinite(each).all() for each in fitted(LOSSES[0], batches(COUNTS)).get_weights())


@pytest.mark.parametrize("low, high, is_fit", [
    (0, 1, True), (-0.25, 1, True), (-0.3, 1, False), (0, 2, True), (0, 2.5, False),
    (-1, 1, False), (-3, 3, True)])
def test_in_a_graph_only_clearly_unfit_images_are_refused(low, high, is_fit):
    images = tf.constant([low, high], tf.float32)
    loss = reconstruction.BernoulliLoss()
    if is_fit:
        np.testing.assert_array_equal(loss.required(images), images)
    else:
        with pytest.raises(tf.errors.InvalidArgumentError, match="images from 0 to 1"):
            loss.required(images)
    np.testing.assert_array_equal(reconstruction.L2Loss("linear").required(images), images)


def columns_of(*rows):
    return data.TableColumns.of(np.transpose(rows))


def test_columns_out_of_range_are_refused_by_name():
    columns = columns_of([0, 0.5, 1], [0, 2, 5], [-1, 0, 1])
    with pytest.raises(errors.InvalidArgumentError) as caught:
        reconstruction.BernoulliLoss().use_columns(columns)
    assert "column_1" in str(caught.value) and "column_2" in str(caught.value)
    assert "column_0" not in str(caught.value)
    reconstruction.L2Loss("linear").use_columns(columns)


@pytest.mark.parametrize("loss", LOSSES)
def test_columns_of_counts_have_their_means_as_units(loss):
    loss = loss()
    loss.use_columns(columns_of([0, 1, 5], [10, 20, 90]))
    np.testing.assert_allclose(loss.mean_image(tf.constant([[0.0, np.log(2.0)]])), [[2, 80]],
                               rtol=1e-6)
    for wrong in ([0, 0.5, 1], [-1, 0, 1]):
        with pytest.raises(errors.InvalidArgumentError, match="not whole in column 'column_1'"):
            loss.use_columns(columns_of([0, 1, 5], wrong))


@pytest.mark.parametrize("loss", LOSSES)
def test_a_run_refuses_what_is_not_counted(loss):
    with pytest.raises(errors.InvalidArgumentError, match="whole numbers of at least 0"):
        train(loss(), tiny_run.TinyData())


class Masks(tiny_run.TinyData):
    def sample_observations_from_factors(self, factors, random_state):
        return np.rint(super().sample_observations_from_factors(factors, random_state))


def test_zeros_and_ones_may_be_meant():
    with pytest.warns(data.DataWarning, match="meant for counts, but all values"):
        train(LOSSES[0](), Masks())


class Bytes(tiny_run.TinyData):
    def sample_observations_from_factors(self, factors, random_state):
        return 255 * super().sample_observations_from_factors(factors, random_state)


def test_a_run_refuses_images_of_the_wrong_range():
    with pytest.raises(errors.InvalidArgumentError, match="images from 0 to 1"):
        train(reconstruction.BernoulliLoss(), Bytes())


def test_a_user_error_names_the_loss(tmp_path):
    with pytest.raises(errors.InvalidArgumentError, match="PoissonLoss"):
        tiny_run.train(tmp_path / "run", "reconstruction_loss.loss_fn = @poisson_loss")
    assert not (tmp_path / "run" / "model.keras").exists()
