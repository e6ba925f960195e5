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
    present,
    ross_information,
    units,
    varying,
)

__all__ = ["active_codes", "compactness_of_information", "compute_infomec", "infomec",
           "modularity_of_information", "normalized_information", "predictive_information"]


@declaration.metric(
    "infomec", draws.points_and_held_out(), paper="Hsu et al. (2023), section 4",
    scores="infom, infoc, infoe: at most 1, higher", place=100, by_factor=True,
    without_intervals=("infom", "infoc"))
def infomec(codes, factors, discrete_codes=False, num_neighbors=10, activity_threshold=0.05,
            balanced=True, max_iter=100, held_out_codes=None, held_out_factors=None,
            random_state=0):
    """InfoMEC of given codes.

    Factors with a single value are left out.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` discrete values.
        discrete_codes: whether each code takes few values. If so, values are counted, and InfoE
            treats them as categories. If not, information is estimated from nearest neighbours,
            with equal codes counted, see `ross_information`.
        num_neighbors: neighbours for continuous codes. The authors' stand-alone code uses 10, their
            training code 3.
        activity_threshold: a continuous code is active if its range exceeds this share of the
            largest range: 0.05 in the stand-alone code, 0.125 in the training code. A discrete
            code is active if it varies.
        balanced, max_iter: see `predictive_information`.
        held_out_codes, held_out_factors: other points, on which InfoE is measured, so that it does
            not improve with fewer points. None measures it on the points that it is fitted to, as
            published; from a finite data set a third is held out.
        random_state: `RandomState` or its seed; the scoring itself is no longer random.
    Returns:
        infom: float in [0, 1], for the active codes, see `modularity_of_information`.
        infoc: float in [0, 1], for the active codes, see `compactness_of_information`.
        infoe: float, at most 1, for all codes, see `predictive_information`.
        num_active_dims: number of active codes.
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, or fewer than two factors that vary.
    """
    codes, factors = arrays.codes_and_factors(codes, factors, missing=True)
    kept, held_out = varying.indices(factors, least=2), None
    if held_out_codes is not None:
        *_, held_out_codes, held_out_factors = arrays.split(
            codes, factors, held_out_codes, held_out_factors, missing=True)
        held_out = held_out_codes, held_out_factors[:, kept]
    factors = factors[:, kept]
    active = active_codes(codes, discrete_codes, activity_threshold)
    every_code, every_factor = codes, factors
    if held_out is not None:
        every_code, every_factor = np.concatenate([codes, held_out[0]]), np.concatenate(
            [factors, held_out[1]])
    share = present.by_factor(
        lambda codes, factors: normalized_information(codes, factors, discrete_codes,
                                                      num_neighbors, random_state),
        every_code[:, active], every_factor)
    return {"infom": modularity_of_information(share),
            "infoc": compactness_of_information(share),
            "infoe": predictive_information(codes, factors, discrete_codes, balanced, max_iter,
                                            held_out),
            "num_active_dims": int(np.count_nonzero(active))}


compute_infomec = infomec.on_dataset


def active_codes(codes, discrete_codes=False, activity_threshold=0.05):
    """`[num_codes]` bools: which codes carry anything at all; for the arguments see `infomec`."""
    threshold = errors.number("activity_threshold", activity_threshold, minimum=0.0)
    spread = np.ptp(codes, axis=0)
    return spread > (0 if discrete_codes else threshold * spread.max())


def normalized_information(codes, factors, discrete_codes=False, num_neighbors=10,
                           random_state=0):
    """I(code[i]; factor[k]) / H(factor[k]).

    Continuous codes: the estimator of Ross (2014), see `ross_information`. Discrete codes: from
    counts.

    Args:
        codes: `[num_points, num_codes]`; num_codes can be 0.
        factors: `[num_points, num_factors]`, none of them constant.
        discrete_codes, num_neighbors, random_state: see `infomec`.
    Returns:
        `[num_codes, num_factors]` floats >= 0.
    """
    num_neighbors = errors.whole_number("num_neighbors", num_neighbors)
    arrays.random_state(random_state)
    if not codes.shape[1]:
        return np.zeros((0, factors.shape[1]))
    if discrete_codes:
        shared = information.discrete_mutual_info(codes, factors)
    else:
        codes, = units.scaled_columns(codes)
        shared = np.stack([ross_information.ross_information(
            codes, values, num_neighbors) for values in _labels(factors).T], axis=1)
    return shared / information.discrete_entropy(factors)


