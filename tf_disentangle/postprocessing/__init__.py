"""From a Gaussian encoder to the representation that metrics score."""
from tf_disentangle.postprocessing.methods import (
    make_representation,
    mean_representation,
    sampled_representation,
)

__all__ = ["make_representation", "mean_representation", "sampled_representation"]
