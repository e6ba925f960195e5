"""The model of a run, observations of its data, and their codes, from which a page is made."""
import numpy as np

from tf_disentangle import models
from tf_disentangle.visualize import model_images, vectors

__all__ = ["SEED", "Subject"]

# The seed of the pictures in `figures`, so that the same observations appear here.
SEED = 4083

_NUM_OBSERVATIONS, _NUM_SAMPLES = 256, 256


class Subject:
    """A model, observations of its data, and their codes.

    Args:
        model: a built `LatentVariableModel`.
        ground_truth_data: `GroundTruthData`, or None if it is not available.

    Attributes:
        observations: `[num, *observation_shape]`, none without data.
        z_mean, z_logvar: `[num, num_latent]`.
        prior_codes: `[num, num_latent]` samples of the prior.
    """

    def __init__(self, model, ground_truth_data):
        self.model, self.data = model, ground_truth_data
        self.shape = list(model.observation_shape)
        self.is_image = model_images.is_image(self.shape)
        self.is_points = vectors.are_points(model)
        self.is_table = len(self.shape) == 1 and not self.is_points
        self.is_linear = isinstance(model, models.LinearModel)
        self.observations = np.zeros([0, *self.shape], np.float32)
        self.z_mean = self.z_logvar = np.zeros([0, model.num_latent], np.float32)
        if ground_truth_data is not None:
            model_images.check_shapes(model, ground_truth_data)
            self._observe()
        seed = np.random.RandomState(SEED).randint(2**31, size=2).tolist()
        self.prior_codes = np.asarray(model.prior.sample(_NUM_SAMPLES, seed=seed), np.float32)
        self.middle = self.z_mean[0] if len(self.z_mean) else np.zeros(model.num_latent, np.float32)

    def _observe(self):
        self.observations = np.asarray(self.data.sample_observations(
            _NUM_OBSERVATIONS, np.random.RandomState(SEED)), np.float32)
        self.z_mean, self.z_logvar = model_images.encode(self.model, self.observations)

    def decoded(self, codes):
        """Mean observations of codes; see `model_images.decode_images`."""
        return model_images.decode_images(self.model, codes)
