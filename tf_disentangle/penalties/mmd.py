"""Maximum mean discrepancy of the aggregate posterior and the prior, as penalties."""
import tensorflow as tf

from tf_disentangle import errors, losses
from tf_disentangle.configuration import registry
from tf_disentangle.penalties import penalty

__all__ = ["MMD", "MMDDim"]


class _SampledDiscrepancy(penalty.Penalty):
    """A discrepancy between codes and as many samples from the prior, drawn at each step.

    Args:
        weight, annealing_steps, name, start_step: see `Penalty`.
        scales: list of numbers greater than 0; the kernel is a sum over them.
        estimator: "unbiased" (may be negative) or "biased"; see `losses.mmd`.
    """

    def __init__(self, weight=1.0, scales=losses.MMD_SCALES, estimator="unbiased",
                 annealing_steps=0, name=None, start_step=0):
        super().__init__(weight, annealing_steps, name, start_step)
        self.scales = [errors.number("scales", scale, above=0)
                       for scale in errors.sequence("scales", scales)]
        if not self.scales:
            raise errors.InvalidArgumentError("scales", "at least one number", scales)
        self.estimator = errors.one_of("estimator", estimator, losses.MMD_ESTIMATORS)

    def samples(self, model, outputs, seed):
        """One sample from the prior for each code, in the codes' precision."""
        return tf.cast(model.prior.sample(tf.shape(outputs.z)[0], seed), outputs.z.dtype)

    def get_config(self):
        return {**super().get_config(), "scales": self.scales, "estimator": self.estimator}


@registry.part("mmd_dim")
class MMDDim(_SampledDiscrepancy):
    """Squared MMD of each latent separately, summed: `losses.mmd_dim`.

    The divergence of Mathieu et al. (2019), section 6.3, https://arxiv.org/abs/1812.02833; the
    weight is their alpha. It ignores dependences between latents.

    Args:
        weight, annealing_steps, name, start_step: see `Penalty`.
        scales: list of numbers s greater than 0: the kernel is the sum of 2 s / (2 s + d**2).
        estimator: "unbiased" (may be negative) or "biased"; see `losses.mmd`.
    """
    default_name = "mmd_dim"

    def value(self, model, outputs, seed):
        return losses.mmd_dim(self.samples(model, outputs, seed), outputs.z, self.scales,
                              self.estimator)


@registry.part("mmd")
class MMD(_SampledDiscrepancy):
    """Squared MMD of whole codes, dependences included: `losses.mmd`.

    As in Wasserstein auto-encoders, Tolstikhin et al. (2018),
    https://arxiv.org/abs/1711.01558.

    Args:
        weight, annealing_steps, name, start_step: see `Penalty`.
        kernel: "imq", inverse multiquadratic, or "rbf", Gaussian.
        scales: list of numbers s greater than 0; the kernel is a sum over them with
            C = 2 s num_latent.
        estimator: "unbiased" (may be negative) or "biased"; see `losses.mmd`.
    """
    default_name = "mmd"

    def __init__(self, weight=1.0, kernel="imq", scales=losses.MMD_SCALES,
                 estimator="unbiased", annealing_steps=0, name=None, start_step=0):
        super().__init__(weight, scales, estimator, annealing_steps, name, start_step)
        self.kernel = errors.one_of("kernel", kernel, losses.MMD_KERNELS)

    def value(self, model, outputs, seed):
        return losses.mmd(self.samples(model, outputs, seed), outputs.z, self.kernel,
                          self.scales, self.estimator)

    def get_config(self):
        return {**super().get_config(), "kernel": self.kernel}
