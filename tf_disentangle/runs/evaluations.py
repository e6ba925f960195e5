"""Finished runs and their evaluations, found on disk.

    <model_dir>/evaluation/<name>/results/json/evaluation_results.json
    <model_dir>/evaluation/<representation>/<name>/...  in a study of several representations
"""
import os
import pathlib
import warnings

from tf_disentangle import errors, json_files, patterns
from tf_disentangle.runs import results

__all__ = ["CONFIG", "FOLDER", "find_evaluations", "find_runs", "folder_of", "is_of",
           "is_of_earlier", "of_model", "of_run"]

# Relative to the directory of a run.
FOLDER = "evaluation"

# Relative to the directory of an evaluation: what was bound, before it began.
CONFIG = "config.gin"


def folder_of(model_dir, name=""):
    """The folder of a run's evaluation called `name`; without a name, that of all of them."""
    return pathlib.Path(model_dir, FOLDER, name)


def find_runs(pattern):
    """Directories of finished runs.

    Args:
        pattern: such as "runs/*/"; `**` matches any number of directories. See
            `patterns.matching`.
    Returns:
        sorted list of paths.
    Raises:
        UserError: no finished run matches.
    """
    found = sorted({pathlib.Path(path) for path in patterns.matching(pattern)})
    runs = [path for path in found if results.results_path(path, results.TRAIN).is_file()
            and not _is_evaluation(path)]
    if not runs:
        raise errors.UserError(
            f"No finished run matches the pattern '{pattern}'. Give one of model_dirs, such as "
            "'runs/*/'; a single * does not match across directories, ** does.")
    return runs


def _is_evaluation(folder):
    """Whether a folder is an evaluation of a run, as opposed to a run itself."""
    return any(results.results_path(folder, step).exists()
               for step in (results.EVALUATION, results.VALIDATION))


def find_evaluations(folder):
    """The evaluations in a folder, such as `folder_of(model_dir)`.

    Returns:
        dictionary: name -> directory of the evaluation, sorted by name.
    """
    folder = pathlib.Path(folder)
    # Evaluations left unfinished by a kill have hidden names.
    names = [name for name in sorted(os.listdir(folder)) if not name.startswith(".")] if (
        folder.is_dir()) else []
    return {name: folder / name for name in names
            if results.results_path(folder / name, results.EVALUATION).is_file()}


def of_run(model_dir):
    """All evaluations of a run, those of the representations of a study included.

    Returns:
        dictionary: "<name>" or "<representation>/<name>" -> directory of the evaluation.
    """
    folder = folder_of(model_dir)
    found = find_evaluations(folder)
    if folder.is_dir():
        for name in sorted(os.listdir(folder)):
            if name not in found and not name.startswith("."):
                found.update({f"{name}/{inner}": path for inner, path
                              in find_evaluations(folder / name).items()})
    return found


def of_model(model_dir):
    """`of_run` without evaluations of an earlier model, with a warning for each of those.

    One that does not say which model it is of counts as one of the current model.
    """
    found = {}
    for name, folder in of_run(model_dir).items():
        if is_of_earlier(folder, model_dir):
            warnings.warn(f"The evaluation {name} in {model_dir} is of an earlier model, and is "
                          "left out. Score the run again.")
        else:
            found[name] = folder
    return found


def is_of_earlier(folder, model_dir):
    """Whether an evaluation says that it is of another model than the current one.

    Raises:
        UserError: the files that say so are damaged.
    """
    return _names_its_model(folder) and not is_of(folder, model_dir)


def is_of(folder, model_dir):
    """Whether a folder holds an evaluation of the current model.

    Raises:
        UserError: the files that say so are damaged.
    """
    if not results.results_path(folder, results.EVALUATION).is_file() or not (
            _names_its_model(folder)):
        return False
    uuids = [json_files.load_object(results.results_path(place, results.TRAIN), uuid=str)["uuid"]
             for place in (folder, model_dir)]
    return uuids[0] == uuids[1]


def _names_its_model(folder):
    return results.results_path(folder, results.TRAIN).is_file()
