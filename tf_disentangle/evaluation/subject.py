"""What an evaluation judges: a trained model with its data set, loaded once for many metrics."""
import functools

from tf_disentangle import config
from tf_disentangle import data
from tf_disentangle import errors
from tf_disentangle import postprocessing
from tf_disentangle.evaluation import model_functions
from tf_disentangle.evaluation.metrics.common import shared_draws
from tf_disentangle.training import trained

__all__ = ["Subject"]


class Subject:
    """A trained model, the data sets it is judged on, and what metrics have drawn of them.

    Args:
        model_dir: directory of a finished run.
    Raises:
        UserError: there is no model, or it cannot be loaded.
    """

    def __init__(self, model_dir):
        self.model_dir = model_dir
        self.model = trained.load_model(model_dir)
        self._named = {}
        self._mean_representations = {}

    def ground_truth_data(self):
        """The data set that gin binds, the one of the training if it binds none or "auto".

        Raises:
            InvalidArgumentError: its images are of another shape than the model takes.
        """
        name = config.bound_value("dataset.name")
        if name in (None, "auto"):
            name = trained.dataset_name(self.model_dir)
            config.rebind("dataset.name", name)
        if name not in self._named:
            made = data.get_named_ground_truth_data()
            if list(made.observation_shape) != self.model.observation_shape:
                raise errors.InvalidArgumentError(
                    "dataset.name", f"a data set with images of shape "
                    f"{self.model.observation_shape}, as the model takes",
                    list(made.observation_shape))
            self._named[name] = made
        return self._named[name]

    def representation(self, ground_truth_data):
        """The function from images to codes that gin's `postprocess` describes.

        Without any binding of it, it is the posterior's mean, and metrics that draw the same
        points share them.
        """
        made = postprocessing.make_representation(
            self.model.gaussian_encoder, ground_truth_data)
        if config.bound_value("postprocess.postprocess_fn") not in (
                None, postprocessing.mean_representation):
            return made
        return self._mean_representations.setdefault(
            id(ground_truth_data), shared_draws.SharedDraws(made))

    @functools.cached_property
    def functions(self):
        """The model as NumPy functions, for metrics that need more than codes."""
        return model_functions.make_model_functions(self.model)
