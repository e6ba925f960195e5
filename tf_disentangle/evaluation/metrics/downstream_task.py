"""Downstream task: how well can classifiers predict the factors, trained on how many points?

Locatello et al. (2019), "Challenging Common Assumptions in the Unsupervised Learning of
Disentangled Representations", section 5.5 [1]. The code that the other prediction tasks share is
here too: fitting a classifier for every factor.

References: [1] https://arxiv.org/abs/1811.12359
"""
import copy
import warnings
from importlib import metadata

import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    draws,
    halves,
    notes,
    predictors,
    present,
    units,
    varying,
)

__all__ = ["accuracies", "compute_downstream_task", "downstream_task", "factor_accuracies",
           "fit_all", "fitting_stream", "scale", "training_sizes", "varying_factors"]


# Older versions raise an error if a class is missing from a fold.
_FOLDS_MAY_LACK_CLASSES = tuple(
    map(int, metadata.version("scikit-learn").split(".")[:2])) >= (1, 8)

_SCORES = "mean_test_accuracy, accuracy: 0 to 1, higher"


def _on_dataset(ground_truth_data, representation_function, random_state,
                num_train=(10, 100, 1000, 10000), num_test=5000, batch_size=16,
                predictor=None, num_jobs=None):
    """Accuracy of classifiers from codes to factors, for several sizes of the training set.

    Every size has its own training and test points, drawn in that order.

    Args:
        random_state: `numpy.random.RandomState`. Points are drawn from it; the classifiers are
            seeded from a copy.
        num_train: list of numbers of training points.
    """
    fits, scores = fitting_stream(random_state), {}
    errors.whole_number("num_test", num_test)
    for size in training_sizes(num_train):
        points = halves.draw(ground_truth_data, representation_function, size, num_test,
                             random_state, batch_size)
        size = len(points[0])  # a finite data set may have fewer
        if f"{size}:mean_test_accuracy" in scores:
            continue
        kept, points = varying_factors(*arrays.split(*points, missing=True))
        scores.update(_named(size, kept, *factor_accuracies(*points, predictor, fits, num_jobs)))
    return scores


@declaration.metric("downstream_task", draws.own(_on_dataset), scores=_SCORES, in_table=False,
                    by_factor=True)
@declaration.metric(
    "downstream_task_boosted_trees", draws.own(_on_dataset),
    paper="Locatello et al. (2019), section 5.5", scores=_SCORES, in_all=False, place=140,
    by_factor=True)
@declaration.metric(
    "downstream_task_logistic_regression", draws.own(_on_dataset),
    defaults={"predictor": predictors.logistic_regression_cv},
    paper="Locatello et al. (2019), section 5.5", scores=_SCORES, in_all=False, place=130,
    by_factor=True)
def downstream_task(codes, factors, test_codes=None, test_factors=None, num_train=None,
                    predictor=None, random_state=0, num_jobs=None):
    """Accuracy of classifiers from given codes to factors.

    Factors with a single value are left out. Trees do not depend on the units of codes. Other
    classifiers can, by definition, because their penalty is weighed against the scale of the codes;
    codes whose overall scale is unusual are rescaled to 1 first (see `units.common_scale`).

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` discrete values.
        test_codes, test_factors: test points; if None, a random third of the points.
        num_train: list of numbers of training points, each set a random part of the next larger
            one; None takes all points.
        predictor, num_jobs: see `fit_all`.
        random_state: seed or `RandomState`, for the parts and the classifiers.
    Returns:
        for each size n and factor i, floats in [0, 1]: "n:train_accuracy_factor_i",
        "n:test_accuracy_factor_i", and over the factors "n:mean_train_accuracy",
        "n:mean_test_accuracy", "n:min_train_accuracy", "n:min_test_accuracy"; NaN if no factor
        has values in both halves.
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, more training points than available.
    """
    random_state = arrays.random_state(random_state)
    codes, factors, test_codes, test_factors = arrays.split(
        codes, factors, test_codes, test_factors, random_state, missing=True)
    kept, (codes, factors, test_codes, test_factors) = varying_factors(
        codes, factors, test_codes, test_factors)
    sizes = training_sizes([len(codes)] if num_train is None else num_train, len(codes))
    order, scores = random_state.permutation(len(codes)), {}
    for size in sizes:
        rows = order[:size]
        scores.update(_named(size, kept, *factor_accuracies(
            codes[rows], factors[rows], test_codes, test_factors, predictor, random_state,
            num_jobs)))
    return scores


