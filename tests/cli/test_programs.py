"""The programs: what they print, where, and their exit codes."""
import errno
import importlib
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow  # noqa: F401  here, so that what it writes at import is not captured below
from absl import flags
from absl.testing import flagsaver
from helpers import preloaded, tiny_run

from tf_disentangle import errors
from tf_disentangle.cli import evaluate, program, report, train, visualize
from tf_disentangle.evaluation import catalog

ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{tiny_run.TESTS.parent}:{tiny_run.TESTS}"}

# Several programs one after another in one process: reads lines of arguments, ends what each one
# prints with its exit code.
SHELL = """
import importlib, sys
from absl import flags
program = None
for line in open(sys.argv[1]):
    name, *sys.argv[1:] = line.rstrip("\\n").split("\\t")
    module = importlib.import_module("tf_disentangle.cli." + name)
    flags.FLAGS.unparse_flags()
    code = 0
    try:
        module.main()
    except SystemExit as stop:
        code = stop.code or 0
    for stream in (sys.stdout, sys.stderr):
        print(f"=== {code}", file=stream, flush=True)
"""


def run(tmp_path, *commands):
    """(exit code, output, errors) of each command, a list of words that starts with a program."""
    path = tmp_path / "commands"
    path.write_text("".join("\t".join(map(str, command)) + "\n" for command in commands))
    printed = preloaded.start(tmp_path, SHELL, path).communicate()
    parts = [text.split("=== ") for text in printed]
    codes = [int(part.split("\n")[0]) for part in parts[0][1:]]
    outputs = [[texts[0], *(text.split("\n", 1)[1] for text in texts[1:])] for texts in parts]
    assert len(codes) == len(commands), printed[1]
    return list(zip(codes, *outputs))


def test_from_training_to_scores(tmp_path):
    tiny_run.gin_file(tmp_path)
    model_dir = pathlib.Path("runs/tiny")
    done = run(
        tmp_path, ["train", "--gin_config", "tiny.gin"],
        ["evaluate", "--model_dir", model_dir, "--gin_file", "mig.gin", "--gin_bindings",
         "mig.num_train = 100", "--gin_bindings", "discretizer.num_bins = 5"],
        ["train", "--gin_file", "tiny.gin", "--nofigures"],
        ["train", "--gin_file", "tiny.gin", "--noresume"],
        ["train", "--gin_file", "tiny.gin", "--gin_bindings", "vae.beta = 3"],
        ["evaluate", "--model_dir", model_dir, "--gin_file", "mig.gin"])
    trained, scored, again, noresume, other, twice = done
    assert [code for code, _, _ in done] == [0, 0, 0, 1, 1, 1]
    assert [text for _, _, text in done[:3]] == ["", "", ""], "nothing but errors on stderr"

    lines = trained[1].splitlines()
    assert lines[0] == "Training tiny.gin in runs/tiny"
    assert lines.pop(1).startswith("Networks for images of 8x8x1: encoder with 3 dense layers; ")
    # A slow machine has time for lines in between.
    while lines[1].startswith("step ") and not lines[1].startswith("step 12/12  "):
        del lines[1]
    assert lines[1].startswith("step 12/12  ")
    assert lines[2].startswith("Final losses after 12 steps: loss ")
    assert lines[3:] == ["Model     runs/tiny/model.keras", "Results   runs/tiny/results",
                         "Figures   runs/tiny/figures",
                         "Report    runs/tiny/report.html",
                         "Next:     bin/evaluate --gin_file local_mig.gin --model_dir runs/tiny"]
    assert (tmp_path / model_dir / "figures" / "traversals.png").exists()
    assert "explorer-data" in (tmp_path / model_dir / "report.html").read_text()

    lines = scored[1].splitlines()
    assert [line.split()[0] for line in lines] == [
        "discrete_mig", "elapsed_time", "Active", "Results"]
    assert lines[-1] == "Results   runs/tiny/evaluation/mig/results"
    assert 0 <= float(lines[0].split()[1]) <= 1
    assert (tmp_path / model_dir / "evaluation/mig/results/json/evaluation_results.json").exists()

    assert "The run in runs/tiny is finished (12 steps); nothing was changed." in again[1]
    assert noresume[2].startswith("Error: The model_dir runs/tiny already holds a run. ")
    assert other[2] == (
        "Error: The model_dir runs/tiny holds a run with another configuration: vae.beta was 2.0 "
        "and is now 3. Give another model_dir, or --overwrite.\n")
    assert twice[2] == ("Error: The output_dir runs/tiny/evaluation/mig already exists. "
                        "Give --overwrite, or another one.\n")


