"""Who may use the directory of a run, and what is deleted in it."""
import errno
import os
import subprocess
import sys

import pytest

from tf_disentangle import errors
from tf_disentangle.runs import directory as directory_lib
from tf_disentangle.runs import lock

GIN = "vae.beta = 4.0\nmodel.training_steps = 10\n"
CONTENTS = ["checkpoints", "evaluation", "figures", "results", "saved_model", "tensorboard"]


def use(path, config_text=GIN, make=("losses.jsonl",), **kwargs):
    """A run that leaves the files `make`."""
    with directory_lib.ModelDirectory(path).locked() as directory:
        directory.prepare(config_text, **kwargs)
        with directory.started(config_text):
            for name in make:
                (directory.path / name).touch()


def files(path):
    return sorted(name for name in os.listdir(path) if name != ".lock")


def test_a_new_directory_and_the_same_run_again(tmp_path):
    for _ in range(2):
        use(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b" / "config.gin").read_text() == GIN
    assert files(tmp_path / "a" / "b") == ["config.gin", "losses.jsonl"]


def test_an_empty_directory(tmp_path):
    use(tmp_path)
    assert files(tmp_path) == ["config.gin", "losses.jsonl"]


def test_a_file(tmp_path):
    (tmp_path / "x").write_text("mine")
    with pytest.raises(errors.UserError, match=r"model_dir .*x is a file\. Give a directory"):
        use(tmp_path / "x")
    with pytest.raises(errors.UserError, match="cannot be written: Not a directory"):
        use(tmp_path / "x" / "y")
    assert (tmp_path / "x").read_text() == "mine"


def test_a_place_where_nothing_can_be_written(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")
    monkeypatch.setattr(lock.pathlib.Path, "mkdir", refuse)
    with pytest.raises(errors.UserError, match="cannot be written: Permission denied"):
        use(tmp_path / "x")


def test_other_files(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(errors.UserError, match=r"other files \(thesis.tex\) and no run"):
            use(tmp_path, overwrite=overwrite)
    assert files(tmp_path) == ["thesis.tex"]


@pytest.mark.parametrize("text, words", [
    ("vae.beta = 2.0\nmodel.training_steps = 10\n", "vae.beta was 4.0 and is now 2.0"),
    ("model.training_steps = 10\n", "vae.beta was 4.0 and is now not set"),
    (GIN + "model.random_seed = 1\n", "model.random_seed was not set and is now 1")])
def test_another_configuration(tmp_path, text, words):
    use(tmp_path)
    with pytest.raises(errors.UserError, match=f"another configuration: {words}"):
        use(tmp_path, text)
    assert (tmp_path / "config.gin").read_text() == GIN


def test_the_number_of_steps_may_change_and_the_text_too(tmp_path):
    use(tmp_path)
    longer = "# longer\nmodel.training_steps = 20\nvae.beta = 4.0\nmodel.eval_steps = 3\n"
    use(tmp_path, longer)
    assert (tmp_path / "config.gin").read_text() == longer


def test_noresume(tmp_path):
    use(tmp_path)
    with pytest.raises(errors.UserError, match="already holds a run.*--overwrite"):
        use(tmp_path, resume=False)
    use(tmp_path, resume=False, overwrite=True)


def test_overwrite_deletes_what_runs_make_and_nothing_else(tmp_path):
    use(tmp_path)
    for name in CONTENTS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
    (tmp_path / "model.keras").touch()
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("mine")
    use(tmp_path, "vae.beta = 1.0\n", overwrite=True)
    assert files(tmp_path) == ["config.gin", "losses.jsonl", "notes"]
    assert (tmp_path / "config.gin").read_text() == "vae.beta = 1.0\n"
    assert (tmp_path / "notes" / "mine.txt").read_text() == "mine"


class Failure(Exception):
    pass


def fail(path, make):
    with pytest.raises(Failure), directory_lib.ModelDirectory(path).locked() as directory:
        directory.prepare(GIN)
        with directory.started(GIN):
            for name in make:
                (path / name).mkdir()
            raise Failure


def test_a_run_that_fails_at_once_leaves_nothing(tmp_path):
    fail(tmp_path / "new", ["tensorboard"])
    assert os.listdir(tmp_path) == []


def test_a_run_that_fails_later_leaves_what_it_made(tmp_path):
    fail(tmp_path, ["checkpoints"])
    assert files(tmp_path) == ["checkpoints", "config.gin"]


def test_two_runs_at_once(tmp_path):
    held = ("import fcntl, sys\n"
            "file = open(sys.argv[1], 'a')\n"
            "fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
            "print('held', flush=True)\n"
            "sys.stdin.read()\n")
    use(tmp_path)
    with subprocess.Popen([sys.executable, "-IS", "-c", held, tmp_path / ".lock"], text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == "held\n"
        with pytest.raises(errors.UserError, match="Another run is using the model_dir"):
            use(tmp_path, overwrite=True)
        assert files(tmp_path) == ["config.gin", "losses.jsonl"]
        process.stdin.close()
    use(tmp_path)
    with directory_lib.ModelDirectory(tmp_path).locked():
        with pytest.raises(errors.UserError, match="Another run"):
            use(tmp_path)


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK])
def test_a_file_system_without_locks(tmp_path, monkeypatch, number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))
    use(tmp_path)
    monkeypatch.setattr(lock.fcntl, "flock", refuse)
    with pytest.warns(UserWarning, match="^The file system of .* has no locks .*another run use"):
        use(tmp_path)
    assert not lock.is_locked(tmp_path)


def test_a_lock_that_is_refused_as_nfs_does(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    use(tmp_path)
    monkeypatch.setattr(lock.fcntl, "flock", refuse)
    with pytest.raises(errors.UserError, match="Another run is using the model_dir"):
        use(tmp_path)
    assert lock.is_locked(tmp_path)
