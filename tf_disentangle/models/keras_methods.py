"""Keras' own methods, with one-line errors and with NaN kept out of the weights."""
import inspect
import math
import warnings

import keras
import numpy as np
import tensorflow as tf

from tf_disentangle import errors, losses, replicas
from tf_disentangle.data import table_columns
from tf_disentangle.models import draws
from tf_disentangle.models import images as images_lib
from tf_disentangle.models import settings as settings_lib
from tf_disentangle.tables import frames

__all__ = ["KerasMethods"]

_NO_WEIGHTS = ("Some terms belong to a whole batch, so images cannot be weighted one by one. Leave "
               "images out, or give some of them several times.")

# XLA leaves assertions out, so these causes cannot be told apart.
_OTHER_CAUSES = ("Other causes are values outside the range of images, and a last batch that is "
                 "too small for the term.")


class KerasMethods(keras.Model):
    """`fit`, `evaluate` and similar methods, for models that learn only from images.

    Images are `x`. `y` may repeat the images, as is common for auto-encoders; labels, which have
    another shape, are ignored, as in scikit-learn's unsupervised methods.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._draws_of_predict = draws.Draws()
        self._settings_of_functions = settings_lib.Settings()

    def fit(self, x=None, *args, **kwargs):
        """Keras' `fit`, on images: an array, a tensor, or an iterable of batches.

        Args:
            x: images, uint8 from 0 to 255 or floats; in [0, 1] if the loss requires it.
            args, kwargs: see `keras.Model.fit`.
        Returns:
            `keras.callbacks.History`.
        Raises:
            InvalidArgumentError: values outside an image's range, sample weights, or a batch too
                small for a term of the loss.
            NonFiniteLossError: a term of the loss became NaN or infinite; the weights are still
                finite.
        """
        given = _arguments(keras.Model.fit, self, (x, *args), kwargs)
        self._warn_of_losses()
        self._refuse_weights(given)
        held_out = given.get("validation_data")
        if isinstance(held_out, (tuple, list)) and held_out:
            given["validation_data"] = (self._checked(held_out[0], "validation_data"),
                                        *held_out[1:])
        return super().fit(**{**given, "x": self._checked(x, learns=True)})

    def evaluate(self, x=None, *args, **kwargs):
        """Keras' `evaluate`: the mean terms over images.

        Args:
            x: see `fit`.
            args, kwargs: see `keras.Model.evaluate`.
        """
        given = _arguments(keras.Model.evaluate, self, (x, *args), kwargs)
        self._refuse_weights(given)
        inner = given.pop("kwargs", {})     # from Keras' call in `fit`, already checked
        return super().evaluate(**{**given, **inner, "x": x if inner else self._checked(x)})

    def predict(self, x, *args, **kwargs):
        """Keras' `predict`: the model's `VAEOutputs` as arrays; see `reconstruct` for images.

        Each batch has noise of its own, which depends on the seed, the step and its number.
        """
        self._draws_of_predict.begin(self.distribute_strategy)
        return super().predict(_as_batch(x), *args, **kwargs)

    def predict_on_batch(self, x):
        """Keras' `predict_on_batch`: the outputs for the first batch of `predict`."""
        self._draws_of_predict.begin(self.distribute_strategy)
        return super().predict_on_batch(_as_batch(x))

    def train_on_batch(self, x, *args, **kwargs):
        """Keras' `train_on_batch`: one update. Arguments and errors are those of `fit`."""
        given = _arguments(keras.Model.train_on_batch, self, (x, *args), kwargs)
        self._refuse_weights(given)
        return super().train_on_batch(**{**given, "x": self._checked(x)})

    def test_on_batch(self, x, *args, **kwargs):
        """Keras' `test_on_batch`: the terms of a batch. Arguments are those of `evaluate`."""
        given = _arguments(keras.Model.test_on_batch, self, (x, *args), kwargs)
        self._refuse_weights(given)
        return super().test_on_batch(**{**given, "x": self._checked(x)})

    def make_train_function(self, force=False):
        """Keras' hook: a function from batches to mean terms, all finite."""
        self._build_optimizer()
        changed = self._settings_of_functions.have_changed(self, "train")
        if self.train_function is None or force or changed:
            super().make_train_function(force=True)
            self.train_function = self._watched(_in_one_line(self.train_function))
        return self.train_function

    def _build_optimizer(self):
        """Creates its variables: what creates any is traced twice."""
        optimizer = getattr(self, "optimizer", None)
        if self.built and optimizer is not None and not optimizer.built:
            with self.distribute_strategy.scope():
                optimizer.build(self.trainable_variables)

    def make_test_function(self, force=False):
        """Keras' hook: a function from batches to mean terms."""
        changed = self._settings_of_functions.have_changed(self, "test")
        if self.test_function is None or force or changed:
            super().make_test_function(force=True)
            self.test_function = _in_one_line(self.test_function)
        return self.test_function

    def make_predict_function(self, force=False):
        """Keras' hook: a function from batches to `VAEOutputs`."""
        changed = self._settings_of_functions.have_changed(self, "predict")
        super().make_predict_function(force or changed)
        return self.predict_function

    def _watched(self, function):
        """A function that raises an error once the mean loss is not finite."""
        def watched(iterator):
            terms = function(iterator)
            if not math.isfinite(terms["loss"]):
                self.reset_metrics()
                raise errors.non_finite_loss(
                    {name: float(value) for name, value in terms.items()}, int(self.step.numpy()),
                    _OTHER_CAUSES)
            return terms
        return watched

    def _checked(self, images, argument="x", learns=False):
        """Images with their values checked if they are an array; others unchanged.

        Args:
            images, argument: the argument of a method, and its name.
            learns: whether a model without columns takes those of a table.
        """
        if images is None:
            raise errors.InvalidArgumentError(argument, "images", None)
        images = _as_batch(images)
        array = images.numpy() if isinstance(images, tf.Tensor) else images
        if isinstance(array, np.ndarray):
            if not array.size:
                raise errors.InvalidArgumentError(argument, "one image or more", list(array.shape))
            is_table = table_columns.is_table(array)
            if is_table:
                array = table_columns.as_table(array, argument)
            if is_table and learns:
                self._learn_columns(array)
            self.as_images(array[:1])       # builds the model, or says why not, before Keras traces
            if not (is_table and self.reconstruction_loss.is_standardised):
                self.reconstruction_loss.check_values(array, argument)
        elif isinstance(images, tf.data.Dataset) and not self.built:
            spec = tf.nest.flatten(images.element_spec)[0]
            shape = getattr(spec, "shape", tf.TensorShape(None))
            if shape.rank and shape[1:].is_fully_defined():
                self.as_images(tf.zeros([1, *shape[1:]], spec.dtype))   # builds the model
        return images

    def _refuse_weights(self, given):
        for name in ("sample_weight", "class_weight"):
            if given.get(name) is not None:
                raise errors.InvalidArgumentError(name, "None", given[name], _NO_WEIGHTS)

    def _warn_of_losses(self):
        for name in ("_compile_loss", "_compile_metrics"):
            if getattr(self, name, None) is not None:
                warnings.warn("The model has a loss of its own: the loss and the metrics that "
                              "`compile` was given have no effect.", stacklevel=3)
                return

    def _batch_of(self, data):
        """The images in what Keras passes to a step, checked as far as a graph allows.

        Keras gives each replica its own rows. Steps take those of the whole batch themselves.

        Args:
            data: images, or a tuple of them, targets and weights.
        """
        images, targets, weights = keras.utils.unpack_x_y_sample_weight(data)
        if weights is not None:
            raise errors.InvalidArgumentError("sample_weight", "None", weights, _NO_WEIGHTS)
        images, targets = _whole_batch(self.as_images(images), targets)
        images = losses.require(
            images, tf.reduce_all(tf.math.is_finite(images)), "x", "finite numbers",
            tf.reduce_sum(images), "Leave out images with values that are not finite.")
        return self._same_as_targets(self.reconstruction_loss.required(images), targets)

    def _same_as_targets(self, images, targets):
        if targets is None or not hasattr(targets, "shape") or not images.shape[
                1:].is_compatible_with(tf.TensorShape(targets.shape)[1:]):
            return images
        targets = images_lib.as_floats(targets, images.dtype)
        return losses.require(
            images, tf.reduce_all(tf.equal(images, targets)), "y", "None, labels, or the images "
            "themselves, which the model learns to reconstruct",
            tf.reduce_max(tf.abs(images - targets)), "That is how far y is from x.")


