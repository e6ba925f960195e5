"""Programs for finished runs that name no data set, because they were trained from Python."""
import json
import shlex

import pytest
from helpers import programs, tiny_run

from tf_disentangle import json_files
from tf_disentangle.cli import evaluate, report, rotate, visualize
from tf_disentangle.runs import results
from tf_disentangle.visualize import visualize_model

pytestmark = pytest.mark.contract

TINY = ["--gin_bindings", "dataset.name = 'tiny'"]


@pytest.fixture
def start(tmp_path, monkeypatch, capfd):
    """Runs a program for such a run; returns its exit code, output and errors."""
    model_dir = tiny_run.copy_of_finished_run(tmp_path)
    path = results.config_path(model_dir, results.TRAIN)
    json_files.save({name: value for name, value in json_files.load(path).items()
                     if not name.startswith("dataset.")}, path)
    monkeypatch.chdir(tmp_path)
    return lambda program, *words: programs.run(program, monkeypatch, capfd, *words)


COMMANDS = [(visualize, ["--model_dir", "copy"]), (visualize, ["copy", "copy"]),
            (rotate, ["--model_dir", "copy", "--num_images", 8]),
            (evaluate, ["--model_dir", "copy", "--gin_file", "mig.gin", "--gin_bindings",
                        "mig.num_train = 100"])]


def bindings_in(message):
    """The flag that a message proposes, as a shell would read it."""
    words = shlex.split(message[message.index("--gin_bindings"):].partition(", or")[0])
    return [word.replace("three_dots", "tiny") for word in words]


@pytest.mark.parametrize("program, words", COMMANDS)
def test_the_message_says_what_works(start, monkeypatch, program, words):
    monkeypatch.setattr(visualize_model, "draw_all", lambda *_: {})
    code, _, err = start(program, *words)
    assert code == 1 and "names no data set. Bind" in err and len(err.splitlines()) == 1
    assert bindings_in(err) == TINY
    code, out, err = start(program, *words, *bindings_in(err))
    assert code == 0, err


def test_a_report(start, tmp_path):
    code, out, _ = start(report, "--model_dir", "copy")
    note = next(line for line in out.splitlines() if "names no data set" in line)
    code, out, err = start(report, "--model_dir", "copy", *bindings_in(note))
    assert code == 0 and out == "Report    copy/report.html\n", err


@pytest.mark.parametrize("binding, message", [
    ("vae.beta = 2", "The binding of vae.beta does nothing here. Bind dataset.name or param"),
    ("dataset.name = 'tiny_colour'", "`ground_truth_data`"), ("dataset.name = 'tinny'", "`name`")])
@pytest.mark.parametrize("program", [visualize, rotate])
def test_other_bindings_are_refused(start, tmp_path, program, binding, message):
    words = ["--model_dir", "copy", "--gin_bindings", binding]
    code, out, err = start(program, *words, *(TINY if "vae" in binding else []))
    assert code == 1 and message in err and len(err.splitlines()) == 1, err
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def test_the_data_set_of_a_run_with_another_parameter(start, monkeypatch, tmp_path):
    seen = []
    monkeypatch.setattr(visualize_model, "draw_all", lambda _, data, *rest: seen.append(data) or {})
    path = results.config_path(tmp_path / "copy", results.TRAIN)
    path.write_text(json.dumps({**json.loads(path.read_text()), "dataset.name": "'dummy_data'"}))
    code, _, err = start(visualize, "--model_dir", "copy", "--gin_bindings", "dataset.source = 'x'")
    assert code == 1 and "`source`" in err
    assert start(visualize, "--model_dir", "copy", *TINY)[0] == 0
    assert [type(data) for data in seen] == [tiny_run.TinyData]
