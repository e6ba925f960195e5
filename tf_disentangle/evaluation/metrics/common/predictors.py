"""Classifiers from codes to a factor, and the scaling of their inputs.

scikit-learn is imported where it is used, here and in the metrics: that takes a second, and metrics
based on counts do not need it.
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.evaluation.metrics.common import progress

__all__ = ["class_labels", "feature_importances", "fit_predictor",
           "gradient_boosting_classifier", "hist_gradient_boosting_classifier",
           "logistic_regression_cv", "made", "make_predictor_fn", "map_predictors", "standardize"]


@registry.register("logistic_regression_cv")
def logistic_regression_cv():
    """Logistic regression; 5 unshuffled folds choose among 10 penalties."""
    from sklearn import linear_model, model_selection

    return linear_model.LogisticRegressionCV(
        Cs=10, cv=model_selection.KFold(n_splits=5), scoring="accuracy")


@registry.register("gradient_boosting_classifier", denylist=("random_state",))
def gradient_boosting_classifier(random_state=None):
    """Gradient boosted trees with scikit-learn's defaults: 100 stages, rate 0.1, depth 3.

    Args:
        random_state: seed or `RandomState` of the trees; None reads NumPy's global generator.
    """
    from sklearn import ensemble

    return ensemble.GradientBoostingClassifier(random_state=random_state)


@registry.register("hist_gradient_boosting_classifier", denylist=("random_state",))
def hist_gradient_boosting_classifier(random_state=None, max_iter=50, learning_rate=0.2,
                                      max_depth=3):
    """Gradient boosted trees on binned codes: many times faster than the standard ones.

    The same depth, but half as many stages at twice the rate; see `boosting.HistGradientBoosting`
    for the importances.

    Args:
        random_state: seed or `RandomState` of the choice among codes that split equally well and,
            above 200 000 points, of the sample that determines the bins.
        max_iter: number of stages.
        learning_rate: the fraction of its fit that each stage adds to the prediction.
        max_depth: depth of a tree.
    """
    from tf_disentangle.evaluation.metrics.common import boosting

    return boosting.HistGradientBoosting(
        max_iter=max_iter, learning_rate=learning_rate, max_depth=max_depth,
        max_leaf_nodes=2**max_depth, min_samples_leaf=1, early_stopping=False,
        random_state=random_state)


@registry.slot("predictor")
def make_predictor_fn(predictor_fn=gradient_boosting_classifier):
    """The function that makes classifiers, chosen by gin files under `predictor`.

    Args:
        predictor_fn: function without required arguments that returns an unfitted classifier
            with scikit-learn's `fit` and `predict`.
    Returns:
        `predictor_fn` itself.
    """
    return predictor_fn


def fit_predictor(predictor_fn, codes, values, random_state):
    """A new classifier of `predictor_fn`, seeded and fitted.

    Args:
        predictor_fn: function without required arguments that returns an unfitted classifier.
        codes: `[num_points, num_codes]`.
        values: `[num_points]`, the classes. If there is only one, it is always predicted.
        random_state: `numpy.random.RandomState`; one number is drawn from it as the seed of a
            classifier that takes a seed and has none.
    Returns:
        the fitted classifier.
    """
    return _seeded_predictor(predictor_fn, values, random_state).fit(codes, values)


def map_predictors(function, predictor_fn, codes, factors, random_state, num_jobs=None):
    """What `function` returns for a fitted classifier of each factor, computed in parallel.

    The classifiers are those of `fit_predictor`, factor after factor. Each is fitted with a
    single thread, several in processes of their own, so the results do not depend on
    `num_jobs`.

    Args:
        function: function `(classifier, index of the factor) -> result`. It is called in the
            process that fits the classifier, so it must be picklable.
        predictor_fn: see `fit_predictor`.
        codes: `[num_points, num_codes]`.
        factors: `[num_points, num_factors]`, the classes.
        random_state: see `fit_predictor`.
        num_jobs: factors at a time; None means as many as there are cores to use.
    Returns:
        list of `num_factors` results.
    Raises:
        InvalidArgumentError: a `num_jobs` that is not a positive integer.
    """
    import joblib

    if num_jobs is None:
        num_jobs = joblib.cpu_count()
    num_jobs = min(errors.whole_number("num_jobs", num_jobs), factors.shape[1])
    classifiers = [_seeded_predictor(predictor_fn, values, random_state)
                   for values in factors.T]
    # The time grows with the number of classes: the longest fits start first.
    order = np.argsort([-len(np.unique(values)) for values in factors.T], kind="stable")
    fits = joblib.Parallel(n_jobs=num_jobs, batch_size=1, return_as="generator")(
        joblib.delayed(_fit_and_call)(function, classifiers[k], codes, factors[:, k], k)
        for k in order)
    results = []
    with progress.counting(len(order), "factors"):
        for result in fits:
            results.append(result)
            progress.advance(1, "factors")
    return [results[place] for place in np.argsort(order)]


def _fit_and_call(function, classifier, codes, values, index):
    import threadpoolctl

    # With several threads, sums would be rounded in varying order.
    with threadpoolctl.threadpool_limits(1):
        return function(classifier.fit(codes, values), index)


def made(predictor_fn):
    """The classifier that a metric's argument `predictor` makes.

    Raises:
        InvalidArgumentError: it is not a function, or does not return a classifier.
    """
    classifier = errors.function("predictor", predictor_fn)()
    if not all(hasattr(classifier, name) for name in ("fit", "predict", "get_params")):
        raise errors.InvalidArgumentError(
            "predictor", "a function that returns a scikit-learn classifier", predictor_fn)
    return classifier


def _seeded_predictor(predictor_fn, values, random_state):
    from sklearn import dummy

    classifier = made(predictor_fn)
    seed = random_state.randint(2**31)
    if np.min(values) == np.max(values):
        return dummy.DummyClassifier(strategy="most_frequent")
    if classifier.get_params().get("random_state", seed) is None:
        classifier.set_params(random_state=seed)
    return classifier


def feature_importances(classifier, codes, values):
    """How much a fitted classifier relies on each code.

    Its own `feature_importances_` if it has them (trees); otherwise the drop in accuracy when a
    code is shuffled among the points, 0 if there is no drop.

    Args:
        classifier: fitted scikit-learn classifier.
        codes: `[num_points, num_codes]`.
        values: `[num_points]`, the true classes.
    Returns:
        `[num_codes]` float64, entries >= 0, sum 1 or 0.
    """
    from sklearn import inspection

    importances = getattr(classifier, "feature_importances_", None)
    if importances is None:
        importances = inspection.permutation_importance(
            classifier, codes, values, n_repeats=5, random_state=0).importances_mean
    # Rounding makes some differences of impurities in trees negative.
    importances = np.maximum(0.0, importances)
    total = importances.sum()
    return importances / total if total > 0 else importances


def class_labels(values, test_values):
    """Factor values as whole numbers from 0, as classifiers take them, each column by itself.

    Args:
        values, test_values: `[num_train, num_factors]`, `[num_test, num_factors]`, any numbers.
    Returns:
        labels, test_labels: int arrays of these shapes. A test value that does not occur in
        training is -1, which no classifier predicts.
    """
    labels, test_labels = np.empty(values.shape, int), np.empty(test_values.shape, int)
    for k, column in enumerate(values.T):
        classes, labels[:, k] = np.unique(column, return_inverse=True)
        places = np.minimum(np.searchsorted(classes, test_values[:, k]), len(classes) - 1)
        test_labels[:, k] = np.where(classes[places] == test_values[:, k], places, -1)
    return labels, test_labels


def standardize(values, mean=None, stddev=None):
    """Columns shifted to mean 0 and scaled to standard deviation 1.

    Args:
        values: `[num_points, num_columns]` real array.
        mean, stddev: `[num_columns]`, statistics of another sample; None takes those of
            `values` (variances are divided by num_points). A column with stddev 0 is only
            shifted.
    Returns:
        standardized `[num_points, num_columns]`, mean and stddev `[num_columns]`.
    """
    mean = np.mean(values, axis=0) if mean is None else np.asarray(mean)
    if stddev is None:
        # The rounded mean of equal numbers can differ from them; their spread is still 0.
        constant = np.min(values, axis=0) == np.max(values, axis=0)
        stddev = np.where(constant, 0, np.std(values, axis=0)).astype(mean.dtype)
    stddev = np.asarray(stddev)
    scale = np.where(stddev == 0, np.ones_like(stddev), stddev)
    # Divided in place, which needs half the memory.
    result = np.subtract(values, mean, dtype=np.result_type(values, mean, scale))
    result /= scale
    return result, mean, stddev
