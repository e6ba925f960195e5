"""Which metrics score a run: their names, or gin files of the study's own.

A study with several representations, or with seeds for its metrics, needs a gin file for each
representation and metric: `<study_dir>/metrics/<representation>/<metric>.gin`.
"""
import pathlib

import numpy as np

from tf_disentangle import atomic, errors
from tf_disentangle.configuration import gin_files, parsing
from tf_disentangle.evaluation import catalog
from tf_disentangle.runs import user_folders

__all__ = ["evaluation", "evaluations", "expanded", "file_of", "has_own_files", "names",
           "own_files", "postprocessing_file", "representations", "seeds", "stem", "write_files"]


def representations(study):
    """Names of the representations that are scored; [""] for the default of bin/evaluate."""
    return [pathlib.Path(name).stem for name in study.postprocessing] or [""]


def expanded(metrics):
    """The metrics that names stand for, those of "all" and "quick" included, a tuple."""
    return tuple(dict.fromkeys(member for name in metrics for member in catalog.members(name)))


def stem(name):
    """The name that the scores of a metric have: that of its gin file, or without its module."""
    return pathlib.Path(name).stem if name.endswith(".gin") else name.rpartition(".")[2]


def evaluation(representation, name):
    """The name of an evaluation: "<metric>" or "<representation>/<metric>"."""
    return f"{representation}/{stem(name)}" if representation else stem(name)


def evaluations(study):
    """The names of all evaluations that the study makes, a list."""
    return [evaluation(part, name) for part in representations(study)
            for name in _all_metrics(study)]


def names(study, directory, run, representation):
    """What `bin/evaluate --metrics` is given for a run and a representation, a list."""
    if not has_own_files(study):
        return list(run.setting.metrics)
    return [str(_own_file(directory, representation, name))
            for name in expanded(run.setting.metrics)]


def file_of(name):
    """The gin file of a metric, by a name that is valid everywhere; its own name if it has none."""
    if name.endswith(".gin"):
        return name
    try:
        gin_files.find_gin_file(f"metric/{name}.gin")
    except gin_files.ConfigError:
        return name
    return f"metric/{name}.gin"


def postprocessing_file(name):
    """The gin file of a representation, such as "postprocess/mean.gin" for "mean"."""
    path = name if name.endswith(".gin") else f"postprocess/{name}.gin"
    gin_files.find_gin_file(path)
    return path


def seeds(study):
    """Seeds of postprocessing and of metrics, as disentanglement_lib's `dlib_reproduce` draws them.

    Returns:
        dictionary: (representation, "") and (representation, metric) -> seed. They are drawn from
        `RandomState(metric_seed)` in this order, representations and metrics sorted.
    """
    metrics = sorted(map(stem, _all_metrics(study)))
    order = sorted(representations(study))
    random_state = np.random.RandomState(
        errors.whole_number("study.metric_seed", study.metric_seed, 0, 2**32 - 1))
    keys = [*((name, "") for name in order),
            *((name, metric) for name in order for metric in metrics)]
    return {key: random_state.randint(2**32, dtype=np.uint32).item() for key in keys}


def own_files(study):
    """The study's own gin files of metrics.

    Args:
        study: `Study`.
    Returns:
        dictionary: (representation, metric) -> text; empty if the study needs none.
    Raises:
        UserError: there is no such metric.
    """
    if not has_own_files(study):
        return {}
    _find_modules(study)
    drawn = {} if study.metric_seed is None else seeds(study)
    files = {pathlib.Path(name).stem: name for name in study.postprocessing}
    found = {}
    for representation in representations(study):
        for name in _all_metrics(study):
            lines = _of_metric(name)
            if representation:
                lines.append(f'include "{postprocessing_file(files[representation])}"')
            if drawn:
                lines += [f"evaluation.random_seed = {drawn[representation, stem(name)]}",
                          f'postprocess.random_seed = {drawn[representation, ""]}']
            found[representation, name] = "\n".join([*lines, ""])
    return found


def write_files(study, directory):
    """Writes the study's own gin files of metrics, if it needs any.

    Args:
        study: `Study`.
        directory: its `StudyDirectory`.
    """
    for (representation, name), text in own_files(study).items():
        atomic.write(_own_file(directory, representation, name), text)


def has_own_files(study):
    """Whether the study needs gin files of its own for its metrics."""
    return bool(study.postprocessing) or study.metric_seed is not None


def _all_metrics(study):
    return expanded(name for setting in study.settings for name in setting.metrics)


def _of_metric(name):
    """The lines of gin that choose a metric."""
    file = file_of(name)
    if file.endswith(".gin"):
        return [f'include "{file}"']
    reference = catalog.gin_reference(catalog.imported(name))
    if reference is None:
        raise errors.InvalidArgumentError(
            "study.metrics", "names of metrics or gin files, all, or quick", name,
            errors.nearest(name, [metric.name for metric in catalog.METRICS]))
    module = name.rpartition(".")[0]
    return [*([f"import {module}"] if module else []), f"evaluation.evaluation_fn = {reference}"]


def _find_modules(study):
    """Makes metrics of the user's own modules known, where a name says no gin file."""
    if all(file_of(name).endswith(".gin") for name in _all_metrics(study)):
        return
    user_folders.add(user_folders.of_gin_files(
        [name for setting in study.settings for name in setting.files]))
    for binding in study.metric_bindings:
        parsing.import_modules(binding)


def _own_file(directory, representation, name):
    return directory.metrics / representation / f"{stem(name)}.gin"
