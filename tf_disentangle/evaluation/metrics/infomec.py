"""InfoMEC: modularity, compactness and explicitness of a representation in nats.

Hsu et al. (2023), "Disentanglement via Latent Quantization", section 4 and appendix [1].

References: [1] https://arxiv.org/abs/2305.18378
"""
import warnings

import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    draws,
    information,
    predictors,
)

__all__ = ["active_codes", "compactness_of_information", "compute_infomec", "infomec",
           "modularity_of_information", "normalized_information", "predictive_information"]


@declaration.metric(
    "infomec", draws.points(), paper="Hsu et al. (2023), section 4",
    scores="infom, infoc: 0 to 1, infoe: at most 1, higher", place=100)
def infomec(codes, factors, discrete_codes=False, num_neighbors=10, activity_threshold=0.05,
            balanced=True, max_iter=100, random_state=0):
    """InfoMEC of given codes.

    Factors with a single value are left out.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` discrete values.
        discrete_codes: whether codes take few values each, which are then counted; otherwise
            they are continuous, and information is estimated from nearest neighbours.
        num_neighbors: neighbours for continuous codes. The authors' stand-alone code has 10,
            their training code 3.
        activity_threshold: a continuous code is active if its range exceeds this share of the
            largest range: 0.05 in the stand-alone code, 0.125 in the training code. A discrete
            code is active if it varies.
        balanced, max_iter: see `predictive_information`.
        random_state: `RandomState` or its seed; it breaks ties between neighbours.
    Returns:
        infom: float in [0, 1], see `modularity_of_information`, of the active codes.
        infoc: float in [0, 1], see `compactness_of_information`, of the active codes.
        infoe: float, at most 1, see `predictive_information`, of all codes.
        num_active_dims: number of active codes.
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, or fewer than two factors that vary.
    """
    codes, factors = arrays.codes_and_factors(codes, factors)
    codes = np.asarray(codes, dtype=np.float64)
    factors = factors[:, factors.min(axis=0) != factors.max(axis=0)]
    if factors.shape[1] < 2:
        raise errors.InvalidArgumentError(
            "factors", "at least two factors that vary", f"{factors.shape[1]} such factors")
    active = active_codes(codes, discrete_codes, activity_threshold)
    share = normalized_information(codes[:, active], factors, discrete_codes, num_neighbors,
                                   random_state)
    return {"infom": modularity_of_information(share),
            "infoc": compactness_of_information(share),
            "infoe": predictive_information(codes, factors, discrete_codes, balanced, max_iter),
            "num_active_dims": int(np.count_nonzero(active))}


compute_infomec = infomec.on_dataset


def active_codes(codes, discrete_codes=False, activity_threshold=0.05):
    """`[num_codes]` bools: which codes carry anything at all; arguments as of `infomec`."""
    threshold = errors.number("activity_threshold", activity_threshold, minimum=0.0)
    spread = np.ptp(codes, axis=0)
    return spread > (0 if discrete_codes else threshold * spread.max())


def normalized_information(codes, factors, discrete_codes=False, num_neighbors=10,
                           random_state=0):
    """I(code[i]; factor[k]) / H(factor[k]).

    Continuous codes: the estimator of Ross (2014), "Mutual Information between Discrete and
    Continuous Data Sets", in scikit-learn. Discrete ones: from counts.

    Args:
        codes: `[num_points, num_codes]`; there may be none.
        factors: `[num_points, num_factors]`, none of them constant.
        discrete_codes, num_neighbors, random_state: see `infomec`.
    Returns:
        `[num_codes, num_factors]` floats >= 0.
    """
    from sklearn import feature_selection

    num_neighbors = errors.whole_number("num_neighbors", num_neighbors)
    random_state = arrays.random_state(random_state)
    if not codes.shape[1]:
        return np.zeros((0, factors.shape[1]))
    if discrete_codes:
        shared = information.discrete_mutual_info(codes, factors)
    else:
        seed = random_state.randint(2**31)
        labels = _labels(factors)
        shared = np.stack([feature_selection.mutual_info_classif(
            codes, values, discrete_features=False, n_neighbors=num_neighbors,
            random_state=seed) for values in labels.T], axis=1)
    return shared / information.discrete_entropy(factors)


