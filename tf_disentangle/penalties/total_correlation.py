"""Total correlation of the codes as a penalty: the term of beta-TCVAE, for any model."""
import tensorflow as tf
import tensorflow_probability as tfp

from tf_disentangle import errors, losses
from tf_disentangle.configuration import registry
from tf_disentangle.penalties import penalty

__all__ = ["TotalCorrelation"]


@registry.part("total_correlation")
class TotalCorrelation(penalty.Penalty):
    """Minibatch estimate of the total correlation; Chen et al. (2018), equation 4.

    https://arxiv.org/abs/1802.04942. A VAE with this penalty of weight beta - 1 is the
    model `beta_tc_vae`.

    Args:
        weight, annealing_steps, name, start_step: see `Penalty`.
        estimator: "disentanglement_lib", "weighted" or "stratified"; see
            `losses.total_correlation`. All but the first need `dataset_size`.
        dataset_size: number of images in the data set.
    """
    default_name = "total_correlation"

    def __init__(self, weight=1.0, estimator="disentanglement_lib", dataset_size=None,
                 annealing_steps=0, name=None, start_step=0):
        super().__init__(weight, annealing_steps, name, start_step)
        self.estimator = errors.one_of("estimator", estimator, losses.DENSITY_ESTIMATORS)
        if dataset_size is None and estimator != "disentanglement_lib":
            raise errors.InvalidArgumentError(
                "dataset_size", f"the number of images in the data set for the estimator "
                f"{estimator!r}", dataset_size, "'disentanglement_lib' does without.")
        if dataset_size is not None:
            dataset_size = errors.whole_number("dataset_size", dataset_size)
        self.dataset_size = dataset_size

    def of_codes(self, posterior, z, z_mean, z_logvar):
        """The unweighted term of codes, a scalar.

        Args:
            posterior: `Posterior`, the family.
            z, z_mean, z_logvar: `[batch, num_latent]` codes and parameters.
        """
        joint = posterior.distribution(z_mean, z_logvar)
        if not isinstance(joint, tfp.distributions.Independent):
            raise errors.InvalidArgumentError(
                "posterior", "a tfd.Independent distribution, whose marginals are known", joint)
        pairs = joint.distribution.log_prob(z[:, tf.newaxis])
        return losses.total_correlation_of_pairs(pairs, self.estimator, self.dataset_size)

    def value(self, model, outputs, seed):
        del seed
        return self.of_codes(model.posterior, outputs.z, outputs.z_mean, outputs.z_logvar)

    def get_config(self):
        return {**super().get_config(), "estimator": self.estimator,
                "dataset_size": self.dataset_size}
