"""`bin/train` does not fail for its extras, says what it has drawn, and draws it when it is old."""
import os
import pathlib

import numpy as np
import pytest
from absl import flags
from absl.testing import flagsaver
from helpers import tiny_run

from tf_disentangle import data, errors, export, report
from tf_disentangle.cli import evaluate, train
from tf_disentangle.data import named_data
from tf_disentangle.evaluation.of_models import output
from tf_disentangle.runs import results
from tf_disentangle.visualize import files, score_curves, visualize_model

FEW = ["vae.penalties = []", "model.training_steps = 4"]


@pytest.fixture
def start(tmp_path, monkeypatch, capsys):
    """Runs `bin/train` with bindings and returns what it printed."""
    monkeypatch.setattr(export, "export_saved_model", lambda model, path: None)
    monkeypatch.chdir(tmp_path)
    tiny_run.gin_file(tmp_path, *FEW)

    def call(*bindings, more=()):
        with flagsaver.flagsaver():
            words = [word for binding in bindings for word in ("--gin_bindings", binding)]
            flags.FLAGS(["program", "--gin_file", "tiny.gin", "--model_dir", "run", "--noreport",
                         *words, *more])
            train._train()
        return capsys.readouterr().out
    return call


@pytest.fixture
def drawing(monkeypatch):
    """Pictures that tell how often they were drawn."""
    calls = []

    def draw_all(model, ground_truth_data, output_dir, *_):
        calls.append(output_dir)
        folder = files.picture_directory(output_dir)
        for name in ("a.png", "b.png"):
            files.save_png(np.full((4, 4, 3), len(calls), np.uint8), folder / name)
        return {name: str(folder / name) for name in ("a.png", "b.png")}
    monkeypatch.setattr(visualize_model, "draw_all", draw_all)
    return calls


def test_figures_are_drawn_again_when_they_are_old(start, drawing, tmp_path):
    assert "Figures   run/figures" in start() and len(drawing) == 1
    first = (tmp_path / "run/figures/a.png").read_bytes()
    assert "Figures   run/figures" in start() and len(drawing) == 1
    longer = "model.training_steps = 6"
    assert "Figures " not in start(longer, more=["--nofigures"])
    assert "Figures   run/figures" in start(longer) and len(drawing) == 2
    assert (tmp_path / "run/figures/a.png").read_bytes() != first
    (tmp_path / "run/figures/b.png").unlink()
    assert "Figures " not in start(longer, more=["--nofigures"])
    assert "Figures   run/figures" in start(longer) and len(drawing) == 3


def test_the_report_has_the_figures_that_were_just_drawn(start, monkeypatch, tmp_path):
    def draw_all(model, ground_truth_data, output_dir, *_):
        path = files.picture_directory(output_dir) / "posteriors.png"
        files.save_png(np.zeros((4, 4, 3), np.uint8), path)
        return {path.name: str(path)}
    monkeypatch.setattr(visualize_model, "draw_all", draw_all)
    for steps in (4, 6):
        start(f"model.training_steps = {steps}", more=["--report"])
        assert "<b>Posteriors.</b>" in (tmp_path / "run/report.html").read_text()
    start("model.training_steps = 8", more=["--nofigures", "--report"])
    assert "<b>Posteriors.</b>" not in (tmp_path / "run/report.html").read_text()


def test_figures_that_cannot_be_drawn_are_a_warning(start, monkeypatch, tmp_path):
    def fail(*_, **__):
        raise MemoryError
    monkeypatch.setattr(visualize_model, "draw_all", fail)
    printed = start()
    assert "Warning: there are no figures of this model: MemoryError" in printed
    assert "Figures " not in printed and "Next: " in printed
    assert (tmp_path / "run/model.keras").exists()


@pytest.fixture
def writing(monkeypatch):
    """Reports that tell how often they were written."""
    calls = []

    def write_report(model_dir, ground_truth_data):
        assert ground_truth_data.observation_shape == tiny_run.SHAPE
        calls.append(model_dir)
        (pathlib.Path(model_dir) / "report.html").write_text(str(len(calls)))
    monkeypatch.setattr(report, "write_report", write_report)
    return calls


def test_report_is_written_again_when_it_is_old(start, writing, tmp_path):
    more = ["--nofigures", "--report"]
    assert "Report    run/report.html" in start(more=more) and len(writing) == 1
    assert "Report    run/report.html" in start(more=more) and len(writing) == 1
    start("model.training_steps = 6", more=["--nofigures"])
    assert "Report    run/report.html" in start("model.training_steps = 6", more=more)
    assert (tmp_path / "run/report.html").read_text() == "2"


