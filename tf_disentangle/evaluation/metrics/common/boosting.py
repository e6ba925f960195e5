"""Histogram gradient boosting that says which codes it used.

scikit-learn's own class bins the codes first, which makes it fast, but it lacks the
`feature_importances_` of its other boosted trees.
"""
import numpy as np
from sklearn import ensemble, inspection

__all__ = ["HistGradientBoosting", "total_gains"]


class HistGradientBoosting(ensemble.HistGradientBoostingClassifier):
    """`HistGradientBoostingClassifier` with `feature_importances_`, set by `fit`.

    The importance of a code is what the splits on it lowered the loss by, summed over all
    trees: the counterpart of the impurity importance of `GradientBoostingClassifier`. Shares
    of 1, or all 0 if no tree was split. Where a version of scikit-learn keeps its trees in
    another way, it is the permutation importance on the training points, cut at 0.
    """

    def fit(self, X, y, sample_weight=None):
        """Fits the trees to `X [num_points, num_codes]` and classes `y [num_points]`."""
        super().fit(X, y, sample_weight)
        gains = total_gains(self)
        if gains is None:
            gains = inspection.permutation_importance(
                self, X, y, n_repeats=3, random_state=0).importances_mean
        gains = np.maximum(gains, 0)
        self.feature_importances_ = gains / max(gains.sum(), np.finfo(float).tiny)
        return self


def total_gains(classifier):
    """Sum of the gains of all splits on each code.

    Args:
        classifier: fitted `HistGradientBoostingClassifier`.
    Returns:
        `[num_codes]` float64, or None if its trees are not kept as this function knows them.
    """
    gains = np.zeros(classifier.n_features_in_)
    try:
        for tree in (tree for stage in classifier._predictors for tree in stage):
            splits = tree.nodes[tree.nodes["is_leaf"] == 0]
            np.add.at(gains, splits["feature_idx"], splits["gain"])
    except (AttributeError, TypeError, ValueError, KeyError, IndexError):
        return None
    return gains