compute_downstream_task = downstream_task.on_dataset


def varying_factors(codes, factors, test_codes, test_factors):
    """Both halves, as from `varying.halves`, with the factors that vary over both together.

    In a small training set a factor can have a single value by chance; then that value is
    predicted.
    """
    kept = varying.indices(np.concatenate([factors, test_factors]))
    return kept, (codes, factors[:, kept], test_codes, test_factors[:, kept])


def factor_accuracies(codes, factors, test_codes, test_factors, predictor, random_state,
                      num_jobs):
    """Accuracy of a classifier of each factor, fitted on the training points.

    Args:
        codes, test_codes: `[num_train, num_codes]`, `[num_test, num_codes]`.
        factors, test_factors: `[num_train, num_factors]`, `[num_test, num_factors]`.
        predictor, random_state, num_jobs: see `fit_all`.
    Returns:
        train_accuracies, test_accuracies: `[num_factors]`, in [0, 1]; NaN for a factor whose
            values are missing in all points of a half.
    """
    has = [(present.rows(values), present.rows(test_values))
           for values, test_values in zip(factors.T, test_factors.T)]
    result = np.full((2, len(has)), np.nan)
    judged = [k for k, halves_ in enumerate(has) if not any(
        isinstance(rows, np.ndarray) and not np.any(rows) for rows in halves_)]
    result[:, judged] = accuracies(
        [(codes[has[k][0]], factors[has[k][0], k], test_codes[has[k][1]],
          test_factors[has[k][1], k]) for k in judged], predictor, random_state, num_jobs).T
    return result


def accuracies(tasks, predictor, random_state, num_jobs):
    """Accuracy of a classifier for each of several tasks.

    Args:
        tasks: list of codes `[num_train, num_codes]`, classes `[num_train]` (any numbers), and the
            same for test points. A class that does not occur in training is never predicted.
        predictor, random_state, num_jobs: see `fit_all`.
    Returns:
        `[num_tasks, 2]`: training and test accuracy, in [0, 1].
    """
    to_scale = scale(predictor)
    scaled = [(*to_scale(codes, test_codes), values, test)
              for codes, values, test_codes, test in tasks]
    labelled = [(codes, test_codes, *predictors.class_labels(values[:, None], test[:, None]))
                for codes, test_codes, values, test in scaled]
    classifiers = fit_all([(codes, labels[:, 0]) for codes, _, labels, _ in labelled],
                          predictor, random_state, num_jobs)
    return np.array([[np.mean(classifier.predict(codes) == labels[:, 0]),
                      np.mean(classifier.predict(test_codes) == test_labels[:, 0])]
                     for classifier, (codes, test_codes, labels, test_labels)
                     in zip(classifiers, labelled)])


