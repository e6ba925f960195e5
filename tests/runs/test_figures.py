"""Pictures of a run: complete, and of its model as it is now."""
import os

import pytest

from tf_disentangle import json_files
from tf_disentangle.runs import figures, results

NAMES = ["a.png", "b.gif"]


@pytest.fixture
def run(tmp_path):
    """A finished run with figures."""
    finish(tmp_path, "first")
    draw(tmp_path)
    return tmp_path


def finish(run, uuid):
    (run / "model.keras").write_text(uuid)
    json_files.save({"uuid": uuid}, results.results_path(run, results.TRAIN))


def draw(run, names=NAMES):
    (run / "figures").mkdir(exist_ok=True)
    for name in names:
        (run / "figures" / name).write_text("new")
    figures.note(run, names)


def older(path, seconds):
    state = path.stat()
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns - seconds * 10**9))


def test_pictures_in_folders_that_are_not_drawn_again_are_removed(run, tmp_path):
    inner = run / "figures" / "animated_traversals"
    inner.mkdir()
    draw(run, [*NAMES, "animated_traversals/c.gif"])
    (inner / "mine.gif").write_text("kept")
    assert figures.are_current(run)
    draw(run)
    assert [path.name for path in inner.iterdir()] == ["mine.gif"]


@pytest.mark.parametrize("name", ["../mine", "animated_traversals/../../mine", "other/mine",
                                  "animated_traversals/linked"])
def test_a_note_does_not_remove_what_lies_elsewhere(run, name):
    (run / "mine").write_text("kept")
    for folder in ("other", "outside"):
        (run / "figures" / folder).mkdir()
        for file in ("mine", "linked"):
            (run / "figures" / folder / file).write_text("kept")
    (run / "figures" / "animated_traversals").symlink_to(run / "figures" / "outside")
    json_files.save({"uuid": "first", "files": [name]}, run / "figures" / ".drawn.json")
    figures.note(run, NAMES)
    assert (run / "mine").is_file() and (run / "figures" / "other" / "mine").is_file()
    assert len(list((run / "figures" / "outside").iterdir())) == 2


def test_as_they_were_drawn(run):
    assert figures.are_current(run)
    assert not figures.are_current(run / "nowhere")


def test_more_steps(run):
    finish(run, "second")
    assert not figures.are_current(run)
    draw(run)
    assert figures.are_current(run)


@pytest.mark.parametrize("name", [*NAMES, ".drawn.json"])
def test_one_is_not_there(run, name):
    (run / "figures" / name).unlink()
    assert not figures.are_current(run)


@pytest.mark.parametrize("name", NAMES)
def test_one_is_older_than_the_model(run, name):
    older(run / "figures" / name, 60)
    assert not figures.are_current(run)


def test_each_picture_is_of_the_model_as_noted_or_as_old(run):
    def are_of_model(*names):
        return [figures.is_of_model(run, name) for name in names]

    (run / "figures" / "b.gif").unlink()
    older(run / "figures" / "a.png", 60)     # as in a copy of the run; the others count for nothing
    (run / "figures" / "c.png").write_text("not noted")
    assert are_of_model("a.png", "c.png", "nowhere.png") == [True, True, False]
    older(run / "figures" / "c.png", 60)
    assert are_of_model("a.png", "c.png") == [True, False]
    finish(run, "second")
    assert are_of_model("a.png") == [False]
    draw(run, ["a.png"])
    assert are_of_model("a.png") == [True]
    results.results_path(run, results.TRAIN).unlink()
    assert are_of_model("a.png") == [False]


def test_figures_of_a_run_that_did_not_note_them(run):
    (run / "figures" / ".drawn.json").unlink()
    assert not figures.are_current(run)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"uuid": "first", "files": 3}',
                                  '{"uuid": "first", "files": [3]}', "\x00"])
def test_a_damaged_note(run, text):
    (run / "figures" / ".drawn.json").write_text(text)
    assert not figures.are_current(run)
    draw(run)
    assert figures.are_current(run)


def test_what_is_drawn_no_more_goes_and_what_is_the_users_stays(run):
    (run / "figures" / "mine.png").write_text("mine")
    (run / "outside.png").write_text("mine")
    json_files.save({"uuid": "first", "files": [*NAMES, "../outside.png"]},
                    run / "figures" / ".drawn.json")
    draw(run, ["a.png"])
    assert sorted(os.listdir(run / "figures")) == [".drawn.json", "a.png", "mine.png"]
    assert (run / "outside.png").read_text() == "mine"


def test_what_a_kill_left_goes(run):
    left = run / "figures" / f".a.png.{'0' * 32}.unfinished"
    left.write_text("part")
    figures.begin(run)
    assert not left.exists() and figures.are_current(run)
