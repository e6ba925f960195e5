"""Which metrics score a run: their names, or gin files of the study's own that include them.

A study with several representations, or with seeds for its metrics, needs a gin file for each
representation and metric: `<study_dir>/metrics/<representation>/<metric>.gin`.
"""
import pathlib

import numpy as np

from tf_disentangle import atomic, errors
from tf_disentangle.configuration import gin_files

__all__ = ["file_of", "names", "postprocessing_file", "representations", "seeds", "write_files"]


def representations(study):
    """Names of the representations that are scored; [""] for the default of bin/evaluate."""
    return [pathlib.Path(name).stem for name in study.postprocessing] or [""]


def names(study, directory, run, representation):
    """What `bin/evaluate --metrics` is given for a run and a representation, a list."""
    if not _has_own_files(study):
        return list(run.setting.metrics)
    return [str(_own_file(directory, representation, name)) for name in run.setting.metrics]


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
    metrics = sorted({pathlib.Path(file_of(name)).stem for setting in study.settings
                      for name in setting.metrics})
    order = sorted(representations(study))
    random_state = np.random.RandomState(
        errors.whole_number("study.metric_seed", study.metric_seed, 0, 2**32 - 1))
    keys = [*((name, "") for name in order),
            *((name, metric) for name in order for metric in metrics)]
    return {key: random_state.randint(2**32, dtype=np.uint32).item() for key in keys}


def write_files(study, directory):
    """Writes the study's own gin files of metrics, if it needs any.

    Args:
        study: `Study`.
        directory: its `StudyDirectory`.
    """
    if not _has_own_files(study):
        return
    drawn = {} if study.metric_seed is None else seeds(study)
    files = {pathlib.Path(name).stem: name for name in study.postprocessing}
    for representation in representations(study):
        for name in {name for setting in study.settings for name in setting.metrics}:
            path = _own_file(directory, representation, name)
            lines = [f'include "{file_of(name)}"']
            if representation:
                lines.append(f'include "{postprocessing_file(files[representation])}"')
            if drawn:
                lines += [f"evaluation.random_seed = {drawn[representation, path.stem]}",
                          f'postprocess.random_seed = {drawn[representation, ""]}']
            atomic.write(path, "\n".join([*lines, ""]))


def _has_own_files(study):
    return bool(study.postprocessing) or study.metric_seed is not None


def _own_file(directory, representation, name):
    return directory.metrics / representation / f"{pathlib.Path(file_of(name)).stem}.gin"