def test_errors_are_one_line_and_a_traceback_only_on_request(tmp_path):
    gin_file = tiny_run.gin_file(tmp_path, "vae.beta = -1")
    line = f"tiny.gin:{len(gin_file.read_text().splitlines())}: Invalid value for argument `beta`"
    done = run(tmp_path, ["train", "--gin_file", "tiny.gin"],
               ["train", "--gin_file", "tiny.gin", "--debug"],
               ["train", "--gin_file", "tyni.gin"],
               ["evaluate", "--gin_file", "mig.gin"],
               ["evaluate", "--model_dir", "nowhere"],
               ["evaluate", "--model_dir", "nowhere", "--gin_file", "mig.gin",
                "--gin_bindings", "dataset.name = 'dummy_data'"],
               ["train", "--gin_bindings", "vae.beta = 1"])
    assert [code for code, _, _ in done] == [1] * 7
    value, debug, file, no_model, no_metric, no_run, no_name = (text for _, _, text in done)
    assert value.startswith(f"Error: {line}") and len(value.splitlines()) == 1
    assert "Traceback (most recent call last)" in debug and "Invalid value" in debug
    assert file.startswith("Error: There is no gin file tyni.gin, here or in gin_configs. ")
    assert no_model.startswith("Error: No --model_dir was given.")
    assert no_metric.startswith("Error: No metric was given.")
    assert no_run.startswith(
        "Error: There is no model.keras in nowhere: no run there has finished.")
    assert no_name.startswith("Error: Without a gin file there is no name for the run.")
    assert sorted(os.listdir(tmp_path)) == ["commands", "tiny.gin"]


def test_help_and_unknown_flags_answer_without_tensorflow(tmp_path):
    programs = {name: subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "tf_disentangle.cli.train", name],
        cwd=tmp_path, text=True, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for name in ("--help", "--gin_fiel=x", "stray")}
    done = {name: (*process.communicate(), process.returncode)
            for name, process in programs.items()}
    out, imports, code = done["--help"]
    assert code == 0 and "tensorflow" not in imports
    for flag in ("--gin_file", "--gin_config", "--gin_bindings", "--model_dir", "--[no]overwrite",
                 "--[no]resume", "--[no]figures", "--[no]report",
                 "--[no]debug"):
        assert f"\n  {flag} " in out
    _, imports, code = done["--gin_fiel=x"]
    said = [line for line in imports.splitlines() if not line.startswith("import time:")]
    assert code == 1 and "Unknown command line flag 'gin_fiel'" in "\n".join(said)
    assert "Traceback" not in imports and "tensorflow" not in "\n".join(
        line for line in imports.splitlines() if line.startswith("import time:"))
    out, imports, code = done["stray"]
    assert code == 1 and "Unknown argument 'stray'; options start with --." in out + imports


@pytest.mark.parametrize("words", [
    ["evaluate", "--codes", "codes.npz", "--metrics", "mig,hoyer"], ["prepare_data", "three_dots"],
    ["compare", "a.csv", "--with", "b.csv"]])