def _arguments(function, *given):
    """The arguments of a method call by name, without `self`."""
    model, args, kwargs = given
    found = dict(inspect.signature(function).bind(model, *args, **kwargs).arguments)
    del found["self"]
    return found


def _as_batch(images):
    """A list or a data frame as an array; Keras would take a list for several inputs."""
    if frames.is_frame(images):
        return frames.numbers(images, "x")
    if hasattr(images, "columns") and hasattr(images, "__array__"):
        return np.asarray(images)
    if isinstance(images, (list, tuple)) and images and not tf.is_tensor(images[0]):
        try:
            array = np.asarray(images)
        except ValueError:                  # of different shapes
            array = np.zeros(0, object)
        if array.dtype.kind not in "fiub":
            raise errors.InvalidArgumentError("x", "images of one shape, in an array", images)
        return array.astype(np.float32) if array.dtype == np.float64 else array
    return images


def _whole_batch(images, targets):
    """Images and targets of all replicas, given a replica's; the same if there is one replica."""
    if replicas.number() == 1:
        return images, targets
    rows = tf.cast(tf.shape(images)[0], tf.float32)
    mean = replicas.mean(rows)
    images = losses.require(
        images, tf.equal(rows, mean), "x", f"batches that {replicas.number()} devices can share "
        "equally", tf.cast(mean * replicas.number(), tf.int32),
        "Leave out the last images of an epoch, or change batch_size.")
    has_rows = hasattr(targets, "shape") and targets.shape.rank
    return replicas.whole(images), replicas.whole(targets) if has_rows else targets


def _in_one_line(function):
    """The function with failed assertions turned into one-line errors."""
    def called(iterator):
        try:
            return function(iterator)
        except tf.errors.InvalidArgumentError as error:
            found = losses.user_error(error) or images_lib.shape_error(error)
            if found is None:
                raise
        raise found
    return called
