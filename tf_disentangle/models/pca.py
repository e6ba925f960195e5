"""Principal component analysis: the linear model of least squared error."""
import numpy as np

from tf_disentangle.configuration import registry
from tf_disentangle.models import linear

__all__ = ["PCA"]


@registry.part("pca", denylist=linear.FIXED_PARTS)
class PCA(linear.LinearModel):
    """scikit-learn's PCA with whitened codes.

    The columns are orthogonal and point in the directions of largest variance; the length of each
    is the images' standard deviation in its direction. The squared error of a reconstruction,
    mean over the images and sum over pixels, is the variance in all other directions.

    Args:
        num_components, prior, seed: see `LinearModel`.
    """

    def rotation(self, codes, random_state, report):
        """The identity; the arguments are those of `LinearModel.rotation`."""
        del random_state, report
        return np.eye(codes.shape[1])
