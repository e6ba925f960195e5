"""FactorVAE score: which code varies least while one factor is held fixed?

Kim & Mnih (2018), "Disentangling by Factorising", section 4 [1]. `decomposition_votes` is its
variant in the code of Mathieu et al. (2019), "Disentangling Disentanglement in Variational
Autoencoders", section 6.1 [2].

References: [1] https://arxiv.org/abs/1802.05983
            [2] https://arxiv.org/abs/1812.02833
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    draws,
    finite,
    halves,
    notes,
    progress,
    units,
    varying,
    votes,
)

__all__ = ["compute_decomposition_votes", "compute_factor_vae", "decomposition_votes",
           "factor_vae", "prune_dims"]


@registry.slot("prune_dims", denylist=("variances",))
def prune_dims(variances, threshold=0.05):
    """A mask of the codes that take part in the votes.

    Args:
        variances: `[num_codes]`, of each code over the data set, as shares of the largest one.
        threshold: smallest standard deviation of a code that is kept, as a share of the largest
            one, which is about 1 in a trained VAE. The default is that of disentanglement_lib's
            study; the library itself uses 0 if nothing is bound.
    Returns:
        `[num_codes]` bools.
    """
    return np.sqrt(variances) >= errors.number("threshold", threshold, minimum=0.0)


def _on_dataset(ground_truth_data, representation_function, random_state, batch_size=64,
                num_train=10000, num_eval=5000, num_variance_estimate=10000,
                prune_fn=prune_dims):
    """FactorVAE score of a representation on a data set.

    In a finite data set (see `finite`) the points of a vote are looked up among its observations,
    those of training and test votes among different ones.

    Images are generated and encoded in parts, which bounds the memory. In the variance estimate the
    factors of all points are drawn before the first image, as if the images were generated all at
    once; this matters only for a data set whose images use several kinds of random numbers.

    Args:
        random_state: `numpy.random.RandomState`, read by the variance estimate, the training
            votes and the test votes, in this order.
        batch_size: images per vote.
        num_variance_estimate: points from which the variance of each code is estimated.
    """
    batch_size = errors.whole_number("batch_size", batch_size, minimum=2)
    num_votes = errors.whole_number("num_train", num_train) + errors.whole_number(
        "num_eval", num_eval)
    if finite.applies(ground_truth_data, num_votes):
        return factor_vae(*halves.draw_collection(ground_truth_data, representation_function,
                                                  random_state),
                          batch_size, num_train, num_eval, prune_fn, random_state)
    kept_factors = varying.factors_of_data(ground_truth_data)
    varying.note_if_one(kept_factors)
    errors.whole_number("num_variance_estimate", num_variance_estimate, minimum=2)

    def draw(num_votes, kept):
        return votes.draw_votes(ground_truth_data, representation_function, num_votes,
                                random_state, batch_size, variances, kept, kept_factors)
    with progress.counting(num_variance_estimate + num_votes * batch_size, "images"):
        variances = votes.draw_variances(ground_truth_data, representation_function,
                                         num_variance_estimate, random_state)
        return _scores(draw, draw, num_train, num_eval, variances, prune_fn)


@declaration.metric(
    "factor_vae_metric", draws.own(_on_dataset), gin_name="factor_vae_score",
    function_name="compute_factor_vae", paper="Kim and Mnih (2018), section 4",
    # Near the end, because it encodes more than a million images.
    scores="eval_accuracy, train_accuracy: 0 to 1, higher", place=910, by_factor=True, quick=False)
def factor_vae(codes, factors, test_codes=None, test_factors=None, batch_size=64,
               num_train=10000, num_eval=5000, prune_fn=prune_dims, random_state=0):
    """FactorVAE score of given codes.

    A vote goes to the code with the smallest variance, in units of its variance over all rows,
    among `batch_size` rows that share the value of one random factor. Each code stands for the
    factor of most of its training votes; the score is the share of test votes for a code that
    stands for their factor. Rows are drawn with replacement, from separate parts for training and
    test votes.

    Factors with a single value are left out. A constant code is never voted for. Codes with the
    same smallest variance share the vote; in disentanglement_lib the first of them gets it. Votes
    are counted under the code's own index even if other codes are pruned; that library uses
    indices among the codes kept, with the same scores.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` discrete values.
        test_codes, test_factors: arrays of other points, of the same widths; if both are None, a
            random third of the points is held out.
        batch_size: rows per vote.
        num_train, num_eval: number of votes.
        prune_fn: function from the variances `[num_codes]`, as shares of the largest one, to a
            mask of the codes kept, or their smallest standard deviation. The default is what gin
            files bind to `prune_dims` (0.05 if nothing is bound).
        random_state: `RandomState` or its seed.
    Returns:
        train_accuracy, eval_accuracy: floats in [0, 1]; 0 if no code is kept.
        num_active_dims: number of codes kept.
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, or a factor of which no two rows
            share a value.
    """
    batch_size = errors.whole_number("batch_size", batch_size, minimum=2)
    random_state = arrays.random_state(random_state)
    *train, test_codes, test_factors = arrays.split(codes, factors, test_codes, test_factors,
                                                    random_state, missing=True)
    errors.whole_number("len(codes)", len(train[0]), minimum=2)
    kept, (*train, test_codes, test_factors) = varying.halves(*train, test_codes, test_factors)
    varying.note_if_one(kept)
    variances = votes.variances(train[0])

    def look_up(codes, factors):
        return lambda num_votes, kept: votes.look_up_votes(
            codes, factors, num_votes, random_state, batch_size, variances, kept)
    return _scores(look_up(*train), look_up(test_codes, test_factors), num_train, num_eval,
                   variances, prune_fn)


compute_factor_vae = factor_vae.on_dataset


def _scores(draw_train, draw_eval, num_train, num_eval, variances, prune_fn):
    num_train = errors.whole_number("num_train", num_train)
    num_eval = errors.whole_number("num_eval", num_eval)
    shares = units.variances_of_largest(variances)
    mask = prune_fn(shares) if callable(prune_fn) else prune_dims(shares, prune_fn)
    kept = np.asarray(mask, dtype=bool) & (variances > 0)
    if not np.any(kept):
        return {"train_accuracy": 0.0, "eval_accuracy": 0.0, "num_active_dims": 0}
    if left_out := np.count_nonzero((variances > 0) & ~kept):
        notes.add(f"{left_out} of {len(kept)} codes vary too little beside the one that varies "
                  "most, and are left out")
    train_votes = draw_train(num_train, kept)
    return {"train_accuracy": votes.majority_accuracy(train_votes, train_votes),
            "eval_accuracy": votes.majority_accuracy(train_votes, draw_eval(num_eval, kept)),
            "num_active_dims": int(np.count_nonzero(kept))}


@declaration.metric(
    "decomposition_votes", draws.points(), in_table=False,
    paper="Mathieu et al. (2019), section 6.1", scores="accuracy: 0 to 1, higher",
    order=("num_train", "num_votes", "max_points", "batch_size"), by_factor=True)
def decomposition_votes(codes, factors, num_votes=20000, max_points=1000, random_state=0):
    """The vote metric of Mathieu et al. (2019).

    It differs from `factor_vae` in three ways: every point with the chosen value takes part in a
    vote, no code is pruned, and the votes that decide what a code stands for are also the ones
    scored, so there is no test half.

    Args:
        codes: `[num_points, num_codes]` real array. A constant code is never voted for.
        factors: `[num_points, num_factors]` discrete values.
        num_votes: number of votes.
        max_points: largest number of points per vote; if more have the value, this many of them are
            drawn with replacement.
        random_state: `RandomState` or its seed.
    Returns:
        `{"accuracy": float}` in [0, 1]; 0 if no code varies. Chance is at least
        1 / num_factors.
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, or a factor of which no two rows
            share a value.
    """
    codes, factors = arrays.codes_and_factors(codes, factors, missing=True)
    kept = varying.indices(factors)
    varying.note_if_one(kept)
    factors = factors[:, kept]
    num_votes = errors.whole_number("num_votes", num_votes)
    max_points = errors.whole_number("max_points", max_points, minimum=2)
    if np.all(codes == codes[0]):
        return {"accuracy": 0.0}
    counts = votes.look_up_value_votes(codes, factors, num_votes,
                                       arrays.random_state(random_state), max_points)
    return {"accuracy": votes.majority_accuracy(counts, counts)}


compute_decomposition_votes = decomposition_votes.on_dataset
