"""The base of linear models, fitted by scikit-learn to all images at once.

Rhodes and Lee (2021), https://arxiv.org/abs/2106.02923, compare the columns of a VAE's Jacobian
with them in figures 1 and 10. Metrics, figures and exports treat them as VAEs whose encoder and
decoder are one dense layer each.
"""
import abc
import math

import keras
import numpy as np
import tensorflow as tf
from sklearn import decomposition

from tf_disentangle import errors, networks, reconstruction
from tf_disentangle.data import table_columns
from tf_disentangle.models import latent_variable_model as model_lib
from tf_disentangle.tables import frames

__all__ = ["FIXED_PARTS", "LinearModel"]

# A gin file may not bind these parts, because they make the model linear.
FIXED_PARTS = ("encoder", "decoder", "reconstruction_loss", "posterior")

# Codes have variance 1; the noise's standard deviation exp(-20 / 2) = 4.5e-5 is negligible.
_LOG_VARIANCE = -20.0

_TERMS = ("loss", "reconstruction_loss")

# Variation below this, relative to the first direction, is float32 rounding error.
_SMALLEST_DEVIATION = 1e-6


def _linear_encoder(input_tensor, num_latent, is_training=False):
    """Codes from a dense layer, and one constant log-variance for all of them."""
    del is_training
    pixels = keras.layers.Flatten()(input_tensor)
    means = _fixed_dense(num_latent, "means")(pixels)
    return means, keras.layers.Rescaling(0.0, _LOG_VARIANCE, name="log_var",
                                         dtype=means.dtype)(means)


def _linear_decoder(latent_tensor, output_shape, is_training=False):
    """A dense layer from codes to pixels."""
    del is_training
    pixels = _fixed_dense(math.prod(output_shape), "pixels")(latent_tensor)
    return keras.layers.Reshape(tuple(output_shape), dtype=pixels.dtype)(pixels)


def _fixed_dense(units, name):
    return keras.layers.Dense(units, kernel_initializer="zeros", trainable=False, name=name,
                              dtype=keras.config.dtype_policy().variable_dtype)


