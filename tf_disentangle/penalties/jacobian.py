"""Penalties on the decoder's Jacobian: JL1-VAE and its squared-L2 counterpart."""
import abc

import keras
import tensorflow as tf

from tf_disentangle import errors, jacobian
from tf_disentangle.configuration import registry
from tf_disentangle.penalties import penalty

__all__ = ["JacobianL1", "JacobianL2"]


class _JacobianPenalty(penalty.Penalty):
    """A norm of the decoder's Jacobian at the sampled codes.

    Args:
        weight, annealing_steps, name, start_step: see `Penalty`; the weight is the paper's gamma.
        estimator: a `JacobianEstimator`; `FiniteDifference()`, the paper's, if None.
        detach_codes: whether the code is a constant for this term, so that only the decoder
            receives its gradient. The paper's code does this, though equation 3 does not mention
            it. False also saves one decoder pass by reusing the reconstruction's.
    """

    def __init__(self, weight=1.0, estimator=None, detach_codes=True, annealing_steps=0,
                 name=None, start_step=0):
        super().__init__(weight, annealing_steps, name, start_step)
        self.estimator = jacobian.FiniteDifference() if estimator is None else errors.instance(
            "estimator", estimator, jacobian.JacobianEstimator)
        self.detach_codes = errors.boolean("detach_codes", detach_codes)

    is_of_rows = True

    @property
    def needs_linearization(self):
        """Whether the Jacobian is measured at the codes that the reconstruction decodes."""
        return not self.detach_codes

    @abc.abstractmethod
    def norm(self, columns, batch):
        """The norm of the Jacobians that `columns` represent."""

    def value(self, model, outputs, seed):
        z = tf.stop_gradient(outputs.z) if self.detach_codes else outputs.z
        columns = self.estimator(
            model.decoder, z, model.standardised_mean, seed=seed,
            linearization=None if self.detach_codes else outputs.linearization)
        return self.norm(columns, tf.shape(z)[0])

    def get_config(self):
        return {**super().get_config(), "detach_codes": self.detach_codes,
                "estimator": keras.saving.serialize_keras_object(self.estimator)}


@registry.part("jacobian_l1")
class JacobianL1(_JacobianPenalty):
    """JL1-VAE: gamma * sum of |J|, Rhodes and Lee (2021), equation 3.

    https://arxiv.org/abs/2106.02923
    """
    default_name = "jacobian_l1"

    def norm(self, columns, batch):
        return jacobian.jacobian_l1(columns, batch)


@registry.part("jacobian_l2")
class JacobianL2(_JacobianPenalty):
    """JL2-VAE: gamma * sum of J^2, without a root; appendix B of the same paper."""
    default_name = "jacobian_l2"

    def norm(self, columns, batch):
        return jacobian.jacobian_squared_l2(columns, batch)
