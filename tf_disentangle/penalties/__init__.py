"""Penalties: terms that go with any model."""
from tf_disentangle.penalties.code_l1 import CodeL1
from tf_disentangle.penalties.dip import DIP
from tf_disentangle.penalties.inclusive_kl import InclusiveKL
from tf_disentangle.penalties.jacobian import JacobianL1, JacobianL2
from tf_disentangle.penalties.mmd import MMD, MMDDim
from tf_disentangle.penalties.moment_matching import MomentMatching
from tf_disentangle.penalties.penalty import Penalty
from tf_disentangle.penalties.total_correlation import TotalCorrelation

__all__ = ["CodeL1", "DIP", "InclusiveKL", "JacobianL1", "JacobianL2", "MMD", "MMDDim",
           "MomentMatching", "Penalty", "TotalCorrelation"]
