"""Representations that look better than they are: the result warns, in table and files."""
import csv
import json

import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle.evaluation import evaluate as evaluate_lib
from tf_disentangle.evaluation import of_arrays, scores, uncertainty
from tf_disentangle.evaluation.metrics.common import activity, declaration, notes
from tf_disentangle.evaluation.of_models import subject as subject_lib
from tf_disentangle.evaluation.of_models import suite

MIG = ["evaluation.evaluation_fn = @mig", "mig.num_train = 100", "discretizer.num_bins = 8"]


def evaluated(codes, factors, metrics=("mig", "irs"), **settings):
    return of_arrays.evaluate_arrays(codes, factors, metrics, say=lambda line: None, **settings)


@pytest.fixture
def factors():
    return np.random.RandomState(0).randint(4, size=(500, 3))


# ------------------------------------------------------------------------ arrays

def test_the_number_of_codes_that_vary_is_reported(factors):
    rows, _ = evaluated(np.column_stack([factors, np.ones(500)]), factors)
    assert {row.num_active_latents for row in rows} == {3} and {row.notes for row in rows} == {None}
    assert scores.remarks(rows) == ["Active latents: 3"]


def test_fewer_codes_than_factors(factors, tmp_path):
    rows, _ = evaluated(np.column_stack([factors[:, :2], np.ones(500)]), factors)
    warning = ("warning: 2 latents are active for 3 factors, so that not every factor can have a "
               "latent of its own")
    assert {row.notes for row in rows} == {warning}
    assert scores.remarks(rows) == ["Active latents: 2", f"Note  all: {warning}"]
    csv_path, json_path = scores.write(rows, tmp_path)
    with csv_path.open(newline="") as stream:
        assert {(row["notes"], row["num_active_latents"]) for row in csv.DictReader(stream)} == {
            (warning, "2")}
    assert {row["notes"] for row in json.loads(json_path.read_text())} == {warning}


def test_a_factor_that_does_not_vary_needs_no_code(factors):
    frozen = np.column_stack([factors[:, :2], np.ones(500, int)])
    rows, _ = evaluated(factors[:, :2], frozen)
    assert {row.notes for row in rows} == {"factor 2 has a single value and is left out"}


def test_no_code_at_all(factors):
    rows, _ = evaluated(np.ones((500, 4)), factors)
    assert all("no latent is active" in row.notes for row in rows)
    assert scores.remarks(rows)[0] == "Active latents: 0"


# ------------------------------------------------------------------------ models

@pytest.fixture
def divergences(monkeypatch):
    """Sets what each latent of the model tells."""
    def set_to(*values):
        subject = subject_lib.Subject(tiny_run.finished_run())
        subject.__dict__["functions"] = subject.functions._replace(
            kl=lambda mean, logvar: np.tile(values, (len(mean), 1)))
        return subject
    return set_to


@pytest.mark.parametrize("values, number, words", [
    ([2.0, 1.0, 0.5], 3, None), ([2.0, 0.009, 0.0], 1, "1 latent is active for 2 factors"),
    ([0.005, 0.0, 0.0099], 0, "no latent is active")])
def test_models(values, number, words, divergences, tmp_path):
    found = evaluate_lib.evaluate_with_gin(tiny_run.finished_run(), tmp_path / "out",
                                           gin_bindings=MIG, subject=divergences(*values))
    assert found["num_active_latents"] == number
    written = json.loads((tmp_path / "out/results/json/evaluation_results.json").read_text())
    assert written["num_active_latents"] == number and written.get("notes") == found.get("notes")
    assert (words is None) == ("notes" not in found)
    assert words is None or words in found["notes"][0]


def test_the_number_is_that_of_the_encoder_and_moves_no_other_random_number(tmp_path):
    subject = subject_lib.Subject(tiny_run.finished_run())
    made = tiny_run.TinyData()
    images = made.sample_observations(500, np.random.RandomState(0))
    mean, logvar = subject.functions.encode(images)
    kl = np.mean((mean**2 + np.exp(logvar) - logvar - 1) / 2, axis=0)
    assert subject.num_active_latents(made) == np.count_nonzero(kl > activity.LEAST_KL)