def test_what_needs_no_model_goes_without_tensorflow(tmp_path, words):
    factors = np.random.RandomState(0).randint(4, size=(300, 2))
    np.savez(tmp_path / "codes.npz", codes=factors + 0.5, factors=factors)
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("mig,dci\n0.5,0.3\n0.4,0.35\n")
    code = ("import importlib, sys\n"
            "sys.argv = sys.argv[1:]\n"
            "try:\n"
            "    importlib.import_module(f'tf_disentangle.cli.{sys.argv[0]}').main()\n"
            "finally:\n"
            "    print('found', {'tensorflow', 'keras', 'matplotlib'} & set(sys.modules))\n")
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=tmp_path, text=True,
                          env=ENVIRONMENT, capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("found set()\n") and len(done.stdout.splitlines()) > 1


def in_process(monkeypatch, capfd, main, *arguments):
    """(exit code, output, errors) of a program that runs in this process."""
    monkeypatch.setattr(sys, "argv", ["program", *map(str, arguments)])
    monkeypatch.setattr(sys, "path", list(sys.path))
    code = 0
    with flagsaver.flagsaver():
        try:
            main()
        except SystemExit as stop:
            code = stop.code or 0
    return code, *capfd.readouterr()


@pytest.mark.parametrize("main, words", [
    (train.main, ["`bin/train`", "--[no]resume"]),
    (evaluate.main, ["`bin/evaluate`", "--output_dir"]),
    (report.main, ["`bin/report`", "--[no]trust_modules"]),
    (visualize.main, ["`bin/visualize`", "--model_dir"])])
def test_help(monkeypatch, capfd, main, words):
    code, out, err = in_process(monkeypatch, capfd, main, "--help")
    assert code == 0 and err == "" and all(word in out for word in words)


@pytest.mark.parametrize("error, line", [
    (errors.UserError("A disk is full."), "Error: A disk is full."),
    (OSError(errno.ENOSPC, "No space left on device", "runs/a/model.keras"),
     "Error: No space left on device: runs/a/model.keras"),
    (OSError(errno.ENOSPC, "No space left on device"), "Error: No space left on device"),
    (ValueError("what\nwhere"), "Error: ValueError: what (--debug shows where)"),
    (ValueError(), "Error: ValueError:  (--debug shows where)"),
    (TypeError("no number\n  In call to configurable 'vae' (<class 'VAE'>)\n"
               "  In call to configurable 'model' (<function train>)"),
     "Error: TypeError in @vae: no number (--debug shows where)"),
    (TypeError('in user code:\n\n    File "a.py", line 3, in f  *\n        g(x)\n\n'
               "    TypeError: no number\n"),
     "Error: TypeError: TypeError: no number (--debug shows where)")])
def test_any_error_is_one_line(monkeypatch, capfd, error, line):
    def main():
        raise error
    for debug in (False, True):
        monkeypatch.setattr(program, "quietly", _not_quietly)
        code, out, err = in_process(
            monkeypatch, capfd, lambda: program.run(main, "Help."), *["--debug"] * debug)
        assert code == 1 and out == ""
        # TensorFlow's C++ code may say at any time that there is no GPU driver.
        ours = [text for text in err.splitlines() if "cuda_platform.cc" not in text]
        assert "Traceback" in err if debug else ours == [line]


@pytest.mark.parametrize("theirs", [None, "0"])
def test_convolutions_are_onednns_unless_told_otherwise(monkeypatch, capfd, theirs):
    name = "TF_ENABLE_ONEDNN_OPTS"
    monkeypatch.setenv(name, "")    # what it was comes back after the test
    if theirs is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, theirs)
    code, out, _ = in_process(
        monkeypatch, capfd, lambda: program.run(lambda: print(os.environ[name]), "Help."))
    assert code == 0 and out == f"{theirs or '1'}\n"


