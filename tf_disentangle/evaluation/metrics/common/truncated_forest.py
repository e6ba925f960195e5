"""A forest at every depth: what it would be if its trees had been cut there.

A split does not depend on anything below it, so one forest of full depth contains the forests of
all lower depths.
"""
import numpy as np

__all__ = ["accuracy_by_depth", "importance_to_depth"]

# How many test points have their votes counted at a time: a few tens of megabytes.
_CHUNK = 4096


def accuracy_by_depth(forest, codes, labels, depths):
    """Accuracy of a forest cut at each of the given depths.

    Args:
        forest: fitted `RandomForestClassifier` of the classes 0 ... K - 1.
        codes: `[num_points, num_codes]`.
        labels: `[num_points]` ints.
        depths: ascending whole numbers, at least 1: splits from the root down.
    Returns:
        `[num_depths]` float64 in [0, 1].
    """
    # The type in which the trees compare.
    codes = np.asarray(codes, np.float32)
    right = np.zeros(len(depths))
    for start in range(0, len(codes), _CHUNK):
        rows = slice(start, start + _CHUNK)
        right += np.sum(_predictions(forest, codes[rows], depths) == labels[rows], axis=1)
    return right / len(codes)


def importance_to_depth(forest, depth):
    """`feature_importances_` of a forest cut at a depth.

    Args:
        forest: fitted `RandomForestClassifier`.
        depth: splits from the root down, at least 1.
    Returns:
        `[num_codes]` float64 with sum 1, or all 0 if no tree has a split.
    """
    total = np.zeros(forest.n_features_in_)
    for tree in (estimator.tree_ for estimator in forest.estimators_):
        splits = _splits_to_depth(tree, depth)
        mass = tree.weighted_n_node_samples * tree.impurity
        gains = (mass[splits] - mass[tree.children_left[splits]]
                 - mass[tree.children_right[splits]])
        importance = np.bincount(tree.feature[splits], gains, len(total))
        total += importance / importance.sum() if importance.sum() > 0 else 0
    return total / total.sum() if total.sum() > 0 else total


def _predictions(forest, codes, depths):
    """`[num_depths, num_points]` ints."""
    votes = np.zeros((len(depths), len(codes), forest.n_classes_))
    points = np.arange(len(codes))
    for tree in (estimator.tree_ for estimator in forest.estimators_):
        shares = tree.value[:, 0] / tree.value[:, 0].sum(axis=1, keepdims=True)
        features, is_leaf = np.maximum(tree.feature, 0), tree.children_left < 0
        node, reached = np.zeros(len(codes), int), 0
        for place, depth in enumerate(depths):
            for _ in range(reached, min(depth, tree.max_depth)):
                goes_left = codes[points, features[node]] <= tree.threshold[node]
                child = np.where(goes_left, tree.children_left[node], tree.children_right[node])
                node = np.where(is_leaf[node], node, child)
            reached = depth
            votes[place] += shares[node]
    return np.argmax(votes, axis=2)


def _splits_to_depth(tree, depth):
    """Indices of the nodes that are split and have fewer than `depth` splits above them."""
    found, level = [], np.array([0])
    for _ in range(min(depth, tree.max_depth)):
        level = level[tree.children_left[level] >= 0]
        found.append(level)
        level = np.concatenate([tree.children_left[level], tree.children_right[level]])
    return np.concatenate(found) if found else np.empty(0, int)
