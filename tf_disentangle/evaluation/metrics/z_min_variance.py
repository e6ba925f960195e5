"""Z-min variance: the FactorVAE score on arrays, from 0 for chance to 1.

Kim & Mnih (2018), "Disentangling by Factorising", section 4 [1], with the name, the numbers of
votes and the scale of Zaidi et al. (2020), "Measuring Disentanglement: A Review of Metrics" [2].

References: [1] https://arxiv.org/abs/1802.05983  [2] https://arxiv.org/abs/2012.09276
"""
from tf_disentangle.evaluation.metrics import factor_vae
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    draws,
    mixed_factors,
)

__all__ = ["compute_z_min_variance", "over_chance", "z_min_variance"]


@declaration.metric(
    "z_min_variance", draws.train_and_test(), paper="Kim and Mnih (2018), Zaidi et al. (2020)",
    scores="z_min_variance: at most 1, higher", place=92, continuous="numbers", by_factor=True)
def z_min_variance(codes, factors, test_codes=None, test_factors=None, batch_size=200,
                   num_votes=800, num_factor_bins=10, prune_fn=factor_vae.prune_dims,
                   random_state=0, is_continuous=None):
    """Z-min variance of given codes.

    (accuracy - 1 / K) / (1 - 1 / K),  accuracy that of `factor_vae.factor_vae`: how often the code
    that varies least, among rows that share the value of one factor, identifies which of K factors
    it is. The rows are looked up among those given, even on a data set, which takes a hundredth of
    the images of `factor_vae_metric`.

    Factors may be discrete or continuous; continuous ones are binned. Those with a single value are
    left out; with one factor left there is nothing to tell apart and the score is 0.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` real array.
        test_codes, test_factors: arrays of other points, of the same widths; if both are None, a
            random third of the points is held out.
        batch_size: rows per vote.
        num_votes: number of training votes, and of test votes.
        num_factor_bins: number of equal-width bins for a continuous factor.
        prune_fn: see `factor_vae.factor_vae`.
        random_state: `RandomState` or its seed.
        is_continuous: `[num_factors]` bools, which factors are continuous; None decides by their
            values, see `mixed_factors.are_continuous`.
    Returns:
        z_min_variance: float, at most 1; about 0 by chance, possibly slightly below.
        num_active_dims: number of codes kept.
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, no factor with two values, or a factor
            of which no two rows share a value.
    """
    random_state = arrays.random_state(random_state)
    mixed = mixed_factors.split(codes, factors, test_codes, test_factors, random_state,
                                is_continuous)
    factors, test_factors = mixed_factors.binned_halves(mixed, num_factor_bins)
    found = factor_vae.factor_vae(mixed.codes, factors, mixed.test_codes, test_factors, batch_size,
                                  num_votes, num_votes, prune_fn, random_state)
    active = found["num_active_dims"]
    score = over_chance(found["eval_accuracy"], factors.shape[1]) if active else 0.0
    return {"z_min_variance": score, "num_active_dims": active}


compute_z_min_variance = z_min_variance.on_dataset


def over_chance(accuracy, num_classes):
    """An accuracy on the scale from 0 for chance, 1 / num_classes, to 1; 0 for one class."""
    if num_classes < 2:
        return 0.0
    return float((accuracy - 1 / num_classes) / (1 - 1 / num_classes))
