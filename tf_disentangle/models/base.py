"""The base of all models that learn in steps: a loss of named terms, and its gradient."""
import abc

import keras
import tensorflow as tf

from tf_disentangle import errors, jacobian, replicas
from tf_disentangle import penalties as penalties_lib
from tf_disentangle.models import latent_variable_model as model_lib
from tf_disentangle.models import layer_losses
from tf_disentangle.models import outputs as outputs_lib

__all__ = ["BaseVAE"]

# Stream for the extra samples of an estimated KL. Penalties use the streams that follow the noise
# of the code; this one is far beyond them.
_KL_STREAM = 2**21

# The loss terms that every model has.
_TERMS = ("loss", "reconstruction_loss", "kl_loss", "regularizer", "elbo")


def _checked_penalties(values):
    if not isinstance(values, (list, tuple)):
        raise errors.InvalidArgumentError(
            "penalties", "a list of penalties", values, "In a gin file: [@jacobian_l1()].")
    penalties = tuple(errors.instance("penalties", value, penalties_lib.Penalty)
                      for value in values)
    names = [penalty.name for penalty in penalties]
    if len(set(names)) < len(names):
        raise errors.InvalidArgumentError(
            "penalties", "penalties of distinct names", names, "Give one a `name`.")
    return penalties


class BaseVAE(model_lib.LatentVariableModel):
    """A variational auto-encoder whose loss is reconstruction + regularizer + penalties.

    A subclass implements `regularizer`, and `get_config` if its constructor takes arguments.

    Args:
        encoder, decoder, prior, reconstruction_loss, seed, posterior: see
            `LatentVariableModel`.
        penalties: `Penalty` objects, with distinct names.
    """

    def __init__(self, encoder=None, decoder=None, prior=None, reconstruction_loss=None,
                 penalties=(), seed=0, posterior=None, **kwargs):
        super().__init__(encoder=encoder, decoder=decoder, prior=prior,
                         reconstruction_loss=reconstruction_loss, seed=seed,
                         posterior=posterior, **kwargs)
        self.penalties = _checked_penalties(penalties)

    # Names of the terms that a subclass adds to those of every model, for the log of `fit`.
    own_terms = ()

    @property
    def term_names(self):
        """Names of the terms that every model has, of the method's, then of the penalties'."""
        return (*_TERMS, *self.own_terms, *(penalty.name for penalty in self.penalties))

    def call(self, images, seed=None, training=False):
        """`VAEOutputs`, in training with the linearization if a penalty needs it.

        Args:
            images, seed, training: see `LatentVariableModel.call`.
        """
        if not training or not any(penalty.needs_linearization for penalty in self.penalties):
            return super().call(images, seed, training)
        z_mean, z_logvar, z = self._sampled_code(images, seed, training)
        if jacobian.depends_on_training(self.decoder):
            # A linearization describes inference, which is a different function in this case.
            return outputs_lib.VAEOutputs(z_mean, z_logvar, z, self.decode(z, training))
        linearization = jacobian.linearize(self.decoder, z)
        logits = tf.cast(linearization.outputs, self.variable_dtype)
        return outputs_lib.LinearizedOutputs(z_mean, z_logvar, z, logits, linearization)

    # Advice for when all latents are inactive; a subclass names its own parameters.
    against_collapse = "lower the weights of the terms beside the reconstruction, or anneal them"

    # Into how many equal parts `update` divides a batch.
    batch_parts = 1

    @property
    def annealed_from(self):
        """The step from which the weight of the KL no longer changes."""
        return 0

    @property
    def settled_from(self):
        """The step from which the weights of all terms no longer change, schedules aside."""
        return max([self.annealed_from, *(penalty.start_step + penalty.annealing_steps
                                          for penalty in self.penalties)])

    @abc.abstractmethod
    def regularizer(self, kl_loss, z_mean, z_logvar, z_sampled):
        """The hook of a method: what its loss adds to the reconstruction.

        Args:
            kl_loss: scalar, KL of posterior and prior, computed by the prior's `kl_mode`, mean
                over the batch, nats.
            z_mean, z_logvar, z_sampled: `[batch, num_latent]`.
        Returns:
            a scalar, or a dictionary of named scalars that are summed.
        """

    def loss_terms(self, images, draw=None, training=False):
        """Every named number of the loss for a batch of images.

        Args:
            images, draw, training: see `LatentVariableModel.loss_terms`.
        Returns:
            dictionary of scalars: `loss` = `reconstruction_loss` + `regularizer` (everything but
            the reconstruction, penalties included); `kl_loss` and `elbo` =
            -(reconstruction_loss + kl_loss), both unweighted; the entries that
            `regularizer` returned by name; `weight_regularization`, if layers have regularizers of
            their weights; each penalty's value, unweighted, by its name.
        """
        images = replicas.rows(self.as_images(images))
        draw = self.step if draw is None else draw
        outputs = self.call(images, self._seed(model_lib.NOISE_STREAM, draw), training)
        return self._terms_of(images, outputs, draw)

    def _terms_of(self, images, outputs, draw):
        """`loss_terms` of a batch, given the model's outputs for it.

        Images and outputs are a replica's rows, if there are several replicas; the terms are
        always those of the whole batch.
        """
        reconstruction = replicas.mean(
            tf.reduce_mean(self.reconstruction_losses(images, outputs.logits)))
        own, outputs = outputs, outputs_lib.whole(outputs)
        posterior = self.posterior.distribution(outputs.z_mean, outputs.z_logvar)
        kl_loss = tf.reduce_mean(
            self.prior.kl(posterior, outputs.z, self._seed(_KL_STREAM, draw)))
        added = self.regularizer(kl_loss, outputs.z_mean, outputs.z_logvar, outputs.z)
        named = dict(added) if isinstance(added, dict) else {}
        regularizer = sum(named.values(), 0.0) if isinstance(added, dict) else added
        layer_losses.check_layers(self.encoder, "encoder")
        layer_losses.check_layers(self.decoder, "decoder")
        of_weights = layer_losses.weight_regularization(self.trainable_variables)
        if of_weights is not None:
            named[layer_losses.TERM] = of_weights
            regularizer += of_weights
        for stream, penalty in enumerate(self.penalties, start=model_lib.NOISE_STREAM + 1):
            if penalty.name in (*_TERMS, *named):
                raise errors.InvalidArgumentError(
                    "penalties", "names that no other term has", penalty.name)
            seed = self._seed(stream, draw)
            named[penalty.name] = (replicas.mean(penalty.term(self, own, seed))
                                   if penalty.is_of_rows else penalty.term(self, outputs, seed))
            regularizer += penalty.weight_at(self.step.value) * named[penalty.name]
        return {"loss": reconstruction + regularizer, "reconstruction_loss": reconstruction,
                "kl_loss": kl_loss, "regularizer": regularizer,
                "elbo": -(reconstruction + kl_loss), **named}

    def update(self, images):
        """One training step, which both `fit` and the training loop use.

        Args:
            images: `[batch, *observation_shape]` in [0, 1].
        Returns:
            the dictionary of `loss_terms` before the update.
        """
        terms, _ = self._descend(images)
        self._count_step(terms["loss"])
        return terms

    def _count_step(self, loss):
        """Counts a step, unless an assertion that its loss depends on has failed."""
        with tf.control_dependencies([loss]):
            self.step.assign(self.step + 1)

    def _descend(self, images):
        """Updates the variables; returns the terms and `VAEOutputs` from before the update.

        Both are of the whole batch.
        """
        images = replicas.rows(self.as_images(images))
        if getattr(self, "optimizer", None) is None:
            raise errors.UserError(f"{type(self).__name__} has no optimizer to update it with: "
                                   'call compile("adam") first.')
        with tf.GradientTape() as tape:
            seed = self._seed(model_lib.NOISE_STREAM, self.step)
            outputs = self.call(images, seed, training=True)
            terms = self._terms_of(images, outputs, self.step)
            loss = self.optimizer.scale_loss(terms["loss"])
        terms["loss"] = self._apply(self.optimizer, terms["loss"], tape.gradient(
            loss, self.trainable_variables), self.trainable_variables)
        return terms, outputs_lib.whole(outputs)

    @staticmethod
    def _apply(optimizer, loss, gradients, variables):
        """Updates variables, with zero gradients if the loss or any gradient is not finite.

        An optimizer that scales the loss skips such steps itself and adapts its scale.

        Returns:
            the loss, or NaN if a gradient is not finite, so that the failure is noticed.
        """
        gradients = replicas.mean_gradients(optimizer, gradients)
        if not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
            # A sum is NaN or infinite as soon as one of its numbers is.
            sums = [tf.reduce_sum(gradient) for gradient in gradients if gradient is not None]
            finite = tf.math.is_finite(tf.add_n([loss, *sums]))
            gradients = [gradient if gradient is None else
                         tf.where(finite, gradient, tf.zeros_like(gradient))
                         for gradient in gradients]
            loss = tf.where(finite, loss, loss * float("nan"))
        optimizer.apply(gradients, variables)
        return loss

    def train_step(self, data):
        """Keras' hook for `fit`: updates once and returns the epoch's mean terms so far."""
        images = self._batch_of(data)
        return self._mean_terms(self.update(images), images)

    def get_config(self):
        return {**super().get_config(), "penalties": [
            keras.saving.serialize_keras_object(penalty) for penalty in self.penalties]}

    @classmethod
    def from_config(cls, config):
        """The model that `get_config` described."""
        penalties = keras.saving.deserialize_keras_object(config.get("penalties", []))
        return super().from_config({**config, "penalties": penalties})