def fit_all(tasks, predictor, random_state, num_jobs):
    """A classifier for each of several training sets.

    A set with a single class gives a classifier that predicts this class. A classifier that
    chooses its penalty by k-fold cross-validation (`logistic_regression_cv`) uses as many
    folds as there are points if these are fewer than k. Before version 1.8, scikit-learn cannot
    handle folds that leave a class out of training: these are dropped, and if none remain, it is
    validated on its training points. Newer versions may choose other penalties.

    Args:
        tasks: list of codes `[num_points, num_codes]` with classes `[num_points]`, ints.
        predictor: function without required arguments that returns an unfitted classifier
            with scikit-learn's interface; None takes what gin files bind to `predictor`
            (gradient boosted trees if nothing is bound).
        random_state: `numpy.random.RandomState`; one number is drawn for each classifier.
        num_jobs: classifiers that are fitted at the same time, each in its own process; None means
            as many as there are cores to use. The result does not depend on it.
    Returns:
        list of fitted classifiers.
    """
    import joblib

    num_jobs = joblib.cpu_count() if num_jobs is None else num_jobs
    num_jobs = min(errors.whole_number("num_jobs", num_jobs), max(len(tasks), 1))
    predictor = predictors.make_predictor_fn() if predictor is None else predictor
    # Seeds are drawn, and classifiers made, before the first fit: gin bindings are known only in
    # this process.
    seeds = random_state.randint(2**31, size=len(tasks))
    return joblib.Parallel(n_jobs=num_jobs)(
        joblib.delayed(_fit)(_with_usable_folds(predictors.made(predictor), values), codes,
                             values, seed)
        for (codes, values), seed in zip(tasks, seeds))


def fitting_stream(random_state):
    """A `RandomState` for what disentanglement_lib draws from NumPy's global generator.

    It is a function of the state of `random_state`, which it leaves untouched, so that the points
    drawn from a dataset are those that the library draws.
    """
    return np.random.RandomState(copy.deepcopy(random_state).randint(2**32, dtype=np.uint32))


def training_sizes(num_train, largest=None):
    """`num_train` as a list, or an `InvalidArgumentError` if it is not a list of sizes."""
    if not isinstance(num_train, (list, tuple)) or not num_train:
        raise errors.InvalidArgumentError(
            "num_train", "a list of numbers of training points", num_train,
            "Write a list such as [100, 1000].")
    return [errors.whole_number("num_train", size, 1, largest) for size in num_train]


def _fit(classifier, codes, values, seed):
    import threadpoolctl
    from sklearn import exceptions

    # With several threads, sums would be rounded in varying order.
    with threadpoolctl.threadpool_limits(1), warnings.catch_warnings():
        # The classifier's settings are part of the task's definition: users need no warnings about
        # how they converge, or about future names in scikit-learn.
        for category in (exceptions.ConvergenceWarning, FutureWarning):
            warnings.simplefilter("ignore", category)
        return predictors.fit_predictor(lambda: classifier, codes, values,
                                        np.random.RandomState(seed))


def scale(predictor):
    """The function that rescales codes in unusual units for classifiers of `predictor`.

    Args:
        predictor: see `fit_all`.
    Returns:
        function of training codes and other codes that returns a list of both.
    """
    made = predictors.made(predictors.make_predictor_fn() if predictor is None else predictor)
    are_trees = "max_depth" in made.get_params()
    return units.scaled_columns if are_trees else units.common_scale


def _with_usable_folds(classifier, values):
    from sklearn import model_selection

    folds = classifier.get_params().get("cv")
    if isinstance(folds, model_selection.KFold):
        classifier.set_params(cv=_usable_folds(folds, values))
    return classifier


def _usable_folds(folds, values):
    from sklearn import model_selection

    if 1 < len(values) < folds.get_n_splits():
        folds = model_selection.KFold(len(values))
    if _FOLDS_MAY_LACK_CLASSES or np.min(values) == np.max(values):
        return folds
    everything = np.arange(len(values))
    return [(train, test) for train, test in folds.split(everything)
            if np.all(np.isin(values, values[train]))] or [(everything, everything)]


def _named(size, kept, train, test):
    scores = {}
    defined = ~np.isnan(train)
    for k in kept[~defined]:
        notes.add(f"{notes.factor(k)}: no values in the {size} training points, or none in the "
                  "test points")
    kept, train, test = kept[defined], train[defined], test[defined]
    for half, values in (("train", train), ("test", test)):
        scores[f"{size}:mean_{half}_accuracy"] = float(np.mean(values)) if len(values) else np.nan
        scores[f"{size}:min_{half}_accuracy"] = float(np.min(values)) if len(values) else np.nan
        scores.update({f"{size}:{half}_accuracy_factor_{i}": float(value)
                       for i, value in zip(kept, values)})
    return scores