def modularity_of_information(share):
    """InfoM: is each code informative about only one factor?

    (mean{ max{ S[i, k] : k } / sum{ S[i, k] : k } : i } - 1/K) / (1 - 1/K); an uninformative code
    counts as 0.

    Args:
        share: `[num_codes, num_factors]`, see `normalized_information`. K = num_factors.
    Returns:
        float in [0, 1]; 0 without codes.
    """
    return _concentration(share)


def compactness_of_information(share):
    """InfoC: is only one code informative about each factor?

    (mean{ max{ S[i, k] : i } / sum{ S[i, k] : i } : k } - 1/D) / (1 - 1/D); a factor about which no
    code is informative counts as 0; with a single code, a factor about which it is informative
    counts as 1.

    Args:
        share: `[num_codes, num_factors]`, see `normalized_information`. D = num_codes.
    Returns:
        float in [0, 1]; 0 without codes.
    """
    return _concentration(share.T)


def predictive_information(codes, factors, discrete_codes=False, balanced=True, max_iter=100,
                           held_out=None):
    """InfoE: mean{ 1 - loss[k] / null[k] : k }, how much of a factor a linear model predicts.

    loss[k] is the mean negative log-likelihood, in nats, of an unregularised multinomial
    logistic regression on the points that it was fitted to; null[k] is that of a regression without
    inputs: log(number of values) if `balanced`, else the entropy of the factor.

    Args:
        codes: `[num_points, num_codes]`; standardised, or one-hot if discrete.
        factors: `[num_points, num_factors]`, none of them constant.
        discrete_codes: see `infomec`.
        balanced: whether the fit weighs all values of a factor alike, as the authors' code
            does; if False, the fit maximises the likelihood that the score reports.
        max_iter: iterations of the fit, 100 in the authors' code.
        held_out: codes and factors of other points on which to measure the loss instead; points
            with a value of a factor that does not occur in the fit are left out.
    Returns:
        float, at most 1; 0 or less without any information.
    """
    max_iter = errors.whole_number("max_iter", max_iter)

    def predicted(codes, factors, *held_out):
        labels = _labels(factors)
        if not held_out:
            inputs, judged = _linear_inputs(codes, discrete_codes), (None, labels)
        else:
            inputs, other_inputs = _linear_inputs(codes, discrete_codes, held_out[0])
            judged = other_inputs, predictors.class_labels(factors, held_out[1])[1]
        losses = _linear_losses(inputs, labels, balanced, max_iter, *judged)
        null = np.log(labels.max(axis=0) + 1.0)
        if not balanced:
            null = information.discrete_entropy(labels)
        return 1 - losses / null
    return float(np.mean(present.by_factor(predicted, codes, factors, *(held_out or ()))))


def _linear_inputs(codes, discrete_codes, other_codes=None):
    from sklearn import preprocessing

    if discrete_codes:
        encoder = preprocessing.OneHotEncoder(handle_unknown="ignore").fit(codes)
        encoded = encoder.transform(codes)
        return encoded if other_codes is None else (encoded, encoder.transform(other_codes))
    encoded, mean, stddev = predictors.standardize(codes)
    return encoded if other_codes is None else (
        encoded, predictors.standardize(other_codes, mean, stddev)[0])


def _linear_losses(inputs, labels, balanced, max_iter, other_inputs, other_labels):
    """Mean negative log-likelihood of a logistic regression of each column of `labels`, nats.

    Measured on the other points if there are any; a label of -1 is a value unknown to the fit.
    """
    import threadpoolctl
    from sklearn import exceptions, linear_model, metrics

    classifier = linear_model.LogisticRegression(
        C=np.inf, class_weight="balanced" if balanced else None, max_iter=max_iter)
    losses = []
    for values, judged in zip(labels.T, other_labels.T):
        # The matrices are small: several threads would mostly wait for each other.
        with warnings.catch_warnings(), threadpoolctl.threadpool_limits(1):
            # The score is defined with this number of iterations, whether or not they converge.
            warnings.simplefilter("ignore", exceptions.ConvergenceWarning)
            classifier.fit(inputs, values)
        known = judged >= 0
        losses.append(metrics.log_loss(
            judged[known], classifier.predict_proba(
                inputs if other_inputs is None else other_inputs[known]),
            labels=classifier.classes_))
    return losses


def _labels(factors):
    """Values mapped to 0, 1, ..., column by column: scikit-learn does not accept real classes."""
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
