"""The perceptual reconstruction loss: distances between features of a fixed network."""
from tf_disentangle.losses.perceptual.distances import content_distance, gram_matrix, style_distance
from tf_disentangle.losses.perceptual.loss import PerceptualLoss

__all__ = ["PerceptualLoss", "content_distance", "gram_matrix", "style_distance"]
