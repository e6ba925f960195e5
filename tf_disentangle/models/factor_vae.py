"""FactorVAE: total correlation estimated by a discriminator trained alongside the model."""
import keras
import tensorflow as tf

from tf_disentangle import errors, losses, networks, optimizers, replicas
from tf_disentangle.configuration import registry
from tf_disentangle.models import base, given, layer_losses

__all__ = ["FactorVAE"]

_UPDATES = ("simultaneous", "alternating")

# Streams of random numbers within one step, beyond those of any penalty.
_PERMUTATION_STREAM, _SECOND_HALF_STREAM = 2**20, 2**20 + 1


@registry.part("factor_vae")
class FactorVAE(base.BaseVAE):
    """FactorVAE; Kim and Mnih (2018), equation 2, https://arxiv.org/abs/1802.05983.

    KL + gamma * total correlation, which the discriminator estimates. The log contains the terms
    `kl_loss`, `weighted_total_correlation` (gamma * total correlation) and,
    during training, `discriminator_loss`.

    A step is one update of the model and one of the discriminator. disentanglement_lib
    counts such a pair as two steps: its 300000 training steps are 150000 here.

    Args:
        gamma: weight of the total correlation, a number of at least 0.
        discriminator_update: "simultaneous", as in disentanglement_lib: the discriminator learns
            from the codes of the model's update and from permutations of them. "alternating",
            algorithm 2 of the paper: the model and the codes use the first half of a batch; the
            permuted codes are those of the second half, from the updated encoder.
        discriminator: model from codes to (logits, probabilities); the `discriminator`
            slot's if None.
        discriminator_optimizer: Keras optimizer; the `discriminator_optimizer` slot's if
            None.
        encoder, decoder, prior, posterior, reconstruction_loss, penalties, seed: see
            `BaseVAE`.
    """

    against_collapse = "lower gamma"
    own_terms = ("weighted_total_correlation", "discriminator_loss")

    def __init__(self, gamma=30.0, discriminator_update="simultaneous", discriminator=None,
                 discriminator_optimizer=None, **kwargs):
        super().__init__(**kwargs)
        self.gamma = errors.number("gamma", gamma, minimum=0)
        self.discriminator_update = errors.one_of(
            "discriminator_update", discriminator_update, _UPDATES)
        self._adversary = given.Parts(
            discriminator=given.network_or_none(
                "discriminator", discriminator, "codes", "logits", "probabilities"),
            discriminator_optimizer=given.instance_or_none(
                "discriminator_optimizer", discriminator_optimizer, keras.optimizers.Optimizer))

    def build(self, input_shape):
        """Creates the parts of `BaseVAE`, then the discriminator and its optimizer."""
        if self.built:
            return
        super().build(input_shape)
        adversary, self._adversary = self._adversary, None
        self.discriminator = adversary["discriminator"] or networks.make_discriminator(
            self.num_latent)
        optimizer = (adversary["discriminator_optimizer"]
                     or optimizers.make_discriminator_optimizer())
        scales = keras.optimizers.LossScaleOptimizer
        if self.discriminator.compute_dtype == "float16" and not isinstance(optimizer, scales):
            optimizer = scales(optimizer)
        optimizer.build(self.discriminator.trainable_variables)
        # As an attribute, it is saved by Keras like the model's own optimizer.
        self.discriminator_optimizer = optimizer

    @property
    def trainable_variables(self):
        """Variables of the model's optimizer; the discriminator has its own optimizer."""
        adversary = self.discriminator.trainable_variables if self.built else []
        others = {id(variable) for variable in adversary}
        return [variable for variable in super().trainable_variables
                if id(variable) not in others]

    @property
    def batch_parts(self):
        """2 if the discriminator learns from images of its own; otherwise 1."""
        return 1 if self.discriminator_update == "simultaneous" else 2

    def regularizer(self, kl_loss, z_mean, z_logvar, z_sampled):
        """KL + gamma * total correlation; arguments as `BaseVAE.regularizer`."""
        del z_mean, z_logvar
        logits, _ = self.discriminator(z_sampled)
        estimate = losses.discriminator_total_correlation(logits)
        return {"kl_loss": kl_loss, "weighted_total_correlation": self.gamma * estimate}

    def update(self, images):
        """One step of the model, then one of the discriminator.

        Args:
            images: `[batch, *observation_shape]` in [0, 1].
        Returns:
            the dictionary of `loss_terms` and `discriminator_loss`, before the updates.
        """
        images, more_images = self._halves(self.as_images(images))
        terms, outputs = self._descend(images)
        if "discriminator_loss" in terms:
            raise errors.InvalidArgumentError(
                "penalties", "names that no other term has", "discriminator_loss")
        shuffled = losses.shuffle_codes(
            outputs.z if more_images is None else self._codes(more_images),
            self._seed(_PERMUTATION_STREAM, self.step))
        terms["discriminator_loss"] = self._update_discriminator(outputs.z, shuffled)
        self._count_step(terms["loss"])
        return terms

    def _halves(self, images):
        """Images that the model learns from, and those for the permuted codes if they differ.

        A single code has only itself as a permutation, so nothing could be learned from it.
        """
        if self.batch_parts == 1:
            return losses.checked_batch(images, 2, "for permutations of codes"), None
        # In the last batch of an epoch, halves may be too small to permute, but not empty.
        least = 2 if images.shape[0] is None else 4
        images = losses.checked_batch(
            images, least, "with discriminator_update 'alternating', which halves batches")
        half = (images.shape[0] or tf.shape(images)[0]) // 2
        return images[:half], images[half:]

    def _codes(self, images):
        """Codes of a whole batch."""
        parameters = self.encode(replicas.rows(images), training=True)
        return self.posterior.sample(*map(replicas.whole, parameters),
                                     self._seed(_SECOND_HALF_STREAM, self.step))

    def _update_discriminator(self, z, shuffled):
        variables = self.discriminator.trainable_variables
        with tf.GradientTape() as tape:
            loss = losses.discriminator_loss(self.discriminator(z, training=True)[1],
                                             self.discriminator(shuffled, training=True)[1])
            of_weights = layer_losses.weight_regularization(variables)
            loss = loss if of_weights is None else loss + of_weights
            scaled = self.discriminator_optimizer.scale_loss(loss)
        return self._apply(self.discriminator_optimizer, loss, tape.gradient(scaled, variables),
                           variables)

    def get_config(self):
        adversary = self._adversary or {
            "discriminator": self.discriminator,
            "discriminator_optimizer": self.discriminator_optimizer}
        return {**super().get_config(), "gamma": self.gamma,
                "discriminator_update": self.discriminator_update,
                **{key: keras.saving.serialize_keras_object(value)
                   for key, value in adversary.items()}}

    @classmethod
    def from_config(cls, config):
        """The model that `get_config` described."""
        return super().from_config({
            key: keras.saving.deserialize_keras_object(value)
            if key in ("discriminator", "discriminator_optimizer") else value
            for key, value in config.items()})
