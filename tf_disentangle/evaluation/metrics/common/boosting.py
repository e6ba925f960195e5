"""Histogram gradient boosting that reports which codes it used.

scikit-learn's own class bins the codes first, which makes it fast, but it lacks the
`feature_importances_` of its other boosted trees.
"""
import contextlib
import threading

import numpy as np
from sklearn import ensemble, inspection

__all__ = ["HistGradientBoosting", "total_gains"]

# During a fit the trees are grown by a class that is patched into scikit-learn's module.
_LOCK = threading.Lock()


class HistGradientBoosting(ensemble.HistGradientBoostingClassifier):
    """`HistGradientBoostingClassifier` with `feature_importances_`, set by `fit`.

    The importance of a code is how much the splits on it lowered the loss, summed over all trees:
    the counterpart of the impurity importance of `GradientBoostingClassifier`. Importances sum to
    1, or are all 0 if no tree was split. If a version of scikit-learn stores its trees differently,
    it is the permutation importance on the training points, clipped at 0.

    Among codes that split a node equally well it picks one at random, as the standard trees do;
    scikit-learn's own class picks the first. Otherwise equally informative codes would not share
    their importance, and their order would decide the scores.
    """

    def fit(self, X, y, sample_weight=None):
        """Fits the trees to `X [num_points, num_codes]` and classes `y [num_points]`."""
        with _random_ties(_generator(self.random_state)):
            super().fit(X, y, sample_weight)
        gains = total_gains(self)
        if gains is None:
            gains = inspection.permutation_importance(
                self, X, y, n_repeats=3, random_state=0).importances_mean
        gains = np.maximum(gains, 0)
        self.feature_importances_ = gains / max(gains.sum(), np.finfo(float).tiny)
        return self


def _generator(random_state):
    """A separate generator, so that no other random draw changes."""
    if isinstance(random_state, np.random.RandomState):
        return np.random.RandomState(random_state.get_state()[1])
    return np.random.RandomState(random_state)


@contextlib.contextmanager
def _random_ties(generator):
    """Makes trees search the codes at each node in a random order.

    Does nothing if a version of scikit-learn grows trees differently.
    """
    try:
        from sklearn.ensemble._hist_gradient_boosting import gradient_boosting
        grower = gradient_boosting.TreeGrower
        if not callable(grower._compute_best_split_and_push):
            raise TypeError
    except (ImportError, AttributeError, TypeError):
        yield
        return

    class Grower(grower):
        """A grower whose list of allowed codes also sets the order of the search."""

        def __init__(self, X_binned, *args, **kwargs):
            bins = np.broadcast_to(kwargs.get("n_bins_non_missing", 2), X_binned.shape[1])
            # Constant codes are skipped: they would only change the random numbers.
            self._varying = np.flatnonzero(bins > 1)
            if not len(self._varying):
                self._varying = np.arange(X_binned.shape[1])
            kwargs["interaction_cst"] = [set(self._varying.tolist())]
            super().__init__(X_binned, *args, **kwargs)

        def _compute_best_split_and_push(self, node):
            node.allowed_features = generator.permutation(self._varying).astype(np.uint32)
            super()._compute_best_split_and_push(node)

    with _LOCK:
        gradient_boosting.TreeGrower = Grower
        try:
            yield
        finally:
            gradient_boosting.TreeGrower = grower


def total_gains(classifier):
    """Sum of the gains of all splits on each code.

    Args:
        classifier: fitted `HistGradientBoostingClassifier`.
    Returns:
        `[num_codes]` float64, or None if its trees are not stored in a form that this function
        knows.
    """
    gains = np.zeros(classifier.n_features_in_)
    try:
        for tree in (tree for stage in classifier._predictors for tree in stage):
            splits = tree.nodes[tree.nodes["is_leaf"] == 0]
            np.add.at(gains, splits["feature_idx"], splits["gain"])
    except (AttributeError, TypeError, ValueError, KeyError, IndexError):
        return None
    return gains
