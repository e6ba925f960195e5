"""Checkpoints come back as they were; damage and failed writes cost at most the newest one."""
import errno
import os
import zipfile

import keras
import numpy as np
import pytest

from tf_disentangle import errors
from tf_disentangle.training import checkpoint


@pytest.fixture
def model():
    made = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    made.compile(keras.optimizers.Adam(0.1), loss="mse")
    made.optimizer.build(made.trainable_variables)
    return made


def set_all(model, value):
    """Every variable, those of the optimizer too, becomes `value`."""
    for variable in model.variables + model.optimizer.variables:
        variable.assign(np.full(variable.shape, value, variable.dtype))


def values(model):
    return {float(np.mean(variable)) for variable in model.variables + model.optimizer.variables}


def saved(directory, model, steps, keep=3):
    made = checkpoint.Checkpoints(directory, keep)
    for step in steps:
        set_all(model, step)
        made.save(model, step)
    set_all(model, 0)
    return made


def test_newest_are_kept_and_the_newest_comes_back(tmp_path, model):
    made = saved(tmp_path / "new", model, [1, 2, 9, 10, 100])
    assert made.steps() == [100, 10, 9]
    assert sorted(os.listdir(tmp_path / "new")) == [
        "step_000000009.keras", "step_000000010.keras", "step_000000100.keras"]
    assert made.restore(model) == 100 and values(model) == {100.0}


def test_no_checkpoint(tmp_path, model):
    assert checkpoint.Checkpoints(tmp_path / "absent").restore(model) is None
    # What a kill leaves while the first one is written.
    (tmp_path / "unfinished.keras").write_bytes(b"part")
    assert checkpoint.Checkpoints(tmp_path).restore(model) is None


def truncate(path):
    path.write_bytes(path.read_bytes()[:-100])


def flip(path):
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("model.weights.h5").header_offset + 500
    data = bytearray(path.read_bytes())
    data[start:start + 50] = bytes(255 - byte for byte in data[start:start + 50])
    path.write_bytes(data)


def empty(path):
    path.write_bytes(b"")


def replace_by_folder(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("damage", [truncate, flip, empty, replace_by_folder])
def test_a_damaged_newest_one_is_reported_and_the_one_before_is_used(tmp_path, model, damage):
    made, reports = saved(tmp_path, model, [4, 8]), []
    damage(made.path(8))
    assert made.restore(model, reports.append) == 4 and values(model) == {4.0}
    assert len(reports) == 1
    assert str(made.path(8)) in reports[0] and "the one before" in reports[0]


def test_all_damaged(tmp_path, model):
    made, reports = saved(tmp_path, model, [4, 8]), []
    truncate(made.path(4))
    flip(made.path(8))
    with pytest.raises(errors.UserError, match="None of the checkpoints .* --overwrite"):
        made.restore(model, reports.append)
    assert len(reports) == 2 and values(model) == {0.0}


def test_a_file_that_may_not_be_read_counts_as_damaged(tmp_path, model, monkeypatch):
    made, reports, opened = saved(tmp_path, model, [4, 8]), [], zipfile.ZipFile

    def refuse(path, *arguments, **kwargs):
        if str(path) == str(made.path(8)):
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path, *arguments, **kwargs)
    monkeypatch.setattr(checkpoint.zipfile, "ZipFile", refuse)
    assert made.restore(model, reports.append) == 4
    assert "Permission denied" in reports[0]


def test_a_full_disk_leaves_the_earlier_ones_and_no_part(tmp_path, model, monkeypatch):
    made = saved(tmp_path, model, [4, 8])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def save(path):
        path.write_bytes(b"the first bytes")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    monkeypatch.setattr(model, "save", save)
    with pytest.raises(errors.UserError,
                       match=r"Cannot write .*step_000000012.keras: No space left on device"):
        made.save(model, 12)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_what_a_kill_left_is_no_obstacle(tmp_path, model):
    (tmp_path / "unfinished.keras").write_bytes(b"part of another one")
    made = saved(tmp_path, model, [4])
    assert os.listdir(tmp_path) == ["step_000000004.keras"]
    assert made.restore(model) == 4 and values(model) == {4.0}


def test_other_files_are_left_alone(tmp_path, model):
    (tmp_path / "step_1.keras.bak").write_text("mine")
    saved(tmp_path, model, [4, 8], keep=1)
    assert sorted(os.listdir(tmp_path)) == ["step_000000008.keras", "step_1.keras.bak"]


def test_at_least_one_is_kept(tmp_path):
    with pytest.raises(errors.InvalidArgumentError, match="keep_checkpoints=0"):
        checkpoint.Checkpoints(tmp_path, keep=0)
