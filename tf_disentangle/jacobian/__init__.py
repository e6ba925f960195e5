"""The decoder's Jacobian: estimators of its columns, and its norms."""
from tf_disentangle.jacobian.estimators import (
    Columns,
    FiniteDifference,
    ForwardMode,
    JacobianEstimator,
)
from tf_disentangle.jacobian.linearization import Linearization, linearize
from tf_disentangle.jacobian.norms import jacobian_l1, jacobian_squared_l2
from tf_disentangle.jacobian.rules import depends_on_training
from tf_disentangle.jacobian.sampled import Sampled

__all__ = [
    "Columns", "FiniteDifference", "ForwardMode", "JacobianEstimator", "Linearization",
    "Sampled", "depends_on_training", "jacobian_l1", "jacobian_squared_l2", "linearize",
]
