"""Hausdorff factorised support: can codes take all combinations of their values?

Roth et al. (2023), "Disentanglement of Correlated Factors via Hausdorff Factorized Support" [1]. It
is a training criterion there, and a score of codes here. Unlike total correlation it is also
perfect for codes that depend on each other, as long as all combinations of their values occur.

References: [1] https://arxiv.org/abs/2210.07347
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    codes_only,
    declaration,
    draws,
    notes,
    progress,
)

__all__ = ["compute_hfs", "hausdorff_to_product", "hfs"]


@declaration.metric("hfs", draws.codes(), paper="Roth et al. (2023)",
                    scores="hfs: standard deviations, from 0, lower", place=175)
def hfs(codes, max_points=256, random_state=0, max_pairs=1000):
    """Hausdorff distance of given codes from having a factorised support.

    sum{ max{ min{ |(a, b) - (z[n, i], z[n, j])| : n } : a in z[., i], b in z[., j] } : i < j },
    by Euclidean distance between standardised codes, for each pair of codes: the pairwise criterion
    of Roth et al. (2023), whose training code squares the distance. It is the distance from the
    points to the combination of two values that is farthest from all of them. It does not need
    factors. The maximum falls as points are added: compare at equal `max_points`.

    Args:
        codes: `[num_points, num_codes]` real array, two points or more. Constant codes are left
            out.
        max_points: largest number of points; if there are more, this many are drawn. All pairs of
            their values are checked.
        random_state: `RandomState` or its seed, for these choices.
        max_pairs: largest number of pairs of codes; of more, as 46 codes have, this many are drawn,
            which a note says.
    Returns:
        hfs: float >= 0, the sum over pairs of codes, in standard deviations of the codes; if pairs
            are drawn, their mean times the number of all.
        hfs_per_pair: float >= 0, the mean over pairs; both are 0 if fewer than two codes vary.
    Raises:
        InvalidArgumentError: wrong rank, only one point, NaN or infinite.
    """
    codes = codes_only.codes_array(codes, min_points=2)
    max_points = errors.whole_number("max_points", max_points, minimum=2)
    max_pairs = errors.whole_number("max_pairs", max_pairs)
    random_state = arrays.random_state(random_state)
    codes = codes[:, codes.min(axis=0) != codes.max(axis=0)]
    codes = (codes - codes.mean(axis=0)) / codes.std(axis=0)
    if len(codes) > max_points:
        codes = codes[random_state.permutation(len(codes))[:max_points]]
    pairs = np.stack(np.triu_indices(codes.shape[1], 1), axis=1)
    if not len(pairs):
        notes.add(codes_only.NO_PAIR)
        return {"hfs": 0.0, "hfs_per_pair": 0.0}
    chosen = pairs
    if len(pairs) > max_pairs:
        notes.add(f"{max_pairs} of {len(pairs)} pairs of codes are drawn")
        chosen = pairs[random_state.permutation(len(pairs))[:max_pairs]]
    mean = float(np.mean(_distances(codes, chosen)))
    return {"hfs": mean * len(pairs), "hfs_per_pair": mean}


def _distances(codes, pairs):
    found = []
    with progress.counting(len(pairs), "pairs of codes"):
        for pair in pairs:
            found.append(hausdorff_to_product(codes[:, pair]))
            progress.advance(1, "pairs of codes")
    return found


compute_hfs = hfs.on_dataset


def hausdorff_to_product(points):
    """Largest distance from a combination of the points' two coordinates to its nearest point.

    Args:
        points: `[num_points, 2]`.
    Returns:
        float >= 0; 0 if all combinations occur. It is the Hausdorff distance, because the
        points are among the combinations.
    """
    from scipy import spatial

    first, second = (np.unique(column) for column in points.T)
    product = np.stack(np.meshgrid(first, second, indexing="ij"), axis=-1).reshape(-1, 2)
    return float(spatial.cKDTree(points).query(product)[0].max())
