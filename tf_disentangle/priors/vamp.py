"""VampPrior: the aggregate posterior of a few learned images.

Tomczak and Welling (2018), "VAE with a VampPrior", equation 9, https://arxiv.org/abs/1705.07120.
"""
import tensorflow as tf
import tensorflow_probability as tfp

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.priors import prior

__all__ = ["VampPrior"]

tfd = tfp.distributions


@registry.part("vamp_prior")
class VampPrior(prior.Prior):
    """mean{ q(z | u[k]) : k }, with q the model's posterior and u trained pseudo-inputs.

    It needs the model's encoder, which the model provides automatically; each step encodes
    `num_components` additional images. The encoder behaves as in inference for them, and is also
    trained through them. Pseudo-inputs are low + (high - low) * sigmoid(logits), with initially
    standard normal logits, so that each has a gradient; the authors' code clips instead.

    The KL has no closed form, so kl_mode = "monte_carlo" has to be set.

    Args:
        num_components: number of pseudo-inputs; the paper uses 500.
        low, high: range of the values of an image; for a table, in standard deviations from the
            mean of a column.
        seed: of the initial pseudo-inputs.
        kl_mode, num_samples: see `Prior`.
    """

    def __init__(self, num_components=10, low=0.0, high=1.0, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.num_components = errors.whole_number("num_components", num_components)
        self.low = errors.number("low", low)
        self.high = errors.number("high", high, above=self.low)
        self.seed = errors.whole_number("seed", seed, 0, 2**31 - 1)
        self._observation_shape = None

    def attach(self, model):
        """Stores how `model`, which is being built, computes the posterior of an image."""
        self._observation_shape = tuple(model.observation_shape)
        self._posterior_of = lambda images: model.posterior.distribution(*model.encoder(images))

    def make_variables(self):
        if self._observation_shape is None:
            raise errors.InvalidArgumentError(
                "prior", "a VampPrior that is the `prior` of a model, whose encoder it needs",
                self.name)
        self.logits = self.add_weight(
            shape=[self.num_components, *self._observation_shape], name="pseudo_inputs",
            initializer=lambda shape, dtype: tf.random.stateless_normal(
                shape, [self.seed, 0], dtype=dtype))

    def pseudo_inputs(self):
        """Current pseudo-inputs, `[num_components, *observation_shape]`."""
        return self.low + (self.high - self.low) * tf.sigmoid(self.logits.value)

    def distribution(self):
        return tfd.MixtureSameFamily(
            tfd.Categorical(logits=tf.zeros([self.num_components], self.variable_dtype)),
            self._posterior_of(self.pseudo_inputs()))

    def get_build_config(self):
        """None: only its model builds a saved prior, because it needs the model's encoder."""

    def get_config(self):
        return {**super().get_config(), "num_components": self.num_components,
                "low": self.low, "high": self.high, "seed": self.seed}
