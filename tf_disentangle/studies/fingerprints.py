"""Short strings that change if what a run is trained with, or scored by, changes."""
import functools
import hashlib
import json

from tf_disentangle.configuration import gin_files
from tf_disentangle.studies import gin_includes
from tf_disentangle.studies import scoring as scoring_lib

__all__ = ["read_anew", "scoring", "training"]


def read_anew():
    """Forgets what was read of gin files, which may have been edited since."""
    _of_files.cache_clear()
    _of_metrics.cache_clear()
    _of_postprocessing.cache_clear()


def training(run):
    """Identifies what a run is trained with: the text of its gin files, and its bindings."""
    return _hash([_of_files(run.setting.files), run.bindings])


def scoring(study, run, metrics=None):
    """Identifies what a run is scored by, and what it was trained with.

    Args:
        study: `Study`.
        run: `Run`.
        metrics: names of metrics; those of the run if None.
    """
    metrics = run.setting.metrics if metrics is None else metrics
    return _hash([_of_metrics(metrics), _of_postprocessing(study.postprocessing),
                  study.metric_bindings, study.metric_seed, training(run)])


@functools.lru_cache(maxsize=1000)
def _of_metrics(names):
    return _of_files(tuple(map(scoring_lib.file_of, names)))


@functools.lru_cache(maxsize=1000)
def _of_postprocessing(names):
    """The names of representations, those of a user's own files together with their text."""
    files = {name: scoring_lib.postprocessing_file(name) for name in names}
    return [name if gin_includes.is_ours(gin_files.find_gin_file(file))
            else [name, gin_includes.text_of(file)] for name, file in files.items()]


@functools.lru_cache(maxsize=1000)
def _of_files(files):
    return _hash([gin_includes.text_of(name) if name.endswith(".gin") else name
                  for name in files])


def _hash(value):
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]
