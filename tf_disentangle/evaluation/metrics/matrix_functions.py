"""The matrices of codes and factors from which unified scores are computed.

Arrays here have disentanglement_lib's layout, `[num_codes, num_points]`, so that functions written
for that library's `unified_scores` can be used as well.
"""
import numpy as np

from tf_disentangle.configuration import registry
from tf_disentangle.evaluation.metrics import dci, sap_score
from tf_disentangle.evaluation.metrics.common import discretizers, information, predictors

__all__ = ["accuracy_svm_matrix", "importance_gbt_matrix", "mutual_information_matrix"]

_ARRAYS = ("mus_train", "ys_train", "mus_test", "ys_test")


@registry.register("importance_gbt_matrix", denylist=_ARRAYS)
def importance_gbt_matrix(mus_train, ys_train, mus_test, ys_test,
                          predictor=predictors.gradient_boosting_classifier, num_jobs=None,
                          random_seed=0):
    """How much boosted trees for each factor rely on each code: the matrix of DCI.

    Args:
        mus_train, mus_test: `[num_codes, num_train]`, `[num_codes, num_test]` codes.
        ys_train, ys_test: `[num_factors, num_train]`, `[num_factors, num_test]` factors.
        predictor, num_jobs: see `dci.dci`.
        random_seed: seed of the trees.
    Returns:
        `[num_codes, num_factors]`, columns with sum 1.
    """
    return dci.importance_of_codes(mus_train.T, ys_train.T, mus_test.T, ys_test.T, predictor,
                                   num_jobs, np.random.RandomState(random_seed))[0]


@registry.register("mutual_information_matrix", denylist=_ARRAYS)
def mutual_information_matrix(mus_train, ys_train, mus_test, ys_test,
                              discretizer=discretizers.make_discretizer):
    """Mutual information of binned codes and factors: the matrix of MIG and of modularity.

    Args:
        mus_train: `[num_codes, num_train]` codes.
        ys_train: `[num_factors, num_train]` factors.
        mus_test, ys_test: unused.
        discretizer: see `mig.mig`.
    Returns:
        `[num_codes, num_factors]`, nats.
    """
    del mus_test, ys_test
    return information.discrete_mutual_info(
        discretizers.discretize_codes(mus_train.T, discretizer), ys_train.T)


@registry.register("accuracy_svm_matrix", denylist=_ARRAYS)
def accuracy_svm_matrix(mus_train, ys_train, mus_test, ys_test):
    """How well a linear classifier on each code predicts each factor: the matrix of SAP.

    Args:
        mus_train, mus_test: `[num_codes, num_train]`, `[num_codes, num_test]` codes.
        ys_train, ys_test: `[num_factors, num_train]`, `[num_factors, num_test]` factors.
    Returns:
        `[num_codes, num_factors]` accuracies in [0, 1].
    """
    return sap_score.accuracy_matrix(mus_train.T, ys_train.T, mus_test.T, ys_test.T)
