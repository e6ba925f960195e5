"""Result directories: the configuration of a step and its results, as text files.

    results/gin/<step>.gin              the configuration that was in force
    results/json/<step>_config.json     the same, parameter name -> value in gin's syntax
    results/json/<step>_results.json    result name -> number, string, list or dict
    results/aggregate/<step>.json       all files of json/ in one, keys "<file stem>.<key>"

Steps follow one another (train, postprocess, evaluation); each copies the files of the steps
before it. The layout is disentanglement_lib's.
"""
import pathlib
import shutil
import uuid

from tf_disentangle import atomic, errors, json_files, patterns
from tf_disentangle.configuration import gin_text as gin_text_lib

__all__ = ["EVALUATION", "FOLDER", "TRAIN", "VALIDATION", "aggregate_files_to_json",
           "aggregate_path", "aggregate_results_to_json", "complete", "config_path", "json_path",
           "load_aggregated_json_results", "namespaced_dict", "results_path",
           "update_result_directory"]

# Relative to the directory of a run or of an evaluation.
FOLDER = "results"

# Steps.
TRAIN, EVALUATION, VALIDATION = "train", "evaluation", "validation"


def update_result_directory(result_dir, step, results_dict, gin_text, old_result_dir=None):
    """Writes the results of a step and copies those of the steps before it.

    Args:
        result_dir: directory to write to; created if necessary.
        step: name of the step, part of the file names.
        results_dict: name -> number, string, bool, None, NumPy scalar or array, list or dict.
        gin_text: the configuration, e.g. gin's operative config.
        old_result_dir: result directory of the step before, copied first; or None.
    Returns:
        the results as written: plain Python values, and `uuid`, a new random name.
    Raises:
        InvalidArgumentError: JSON cannot hold a value (NaN included); nothing is written.
        UserError: `old_result_dir` is not a directory.
    """
    if not isinstance(step, str) or not step or pathlib.Path(step).name != step:
        raise errors.InvalidArgumentError("step", "a name without slashes", step)
    results = json_files.plain({**results_dict, "uuid": str(uuid.uuid4())}, "results_dict")
    config = gin_text_lib.gin_dict(gin_text)
    result_dir = pathlib.Path(result_dir)
    if old_result_dir is not None:
        _copy_tree(old_result_dir, result_dir)
    atomic.write(result_dir / "gin" / f"{step}.gin", gin_text)
    json_files.save(config, result_dir / "json" / f"{step}_config.json")
    _aggregate(result_dir, step, {f"{step}_results": results})
    # Written last, because the step counts as done once it exists, even after a kill.
    json_files.save(results, result_dir / "json" / f"{step}_results.json")
    return results


def complete(result_dir, step):
    """Writes the aggregate of a finished step if it is missing.

    Args:
        result_dir: directory of results.
        step: name of the step.
    """
    if not aggregate_path(result_dir, step).is_file():
        _aggregate(result_dir, step, {})


def aggregate_path(result_dir, step):
    """The file in a result directory that has all of its files of `json` in one."""
    return pathlib.Path(result_dir, "aggregate", f"{step}.json")


def _aggregate(result_dir, step, more):
    """Writes all files of `json`, and dictionaries that are not there yet, as one."""
    named = {path.stem: json_files.load_object(path)
             for path in pathlib.Path(result_dir, "json").glob("*.json") if path.stem not in more}
    json_files.save(namespaced_dict(**dict(sorted({**named, **more}.items()))),
                    aggregate_path(result_dir, step))


def namespaced_dict(**named_dicts):
    """One dictionary made of several, with keys "<name>.<key>"."""
    return {f"{name}.{key}": value for name, values in named_dicts.items()
            for key, value in values.items()}


def json_path(folder, name):
    """The file where a run or evaluation in `folder` keeps a dictionary, e.g. "train_results"."""
    return pathlib.Path(folder, FOLDER, "json", f"{name}.json")


def results_path(folder, step):
    """The file where a run or evaluation in `folder` keeps the results of a step."""
    return json_path(folder, f"{step}_results")


def config_path(folder, step):
    """The file where a run or evaluation in `folder` keeps the configuration of a step."""
    return json_path(folder, f"{step}_config")


def aggregate_results_to_json(result_file_pattern, output_path):
    """Combines many result files into one table.

    Args:
        result_file_pattern: pattern of files such as `output/*/results/aggregate/*.json`; `**`
            matches any number of directories. Rows are sorted by path.
        output_path: JSON file to write, as pandas writes a data frame: column name ->
            row number (as string) -> value, null where a file has no such value. The column
            `path` holds the file names.
    Raises:
        UserError: no file matches.
    """
    paths = patterns.matching(result_file_pattern)
    if not paths:
        raise errors.UserError(f"No result file matches the pattern '{result_file_pattern}'. "
                               "A * does not reach over directories; ** does.")
    aggregate_files_to_json(paths, output_path)


def aggregate_files_to_json(paths, output_path, leave_out=None):
    """`aggregate_results_to_json` for a list of files, which become rows in that order.

    Args:
        paths, output_path: files to read, file to write.
        leave_out: called with the `UserError` of each damaged file, which then gets no row; None
            raises the error.
    """
    rows = []
    for path in paths:
        try:
            rows.append({**json_files.load_object(path), "path": str(path)})
        except errors.UserError as error:
            if leave_out is None:
                raise
            leave_out(error)
    columns = dict.fromkeys(name for row in rows for name in row)
    json_files.save({name: {str(i): row.get(name) for i, row in enumerate(rows)}
                     for name in columns}, output_path)


def load_aggregated_json_results(source_path):
    """The table that `aggregate_results_to_json` wrote.

    Args:
        source_path: JSON file: column name -> row number -> value.
    Returns:
        dict, column name -> list with a value for each row, None where it is missing.
        It can be passed to `pandas.DataFrame` as it is.
    """
    columns = json_files.load(source_path)
    rows = sorted({row for values in columns.values() for row in values}, key=int)
    return {name: [values.get(row) for row in rows] for name, values in columns.items()}


def _copy_tree(source, target):
    if not pathlib.Path(source).is_dir():
        raise errors.UserError(f"There is no result directory {source}.")
    if pathlib.Path(source).resolve() != pathlib.Path(target).resolve():
        shutil.copytree(source, target, dirs_exist_ok=True, copy_function=_copy)


def _copy(source, target):
    atomic.write(target, pathlib.Path(source).read_bytes())
