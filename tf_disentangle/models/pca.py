"""Principal component analysis: the linear model of least squared error."""
import numpy as np

from tf_disentangle.configuration import registry
from tf_disentangle.models import linear

__all__ = ["PCA"]


@registry.part("pca", denylist=linear.FIXED_PARTS)
class PCA(linear.LinearModel):
    """scikit-learn's PCA with whitened codes.

    The columns are orthogonal, each as long as images deviate in its direction: the largest
    variances that there are. The squared error of a reconstruction, mean over the images and
    sum over pixels, is the variance in all other directions.

    Args:
        num_components, prior, seed: see `LinearModel`.
    """

    def rotation(self, codes, random_state, report):
        """None: the identity. The arguments are those of `LinearModel.rotation`."""
        del random_state, report
        return np.eye(codes.shape[1])
