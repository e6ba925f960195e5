"""A finished run made from another one: the same model with its latents rotated."""
import pathlib
import shutil

import numpy as np

from tf_disentangle import atomic, errors, export, trained
from tf_disentangle.rotation import finding
from tf_disentangle.runs import directory as directory_lib
from tf_disentangle.runs import origin, results
from tf_disentangle.visualize import columns_side_by_side

__all__ = ["default_output_dir", "rotate_run"]


def default_output_dir(model_dir):
    """The default directory of a rotated run: `<model_dir>_rotated`."""
    path = pathlib.Path(model_dir)
    return path.with_name(f"{path.absolute().name}_rotated")


def rotate_run(model_dir, output_dir=None, criterion="l1", num_images=256, random_seed=0,
               overwrite=False, trust_modules=False, ground_truth_data=None):
    """Rotates the model of a run and writes the result as a new run.

    The new run is complete: model.keras, saved_model, config.gin, and in `results` the
    configuration and results of the first run, followed by a step `rotate` whose results are the
    report. figures/columns_side_by_side.png shows the Jacobian before and after.

    Args:
        model_dir: directory of a finished run.
        output_dir: directory of the new run; `default_output_dir` if None.
        criterion: see `solver.solve`.
        num_images: number of images of the data set at which Jacobians are taken.
        random_seed: seed of the choice of images and of the solver.
        overwrite: delete an earlier run in `output_dir`.
        trust_modules: see `trained.load_model`.
        ground_truth_data: `GroundTruthData`; the data set that the run was trained on if None.
    Returns:
        the report of `finding.rotate`, and the path of the figure, or None if the observations
        are not images.
    Raises:
        UserError: there is no finished run, or `output_dir` is in use.
        InvalidArgumentError: the model cannot be rotated.
    """
    source = directory_lib.ModelDirectory(model_dir)
    target = directory_lib.ModelDirectory(
        default_output_dir(model_dir) if output_dir is None else output_dir)
    if source.path.resolve() in (target.path.resolve(), *target.path.resolve().parents):
        raise errors.UserError(f"The rotated run needs a directory outside {source.path}, which "
                               f"stays as it is. Received: {target.path}.")
    seed = errors.whole_number("random_seed", random_seed, 0, 2**32 - 1)
    num_images = errors.whole_number("num_images", num_images)
    model = trained.load_model(model_dir, trust_modules)
    if ground_truth_data is None:
        ground_truth_data = trained.load_data(model_dir)
    if list(ground_truth_data.observation_shape) != list(model.observation_shape):
        raise errors.InvalidArgumentError(
            "ground_truth_data", f"observations of shape {list(model.observation_shape)}, as the "
            "model takes", list(ground_truth_data.observation_shape))
    images = ground_truth_data.sample_observations(num_images, np.random.RandomState(seed))
    config = source.config.read_text(encoding="utf-8") if source.config.exists() else ""
    if target.model.exists() and not overwrite:
        raise errors.UserError(f"The directory {target.path} already holds a run. "
                               "Give --overwrite, or another --output_dir.")
    with target.locked():
        target.prepare(config, overwrite, resume=False)
        with target.started(config):
            rotated, report = finding.rotate(model, images, criterion, seed=seed)
            settings = {"model_dir": str(source.path.absolute()), "criterion": criterion,
                        "num_images": num_images, "random_seed": seed}
            _write(source, target, rotated, report, settings)
    return report, _draw(target, source, model, rotated, ground_truth_data, seed)


def _write(source, target, model, report, settings):
    """Writes the files of a run; model.keras, which marks it as finished, comes last."""
    if (source.path / origin.FILE).exists():
        shutil.copyfile(source.path / origin.FILE, target.path / origin.FILE)
    export.export_saved_model(model, target.saved_model)
    text = "".join(f"rotate.{name} = {value!r}\n" for name, value in settings.items())
    results.update_result_directory(str(target.results), "rotate", report, text,
                                    old_result_dir=str(source.results))
    with atomic.file(target.model) as aside:
        model.save(aside)


def _draw(target, source, model, rotated, ground_truth_data, seed):
    shape = model.observation_shape
    if len(shape) != 1 and not (len(shape) == 3 and shape[-1] in (1, 3)):
        return None
    return columns_side_by_side.draw_side_by_side(
        [(source.path.absolute().name, model), ("rotated", rotated)], ground_truth_data,
        target.figures, random_seed=seed)
