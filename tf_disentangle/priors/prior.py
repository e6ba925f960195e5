"""The contract of a prior over codes."""
import abc

import keras
import tensorflow as tf

from tf_disentangle import errors
from tf_disentangle.priors import divergences, moments, seeds

__all__ = ["Prior"]


class Prior(keras.layers.Layer, abc.ABC):
    """A distribution over codes. A leaf fills `distribution`.

    Variables that train are made with `add_weight` in `make_variables`, and the
    distribution of them on demand: a variable inside a distribution would not be trained.
    A prior computes in the precision of the variables, also under a mixed policy.

    Args:
        kl_mode: how `kl` is computed. "closed_form", by a formula of TensorFlow
            Probability, and an error where it has none; "monte_carlo", from samples.
        num_samples: samples per example for "monte_carlo". The first is the code that the
            model decodes.
    """

    def __init__(self, kl_mode="closed_form", num_samples=1, **kwargs):
        policy = keras.dtype_policies.get(kwargs.pop("dtype", None))
        super().__init__(dtype=policy.variable_dtype, **kwargs)
        self.kl_mode = errors.one_of("kl_mode", kl_mode, divergences.KL_MODES)
        self.num_samples = errors.whole_number("num_samples", num_samples)

    def attach(self, model):
        """A hook, called before `build` by the model that the prior becomes a part of."""

    def build(self, input_shape):
        """Makes the variables for as many latents as the last entry of `input_shape`."""
        num_latent = int(input_shape[-1])
        if self.built:  # from a saved configuration
            if num_latent != self.num_latent:
                raise errors.InvalidArgumentError(
                    "num_latent", f"{self.num_latent}, which the prior was built for",
                    num_latent)
            return
        self.num_latent = num_latent
        self.make_variables()
        self._check(self.distribution())
        super().build(input_shape)

    def make_variables(self):
        """A hook: `add_weight` of what trains, and checks against `self.num_latent`."""

    @abc.abstractmethod
    def distribution(self):
        """The prior as a `tfd.Distribution` with event shape `[num_latent]`."""

    def _check(self, distribution):
        if distribution.event_shape != [self.num_latent] or distribution.batch_shape != []:
            raise errors.InvalidArgumentError(
                "distribution", f"a tfd.Distribution of batch shape [] and event shape "
                f"[{self.num_latent}], one value per latent",
                f"{divergences.describe(distribution)} of batch shape "
                f"{distribution.batch_shape} and event shape {distribution.event_shape}",
                "tfd.Independent(..., 1) makes a batch of latents an event.")
        try:
            distribution.log_prob(tf.zeros([self.num_latent], distribution.dtype))
        except NotImplementedError:
            raise errors.InvalidArgumentError(
                "distribution", "a distribution with `log_prob`",
                divergences.describe(distribution)) from None
        except tf.errors.InvalidArgumentError:
            pass  # 0 is outside of its support, which it checks

    def kl(self, posterior, z, seed=None):
        """KL(posterior || prior) of each example, as `kl_mode` says.

        Args:
            posterior: `tfd.Distribution`, batch shape `[batch]`, event shape `[num_latent]`.
            z: `[batch, num_latent]` samples of it; "closed_form" does without.
            seed: `[2]` integers for further samples, if `num_samples` is above 1.
        Returns:
            `[batch]`, nats.
        Raises:
            InvalidArgumentError: "closed_form" where TensorFlow Probability has none.
        """
        if self.kl_mode == "closed_form":
            return divergences.closed_form_kl(posterior, self.distribution())
        samples = tf.convert_to_tensor(z)[tf.newaxis]
        if self.num_samples > 1:
            more = posterior.sample(self.num_samples - 1, seed=seeds.sampler_seed(seed))
            samples = tf.concat([samples, more], axis=0)
        return divergences.monte_carlo_kl(posterior, self.distribution(), samples)

    def sample(self, num, seed):
        """`[num, num_latent]` codes; `seed` is a pair of integers."""
        return self.distribution().sample(num, seed=seeds.sampler_seed(seed))

    def mean(self):
        """`[num_latent]`; an error where it does not exist."""
        return moments.mean(self.distribution())

    def variance(self):
        """`[num_latent]`; an error where it is not finite."""
        return moments.variance(self.distribution())

    def covariance(self):
        """`[num_latent, num_latent]`; an error where it is not finite."""
        return moments.covariance(self.distribution())

    def call(self, z):
        """Log-density of codes `[batch, num_latent]`: `[batch]`, nats."""
        return self.distribution().log_prob(z)

    def get_config(self):
        return {**super().get_config(), "kl_mode": self.kl_mode,
                "num_samples": self.num_samples}
