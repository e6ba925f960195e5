"""Priors over codes."""
from tf_disentangle.priors.normal import StandardNormal
from tf_disentangle.priors.prior import Prior, diagonal_gaussian

__all__ = ["Prior", "StandardNormal", "diagonal_gaussian"]
