"""Scoring a trained model: the entry points, with and without gin."""
import inspect
import pathlib
import shutil
import time

import numpy as np

from tf_disentangle import config
from tf_disentangle import data
from tf_disentangle import errors
from tf_disentangle import postprocessing
from tf_disentangle import registry
from tf_disentangle import results as results_lib
from tf_disentangle.evaluation.metrics import mig
from tf_disentangle.training import trained

__all__ = ["default_output_dir", "evaluate", "evaluate_with_gin"]


def _prepare(output_dir, overwrite):
    output_dir = pathlib.Path(output_dir)
    if output_dir.exists():
        if not overwrite:
            raise errors.UserError(
                f"The output_dir {output_dir} already exists. Give --overwrite, or another one.")
        if not (output_dir / "results" / "json" / "evaluation_results.json").exists() and any(
                output_dir.iterdir()):
            raise errors.UserError(f"The output_dir {output_dir} holds other files than an "
                                   "evaluation; it is left alone. Give another one.")
        shutil.rmtree(output_dir)
    return output_dir


@registry.slot("evaluation", denylist=("model_dir", "output_dir", "overwrite"))
def evaluate(model_dir, output_dir, overwrite=False, evaluation_fn=mig.compute_mig,
             random_seed=0, name=""):
    """Scores the model of a run with one metric.

    Args:
        model_dir: directory of a finished run.
        output_dir: where results go, with the run's own configuration beside them.
        overwrite: replace an earlier evaluation in `output_dir`.
        evaluation_fn: metric `(ground_truth_data, representation_function, random_state,
            artifact_dir=None) -> {name: number}`; artifact_dir may be left out.
        random_seed: seed of the random state that the metric gets.
        name: a tag that is saved with the configuration.
    Returns:
        dictionary of scores, with `elapsed_time` (seconds).
    """
    del name
    seed = errors.whole_number("random_seed", random_seed, 0, 2**32 - 1)
    model = trained.load_model(model_dir)
    ground_truth_data = data.get_named_ground_truth_data()
    if list(ground_truth_data.observation_shape) != model.observation_shape:
        raise errors.InvalidArgumentError(
            "dataset.name", f"a data set with images of shape {model.observation_shape}, as "
            "the model takes", list(ground_truth_data.observation_shape))
    representation = postprocessing.make_representation(
        model.gaussian_encoder, ground_truth_data)
    output_dir = _prepare(output_dir, overwrite)
    arguments = [ground_truth_data, representation, np.random.RandomState(seed)]
    if "artifact_dir" in inspect.signature(evaluation_fn).parameters:
        arguments.append(str(output_dir / "artifacts"))
    started = time.monotonic()
    scores = evaluation_fn(*arguments)
    scores["elapsed_time"] = time.monotonic() - started
    results_lib.update_result_directory(
        str(output_dir / "results"), "evaluation", scores,
        gin_text=config.operative_config(), old_result_dir=str(pathlib.Path(model_dir) / "results"))
    return scores


def default_output_dir(model_dir, gin_config_files):
    """Where an evaluation goes: `<model_dir>/evaluation/<stem of the first gin file>`."""
    stem = pathlib.Path(gin_config_files[0]).stem if gin_config_files else "evaluation"
    return pathlib.Path(model_dir) / "evaluation" / stem


def evaluate_with_gin(model_dir, output_dir=None, overwrite=False, gin_config_files=None,
                      gin_bindings=None):
    """`evaluate`, configured by gin files and bindings; later ones win.

    The data set is the one that the model was trained on where `dataset.name` is "auto" or
    not bound.

    Args:
        model_dir, overwrite: see `evaluate`.
        output_dir: where results go; `default_output_dir` if None.
        gin_config_files: paths, or names of files in `gin_configs`.
        gin_bindings: strings such as "mig.num_train = 1000".
    Returns:
        dictionary of scores.
    """
    with config.parsed(gin_config_files, gin_bindings):
        if config.bound_value("dataset.name") in (None, "auto"):
            config.rebind("dataset.name", trained.dataset_name(model_dir))
        return evaluate(model_dir, output_dir or default_output_dir(
            model_dir, gin_config_files), overwrite)