def modularity_of_information(share):
    """InfoM: does each code tell one factor only?

    (mean{ max{ S[i, k] : k } / sum{ S[i, k] : k } : i } - 1/K) / (1 - 1/K); a code that tells
    nothing counts as 0.

    Args:
        share: `[num_codes, num_factors]`, see `normalized_information`. K = num_factors.
    Returns:
        float in [0, 1]; 0 without codes.
    """
    return _concentration(share)


def compactness_of_information(share):
    """InfoC: is each factor told by one code only?

    (mean{ max{ S[i, k] : i } / sum{ S[i, k] : i } : k } - 1/D) / (1 - 1/D); a factor that no
    code tells counts as 0, and where there is one code alone, one that it tells as 1.

    Args:
        share: `[num_codes, num_factors]`, see `normalized_information`. D = num_codes.
    Returns:
        float in [0, 1]; 0 without codes.
    """
    return _concentration(share.T)


def predictive_information(codes, factors, discrete_codes=False, balanced=True, max_iter=100):
    """InfoE: mean{ 1 - loss[k] / null[k] : k }, how much of a factor a linear model predicts.

    loss[k] is the mean negative log-likelihood, in nats, of an unregularised multinomial
    logistic regression on the points that it was fitted to; null[k] that of one without
    inputs: log(number of values) if `balanced`, else the entropy of the factor.

    Args:
        codes: `[num_points, num_codes]`; standardised, or one-hot if discrete.
        factors: `[num_points, num_factors]`, none of them constant.
        discrete_codes: see `infomec`.
        balanced: whether the fit weighs all values of a factor alike, as the authors' code
            does; if False, the fit maximises the likelihood that the score reports.
        max_iter: iterations of the fit, 100 in the authors' code.
    Returns:
        float, at most 1; 0 or less without any information.
    """
    max_iter = errors.whole_number("max_iter", max_iter)
    labels = _labels(factors)
    losses = _linear_losses(_linear_inputs(codes, discrete_codes), labels, balanced, max_iter)
    null = np.log(labels.max(axis=0) + 1.0)
    if not balanced:
        null = information.discrete_entropy(labels)
    return float(np.mean(1 - losses / null))


def _linear_inputs(codes, discrete_codes):
    from sklearn import preprocessing

    if discrete_codes:
        return preprocessing.OneHotEncoder().fit_transform(codes)
    return predictors.standardize(codes)[0]


def _linear_losses(inputs, labels, balanced, max_iter):
    """Mean negative log-likelihood of a logistic regression of each column of `labels`, nats."""
    import threadpoolctl
    from sklearn import exceptions, linear_model, metrics

    classifier = linear_model.LogisticRegression(
        C=np.inf, class_weight="balanced" if balanced else None, max_iter=max_iter)
    losses = []
    for values in labels.T:
        # Matrices are small here: several threads would spend their time waiting.
        with warnings.catch_warnings(), threadpoolctl.threadpool_limits(1):
            # The score is defined with this number of iterations, whether they suffice or not.
            warnings.simplefilter("ignore", exceptions.ConvergenceWarning)
            classifier.fit(inputs, values)
        losses.append(metrics.log_loss(values, classifier.predict_proba(inputs)))
    return losses


def _labels(factors):
    """Values renamed to 0, 1, ..., column by column: scikit-learn takes no real classes."""
    return np.stack([np.unique(values, return_inverse=True)[1] for values in factors.T], axis=1)


def _concentration(share):
    """Mean over rows of max / sum, scaled so that equal entries give 0 and a single one 1."""
    num_rows, num_columns = share.shape
    if not num_rows or not num_columns:
        return 0.0
    total = share.sum(axis=1)
    if num_columns == 1:
        return float(np.mean(total > 0))
    ratio = np.full(num_rows, 1 / num_columns)
    np.divide(share.max(axis=1), total, out=ratio, where=total > 0)
    return float((np.mean(ratio) - 1 / num_columns) / (1 - 1 / num_columns))
