"""`pretrained:<name>` in place of the directory of a run."""
import pytest
from helpers import tiny_run
from helpers.programs import run

from tf_disentangle import json_files, report, rotation
from tf_disentangle.cli import compare, evaluate, rotate, train, visualize
from tf_disentangle.cli import report as report_program
from tf_disentangle.pretrained import library
from tf_disentangle.runs import results
from tf_disentangle.visualize import visualize_model

NAME = "mixture_prior_pinwheel"
RUN = f"pretrained:{NAME}"
COPY = f"runs/pretrained/{NAME}"

pytestmark = pytest.mark.contract


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Works in an empty folder, and sees to it that nothing changes in the package."""
    monkeypatch.chdir(tmp_path)
    before = tiny_run.files_of(library.FOLDER)
    yield tmp_path
    assert tiny_run.files_of(library.FOLDER) == before


METRIC = ["--gin_file", "reconstruction_error.gin", "--gin_bindings",
          "reconstruction_error.num_test = 50"]


def test_an_evaluation_goes_to_a_copy(monkeypatch, capfd, here):
    code, out, _ = run(evaluate, monkeypatch, capfd, "--model_dir", RUN, *METRIC, "--overwrite")
    assert code == 0 and out.splitlines()[0] == f"Copied    {RUN} to {COPY}"
    assert f"Results   {COPY}/evaluation/reconstruction_error/results" in out
    code, out, _ = run(evaluate, monkeypatch, capfd, "--model_dir", RUN, "--metrics", "hoyer")
    assert code == 0 and "Copied" not in out and (here / COPY / "evaluation/scores.csv").is_file()


def test_with_an_output_dir_nothing_is_copied(monkeypatch, capfd, here):
    code, out, _ = run(evaluate, monkeypatch, capfd, "--model_dir", RUN, *METRIC, "--output_dir",
                       "out")
    assert code == 0 and "Results   out/results" in out
    assert [path.name for path in here.iterdir()] == ["out"]


@pytest.mark.parametrize("program, module, function", [
    (visualize, visualize_model, "visualize"), (report_program, report, "write_report")])
def test_pictures_and_reports(program, module, function, monkeypatch, capfd, here):
    given = []

    def instead(*arguments, **_):
        given.append(arguments[:2])
        return {} if program is visualize else ("page", [])
    monkeypatch.setattr(module, function, instead)
    for more in ([], ["--output_dir", "out"]):
        assert run(program, monkeypatch, capfd, "--model_dir", RUN, *more)[0] == 0
    assert given == [(COPY, None), (str(library.FOLDER / NAME), "out")]


def test_side_by_side_and_rotation(monkeypatch, capfd, here):
    from tf_disentangle.rotation import run as rotation_run

    given = []
    monkeypatch.setattr(visualize_model, "visualize_side_by_side",
                        lambda model_dirs, *_, **__: given.append(model_dirs) or "figure")
    assert run(visualize, monkeypatch, capfd, RUN, "somewhere")[0] == 0
    assert given == [[str(library.FOLDER / NAME), "somewhere"]] and not list(here.iterdir())

    def rotated(model_dir, output_dir, *_):
        given.append((model_dir, output_dir))
        raise rotation_run.errors.UserError("enough")
    monkeypatch.setattr(rotation_run, "rotate_run", rotated)
    run(rotate, monkeypatch, capfd, "--model_dir", RUN)
    assert given[1:] == [(COPY, f"{COPY}_rotated")] and rotation


def test_scores_are_compared(monkeypatch, capfd, here):
    code, out, _ = run(compare, monkeypatch, capfd, RUN, "--with", RUN)
    assert code == 1                        # both sides are the same run
    code, out, _ = run(compare, monkeypatch, capfd, "pretrained:jl1_three_dots", "--with",
                       "pretrained:beta_vae_three_dots")
    assert code == 0 and "local_scores" in out and not list(here.iterdir())
    assert out.split()[1:5] == ["pretrained:jl1_three_dots", "(1", "run)",
                                "pretrained:beta_vae_three_dots"]
    assert str(library.FOLDER) not in out


def test_scores_of_copies_are_compared(monkeypatch, capfd, here):
    names = ["jl1_three_dots", "beta_vae_three_dots"]
    for name in names:
        copy = library.copy(name, here / "runs/pretrained" / name)
        json_files.save({"one": 0.25}, results.results_path(copy / "evaluation/new", "evaluation"))
    words = [f"pretrained:{names[0]}", "--with", f"pretrained:{names[1]}"]
    code, out, _ = run(compare, monkeypatch, capfd, *words)
    assert code == 0 and "new.one" in out and "pretrained:jl1_three_dots" in out.splitlines()[0]
    (here / "runs/pretrained" / names[1] / "model.keras").write_text("another")
    code, out, _ = run(compare, monkeypatch, capfd, *words)
    assert code == 0 and "new.one" in out and "only in 1 of 1 runs of pretrained:jl1" in out


@pytest.mark.parametrize("program, arguments, message", [
    (train, ["--model_dir", RUN], f"Error: --model_dir {RUN} is not a place to train in. Give "
     f"--init_from {RUN}, to start from its weights."),
    (evaluate, ["--model_dir", "pretrained:mixture_prior_pinwheels", "--metrics", "hoyer"],
     "Did you mean 'mixture_prior_pinwheel'?"),
    (report_program, ["--model_dir", "pretrained:"], "Valid names: "),
])
def test_what_is_refused(program, arguments, message, monkeypatch, capfd, here):
    code, out, err = run(program, monkeypatch, capfd, *arguments)
    assert code == 1 and message in err and len(err.splitlines()) == 1 and out == ""
    assert not list(here.iterdir())


def test_the_name_of_another_run_is_not_taken(monkeypatch, capfd, here):
    (here / COPY).mkdir(parents=True)
    code, _, err = run(evaluate, monkeypatch, capfd, "--model_dir", RUN, *METRIC)
    assert code == 1 and f"{COPY} holds something other than the pretrained model {NAME}" in err
