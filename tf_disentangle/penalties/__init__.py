"""Penalties: terms that go with any model."""
from tf_disentangle.penalties.jacobian import JacobianL1, JacobianL2
from tf_disentangle.penalties.penalty import Penalty

__all__ = ["JacobianL1", "JacobianL2", "Penalty"]
