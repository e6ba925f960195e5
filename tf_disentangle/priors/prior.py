"""The contract of a prior over codes."""
import abc

import keras
import tensorflow as tf

from tf_disentangle import errors
from tf_disentangle.priors import divergences, moments, seeds

__all__ = ["Prior"]


class Prior(keras.layers.Layer, abc.ABC):
    """A distribution over codes; subclasses implement `distribution`.

    Trainable variables are created with `add_weight` in `make_variables`, and the distribution is
    built from them on demand, because a variable inside a distribution would not be trained. A
    prior computes in the precision of the variables, even under a mixed policy.

    Args:
        kl_mode: how `kl` is computed: "closed_form", by TensorFlow Probability's formula, with an
            error if it has none; or "monte_carlo", from samples.
        num_samples: samples per example for "monte_carlo". The first is the code that the
            model decodes.
    """

    def __init__(self, kl_mode="closed_form", num_samples=1, **kwargs):
        policy = keras.dtype_policies.get(kwargs.pop("dtype", None))
        super().__init__(dtype=policy.variable_dtype, **kwargs)
        self.kl_mode = errors.one_of("kl_mode", kl_mode, divergences.KL_MODES)
        self.num_samples = errors.whole_number("num_samples", num_samples)

    def attach(self, model):
        """A hook that the prior's model calls before `build`."""

    def build(self, input_shape):
        """Creates the variables; the last entry of `input_shape` is the number of latents."""
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
        """A hook that adds trainable weights and checks arguments against `self.num_latent`."""

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
            pass  # it checks its support, which excludes 0

    def kl(self, posterior, z, seed=None):
        """KL(posterior || prior) of each example, computed by `kl_mode`.

        Args:
            posterior: `tfd.Distribution`, batch shape `[batch]`, event shape `[num_latent]`.
            z: `[batch, num_latent]` samples from it; not used by "closed_form".
            seed: `[2]` integers for further samples, if `num_samples` is above 1.
        Returns:
            `[batch]`, nats.
        Raises:
            InvalidArgumentError: "closed_form", but TensorFlow Probability has none.
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
        """`[num_latent]` mean; an error if it does not exist."""
        return moments.mean(self.distribution())

    def variance(self):
        """`[num_latent]` variance; an error if it is not finite."""
        return moments.variance(self.distribution())

    def covariance(self):
        """`[num_latent, num_latent]` covariance; an error if it is not finite."""
        return moments.covariance(self.distribution())

    def call(self, z):
        """Log-density of codes `[batch, num_latent]`: `[batch]`, nats."""
        return self.distribution().log_prob(z)

    def get_config(self):
        return {**super().get_config(), "kl_mode": self.kl_mode,
                "num_samples": self.num_samples}
