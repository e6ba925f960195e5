"""Histogram gradient boosting that reports which codes it used.

scikit-learn's own class bins the codes first, which makes it fast, but it lacks the
`feature_importances_` of its other boosted trees.
"""
import contextlib
import threading

import numpy as np
from sklearn import ensemble, inspection

__all__ = ["HistGradientBoosting", "importances", "random_ties", "total_gains"]

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
        with random_ties(self.random_state):
            super().fit(X, y, sample_weight)
        self.feature_importances_ = importances(self, X, y)
        return self


def importances(model, codes, values):
    """Each code's share of how much all splits lowered the loss: see `HistGradientBoosting`.

    Args:
        model: fitted histogram gradient boosting, a classifier or a regressor.
        codes, values: `[num_points, num_codes]`, `[num_points]`, what it was fitted to.
    Returns:
        `[num_codes]` float64, sum 1 or 0.
    """
    gains = total_gains(model)
    if gains is None:
        gains = inspection.permutation_importance(
            model, codes, values, n_repeats=3, random_state=0).importances_mean
    gains = np.maximum(gains, 0)
    return gains / max(gains.sum(), np.finfo(float).tiny)


def _generator(random_state):
    """A separate generator, so that no other random draw changes."""
    if isinstance(random_state, np.random.RandomState):
        return np.random.RandomState(random_state.get_state()[1])
    return np.random.RandomState(random_state)


@contextlib.contextmanager
def random_ties(random_state):
    """A context in which fitted trees search the codes at each node in a random order.

    Does nothing if a version of scikit-learn grows trees differently.

    Args:
        random_state: seed or `RandomState` of that order; its state is not changed.
    """
    generator = _generator(random_state)
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
