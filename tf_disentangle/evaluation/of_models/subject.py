"""What an evaluation judges: a trained model with its data set, loaded once for many metrics."""
import functools

import numpy as np

from tf_disentangle import data, errors, postprocessing, trained
from tf_disentangle.configuration import parsing
from tf_disentangle.evaluation.metrics.common import activity, shared_draws
from tf_disentangle.evaluation.of_models import encoder_precision, model_functions

__all__ = ["Subject"]

_IMAGES_FOR_ACTIVITY = 500


class Subject:
    """A trained model, the data sets it is judged on, and the points that metrics have drawn.

    Args:
        model_dir: directory of a finished run.
        trust_modules: see `trained.load_model`.
    Raises:
        UserError: there is no model, or it cannot be loaded.
    """

    def __init__(self, model_dir, trust_modules=False):
        self.model_dir = model_dir
        self.model = trained.load_model(model_dir, trust_modules)
        self._precision = None
        self._made = {}
        self._mean_representations = {}
        self._num_active = {}

    def use_precision(self, name):
        """Encodes in the named precision from now on; see `encoder_precision`."""
        errors.one_of("encoder_precision", name, encoder_precision.PRECISIONS)
        if self._precision is None:
            if name == encoder_precision.AS_TRAINED:
                return
            self._precision = encoder_precision.EncoderPrecision(self.model)
        if self._precision.switch(name):
            self._mean_representations.clear()
            self._num_active.clear()
            self.__dict__.pop("functions", None)

    def ground_truth_data(self):
        """The data set that gin binds; if that is "auto" or unbound, the training data set.

        The training data set keeps its parameters, such as `image_folder.path`, unless gin
        binds others.

        Raises:
            InvalidArgumentError: its images do not have the shape that the model takes.
        """
        trained.bind_data(self.model_dir)
        bound = parsing.bindings_of(parsing.bound_value("dataset.name"), "dataset")
        if bound not in self._made:
            made, used = parsing.used_by(data.get_named_ground_truth_data)
            if list(made.observation_shape) != self.model.observation_shape:
                raise errors.InvalidArgumentError(
                    "dataset.name", f"a data set with images of shape "
                    f"{self.model.observation_shape}, as the model takes",
                    list(made.observation_shape))
            self._made[bound] = made, used
        made, used = self._made[bound]
        # Each metric has a configuration of its own, and its results say which data were scored.
        parsing.use_again(used)
        return made

    def representation(self, ground_truth_data):
        """The function from images to codes that gin's `postprocess` describes.

        If it has no bindings, this is the posterior's mean, and metrics that draw the same points
        share them.
        """
        made = postprocessing.make_representation(
            self.model.gaussian_encoder, ground_truth_data, model=self.model)
        if parsing.bound_value("postprocess.postprocess_fn") not in (
                None, postprocessing.mean_representation):
            return made
        return self._mean_representations.setdefault(
            id(ground_truth_data), shared_draws.SharedDraws(made))

    def num_active_latents(self, ground_truth_data):
        """The number of latents informative on average, over images drawn only for this."""
        key = id(ground_truth_data)
        if key not in self._num_active:
            images = ground_truth_data.sample_observations(
                _IMAGES_FOR_ACTIVITY, np.random.RandomState(0))
            _, divergences = self.functions.representation_with_kl(images)
            self._num_active[key] = activity.of_divergences(divergences)
        return self._num_active[key]

    @functools.cached_property
    def functions(self):
        """The model as NumPy functions, for metrics that need more than codes."""
        return model_functions.make_model_functions(self.model)
