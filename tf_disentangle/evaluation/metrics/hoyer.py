"""Hoyer sparsity: how few codes are large at each point.

Mathieu et al. (2019), "Disentangling Disentanglement in Variational Autoencoders",
section 6.3 [1], after Hurley & Rickard (2009), "Comparing Measures of Sparsity" [2]. It depends
only on the codes, not on factors.

References: [1] https://arxiv.org/abs/1812.02833
            [2] https://arxiv.org/abs/0811.4706
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import codes_only, declaration, draws

__all__ = ["compute_hoyer", "hoyer"]


@declaration.metric("hoyer", draws.codes(), paper="Mathieu et al. (2019), section 6.3",
                    scores="hoyer: 0 to 1, higher is sparser", place=190)
def hoyer(codes, normalize=True):
    """Hoyer sparsity of given codes.

    mean{ (sqrt(D) - sum{ |z[n, d]| : d } / sqrt(sum{ z[n, d]**2 : d })) / (sqrt(D) - 1) : n }
    with D = num_codes: 0 if all codes of a point are equally large, 1 if only one of them is not 0.
    A point whose codes are all 0 counts as 1. Independent Gaussian codes score about 0.2.

    By definition it depends on the origin of the codes and, if they are not normalised, on their
    relative scales.

    Args:
        codes: `[num_points, num_codes]` real array.
        normalize: whether codes are divided by their standard deviations first; if not, codes of
            different scales look sparse. If so, constant codes are left out.
    Returns:
        `{"hoyer": float}`, in [0, 1].
    Raises:
        InvalidArgumentError: not `[num_points, num_codes]`, NaN, or fewer than two codes left.
    """
    errors.boolean("normalize", normalize)
    codes = codes_only.codes_array(codes, min_points=2 if normalize else 1)
    kept = codes.min(axis=0) < codes.max(axis=0) if normalize else np.full(codes.shape[1], True)
    if np.count_nonzero(kept) < 2:
        raise errors.InvalidArgumentError(
            "codes", "at least two codes" + " that vary" * normalize,
            f"{np.count_nonzero(kept)} codes",
            "`normalize=False` counts constant codes as well." if normalize else "")
    scale = [codes[:, code].std() for code in np.flatnonzero(kept)] if normalize else 1.0
    ratio = np.concatenate([_ratios(block[:, kept] / scale)
                            for block in codes_only.row_blocks(codes)])
    root = np.sqrt(np.count_nonzero(kept))
    return {"hoyer": float(np.mean((root - ratio) / (root - 1)))}


def _ratios(codes):
    """L1 over L2 norm of each row, 1 for a row of zeros."""
    # Scaled by the largest entry, so that squares of tiny codes do not vanish.
    largest = np.abs(codes).max(axis=1, keepdims=True)
    codes = np.divide(np.abs(codes), largest, out=np.zeros_like(codes), where=largest > 0)
    ratio = np.ones(len(codes))
    np.divide(codes.sum(axis=1), np.linalg.norm(codes, axis=1), out=ratio,
              where=largest[:, 0] > 0)
    return ratio


compute_hoyer = hoyer.on_dataset
