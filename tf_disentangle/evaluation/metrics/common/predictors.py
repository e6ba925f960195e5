"""Classifiers from codes to a factor, and the scaling of their inputs."""
import numpy as np
from sklearn import dummy, ensemble, linear_model, model_selection

from tf_disentangle import registry

__all__ = ["fit_predictor", "gradient_boosting_classifier", "logistic_regression_cv", "make_predictor_fn",
           "normalize_data"]


@registry.register("logistic_regression_cv")
def logistic_regression_cv():
    """Logistic regression, penalty chosen among 10 by 5 unshuffled folds."""
    return linear_model.LogisticRegressionCV(
        Cs=10, cv=model_selection.KFold(n_splits=5))


@registry.register("gradient_boosting_classifier", denylist=("random_state",))
def gradient_boosting_classifier(random_state=None):
    """Gradient boosted trees with scikit-learn's defaults: 100 stages, rate 0.1, depth 3.

    Args:
        random_state: seed or `RandomState` of the trees; None reads NumPy's global generator.
    """
    return ensemble.GradientBoostingClassifier(random_state=random_state)


@registry.slot("predictor")
def make_predictor_fn(predictor_fn=gradient_boosting_classifier):
    """The function that makes classifiers, as gin files choose it under `predictor`.

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
        values: `[num_points]`, the classes. If there is one only, it is what is predicted.
        random_state: `numpy.random.RandomState`; one number is drawn from it for the seed of a
            classifier that takes one and has none.
    Returns:
        the fitted classifier.
    """
    classifier = predictor_fn()
    seed = random_state.randint(2**31)
    if np.min(values) == np.max(values):
        classifier = dummy.DummyClassifier(strategy="most_frequent")
    elif classifier.get_params().get("random_state", seed) is None:
        classifier.set_params(random_state=seed)
    return classifier.fit(codes, values)


def normalize_data(data, mean=None, stddev=None):
    """Rows shifted to mean 0 and scaled to standard deviation 1.

    Args:
        data: `[dim, num_points]` real array.
        mean, stddev: `[dim]`, statistics of another sample; None takes those of `data`
            (stddev divided by num_points). A row with stddev 0 is only shifted.
    Returns:
        normalized `[dim, num_points]`, mean `[dim]`, stddev `[dim]`.
    """
    mean = np.mean(data, axis=1) if mean is None else np.asarray(mean)
    if stddev is None:
        # The rounded mean of equal numbers can differ from them; their spread is still none.
        constant = np.min(data, axis=1) == np.max(data, axis=1)
        stddev = np.where(constant, 0, np.std(data, axis=1)).astype(mean.dtype)
    stddev = np.asarray(stddev)
    scale = np.where(stddev == 0, np.ones_like(stddev), stddev)
    return (data - mean[:, None]) / scale[:, None], mean, stddev
