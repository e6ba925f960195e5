"""Histogram gradient boosting of continuous factors that reports which codes it used."""
import numpy as np
from sklearn import ensemble, inspection

from tf_disentangle.evaluation.metrics.common import boosting

__all__ = ["HistGradientBoostingRegression"]


class HistGradientBoostingRegression(ensemble.HistGradientBoostingRegressor):
    """`HistGradientBoostingRegressor` with `feature_importances_`, set by `fit`.

    As in `boosting.HistGradientBoosting`: each code's share of how much all splits lowered the
    loss.
    """

    def fit(self, X, y, sample_weight=None):
        """Fits the trees to `X [num_points, num_codes]` and values `y [num_points]`."""
        super().fit(X, y, sample_weight)
        gains = boosting.total_gains(self)
        if gains is None:
            gains = inspection.permutation_importance(
                self, X, y, n_repeats=3, random_state=0).importances_mean
        gains = np.maximum(gains, 0)
        self.feature_importances_ = gains / max(gains.sum(), np.finfo(float).tiny)
        return self
