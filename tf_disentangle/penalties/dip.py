"""Moments of the aggregate posterior as a penalty: the term of DIP-VAE, for any model."""

from tf_disentangle import errors, losses
from tf_disentangle.configuration import registry
from tf_disentangle.penalties import penalty

__all__ = ["DIP"]

# lambda_d / lambda_od in the paper's 2D Shapes experiments and in disentanglement_lib's study.
_FACTORS = {"i": 10.0, "ii": 1.0}


@registry.part("dip")
class DIP(penalty.Penalty):
    """Disentangled inferred prior; Kumar et al. (2018), equations 6 and 7.

    https://arxiv.org/abs/1711.00848. lambda_od * sum of squares of the covariances
    + lambda_d * sum of squares of the variances minus 1 + lambda_3 * sum of squares of the
    third central moments. A VAE with this penalty is the model `dip_vae`.

    Args:
        weight, annealing_steps, name, start_step: see `Penalty`; the weight multiplies all three.
        lambda_od: weight of the covariances; every pair of latents counts twice.
        lambda_d: weight of the variances.
        lambda_d_factor: lambda_d / lambda_od, to be given instead of `lambda_d`. If neither
            is given, 10 for type "i" and 1 for type "ii".
        dip_type: "i", moments of the means of the posteriors; "ii", moments of q(z).
        lambda_3: weight of the third moments; see `losses.squared_third_moments`. The
            paper's is 200 on 2D Shapes with type "ii".
    """
    default_name = "dip"

    def __init__(self, weight=1.0, lambda_od=5.0, lambda_d=None, lambda_d_factor=None,
                 dip_type="i", lambda_3=0.0, annealing_steps=0, name=None, start_step=0):
        super().__init__(weight, annealing_steps, name, start_step)
        if lambda_d is not None and lambda_d_factor is not None:
            raise errors.InvalidArgumentError(
                "lambda_d", f"None beside lambda_d_factor={lambda_d_factor!r}", lambda_d,
                "Give one of the two: lambda_d is lambda_d_factor * lambda_od.")
        self.lambda_od = errors.number("lambda_od", lambda_od, minimum=0)
        self.lambda_d = _optional_number("lambda_d", lambda_d)
        self.lambda_d_factor = _optional_number("lambda_d_factor", lambda_d_factor)
        self.dip_type = errors.one_of("dip_type", dip_type, losses.DIP_TYPES)
        self.lambda_3 = errors.number("lambda_3", lambda_3, minimum=0)

    def of_codes(self, posterior, z_mean, z_logvar):
        """The unweighted term of posteriors, a scalar.

        Args:
            posterior: `Posterior`, the family.
            z_mean, z_logvar: `[batch, num_latent]` parameters.
        """
        z_variance = posterior.variance(z_logvar) if self.dip_type == "ii" else None
        covariance = losses.aggregate_covariance(z_mean, z_variance, self.dip_type)
        term = losses.regularize_diag_off_diag_dip(
            covariance, self.lambda_od, self._weight_of_variances())
        if self.lambda_3:
            term += self.lambda_3 * losses.squared_third_moments(z_mean, z_variance,
                                                                 self.dip_type)
        return term

    def _weight_of_variances(self):
        if self.lambda_d is not None:
            return self.lambda_d
        factor = self.lambda_d_factor
        return self.lambda_od * (_FACTORS[self.dip_type] if factor is None else factor)

    def value(self, model, outputs, seed):
        del seed
        return self.of_codes(model.posterior, outputs.z_mean, outputs.z_logvar)

    def get_config(self):
        return {**super().get_config(), "lambda_od": self.lambda_od,
                "lambda_d": self.lambda_d, "lambda_d_factor": self.lambda_d_factor,
                "dip_type": self.dip_type, "lambda_3": self.lambda_3}


def _optional_number(argument, value):
    return value if value is None else errors.number(argument, value, minimum=0)
