"""Disentanglement metrics: one file each, its name the metric's gin name.

Importing this package registers every metric. NumPy, SciPy and scikit-learn are all that is
needed: a metric sees a dataset and a function from images to codes, never a model.
"""
from tf_disentangle.evaluation.metrics import (
    local_mig,
    local_modularity,
    mig,
    modularity_explicitness,
    utils,
)

__all__ = ["local_mig", "local_modularity", "mig", "modularity_explicitness", "utils"]
