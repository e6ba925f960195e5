"""A finished run made small enough to come with the package.

The weights are kept in float16 unless they are few, without the state of the optimizer, and the
model computes in float32 wherever it is loaded, in whatever precision it was trained.
"""
import io
import json
import pathlib
import shutil
import zipfile

import h5py
import numpy as np

from tf_disentangle import atomic, errors, json_files
from tf_disentangle.pretrained import library
from tf_disentangle.runs import directory as directory_lib
from tf_disentangle.runs import origin

__all__ = ["pack_model", "pack_run"]

_WEIGHTS, _CONFIG = "model.weights.h5", "config.json"

# Up to this many bytes of weights there is nothing to be gained.
_FEW = 2**17


def pack_run(model_dir, target):
    """Copies what is worth keeping of a finished run, with a packed model.

    Args:
        model_dir: directory of a finished run.
        target: directory to make; one that is there is replaced.
    """
    source = directory_lib.ModelDirectory(model_dir)
    with atomic.directory(target) as aside:
        aside.mkdir(parents=True)
        pack_model(source.model, aside / source.model.name)
        for path in (source.config, source.losses, source.validation):
            if path.is_file():
                shutil.copyfile(path, aside / path.name)
        shutil.copytree(source.results, aside / source.results.name,
                        copy_function=shutil.copyfile)
        initial = origin.initial_of(model_dir)
        if initial and library.name_in(initial["place"]):
            # Of where a run was started, nothing else means anything on another machine.
            json_files.save({"init_from": initial}, aside / origin.FILE)


def pack_model(path, target):
    """Writes a `.keras` file with weights in float16 (float32 if few), which computes in float32.

    Args:
        path: a `.keras` file.
        target: the file to write.
    Raises:
        UserError: a weight is too large for float16.
    """
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in ("metadata.json", _CONFIG, _WEIGHTS)}
    config = json.loads(members[_CONFIG])
    config["compile_config"] = None
    members[_CONFIG] = json.dumps(_in_float32(config)).encode()
    members[_WEIGHTS] = _packed(members[_WEIGHTS], path)
    with atomic.file(target) as aside, zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            # The time of packing would change the hash.
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)


def _in_float32(value):
    """The description of a model with every mixed policy replaced by float32."""
    if isinstance(value, list):
        return [_in_float32(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") == "DTypePolicy":
        return {**value, "config": {"name": "float32"}}
    return {name: "float32" if name == "dtype" and item in ("bfloat16", "float16")
            else _in_float32(item) for name, item in value.items()}


def _packed(content, path):
    """The content of a file of weights, in float16 unless there are few, without optimizers."""
    convert = _half if len(content) > _FEW else lambda values, *_: values
    packed = io.BytesIO()
    with h5py.File(io.BytesIO(content)) as source, h5py.File(packed, "w") as target:
        def add(name, item):
            if name.partition("/")[0].endswith("optimizer"):
                return
            if isinstance(item, h5py.Group):
                copied = target.require_group(name)
            else:
                copied = target.create_dataset(name, data=convert(item[()], name, path))
            copied.attrs.update(item.attrs)
        source.visititems(add)
    return packed.getvalue()


def _half(values, name, path):
    if values.dtype != np.float32:
        return values
    with np.errstate(over="ignore"):
        half = values.astype(np.float16)
    if np.isfinite(values).all() and not np.isfinite(half).all():
        raise errors.UserError(f"{pathlib.Path(path)} cannot be kept in float16: {name} has a "
                               f"weight of {np.abs(values).max():.3g}, and the largest is 65504.")
    return half
