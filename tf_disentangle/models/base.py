"""The base of all models: an encoder, a decoder, a prior, and a loss of named terms."""
import collections

import keras
import tensorflow as tf

from tf_disentangle import errors, jacobian, losses, networks, priors
from tf_disentangle import penalties as penalties_lib
from tf_disentangle.models import outputs as outputs_lib

__all__ = ["BaseVAE", "Parts", "instance_or_none"]

# Streams of random numbers within one step: the noise of the code, then one per penalty.
_NOISE_STREAM = 0

# Far beyond the penalties: the further samples of a KL that is estimated.
_KL_STREAM = 2**21

# The terms that the loss of every model has.
_TERMS = ("loss", "reconstruction_loss", "kl_loss", "regularizer", "elbo")


def instance_or_none(argument, value, cls):
    """`value`, or an `InvalidArgumentError` if it is neither None nor an instance of `cls`."""
    return value if value is None else errors.instance(argument, value, cls)


class Parts(collections.UserDict):
    """Parts, by name, that wait for a model's `build` to attach them.

    Keras tracks what a `dict` holds as soon as it is an attribute. The variables would be in the
    order in which parts are given, another one when a model is loaded, and optimizers go by it.
    """


def _checked_penalties(values):
    if not isinstance(values, (list, tuple)):
        raise errors.InvalidArgumentError(
            "penalties", "a list of penalties", values, "In a gin file: [@jacobian_l1()].")
    return tuple(errors.instance("penalties", value, penalties_lib.Penalty) for value in values)


