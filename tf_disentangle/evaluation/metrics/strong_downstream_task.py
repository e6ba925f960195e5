"""Strong downstream task: does a prediction survive a change of another factor?

A classifier of one factor is trained while another factor is fixed, and tested where that factor
takes its other values. Locatello et al. (2020), "Weakly-Supervised Disentanglement Without
Compromises", section 5 (generalization under covariate shifts) [1].

References: [1] https://arxiv.org/abs/2002.02886
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import downstream_task
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    draws,
    finite,
    halves,
    interventions,
    sampling,
)

__all__ = ["compute_strong_downstream_task", "strong_downstream_task"]


def _on_dataset(ground_truth_data, representation_function, random_state,
                num_train=(10, 100, 1000, 10000), num_test=5000, n_experiment=10,
                predictor=None, num_jobs=None):
    """Accuracy of classifiers with and without a shift of another factor.

    For each factor, `n_experiment` times: another factor is drawn, and one of its values. All
    training points get this value, each test point a random other one. In a finite data set (see
    `finite`) rows are selected, as for arrays.

    Args:
        random_state: `numpy.random.RandomState`. Points are drawn from it; the shifts and the
            classifiers' seeds are drawn from a copy.
        num_train: list of numbers of training points.
    """
    errors.whole_number("num_test", num_test)
    errors.whole_number("n_experiment", n_experiment)
    fits, scores = downstream_task.fitting_stream(random_state), {}

    def encode(rows):
        return interventions.encode_rows(ground_truth_data, representation_function, rows,
                                         random_state)

    for size in downstream_task.training_sizes(num_train):
        if finite.applies(ground_truth_data, size + num_test):
            finite.is_incomplete(ground_truth_data)
            points = halves.draw(ground_truth_data, representation_function, size, num_test,
                                 random_state, sampling.ENCODING_BATCH)
            if f"{len(points[0])}:mean_test_accuracy" not in scores:
                scores.update(strong_downstream_task(*points, n_experiment, predictor, fits,
                                                     num_jobs))
            continue
        train, test = halves.draw_factors(ground_truth_data, size, num_test, random_state)
        points = arrays.split(encode(train), train, encode(test), test)
        kept, points = downstream_task.varying_factors(*points)
        plain = downstream_task.factor_accuracies(*points, predictor, fits, num_jobs)
        values = interventions.factor_values(ground_truth_data, np.concatenate([train, test]))
        shifted = []
        for target in kept:
            rows = [_intervene(train, test, target, values, fits) for _ in range(n_experiment)]
            shifted.append(downstream_task.accuracies(
                [(encode(a), a[:, target], encode(b), b[:, target]) for a, b in rows],
                predictor, fits, num_jobs))
        scores.update(_named(size, np.transpose(plain), np.concatenate(shifted)))
    return scores


@declaration.metric(
    "strong_downstream_task", draws.own(_on_dataset),
    paper="Locatello et al. (2020), section 5",
    scores="accuracy: 0 to 1, higher; strong_generalization_gap: at most 1, lower", in_all=False,
    place=150)
def strong_downstream_task(codes, factors, test_codes=None, test_factors=None, n_experiment=10,
                           predictor=None, random_state=0, num_jobs=None):
    """Accuracy of classifiers of given codes, with and without a shift of another factor.

    Factors of given codes cannot be set, so rows are selected: training points that share one value
    of the other factor, test points that have any other value. Because these are fewer, the
    classifier without a shift is trained on the same number of random rows. Factors with a single
    value are left out. If factors depend on each other in the data, the others shift as well.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` discrete values.
        test_codes, test_factors: test points; if None, a random third of the points.
        n_experiment: shifts for each factor.
        predictor, num_jobs: see `downstream_task.fit_all`.
        random_state: seed or `RandomState`, for the rows, the shifts and the classifiers.
    Returns:
        for each size n of the training set (for arrays, all their training points),
        "n:mean_train_accuracy" and "n:mean_test_accuracy" without a shift,
        "n:mean_strong_train_accuracy" and "n:mean_strong_test_accuracy" with it, all in
        [0, 1], and "n:strong_generalization_gap", 1 - strong test / test accuracy: 0 if the shift
        does no harm (or there is nothing to lose), negative if it helps.
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, or no factor to shift.
    """
    errors.whole_number("n_experiment", n_experiment)
    random_state = arrays.random_state(random_state)
    codes, factors, test_codes, test_factors = arrays.split(
        codes, factors, test_codes, test_factors, random_state)
    _, (codes, factors, test_codes, test_factors) = downstream_task.varying_factors(
        codes, factors, test_codes, test_factors)
    values = [[value for value in np.unique(column) if np.any(test != value)]
              for column, test in zip(factors.T, test_factors.T)]
    plain, shifted = [], []
    for target in range(factors.shape[1]):
        pairs = [_select(factors, test_factors, target, values, random_state)
                 for _ in range(n_experiment)]
        some = [(random_state.choice(len(codes), np.count_nonzero(train), replace=False),
                 slice(None)) for train, _ in pairs]
        for rows, results in ((pairs, shifted), (some, plain)):
            results.append(downstream_task.accuracies(
                [(codes[a], factors[a, target], test_codes[b], test_factors[b, target])
                 for a, b in rows], predictor, random_state, num_jobs))
    return _named(len(codes), np.concatenate(plain), np.concatenate(shifted))


compute_strong_downstream_task = strong_downstream_task.on_dataset


def _other_factor(target, values, least, random_state):
    """A random factor that is not `target` and has `least` values, and one of its values."""
    others = [k for k in range(len(values)) if k != target and len(values[k]) >= least]
    if not others:
        raise errors.InvalidArgumentError(
            "factors", f"a factor to shift other than factor {target}, with two or more values",
            f"{[len(known) for known in values]} values", "Let more factors vary.")
    other = random_state.choice(others)
    return other, random_state.choice(values[other])


def _intervene(train, test, target, values, random_state):
    """Copies of the factors, with another one fixed in training and changed in test."""
    train, test = train.copy(), test.copy()
    other, value = _other_factor(target, values, 2, random_state)
    train[:, other] = value
    test[:, other] = random_state.choice(values[other][values[other] != value], size=len(test))
    return train, test


def _select(train, test, target, values, random_state):
    """Masks of the training rows with one value of another factor, and of other test rows."""
    other, value = _other_factor(target, values, 1, random_state)
    return train[:, other] == value, test[:, other] != value


def _named(size, plain, shifted):
    """Scores by name, from rows of training and test accuracy."""
    (train, test), (strong_train, strong_test) = np.mean(plain, axis=0), np.mean(shifted, axis=0)
    gap = 1 - strong_test / test if test > 0 else 0.0
    return {f"{size}:mean_train_accuracy": float(train),
            f"{size}:mean_test_accuracy": float(test),
            f"{size}:mean_strong_train_accuracy": float(strong_train),
            f"{size}:mean_strong_test_accuracy": float(strong_test),
            f"{size}:strong_generalization_gap": float(gap)}