def test_a_reader_that_ends_early_is_no_error(tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    code = ("from tf_disentangle.cli import program\n"
            "program.run(lambda: program.say('a line'), 'Help.', needs_tensorflow=False)")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=ENVIRONMENT,
                          stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert done.returncode == 141 and done.stderr == ""


def test_modules_of_a_user_lie_beside_the_gin_file(monkeypatch, capfd, tmp_path):
    monkeypatch.setattr(program, "quietly", _not_quietly)
    (tmp_path / "beside_a_gin_file.py").write_text("ANSWER = 42")
    (tmp_path / "a.gin").touch()

    def main():
        print(importlib.import_module("beside_a_gin_file").ANSWER)
    code, out, _ = in_process(monkeypatch, capfd, lambda: program.run(main, "Help."),
                              "--gin_file", tmp_path / "a.gin")
    assert code == 0 and out == "42\n"


class _not_quietly:
    def __enter__(self):
        pass

    def __exit__(self, *_):
        pass


def test_quietly_shows_what_was_held_back_only_after_an_error(capfd):
    with program.quietly():
        os.write(2, b"noise\n")
    assert capfd.readouterr().err == ""
    with pytest.raises(KeyError), program.quietly():
        os.write(2, b"what was wrong\n")
        raise KeyError
    assert capfd.readouterr().err == "what was wrong\n"


def test_gin_config_is_gin_file():
    with flagsaver.flagsaver():
        flags.FLAGS(["program", "--gin_file=a.gin", "--gin_config", "b.gin", "--gin_file", "c.gin"])
        assert program.gin_files() == ["a.gin", "c.gin", "b.gin"]


def test_default_model_dir():
    assert train._default_model_dir(["x/paper.jl1.gin", "y.gin"]) == "runs/paper.jl1"
    with pytest.raises(errors.UserError, match="Give --model_dir"):
        train._default_model_dir([])


def run_on_codes(tmp_path, *more):
    random = np.random.RandomState(0)
    factors = random.randint(4, size=(300, 2))
    np.savez(tmp_path / "codes.npz", codes=factors + 0.1 * random.standard_normal((300, 2)),
             factors=factors)
    with flagsaver.flagsaver():
        flags.FLAGS(["program", "--codes", str(tmp_path / "codes.npz"), *more])
        evaluate._evaluate()


def test_codes_in_a_file_are_scored(tmp_path, capsys):
    run_on_codes(tmp_path, "--metrics", "mig,hoyer", "--bootstrap", "5")
    printed = capsys.readouterr().out
    assert "[2/2] hoyer" in printed and "low" in printed
    assert (tmp_path / "codes_scores" / "scores.csv").is_file()


def test_a_message_names_the_flag(tmp_path):
    with pytest.raises(errors.UserError, match="argument `bootstrap`"):
        run_on_codes(tmp_path, "--metrics", "mig", "--bootstrap", "1")


def test_what_all_stands_for_may_be_left_out_but_not_what_was_asked_for(tmp_path, capsys,
                                                                        monkeypatch):
    few = [metric for metric in catalog.METRICS if metric.name in ("mig", "local_scores")]
    monkeypatch.setattr(catalog, "METRICS", few)
    run_on_codes(tmp_path)
    assert "Left out  local_scores: " in capsys.readouterr().out
    with pytest.raises(errors.UserError, match="No score of local_scores"):
        run_on_codes(tmp_path, "--metrics", "local_scores")


@pytest.mark.parametrize("more", [
    ["--gin_bindings", "discretizer.num_bins = 2"], ["--gin_file", "mig.gin"],
    ["--model_dir", "runs/jl1"]])
def test_flags_that_do_nothing_beside_codes(more, tmp_path):
    with pytest.raises(errors.UserError, match=f"{more[0]} does nothing beside --codes"):
        run_on_codes(tmp_path, *more)


def test_flags_that_do_nothing_without_codes():
    with flagsaver.flagsaver():
        flags.FLAGS(["program", "--model_dir", "runs/jl1", "--bootstrap", "5"])
        with pytest.raises(errors.UserError, match="--bootstrap does nothing without --codes"):
            evaluate._evaluate()
