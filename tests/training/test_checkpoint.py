"""Checkpoints come back as they were; damage and failed writes cost at most the newest one."""
import errno
import io
import os
import zipfile

import h5py
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


def test_what_a_kill_kept_from_being_deleted_is_deleted(tmp_path, model):
    saved(tmp_path, model, [4, 8, 12, 16])
    made = checkpoint.Checkpoints(tmp_path, keep=1)
    truncate(made.path(16))
    assert made.restore(model, lambda line: None) == 12
    assert made.steps() == [16, 12], "the damaged one stays until a step is saved"


def test_other_files_are_left_alone(tmp_path, model):
    (tmp_path / "step_1.keras.bak").write_text("mine")
    saved(tmp_path, model, [4, 8], keep=1)
    assert sorted(os.listdir(tmp_path)) == ["step_000000008.keras", "step_1.keras.bak"]


def test_at_least_one_is_kept(tmp_path):
    with pytest.raises(errors.InvalidArgumentError, match="keep_checkpoints=0"):
        checkpoint.Checkpoints(tmp_path, keep=0)


def rewritten(path, change):
    """The archive anew, its members as `change(name, content)` returns them, or not."""
    with zipfile.ZipFile(path) as archive:
        members = {name: change(name, archive.read(name)) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            if content is not None:
                archive.writestr(name, content)


def without(member):
    return lambda path: rewritten(
        path, lambda name, content: None if name == member else content)


def weights(change):
    """Changes the HDF5 file of weights; the archive around it stays whole."""
    def damage(path):
        def changed(name, content):
            if name != "model.weights.h5":
                return content
            stream = io.BytesIO(content)
            with h5py.File(stream, "r+") as file:
                change(file)
            return stream.getvalue()
        rewritten(path, changed)
    return damage


def delete(name):
    def change(file):
        del file[name]
    return weights(change)


def other_shape(file):
    del file["layers/dense/vars/0"]
    file["layers/dense/vars/0"] = np.zeros((7, 7), np.float32)


def garbage(path):
    rewritten(path, lambda name, content: b"garbage" * 99 if name.endswith("h5") else content)


def a_picture(path):
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))


@pytest.mark.parametrize("damage", [
    without("model.weights.h5"), without("config.json"), without("metadata.json"), garbage,
    delete("optimizer"), delete("optimizer/vars/2"), delete("layers"),
    delete("layers/dense/vars/0"), weights(other_shape), a_picture])
def test_a_whole_archive_that_is_no_checkpoint(tmp_path, model, damage):
    made, reports = saved(tmp_path, model, [4, 8]), []
    damage(made.path(8))
    assert made.restore(model, reports.append) == 4 and values(model) == {4.0}
    assert len(reports) == 1 and "the one before" in reports[0] and "\n" not in reports[0]


def test_any_bit_of_the_headers_and_the_directory(tmp_path, model):
    made = saved(tmp_path, model, [4, 8])
    whole = made.path(8).read_bytes()
    with zipfile.ZipFile(made.path(8)) as archive:
        headers = [range(info.header_offset, info.header_offset + 30)
                   for info in archive.infolist()]
        places = [*range(archive.start_dir, len(whole)), *(place for header in headers
                                                           for place in header)]
    random, went_back = np.random.RandomState(0), 0
    for place in places[::2]:
        data = bytearray(whole)
        data[place] ^= 1 << random.randint(8)
        made.path(8).write_bytes(data)
        set_all(model, 0)
        step = made.restore(model, lambda line: None)
        # Some bits, such as those of a date, mean nothing.
        assert values(model) == {float(step)} and step in (4, 8), place
        went_back += step == 4
    assert went_back > len(places) / 8


def test_damaged_ones_do_not_push_out_new_ones(tmp_path, model):
    made = saved(tmp_path, model, [4, 8, 12], keep=2)
    truncate(made.path(12))
    assert made.restore(model, lambda line: None) == 8
    made.save(model, 9)
    assert made.steps() == [9, 8]
    replace_by_folder(made.path(9))
    made.save(model, 9)
    assert made.restore(model) == 9


def test_what_the_logs_lack_is_in_it(tmp_path, model):
    made = checkpoint.Checkpoints(tmp_path)
    rows = np.random.RandomState(0).standard_normal((3, 2)).astype(np.float32)
    made.save(model, 4, [rows[:1], rows[1:]])
    made.save(model, 8)
    assert made.restore(model) == 8 and made.unlogged(8) == made.unlogged(0) == []
    np.testing.assert_array_equal(made.unlogged(4)[0], rows)
    assert keras.saving.load_model(made.path(4)).count_params() == 8


@pytest.mark.parametrize("name", ["unfinished.keras", "step_000000008.keras"])
def test_nothing_is_written_through_links(tmp_path, model, name):
    (tmp_path / "outside").write_text("mine")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / name).symlink_to(tmp_path / "outside")
    saved(tmp_path / "run", model, [8])
    assert (tmp_path / "outside").read_text() == "mine"
    assert not (tmp_path / "run" / "step_000000008.keras").is_symlink()


@pytest.mark.property
def test_noise_of_layers_continues_where_it_was(tmp_path):
    def made():
        noisy = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4),
                                  keras.layers.Dropout(0.5, seed=1)])
        noisy.compile(keras.optimizers.Adam(0.1), loss="mse")
        noisy.optimizer.build(noisy.trainable_variables)
        return noisy
    first, ones = made(), np.ones((6, 3), np.float32)
    first(ones, training=True)
    checkpoints = checkpoint.Checkpoints(tmp_path)
    checkpoints.save(first, 1)
    expected = np.asarray(first(ones, training=True))
    second = made()
    assert checkpoints.restore(second) == 1
    np.testing.assert_array_equal(np.asarray(second(ones, training=True)), expected)