class BaseVAE(keras.Model):
    """A variational auto-encoder whose loss is reconstruction + regularizer + penalties.

    A leaf fills `regularizer`, and `get_config` where its constructor takes arguments.
    Encoder, decoder and prior are made when the shape of the images is known, in that
    order, which is also the order of the variables.

    Args:
        encoder: model from images to (means, log_var); the `encoder` slot's if None.
        decoder: model from codes to logits; the `decoder` slot's if None.
        prior: `Prior`, or a `tfd.Distribution` of codes; `StandardNormal()` if None.
        reconstruction_loss: `ReconstructionLoss`; the slot's if None.
        penalties: `Penalty` objects, with distinct names.
        posterior: `Posterior`, the family that means and log_var are parameters of;
            `NormalPosterior()` if None.
        seed: seed of all noise that training draws; the noise of step k is a function of
            (seed, k).
    """

    def __init__(self, encoder=None, decoder=None, prior=None, reconstruction_loss=None,
                 penalties=(), seed=0, posterior=None, **kwargs):
        super().__init__(**kwargs)
        self._parts = Parts(encoder=instance_or_none("encoder", encoder, keras.Model),
                            decoder=instance_or_none("decoder", decoder, keras.Model),
                            prior=priors.as_prior(prior))
        self.posterior = (instance_or_none("posterior", posterior, priors.Posterior)
                          or priors.NormalPosterior())
        self.reconstruction_loss = instance_or_none(
            "reconstruction_loss", reconstruction_loss,
            losses.ReconstructionLoss) or losses.make_reconstruction_loss()
        self.penalties = _checked_penalties(penalties)
        names = [penalty.name for penalty in self.penalties]
        if len(set(names)) < len(names):
            raise errors.InvalidArgumentError(
                "penalties", "penalties of distinct names", names, "Give one a `name`.")
        self.seed = errors.whole_number("seed", seed, minimum=0)
        self._encode = None

    def build(self, input_shape):
        """Makes the parts for images `[batch, *observation_shape]`."""
        if self.built:
            return
        self.observation_shape = list(input_shape[1:])
        parts, self._parts = self._parts, None
        self.encoder = parts["encoder"] or networks.make_gaussian_encoder(
            self.observation_shape)
        self._check_images(self.encoder)
        num_latent = self.encoder.output[0].shape[-1]
        self.decoder = parts["decoder"] or networks.make_decoder(
            num_latent, self.observation_shape)
        self.prior = parts["prior"] or priors.StandardNormal(name="prior")
        self.prior.attach(self)
        self.prior.build([num_latent])
        self.step = self.add_weight(shape=(), dtype="int64", initializer="zeros",
                                    trainable=False, name="step")
        self._means = {name: keras.metrics.Mean(name) for name in (
            *_TERMS, *(penalty.name for penalty in self.penalties))}
        self.built = True

    def _check_images(self, encoder):
        takes = list(encoder.inputs[0].shape[1:])
        if takes != self.observation_shape:
            raise errors.InvalidArgumentError(
                "observation_shape", f"images of shape {takes}, which the encoder takes",
                self.observation_shape)

    @property
    def num_latent(self):
        """Number of latents."""
        return self.prior.num_latent

    def encode(self, images, training=False):
        """Mean and log-variance of the posterior of images, `[batch, num_latent]` each."""
        return self.encoder(images, training=training)

    def decode(self, z, training=False):
        """Logits of codes: `[batch, *observation_shape]`; see `mean_image`."""
        return tf.cast(self.decoder(z, training=training), self.variable_dtype)

    def mean_image(self, logits):
        """The mean image in [0, 1] that logits stand for."""
        return self.reconstruction_loss.mean_image(logits)

    def gaussian_encoder(self, images):
        """Posterior of a NumPy batch of images, traced once whatever its size.

        Args:
            images: `[batch, *observation_shape]` array.
        Returns:
            dictionary of the NumPy arrays `mean` and `logvar`, `[batch, num_latent]` each.
        """
        if self._encode is None:
            signature = tf.TensorSpec([None, *self.observation_shape], self.variable_dtype)
            self._encode = tf.function(self.encode, input_signature=[signature])
        mean, logvar = self._encode(tf.convert_to_tensor(images, self.variable_dtype))
        return {"mean": mean.numpy(), "logvar": logvar.numpy()}

    def representation(self, images):
        """Mean codes of a NumPy batch of images, as a NumPy array `[batch, num_latent]`."""
        return self.gaussian_encoder(images)["mean"]

    def call(self, images, seed=None, training=False):
        """`VAEOutputs` for a batch of images.

        Args:
            images: `[batch, *observation_shape]` in [0, 1].
            seed: `[2]` integers for the noise; that of the current training step if None.
            training: whether layers behave as in training.
        """
        seed = self._seed(_NOISE_STREAM, self.step) if seed is None else seed
        z_mean, z_logvar = self.encode(images, training)
        z = self.posterior.sample(z_mean, z_logvar, seed)
        if not training or jacobian.depends_on_training(self.decoder):
            return outputs_lib.VAEOutputs(z_mean, z_logvar, z, self.decode(z, training))
        # The same pass, taken apart, so that penalties can go on from it.
        linearization = jacobian.linearize(self.decoder, z)
        logits = tf.cast(linearization.outputs, self.variable_dtype)
        return outputs_lib.TrainingOutputs(z_mean, z_logvar, z, logits, linearization)

    def _seed(self, stream, draw):
        """A pair of integers for one stream of random numbers, the `draw`-th time."""
        draw = tf.cast(tf.convert_to_tensor(draw), tf.int64)
        return tf.stack([tf.constant(self.seed, tf.int64) + draw * 2**32,
                         tf.constant(stream, tf.int64)])

    def regularizer(self, kl_loss, z_mean, z_logvar, z_sampled):
        """The hook of a method: what its loss adds to the reconstruction.

        Args:
            kl_loss: scalar, KL of posterior and prior as the prior's `kl_mode` says, mean
                over the batch, nats.
            z_mean, z_logvar, z_sampled: `[batch, num_latent]`.
        Returns:
            a scalar, or a dictionary of named scalars whose sum it is.
        """
        raise NotImplementedError

    def loss_terms(self, images, draw=None, training=False):
        """Every named number of the loss for a batch of images.

        Args:
            images: `[batch, *observation_shape]` in [0, 1].
            draw: integer that all noise is a function of, beside the model's seed; the
                current step if None.
            training: whether layers behave as in training.
        Returns:
            dictionary of scalars: `loss` = `reconstruction_loss` + `regularizer` (all that
            is not reconstruction, penalties included); `kl_loss` and `elbo` =
            -(reconstruction_loss + kl_loss), whatever the weights; the entries that
            `regularizer` returned by name; each penalty's value, unweighted, by its name.
        """
        draw = self.step if draw is None else draw
        outputs = self.call(images, self._seed(_NOISE_STREAM, draw), training)
        return self._terms_of(images, outputs, draw)

    def _terms_of(self, images, outputs, draw):
        """`loss_terms` of a batch, given what the model made of it."""
        reconstruction = tf.reduce_mean(self.reconstruction_loss(images, outputs.logits))
        posterior = self.posterior.distribution(outputs.z_mean, outputs.z_logvar)
        kl_loss = tf.reduce_mean(
            self.prior.kl(posterior, outputs.z, self._seed(_KL_STREAM, draw)))
        added = self.regularizer(kl_loss, outputs.z_mean, outputs.z_logvar, outputs.z)
        named = dict(added) if isinstance(added, dict) else {}
        regularizer = sum(named.values(), 0.0) if isinstance(added, dict) else added
        for stream, penalty in enumerate(self.penalties, start=_NOISE_STREAM + 1):
            if penalty.name in (*_TERMS, *named):
                raise errors.InvalidArgumentError(
                    "penalties", "names that no other term has", penalty.name)
            named[penalty.name] = penalty.value(self, outputs, self._seed(stream, draw))
            regularizer += penalty.weight_at(self.step.value) * named[penalty.name]
        return {"loss": reconstruction + regularizer, "reconstruction_loss": reconstruction,
                "kl_loss": kl_loss, "regularizer": regularizer,
                "elbo": -(reconstruction + kl_loss), **named}

    def update(self, images):
        """One training step; `fit` and the training loop both come through here.

        Args:
            images: `[batch, *observation_shape]` in [0, 1].
        Returns:
            the dictionary of `loss_terms` before the update.
        """
        terms, _ = self._descend(images)
        self.step.assign(self.step + 1)
        return terms

    def _descend(self, images):
        """Updates the variables; the terms and `VAEOutputs` from before it."""
        with tf.GradientTape() as tape:
            outputs = self.call(images, self._seed(_NOISE_STREAM, self.step), training=True)
            terms = self._terms_of(images, outputs, self.step)
            loss = self.optimizer.scale_loss(terms["loss"])
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        return terms, outputs

    def train_step(self, data):
        """Keras' hook for `fit`: an update, and the mean terms of the epoch so far."""
        return self._mean_terms(self.update(keras.utils.unpack_x_y_sample_weight(data)[0]))

    def test_step(self, data):
        """Keras' hook for `evaluate`: the mean terms so far; nothing is updated."""
        images = keras.utils.unpack_x_y_sample_weight(data)[0]
        draw = self._means["loss"].count  # so that every batch has its own noise
        return self._mean_terms(self.loss_terms(images, draw=draw))

    def _mean_terms(self, terms):
        for name, mean in self._means.items():
            mean.update_state(terms[name])
        return {name: mean.result() for name, mean in self._means.items()}

    @property
    def metrics(self):
        """The means over an epoch, which Keras resets."""
        return list(self._means.values()) if self.built else []

    def get_config(self):
        """Constructor arguments, with the parts as they are."""
        parts = self._parts or {"encoder": self.encoder, "decoder": self.decoder,
                                "prior": self.prior}
        objects = {**parts, "reconstruction_loss": self.reconstruction_loss,
                   "penalties": list(self.penalties), "posterior": self.posterior}
        serialized = {key: keras.saving.serialize_keras_object(value)
                      for key, value in objects.items()}
        return {**super().get_config(), **serialized, "seed": self.seed}

    @classmethod
    def from_config(cls, config):
        """The model that `get_config` described."""
        objects = ("encoder", "decoder", "prior", "reconstruction_loss", "penalties",
                   "posterior")
        return cls(**{key: keras.saving.deserialize_keras_object(value)
                      if key in objects else value for key, value in config.items()})
