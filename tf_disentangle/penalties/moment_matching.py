"""A penalty that matches mean and covariance of the aggregate posterior to the prior's."""
import tensorflow as tf

from tf_disentangle import errors, losses
from tf_disentangle.configuration import registry
from tf_disentangle.penalties import penalty

__all__ = ["MomentMatching"]


@registry.part("moment_matching")
class MomentMatching(penalty.Penalty):
    """Squared differences between the first two moments of q(z) and of the prior.

    lambda_mean * sum{ (E_q[z[i]] - E_p[z[i]])**2 : i } + lambda_d * sum{ D[i, i]**2 : i }
    + lambda_od * sum{ D[i, j]**2 : i != j }, with D the difference of the covariances. With the
    prior N(0, I) and lambda_mean = 0 this is the penalty `dip` of DIP-VAE, Kumar et al. (2018),
    https://arxiv.org/abs/1711.00848; here any prior with these moments will do.

    The moments of q(z) are those of the batch. Dividing by its size makes the covariance slightly
    too small, and squares of estimates are too large on average.

    Args:
        weight, annealing_steps, name, start_step: see `Penalty`; the weight multiplies all terms.
        lambda_mean: weight of the means.
        lambda_d: weight of the variances.
        lambda_od: weight of the covariances; every pair of latents counts twice.
        dip_type: "i", covariance of the means of the posteriors; "ii", covariance of q(z).
    """
    default_name = "moment_matching"

    def __init__(self, weight=1.0, lambda_mean=1.0, lambda_d=1.0, lambda_od=1.0,
                 dip_type="ii", annealing_steps=0, name=None, start_step=0):
        super().__init__(weight, annealing_steps, name, start_step)
        self.lambda_mean = errors.number("lambda_mean", lambda_mean, minimum=0)
        self.lambda_d = errors.number("lambda_d", lambda_d, minimum=0)
        self.lambda_od = errors.number("lambda_od", lambda_od, minimum=0)
        self.dip_type = errors.one_of("dip_type", dip_type, losses.DIP_TYPES)

    def value(self, model, outputs, seed):
        del seed
        variances = model.posterior.variance(outputs.z_logvar) if self.dip_type == "ii" else None
        covariance = losses.aggregate_covariance(outputs.z_mean, variances, self.dip_type)
        difference = covariance - model.prior.covariance()
        # The function below measures the distance from the identity.
        identity = tf.eye(model.num_latent, dtype=difference.dtype)
        means = tf.reduce_mean(outputs.z_mean, axis=0) - model.prior.mean()
        return (self.lambda_mean * tf.reduce_sum(tf.square(means))
                + losses.regularize_diag_off_diag_dip(difference + identity, self.lambda_od,
                                                      self.lambda_d))

    def get_config(self):
        return {**super().get_config(), "lambda_mean": self.lambda_mean,
                "lambda_d": self.lambda_d, "lambda_od": self.lambda_od,
                "dip_type": self.dip_type}