def test_report_that_cannot_be_written_is_a_warning(start, monkeypatch, tmp_path):
    def fail(*_, **__):
        raise MemoryError
    monkeypatch.setattr(report, "write_report", fail)
    printed = start(more=["--nofigures", "--report"])
    assert "Warning: there is no report of this model: MemoryError" in printed
    assert "Report " not in printed and "Next: " in printed
    assert (tmp_path / "run/model.keras").exists()


def test_images_of_five_channels(start, monkeypatch):
    monkeypatch.setattr(named_data, "_constructors", dict(named_data._constructors))

    @data.register_dataset("tiny_five_channels")
    class FiveChannels(tiny_run.TinyData):
        observation_shape = [8, 8, 5]

        def sample_observations_from_factors(self, factors, random_state):
            images = super().sample_observations_from_factors(factors, random_state)
            return np.repeat(images, 5, axis=-1)
    printed = start("dataset.name = 'tiny_five_channels'")
    assert "Warning: there are no figures of this model: Invalid value for argument" in printed
    assert "Next: " in printed


@pytest.mark.parametrize("name", ["figures", "figures/a.png"])
def test_pictures_are_not_drawn_through_links(start, drawing, tmp_path, name):
    start(more=["--nofigures"])
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/a.png").write_text("mine")
    (tmp_path / "run" / name).parent.mkdir(exist_ok=True)
    (tmp_path / "run" / name).symlink_to(tmp_path / "outside" / name.removeprefix("figures")[1:])
    printed = start()
    assert (tmp_path / "outside/a.png").read_text() == "mine"
    assert os.listdir(tmp_path / "outside") == ["a.png"]
    if name == "figures":
        assert "Warning: there are no figures of this model: " in printed
        assert "run/figures is a link to" in printed and "Figures " not in printed


@pytest.mark.parametrize("name", ["evaluation", "evaluation/mig"])
def test_evaluations_are_not_written_through_links(tmp_path, name):
    run, outside = tmp_path / "run", tmp_path / "outside"
    outside.mkdir()
    (run / name).parent.mkdir(parents=True)
    (run / name).symlink_to(outside)
    with pytest.raises(errors.UserError, match=f"{name} is a link to .*outside"):
        with output.replaced(run / "evaluation/mig", results.EVALUATION, True, [run]):
            pass
    assert os.listdir(outside) == []
    # Where the user says, it may lead anywhere.
    (tmp_path / "link").symlink_to(outside)
    with output.replaced(tmp_path / "link" / "mig", results.EVALUATION, True, [run]) as folder:
        folder.mkdir()
    assert os.listdir(outside) == ["mig"]


def test_a_full_disk_while_an_evaluation_is_written(tmp_path):
    with pytest.raises(errors.UserError, match="^Cannot write .*out: No space left on device.$"):
        with output.replaced(tmp_path / "out", results.EVALUATION, True) as folder:
            folder.mkdir()
            raise OSError(28, "No space left on device")
    with pytest.raises(FileNotFoundError):  # what a metric reads is its own affair
        with output.replaced(tmp_path / "out", results.EVALUATION, True) as folder:
            open(tmp_path / "nothing", encoding="utf-8")
    assert os.listdir(tmp_path) == []


def test_lists_of_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.makedirs("run,2")
    with flagsaver.flagsaver():
        flags.FLAGS(["program", "--model_dirs", "a,run,2,b", "--metrics", "mig, dci"])
        assert evaluate.program.FLAGS.model_dirs == ["a", "run,2", "b"]
        assert evaluate.program.FLAGS.metrics == ["mig", "dci"]


def test_scores_of_runs_with_brackets_in_their_names(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(score_curves.curves_lib, "curves",
                        lambda runs, *_: asked.append(runs) or ({"a": ([1.0], np.ones(1),
                                                                       np.zeros(1))}, {1}))
    for name in ("run [1]", "run 1"):
        path = results.results_path(tmp_path / name, results.TRAIN)
        path.parent.mkdir(parents=True)
        path.write_text("{}")
    score_curves.draw_scores(str(tmp_path / "run [1]"), "x", "y")
    score_curves.draw_scores(str(tmp_path / "run*"), "x", "y")
    assert asked == [[tmp_path / "run [1]"], [tmp_path / "run 1", tmp_path / "run [1]"]]