class LinearModel(model_lib.LatentVariableModel):
    """Codes (image - mean) @ encoding.T, and images mean + codes @ decoding.

    `adapt` computes all three. The codes of the images it is given have mean 0,
    variance 1 (over num_images - 1) and no correlation; latents are in the order of the L2
    norms of their columns, the rows of `decoding`, the largest first, and each column brightens
    the pixel that it changes most. A subclass implements `rotation`.

    There is no output function, and the loss is the squared error, sum over pixels. The
    posterior is normal around the code with the log-variance -20, so its noise is negligible.

    Args:
        num_components: number of latents; if None, the value bound to `encoder.num_latent`, or 10
            if it is not bound.
        prior, seed: see `LatentVariableModel`; the prior is used only for sampling.
    """

    def __init__(self, num_components=None, **kwargs):
        kwargs.setdefault("reconstruction_loss", reconstruction.L2Loss("linear"))
        super().__init__(**kwargs)
        self.num_components = num_components if num_components is None else (
            errors.whole_number("num_components", num_components))

    def build(self, input_shape):
        """Creates the parts for images `[batch, *observation_shape]`; `adapt` sets them."""
        if not self.built and self._parts["encoder"] is None:
            self._parts.update(self._linear_parts(list(input_shape[1:])))
        super().build(input_shape)

    def _linear_parts(self, shape):
        given = {} if self.num_components is None else {"num_latent": self.num_components}
        options = {"initialization": "glorot"}  # not gin's: no weights are drawn
        encoder = networks.make_gaussian_encoder(
            shape, encoder_fn=_linear_encoder, logvar_offset=0.0, **given, **options)
        num_latent = encoder.output[0].shape[-1]
        if num_latent > math.prod(shape):
            raise errors.InvalidArgumentError(
                "num_components" if given else "num_latent",
                f"at most {math.prod(shape)} components, one per pixel and channel", num_latent)
        return {"encoder": encoder, "decoder": networks.make_decoder(
            num_latent, shape, decoder_fn=_linear_decoder, **options)}

    @property
    def term_names(self):
        """`loss` and `reconstruction_loss`."""
        return _TERMS

    @abc.abstractmethod
    def rotation(self, codes, random_state, report):
        """The hook of a method: which directions of the whitened images become its latents.

        Args:
            codes: `[num_images, num]` float64 with mean 0 and variance 1, uncorrelated, ordered
                by the variance of the images in their directions.
            random_state: `numpy.random.RandomState`, a function of the model's seed.
            report: called with a line for what the user should know.
        Returns:
            `[num, num]` orthogonal matrix W; the latents are codes @ W.T.
        """

    def adapt(self, images, report=print):
        """Computes the weights from images, in float64; builds the model if necessary.

        Directions in which images do not vary have no column. If fewer directions than latents
        remain, the last latents are 0 for all images.

        Args:
            images: `[num_images, *observation_shape]`, more of them than latents.
            report: called with a line for what the user should know.
        Raises:
            InvalidArgumentError: too few images, of another shape, or not finite.
        """
        flat = self._checked_images(images)
        random_state = np.random.RandomState(np.random.PCG64(self.seed))
        with np.errstate(invalid="ignore"):  # the total variance may be 0
            found = decomposition.PCA(self.num_latent, random_state=random_state).fit(flat)
        deviations = np.sqrt(found.explained_variance_)
        used = deviations > _SMALLEST_DEVIATION * deviations[0]
        if not used.all():
            report(f"The images vary in {used.sum()} directions only; {np.sum(~used)} of "
                   f"{self.num_latent} latents stay 0.")
        directions, deviations = found.components_[used], deviations[used, None]
        turn = np.eye(len(directions))
        if len(directions) > 1:
            codes = (flat - found.mean_) @ (directions / deviations).T
            turn = self.rotation(codes, random_state, report)
        self._assign(found.mean_, turn @ (directions / deviations),
                     turn @ (directions * deviations))

    def _checked_images(self, images):
        images = frames.as_array(images, "images")
        if table_columns.is_table(images):
            images = table_columns.as_table(images, "images")
            self._learn_columns(images)
        self.as_images(images[:1])  # builds the model; the other images keep their precision
        if images.dtype == np.uint8:
            images = images / np.float64(255)
        if len(images) <= self.num_latent:
            raise errors.InvalidArgumentError(
                "images", f"more images than the {self.num_latent} components",
                f"{len(images)} images", "In a gin file, model.training_steps * "
                "model.batch_size is their number.")
        flat = images.reshape(len(images), -1).astype(np.float64)
        if not np.isfinite(flat).all():
            raise errors.InvalidArgumentError("images", "finite numbers", "nan or inf")
        return self.standardised(flat)

    def _assign(self, mean, encoding, decoding):
        """Sets the weights, ordered and with signs chosen; unused latents get zeros."""
        order = np.argsort(-np.linalg.norm(decoding, axis=1), kind="stable")
        strongest = np.argmax(np.abs(decoding), axis=1)[:, None]
        signs = np.sign(np.take_along_axis(decoding, strongest, axis=1))
        unused = [(0, self.num_latent - len(order)), (0, 0)]
        encoding, decoding = (np.pad((signs * rows)[order], unused)
                              for rows in (encoding, decoding))
        self.encoder.get_layer("means").set_weights([encoding.T, -encoding @ mean])
        self.decoder.get_layer("pixels").set_weights([decoding, mean])

    @property
    def columns(self):
        """`[num_latent, *observation_shape]` array: how an image changes with each code."""
        kernel = self.decoder.get_layer("pixels").get_weights()[0]
        return kernel.reshape(-1, *self.observation_shape)

    def loss_terms(self, images, draw=None, training=False):
        """`loss` and `reconstruction_loss`, both the squared error from the code itself.

        The KL is left out, because it would only reflect the log-variance of the codes.

        Args:
            images: `[batch, *observation_shape]`.
            draw, training: as in `LatentVariableModel`, but ignored.
        """
        del draw, training
        images = self.as_images(images)
        reconstruction = tf.reduce_mean(self.reconstruction_losses(
            images, self.decode(self.encode(images)[0])))
        return dict.fromkeys(_TERMS, reconstruction)

    def fit(self, x=None, y=None, **options):
        """`adapt` to images, as scikit-learn calls it.

        Args:
            x: array or tensor of all images, or a `tf.data.Dataset` of batches of them.
            y: labels from a pipeline, ignored.
            options: those of Keras' `fit`, none of which apply here.
        Returns:
            the model.
        """
        del y
        if options:
            self.train_step(None)
        self.adapt(self._checked(_as_one_array(x), learns=True))
        return self

    def train_step(self, data):
        """Keras' hook for steps; only raises an error that says what to call instead."""
        del data
        raise errors.UserError(f"{type(self).__name__} does not learn in steps: call `adapt` with "
                               "all images, or train_model.")

    def get_config(self):
        return {**super().get_config(), "num_components": self.num_components}

    @classmethod
    def from_config(cls, config):
        """The model that `get_config` described."""
        # Version 0.1 also saved penalties, although linear models have none.
        return super().from_config({key: value for key, value in config.items()
                                    if key != "penalties"})


def _as_one_array(images):
    """The batches of a `tf.data.Dataset` as one array; other images as they are."""
    if not isinstance(images, tf.data.Dataset):
        return images
    if images.cardinality() == tf.data.INFINITE_CARDINALITY:
        raise errors.InvalidArgumentError(
            "x", "a finite number of images", "a data set without end", "Use its `take`.")
    batches = [keras.utils.unpack_x_y_sample_weight(batch)[0] for batch in images]
    if not batches:
        raise errors.InvalidArgumentError("x", "images", "an empty data set")
    return np.concatenate(batches)
