"""Every model's base: an encoder, a decoder and a prior over codes, for one image shape."""
import abc

import keras
import tensorflow as tf

from tf_disentangle import data, errors, networks, priors, reconstruction, replicas
from tf_disentangle.data import image_values
from tf_disentangle.models import array_methods, given, keras_methods, tables
from tf_disentangle.models import images as images_lib
from tf_disentangle.models import outputs as outputs_lib

__all__ = ["NOISE_STREAM", "LatentVariableModel"]

# The first stream of random numbers in a step is the noise of the code.
NOISE_STREAM = 0

# How far the seeds of two draws lie apart. XLA reads the lower 32 bits of a seed alone, so those
# have to differ: they do for 2**32 draws, because the number is odd. It is large, so that the draws
# of one model's seed are not soon those of the next.
_BETWEEN_DRAWS = 2**32 + 2654435769


class LatentVariableModel(array_methods.ArrayMethods, keras_methods.KerasMethods,
                          tables.TableMethods, abc.ABC):
    """Images to codes and back: everything that metrics, figures and exports need from a model.

    Its subclasses `BaseVAE` and `LinearModel` define how it learns; they implement
    `loss_terms` and `term_names`. Encoder, decoder and prior are created in that order, which is
    also the order of the variables, once the shape of the images is known: by `build`, or by the
    first images that the model is given.

    Args:
        encoder: model from images to (means, log_var); the `encoder` slot's if None.
        decoder: model from codes to logits; the `decoder` slot's if None.
        prior: `Prior`, or a `tfd.Distribution` of codes; `StandardNormal()` if None.
        reconstruction_loss: `ReconstructionLoss`; the slot's if None, which depends on the shape
            of the observations.
        seed: seed of all noise that the model draws; the noise of step k is a function of
            (seed, k).
        posterior: `Posterior`, the family with means and log_var as parameters;
            `NormalPosterior()` if None.
    """

    def __init__(self, encoder=None, decoder=None, prior=None, reconstruction_loss=None,
                 seed=0, posterior=None, **kwargs):
        super().__init__(**kwargs)
        self._parts = given.Parts(
            encoder=given.network_or_none("encoder", encoder, "images", "means", "log_var"),
            decoder=given.network_or_none("decoder", decoder, "codes", "logits"),
            prior=priors.as_prior(prior))
        self.posterior = (given.instance_or_none("posterior", posterior, priors.Posterior)
                          or priors.NormalPosterior())
        self.reconstruction_loss = given.instance_or_none(
            "reconstruction_loss", reconstruction_loss, reconstruction.ReconstructionLoss)
        if reconstruction_loss is None:
            self._choose_loss()
        self.seed = errors.whole_number("seed", seed, minimum=0)

    def _choose_loss(self):
        """Chooses the slot's loss for images, and keeps that for vectors if it differs."""
        self.reconstruction_loss = reconstruction.make_reconstruction_loss()
        if type(self.reconstruction_loss) is reconstruction.BernoulliLoss:
            of_vectors = reconstruction.make_reconstruction_loss(observation_shape=[1])
            if type(of_vectors) is not reconstruction.BernoulliLoss:
                self._parts["reconstruction_loss"] = of_vectors

    @property
    def _loss_is_open(self):
        """Whether the loss depends on the shape of the observations, which is not known yet."""
        return self._parts is not None and "reconstruction_loss" in self._parts

    def build(self, input_shape):
        """Creates the parts for images `[batch, *observation_shape]`."""
        if self.built:
            return
        self.observation_shape = list(input_shape[1:])
        parts = self._parts
        self.encoder = parts["encoder"] or networks.make_gaussian_encoder(
            self.observation_shape)
        self._check_images(self.encoder)
        num_latent = self.encoder.output[0].shape[-1]
        self.decoder = parts["decoder"] or networks.make_decoder(
            num_latent, self.observation_shape)
        if self._loss_is_open and len(self.observation_shape) == 1:
            self.reconstruction_loss = parts["reconstruction_loss"]
        self._tell_loss_of_columns()
        self._parts = None                  # only now, so that a failed build can be retried
        self.prior = parts["prior"] or priors.StandardNormal(name="prior")
        self.prior.attach(self)
        self.prior.build([num_latent])
        self.step = self.add_weight(shape=(), dtype="int64", initializer="zeros",
                                    trainable=False, name="step",
                                    aggregation="only_first_replica")
        self.reconstruction_loss.attach(self)
        self._means = {name: keras.metrics.Mean(name) for name in self.term_names}
        self.built = True

    def _check_images(self, encoder):
        takes = list(encoder.inputs[0].shape[1:])
        if takes != self.observation_shape:
            raise errors.InvalidArgumentError(
                "observation_shape", f"images of shape {takes}, which the encoder takes",
                self.observation_shape)

    def __call__(self, images, *args, **kwargs):
        """Keras' `__call__`, on any images that `as_images` accepts."""
        if self._parts is not None and not isinstance(images, keras.KerasTensor):
            images = self.as_images(images)
        return super().__call__(images, *args, **kwargs)

    def as_images(self, images):
        """Images in the form the model uses; builds the model if necessary.

        Args:
            images: tensor, array or list `[batch, *observation_shape]`; uint8 from 0 to 255, bool,
                or floats. A single channel needs no axis.
        Returns:
            tensor `[batch, *observation_shape]` in the precision of the variables.
        Raises:
            InvalidArgumentError: another shape or type.
        """
        images = images_lib.as_floats(images, self.variable_dtype)
        if self._parts is not None:
            with tf.init_scope():  # creates variables outside any traced function
                self._build_for(images)
        return images_lib.in_shape(images, self.observation_shape)

    def _build_for(self, images):
        shape = self._shape_for(images)
        if replicas.number() > 1:
            raise errors.UserError(
                f"{type(self).__name__} has to be built before its devices share a batch: call "
                f"build({(None, *shape)}) in the strategy's scope first.")
        try:
            with self.distribute_strategy.scope():
                self.build((None, *shape))
        except ValueError as error:
            if len(shape) > 2 or isinstance(error, errors.UserError):
                raise
            raise errors.InvalidArgumentError(
                "images", "images [batch, height, width, channels]", images.shape.as_list(),
                image_values.shape_problem(images.shape.as_list())) from error

    def _shape_for(self, images):
        """The shape of one image that the model is to be built for."""
        if self._parts["encoder"] is not None:
            return self._parts["encoder"].inputs[0].shape[1:]
        if images.shape.rank is None or None in images.shape[1:].as_list():
            raise errors.InvalidArgumentError(
                "images", "images of a known shape", images.shape.rank and images.shape.as_list(),
                "Call build((None, height, width, channels)) first.")
        shape = images.shape[1:].as_list()
        return [*shape, 1] if len(shape) == 2 else shape

    def _check_built(self):
        if self._parts is not None and self._parts["encoder"] is not None:
            self.build(self._parts["encoder"].inputs[0].shape)
        if self._parts is not None:
            raise errors.UserError(
                f"{type(self).__name__} does not know the shape of images yet: call "
                "build((None, height, width, channels)) first.")

    @property
    @abc.abstractmethod
    def term_names(self):
        """Names of the loss terms whose means Keras reports."""

    @abc.abstractmethod
    def loss_terms(self, images, draw=None, training=False):
        """Every named number of the loss for a batch of images.

        Args:
            images: `[batch, *observation_shape]` in [0, 1].
            draw: integer that, with the model's seed, determines all noise; the current step if
                None.
            training: whether layers behave as in training.
        Returns:
            dictionary of scalars, `loss` and `reconstruction_loss` among them.
        """

    @property
    def num_latent(self):
        """Number of latents."""
        self._check_built()
        return self.prior.num_latent

    def encode(self, images, training=False):
        """Mean and log-variance of the posterior of images, `[batch, num_latent]` each."""
        images = self.as_images(images)     # creates the encoder if necessary
        return self.encoder(self.standardised(images), training=training)

    def decode(self, z, training=False):
        """Logits of codes: `[batch, *observation_shape]`; see `mean_image`."""
        self._check_built()
        return tf.cast(self.decoder(z, training=training), self.variable_dtype)

    def mean_image(self, logits):
        """The mean that logits represent: an image in [0, 1], or a row in the table's own units."""
        mean = self.reconstruction_loss.mean_image(logits)
        return self.table_columns.own_units(mean) if self._decodes_standardised else mean

    def standardised_mean(self, logits):
        """The mean that logits represent, with the columns of a table standardised.

        Jacobians are taken of it, because its columns have comparable units. For images, and for
        vectors that are not standardised, it is `mean_image`.
        """
        mean = self.reconstruction_loss.mean_image(logits)
        return mean if self._decodes_standardised else self.standardised(mean)

    def reconstruction_losses(self, images, logits):
        """`[batch]` reconstruction losses of images, given decoder outputs."""
        return self.reconstruction_loss(self.compared(images), logits)

    def call(self, images, seed=None, training=False):
        """`VAEOutputs` for a batch of images.

        Args:
            images: `[batch, *observation_shape]` in [0, 1].
            seed: `[2]` integers for the noise; that of the current training step if None.
            training: whether layers behave as in training.
        """
        z_mean, z_logvar, z = self._sampled_code(images, seed, training)
        return outputs_lib.VAEOutputs(z_mean, z_logvar, z, self.decode(z, training))

    def _sampled_code(self, images, seed, training):
        z_mean, z_logvar = self.encode(images, training)
        seed = self._seed(NOISE_STREAM, self.step) if seed is None else seed
        # Noise belongs to the whole batch, so that it does not depend on the number of replicas.
        z = self.posterior.sample(replicas.whole(z_mean), replicas.whole(z_logvar), seed)
        return z_mean, z_logvar, replicas.rows(z)

    def _seed(self, stream, draw):
        """A pair of integers for one stream of random numbers, the `draw`-th time."""
        draw = tf.cast(tf.convert_to_tensor(draw), tf.int64)
        return tf.stack([tf.constant(self.seed, tf.int64) + draw * _BETWEEN_DRAWS,
                         tf.cast(stream, tf.int64)])

    def test_step(self, data):
        """Keras' hook for `evaluate`: the mean terms so far; nothing is updated."""
        images = self._batch_of(data)
        # The batch number gives each batch its own noise; a smaller last batch gets a larger one.
        draw = tf.cast(self._means["loss"].count, tf.int64) // tf.shape(images, tf.int64)[0]
        return self._mean_terms(self.loss_terms(images, draw=draw), images)

    def predict_step(self, data):
        """Keras' hook for `predict`: `VAEOutputs` of a batch, with noise of its own."""
        images, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        images = self.as_images(images)
        return self(images, training=False, seed=self._seed(
            NOISE_STREAM, self.step + self._draws_of_predict.next()))

    def _mean_terms(self, terms, images):
        """Mean terms of the images so far; the last batch may be smaller."""
        # Some terms are of training alone.
        means = {name: mean for name, mean in self._means.items() if name in terms}
        for name, mean in means.items():
            mean.update_state(terms[name], sample_weight=tf.shape(images)[0])
        return {name: mean.result() for name, mean in means.items()}

    @property
    def metrics(self):
        """The means over an epoch, which Keras resets."""
        return list(self._means.values()) if self.built else []

    def get_config(self):
        """Constructor arguments, with the parts as they are."""
        parts = self._parts or {"encoder": self.encoder, "decoder": self.decoder,
                                "prior": self.prior}
        objects = {**parts, "posterior": self.posterior,
                   "reconstruction_loss": None if self._loss_is_open else self.reconstruction_loss}
        serialized = {key: keras.saving.serialize_keras_object(value)
                      for key, value in objects.items()}
        return {**super().get_config(), **serialized, "seed": self.seed, **self._table_config()}

    @classmethod
    def from_config(cls, config):
        """The model that `get_config` described."""
        objects = ("encoder", "decoder", "prior", "reconstruction_loss", "posterior")
        config = dict(config)
        columns = config.pop("table_columns", None)
        model = cls(**{key: keras.saving.deserialize_keras_object(value)
                       if key in objects else value for key, value in config.items()})
        model.use_columns(columns and data.TableColumns.from_config(columns))
        return model
