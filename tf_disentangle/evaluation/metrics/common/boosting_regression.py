"""Histogram gradient boosting of continuous factors that says which codes it used."""
from sklearn import ensemble

from tf_disentangle.evaluation.metrics.common import boosting

__all__ = ["HistGradientBoostingRegression"]


class HistGradientBoostingRegression(ensemble.HistGradientBoostingRegressor):
    """`HistGradientBoostingRegressor` with `feature_importances_`, set by `fit`.

    They are computed as in `boosting.HistGradientBoosting`. So is the random choice among codes
    that split a node equally well.
    """

    def fit(self, X, y, sample_weight=None):
        """Fits the trees to `X [num_points, num_codes]` and values `y [num_points]`."""
        with boosting.random_ties(self.random_state):
            super().fit(X, y, sample_weight)
        self.feature_importances_ = boosting.importances(self, X, y)
        return self
