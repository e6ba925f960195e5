"""Numbers that other programs gave, from `tests/recorded`; README.md there says which and how."""
import functools
import json
import pathlib

import numpy as np

_FOLDER = pathlib.Path(__file__).parents[1] / "recorded"


@functools.lru_cache(maxsize=None)
def _numbers(name):
    return json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def golden(name):
    """The content of `papers/<name>.json`: numbers of a paper's official code."""
    return _numbers(f"papers/{name}")


@functools.lru_cache(maxsize=None)
def golden_arrays(name):
    """The arrays of `papers/<name>.npz`, by name."""
    with np.load(_FOLDER / "papers" / f"{name}.npz") as arrays:
        return dict(arrays)


def training_oracle():
    """Losses, networks and training steps of disentanglement_lib's own code."""
    return _numbers("disentanglement_lib/training_oracle")


def metrics_oracle():
    """Scores of disentanglement_lib's own code."""
    return _numbers("disentanglement_lib/metrics_oracle")
