"""A failed or killed attempt at a run takes nothing away that was there before it."""
import os
import pathlib

import pytest
from helpers import killed

from tf_disentangle import errors
from tf_disentangle.runs import directory as directory_lib
from tf_disentangle.runs import earlier

OLD, NEW = "vae.beta = 4.0\n", "vae.beta = 1.0\n"
CHECKPOINT = "checkpoints/step_000000004.keras"
# Of a run of steps, and of one that is fitted at once and has neither losses nor checkpoints.
FILES = ["model.keras", "origin.json", "results/json/train_results.json", "results/gin/train.gin",
         "saved_model/saved_model.pb", "figures/samples.png", "evaluation/mig/results/x.json",
         "tensorboard/events"]
STEPS = [*FILES, "losses.jsonl", CHECKPOINT]


class Failure(Exception):
    pass


def write(folder, names, text):
    for name in names:
        path = pathlib.Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def use(path, config_text, make=(), error=None, text="new", **kwargs):
    """An attempt that writes files, and fails if it is told to."""
    with directory_lib.ModelDirectory(path).locked() as directory:
        directory.prepare(config_text, **kwargs)
        with directory.started(config_text):
            write(path, make, text)
            if error is not None:
                raise error


def contents(folder):
    """Relative path -> text of a file, None for a folder, target for a link; without the lock."""
    folder = pathlib.Path(folder)
    return {path.relative_to(folder).as_posix():
            os.readlink(path) if path.is_symlink() else path.read_text() if path.is_file() else None
            for path in folder.rglob("*") if path.name != ".lock"}


@pytest.fixture(params=[FILES, STEPS], ids=["at once", "steps"])
def old(request, tmp_path):
    """A finished run, and what is in it."""
    use(tmp_path / "run", OLD, request.param, text="old")
    write(tmp_path / "run", ["notes/mine.txt"], "mine")
    return tmp_path / "run", contents(tmp_path / "run")


EARLY = ["origin.json", "tensorboard/new", "losses.jsonl"]


@pytest.mark.parametrize("make", [
    [], EARLY, [*EARLY, "checkpoints/unfinished.keras"], ["model.keras", "saved_model/x"],
    ["results/json/train_results.json"]])
@pytest.mark.parametrize("error", [Failure, KeyboardInterrupt, errors.UserError, SystemExit])
def test_overwriting_that_fails_before_the_first_checkpoint(old, make, error):
    path, before = old
    with pytest.raises(error):
        use(path, NEW, make, error("x"), overwrite=True)
    assert contents(path) == before


@pytest.mark.parametrize("make", [[CHECKPOINT],
                                  ["model.keras", "results/json/train_results.json"]])
def test_overwriting_that_fails_later(old, make):
    path, _ = old
    with pytest.raises(Failure):
        use(path, NEW, make, Failure(), overwrite=True)
    assert {name: text for name, text in contents(path).items() if text is not None} == {
        "config.gin": NEW, "notes/mine.txt": "mine", **dict.fromkeys(make, "new")}


def test_the_first_checkpoint_is_what_counts(old):
    path, _ = old
    with directory_lib.ModelDirectory(path).locked() as directory:
        directory.prepare(NEW, overwrite=True)
        with directory.started(NEW):
            assert earlier.is_there(path) and not directory.model.exists()
            write(path, [CHECKPOINT], "new")
            directory.keep_new()
            assert not earlier.is_there(path)


@pytest.mark.parametrize("make", [[], ["origin.json"], ["tensorboard/new", "origin.json"]])
@pytest.mark.parametrize("error", [Failure, KeyboardInterrupt])
def test_going_on_that_fails_at_once(old, make, error):
    path, before = old
    with pytest.raises(error):
        use(path, OLD + "model.training_steps = 100000000\n", make, error())
    assert contents(path) == before


def test_going_on_that_fails_later_keeps_what_it_has_made(old):
    path, _ = old
    longer = OLD + "model.training_steps = 100000000\n"
    with pytest.raises(Failure):
        use(path, longer, ["checkpoints/step_000000008.keras"], Failure())
    assert (path / "checkpoints/step_000000008.keras").exists()
    assert (path / "config.gin").read_text() == longer and (path / "model.keras").exists()


def ended_by(function, number, folder):
    """`Killed` if a function got as far as a file operation, else what it raised or None."""
    try:
        with killed.killed_at(number, str(folder)):
            function()
    except (Failure, killed.Killed) as error:
        return type(error)


