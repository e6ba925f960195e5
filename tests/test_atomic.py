"""Files and directories are complete or absent, whatever happens meanwhile."""
import errno
import os

import pytest
from helpers import killed

from tf_disentangle import atomic, errors


def no_space(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_text_and_bytes_and_a_new_folder(tmp_path):
    atomic.write(tmp_path / "new" / "a.txt", "\u00e9\n")
    atomic.write(str(tmp_path / "new" / "b"), b"\x00")
    assert (tmp_path / "new" / "a.txt").read_bytes() == b"\xc3\xa9\n"
    assert (tmp_path / "new" / "b").read_bytes() == b"\x00"
    assert sorted(os.listdir(tmp_path / "new")) == ["a.txt", "b"]


@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, name):
    path = tmp_path / "x.json"
    atomic.write(path, "old")
    monkeypatch.setattr(atomic.os, name, no_space)
    with pytest.raises(errors.UserError, match="^Cannot write .*x.json: No space left on device.$"):
        atomic.write(path, "new")
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["x.json"]


def test_a_place_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(errors.UserError, match="^Cannot write .*file/x: "):
        atomic.write(tmp_path / "file" / "x", "new")


def test_a_reader_sees_the_old_file_or_the_new_one(tmp_path):
    path = tmp_path / "model.keras"
    path.write_text("old")
    with atomic.file(path) as aside:
        # Keras goes by the suffix; the file system cannot move between file systems.
        assert aside.suffix == ".keras" and aside.parent == tmp_path and not aside.exists()
        aside.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new" and os.listdir(tmp_path) == ["model.keras"]


def test_what_a_kill_left_is_replaced(tmp_path):
    for _ in range(2):
        with atomic.file(tmp_path / "a.npy") as aside:
            aside.write_text("whole")
        aside.write_text("part")
        with atomic.directory(tmp_path / "b") as folder:
            folder.mkdir()
        folder.mkdir()
        (folder / "part").touch()
    with atomic.file(tmp_path / "c", tmp_path / "beside") as aside:
        assert aside == tmp_path / "beside"
        aside.touch()
    assert os.listdir(tmp_path / "b") == [] and (tmp_path / "a.npy").read_text() == "whole"
    assert (tmp_path / "c").exists() and not (tmp_path / "beside").exists()


def test_an_exception_leaves_what_was_there(tmp_path):
    (tmp_path / "file").write_text("old")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "old").touch()
    with pytest.raises(KeyError), atomic.file(tmp_path / "file") as aside:
        aside.write_text("part")
        raise KeyError
    with pytest.raises(KeyError), atomic.directory(tmp_path / "folder") as aside:
        aside.mkdir()
        (aside / "part").touch()
        raise KeyError
    assert (tmp_path / "file").read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]
    assert os.listdir(tmp_path / "folder") == ["old"]


def test_a_directory_takes_the_place_of_another(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "old").touch()
    with atomic.directory(tmp_path / "folder") as aside:
        aside.mkdir()
        (aside / "new").touch()
        assert os.listdir(tmp_path / "folder") == ["old"]
    assert os.listdir(tmp_path) == ["folder"] and os.listdir(tmp_path / "folder") == ["new"]


def test_errors_of_what_fills_a_directory_are_its_own(tmp_path):
    with pytest.raises(OSError, match="No space") as error, atomic.directory(tmp_path / "x"):
        no_space()
    assert not isinstance(error.value, errors.UserError)


def fill(path, text, fails=False):
    with atomic.directory(path) as aside:
        aside.mkdir()
        (aside / "name").write_text(text)
        if fails:
            raise KeyError


def test_a_directory_is_the_old_one_or_the_new_one_after_a_kill(tmp_path):
    path, number, code, seen = tmp_path / "folder", 0, killed.KILLED, []
    fill(path, "old")
    while code == killed.KILLED:
        number += 1
        child = os.fork()
        if child == 0:
            killed.end_at(number, str(tmp_path))
            fill(path, "new")
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        with pytest.raises(KeyError):  # the next one to write there, which comes to nothing
            fill(path, "other", fails=True)
        seen.append((path / "name").read_text())
        if seen[-1] == "new":
            fill(path, "old")
    assert number > 5 and seen[0] == "old" and seen[-1] == "new"
    assert os.listdir(tmp_path) == ["folder"]


@pytest.mark.parametrize("name", [".x.unfinished.keras", "x.keras"])
def test_a_link_is_replaced_and_not_written_through(tmp_path, name):
    (tmp_path / "outside").write_text("mine")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / name).symlink_to(tmp_path / "outside")
    with atomic.file(tmp_path / "run" / "x.keras") as aside:
        aside.write_text("new")
    assert (tmp_path / "outside").read_text() == "mine"
    assert (tmp_path / "run" / "x.keras").read_text() == "new"
    assert not (tmp_path / "run" / "x.keras").is_symlink()


@pytest.mark.parametrize("name", [".x.unfinished", "x", ".x.replaced"])
def test_a_directory_is_not_filled_through_a_link(tmp_path, name):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "name").write_text("mine")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / name).symlink_to(tmp_path / "outside")
    fill(tmp_path / "run" / "x", "new")
    assert os.listdir(tmp_path / "outside") == ["name"]
    assert (tmp_path / "outside" / "name").read_text() == "mine"
    assert os.listdir(tmp_path / "run") == ["x"]
    assert (tmp_path / "run" / "x" / "name").read_text() == "new"


@pytest.mark.parametrize("error, always, why", [
    (OSError(28, "No space left on device"), False, "No space left on device"),
    (OSError(122, "Disk quota exceeded"), False, "Disk quota exceeded"),
    (OSError(30, "Read-only file system"), False, "Read-only file system"),
    (OSError(13, "Permission denied"), True, "Permission denied"),
    (RuntimeError("x; No space left on device"), False, "No space left on device")])
def test_what_could_not_be_written_is_named(error, always, why):
    with pytest.raises(errors.UserError, match=f"^Cannot write a/b: {why}.$"):
        with atomic.saying("a/b", always):
            raise error
    with pytest.raises(errors.UserError, match="^Cannot write a/b: "):
        with atomic.saying("a/b", always):
            try:
                raise error
            except Exception as first:
                raise type(error)(*error.args) from first


@pytest.mark.parametrize("error", [
    OSError(13, "Permission denied"), FileNotFoundError(2, "x"), ValueError("x")])
def test_errors_of_other_kinds_stay(error):
    with pytest.raises(type(error)) as caught, atomic.saying("a/b", always=False):
        raise error
    assert caught.value is error


def test_whether_a_folder_can_be_written_is_known_before(tmp_path):
    atomic.check_writable(tmp_path / "new" / "folder")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "folder", "/proc/folder"):
        with pytest.raises(errors.UserError, match=f"^Cannot write {path}: ") as caught:
            atomic.check_writable(path)
        assert len(str(caught.value).splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