def test_repeats_keep_notes(divergences, tmp_path):
    found = evaluate_lib.evaluate_with_gin(
        tiny_run.finished_run(), tmp_path / "out", subject=divergences(0.0, 0.0, 0.0),
        gin_bindings=[*MIG, "evaluation.num_repeats = 2"])
    assert found["num_repeats"] == 2 and len(found["notes"]) == 1


def test_the_table_of_a_suite(divergences, monkeypatch, tmp_path):
    subject = divergences(0.0, 0.0, 0.0)
    monkeypatch.setattr(suite.subject_lib, "Subject", lambda model_dir, trust_modules: subject)
    rows, _ = suite.evaluate_suite(
        tiny_run.finished_run(), suite.metric_files(["mig", "hoyer"]),
        ["mig.num_train = 100", "hoyer.num_train = 100"], tmp_path, say=lambda line: None)
    assert all("no latent is active" in row.notes and row.num_active_latents == 0 for row in rows)
    assert [row["notes"] for row in json.loads((tmp_path / "scores.json").read_text())] == [
        row.notes for row in rows]


# ------------------------------------------------------------------------ undefined scores

@pytest.fixture
def odd_metric():
    kept, table = dict(declaration._DECLARED), list(declaration.TABLE)

    @declaration.metric("odd", in_table=True)
    def odd(codes, factors):
        return {"fine": 0.5, "not_a_number": np.nan, "infinite": -np.inf}
    yield odd
    declaration._DECLARED.clear()
    declaration._DECLARED.update(kept)
    declaration.TABLE[:] = table


@pytest.mark.parametrize("num_resamples", [0, 5])
def test_a_score_that_is_not_finite_loses_no_other(odd_metric, factors, tmp_path, num_resamples):
    rows, failures = evaluated(factors, factors, ["odd", "mig"], num_resamples=num_resamples)
    assert failures == {}
    values = {row.score: row.value for row in rows}
    assert values["fine"] == 0.5 and values["mig"] > 0.9
    assert values["not_a_number"] is None and values["infinite"] is None
    assert rows[0].notes == "not_a_number is not defined; infinite is not defined"
    lines = scores.as_table(rows)
    assert sum("not defined" in line for line in lines) == 2
    csv_path, json_path = scores.write(rows, tmp_path)
    assert [row["value"] for row in json.loads(json_path.read_text())][1:3] == [None, None]
    assert "not_a_number,," in csv_path.read_text()


def test_a_score_that_is_not_finite_of_a_model(odd_metric, tmp_path):
    found = evaluate_lib.evaluate_with_gin(
        tiny_run.finished_run(), tmp_path / "out", gin_bindings=[
            "evaluation.evaluation_fn = @odd", "odd.num_train = 50"])
    assert found["fine"] == 0.5 and found["infinite"] is None
    written = json.loads((tmp_path / "out/results/json/evaluation_results.json").read_text())
    assert written["not_a_number"] is None
    assert written["notes"] == ["not_a_number is not defined", "infinite is not defined"]


# ------------------------------------------------------------------------ the notes themselves

def test_notes_go_to_the_outermost_collector_once():
    @notes.in_result
    def inner():
        notes.add("inner")
        return {"score": 1.0}

    @notes.in_result
    def outer():
        notes.add("outer")
        with notes.silenced():
            notes.add("lost")
        return {**inner(), **inner()}
    assert outer() == {"score": 1.0, "notes": ["outer", "inner"]}
    assert inner() == {"score": 1.0, "notes": ["inner"]}
    notes.add("nobody collects")
    with notes.collected() as found:
        pass
    assert found == [] and notes.join({"a": 1}, []) == {"a": 1} and notes.join(0.5, ["x"]) == 0.5


def test_statistics_pass_notes_over():
    repeated = uncertainty.repeat(lambda state: {"score": 1.0, "notes": ["x"]}, 2)
    assert repeated.mean == {"score": 1.0}


def test_a_note_of_most_metrics_names_the_others():
    def row(metric, notes):
        return scores.Score(metric, metric, 0.5, notes=notes)
    assert scores.remarks([row("a", "x"), row("b", "x; y"), row("c", "x"), row("d", None)]) == [
        "Note  all but d: x", "Note  b: y"]
    assert scores.remarks([row("a", "x"), row("b", None)]) == ["Note  a: x"]