@pytest.mark.parametrize("make, fails", [(EARLY, True), (EARLY, False), ([CHECKPOINT], True)])
def test_killed_at_any_operation(old, make, fails):
    path, before = old
    number, end, ends = 0, killed.Killed, set()
    while end is killed.Killed:
        number += 1
        end = ended_by(lambda: use(path, NEW, make, Failure() if fails else None,
                                   overwrite=True), number, path)
        directory_lib.recover(path)
        found = contents(path)
        is_old = found == before
        is_new = found.get("config.gin") == NEW and found.get(make[0]) == "new"
        assert is_old or is_new, (number, found)
        assert not earlier.is_there(path)
        ends.add(is_old)
        if is_old:
            continue
        assert (make == [CHECKPOINT]) or end is None or not fails, number
        break
    assert number > 10 and True in ends
    assert (False in ends) == (make == [CHECKPOINT] or not fails)


@pytest.mark.parametrize("name", [".config.gin.0123456789abcdef0123456789abcdef.unfinished"])
def test_what_a_kill_left_in_an_empty_directory(tmp_path, name):
    write(tmp_path, [name], "part")
    use(tmp_path, NEW, ["losses.jsonl"])
    assert sorted(contents(tmp_path)) == ["config.gin", "losses.jsonl"]


def test_names_that_only_look_so_are_the_users(tmp_path):
    write(tmp_path, [".thesis.unfinished"], "mine")
    with pytest.raises(errors.UserError, match="other files"):
        use(tmp_path, NEW)
    assert contents(tmp_path) == {".thesis.unfinished": "mine"}


@pytest.fixture
def outside(tmp_path):
    write(tmp_path / "outside", ["results.txt", "json/train_results.json", "unfinished.keras",
                                 "events"], "mine")
    return tmp_path / "outside"


LINKS = ["results", "results/json", "checkpoints", "tensorboard", "saved_model", "losses.jsonl",
         "model.keras", "checkpoints/unfinished.keras", "config.gin", "origin.json",
         "saved_model/variables"]


def link(old, outside, name):
    path = old[0] / name
    path.parent.mkdir(exist_ok=True)
    if path.is_dir():
        os.rename(path, old[0].parent / "moved")
    else:
        path.unlink(missing_ok=True)
    target = outside / "unfinished.keras" if "." in name else outside
    if name == "config.gin":
        target.write_text(OLD)
    path.symlink_to(target)


@pytest.mark.parametrize("name", LINKS)
def test_going_on_refuses_links(old, outside, name):
    link(old, outside, name)
    before = contents(outside), contents(old[0])
    with pytest.raises(errors.UserError, match=rf"{name} is a link to .*outside.* Replace it"):
        use(old[0], OLD, ["losses.jsonl"])
    assert (contents(outside), contents(old[0])) == before


@pytest.mark.parametrize("name", [*LINKS, "figures", "evaluation", "evaluation/mig"])
def test_overwriting_removes_links_and_not_what_they_lead_to(old, outside, name):
    link(old, outside, name)
    before = contents(outside), contents(old[0])
    with pytest.raises(Failure):
        use(old[0], NEW, EARLY, Failure(), overwrite=True)
    assert (contents(outside), contents(old[0])) == before
    use(old[0], NEW, [CHECKPOINT], overwrite=True)
    assert contents(outside) == before[0]
    assert {key for key, text in contents(old[0]).items() if text is not None} == {
        CHECKPOINT, "config.gin", "notes/mine.txt"}


@pytest.mark.parametrize("name", [".earlier_run", ".earlier_run.moving", ".earlier_run.discarded"])
def test_links_of_the_names_that_an_overwrite_uses(old, outside, name):
    path, before = old
    (path / name).symlink_to(outside)
    use(path, OLD)
    assert contents(path) == before and contents(outside)["results.txt"] == "mine"


def test_a_lock_that_is_a_link(tmp_path, outside):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".lock").symlink_to(outside / "new")
    with pytest.raises(errors.UserError, match="cannot be written"):
        use(tmp_path / "run", NEW)
    assert not (outside / "new").exists()


def test_the_directory_itself_may_be_a_link(tmp_path, outside):
    (tmp_path / "real").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "real")
    use(tmp_path / "run", NEW, ["losses.jsonl"])
    use(tmp_path / "run", NEW)
    assert sorted(contents(tmp_path / "real")) == ["config.gin", "losses.jsonl"]


def test_what_cannot_be_moved_stays(old, monkeypatch):
    path, before = old
    rename, made = os.rename, []

    def busy(source, target):
        made.append(source)
        if len(made) == 4:
            raise OSError(16, "Device or resource busy", str(source))
        rename(source, target)
    monkeypatch.setattr(earlier.os, "rename", busy)
    with pytest.raises(errors.UserError, match="cannot be overwritten: Device or resource busy"):
        use(path, NEW, overwrite=True)
    assert contents(path) == before


def test_a_config_that_cannot_be_read_is_named(old):
    path, _ = old
    (path / "config.gin").write_bytes(b"\xff\xfe")
    with pytest.raises(errors.UserError, match="^Cannot read .*config.gin: .*--overwrite"):
        use(path, OLD)
