"""Numbers that other programs gave, and the inputs that they belong to.

They lie beside the repository, in `shared`; tests that need an absent file are skipped.
"""
import functools
import importlib.util
import json
import pathlib

import numpy as np
import pytest

SHARED = pathlib.Path(__file__).parents[3] / "shared"


def _existing(name):
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"recorded numbers are absent: {path}")
    return path


@functools.lru_cache(maxsize=None)
def golden(name):
    """The content of `goldens/<name>.json`, from the papers' official code."""
    return json.loads(_existing(f"goldens/{name}.json").read_text())


@functools.lru_cache(maxsize=None)
def golden_arrays(name):
    """The arrays of `goldens/<name>.npz`, by name."""
    with np.load(_existing(f"goldens/{name}.npz")) as arrays:
        return dict(arrays)


@functools.lru_cache(maxsize=None)
def training_oracle():
    """Numbers of disentanglement_lib's own code."""
    return json.loads(_existing("oracles/training_oracle.json").read_text())


@functools.lru_cache(maxsize=None)
def _module(name):
    path = _existing(name)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def golden_inputs():
    """The module of input recipes for `golden`."""
    return _module("goldens/inputs.py")


def training_inputs():
    """The module of input recipes for `training_oracle`."""
    return _module("oracles/training_inputs.py")
