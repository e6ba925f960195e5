"""Many metrics in one go on a model: what is shared, kept, reported and written."""
import json
import os
import pathlib

import pytest
from helpers import tiny_run

from tf_disentangle import atomic, data, errors
from tf_disentangle.evaluation import catalog
from tf_disentangle.evaluation import evaluate as evaluate_lib
from tf_disentangle.evaluation.of_models import suite
from tf_disentangle.runs import results


@data.register_dataset("tiny_split")
class TinySplit(tiny_run.TinyData):
    """A data set with parameters, bound and not."""

    def __init__(self, split="train", size=16, unbound=7):
        self.factors_num_values = [size, size]


SMALL = ["mig.num_train = 100", "hoyer.num_train = 100", "unsupervised_metrics.num_train = 100",
         "discretizer.num_bins = 8"]


def run(output_dir, names=("mig", "hoyer"), bindings=(), **kwargs):
    lines = []
    rows, failures = suite.evaluate_suite(
        tiny_run.finished_run(), suite.metric_files(names), [*SMALL, *bindings], output_dir,
        say=lines.append, **kwargs)
    return {(row.metric, row.score): row for row in rows}, failures, lines


def test_scores_are_those_of_each_metric_alone(tmp_path):
    rows, failures, lines = run(tmp_path / "all", ("mig", "hoyer", "unsupervised"))
    assert lines == ["[1/3] mig", "[2/3] hoyer", "[3/3] unsupervised"] and failures == {}
    for name in ("mig", "hoyer", "unsupervised"):
        alone = evaluate_lib.evaluate_with_gin(
            tiny_run.finished_run(), tmp_path / name, gin_config_files=[f"{name}.gin"],
            gin_bindings=SMALL)
        for score, value in alone.items():
            if score == "num_active_latents":
                assert {row.num_active_latents for (metric, _), row in rows.items()
                        if metric == name} == {value}
            elif score != "notes" and score != "elapsed_time":
                assert rows[name, score].value == value
    written = json.loads((tmp_path / "all" / "scores.json").read_text())
    assert [(row["metric"], row["score"]) for row in written] == list(rows)
    assert (tmp_path / "all/mig/results/json/evaluation_results.json").exists()
    assert (tmp_path / "all/scores.csv").read_text().startswith("metric,score,value,")


def test_every_metric_notes_the_data_that_it_scored(tmp_path):
    """The data set is loaded once, but the results of each metric stand alone."""
    split = ["dataset.name = 'tiny_split'", "tiny_split.split = 'test'", "tiny_split.size = %SIZE",
             "SIZE = 16"]
    run(tmp_path, bindings=split)
    for name in ("mig", "hoyer"):
        folder = tmp_path / name / "results"
        config = json.loads((folder / "json/evaluation_config.json").read_text())
        assert {key: value for key, value in config.items() if "dataset" in key or "tiny" in key
                } == {"dataset.name": "'tiny_split'", "dataset.source": "'files'",
                      "tiny_split.split": "'test'", "tiny_split.size": "%SIZE",
                      "tiny_split.unbound": "7"}
        assert "dataset.name = 'tiny_split'" in (folder / "gin/evaluation.gin").read_text()
        aggregate = json.loads((folder / "aggregate/evaluation.json").read_text())
        assert aggregate["evaluation_config.tiny_split.split"] == "'test'"
        assert aggregate["evaluation_config.SIZE"] == "16"


def test_what_is_there_is_kept_unless_it_was_computed_otherwise(tmp_path):
    before, _, _ = run(tmp_path, ["mig"])
    results = tmp_path / "mig/results/json/evaluation_results.json"
    first = results.read_text()
    again, _, _ = run(tmp_path)
    assert results.read_text() == first and again["mig", "discrete_mig"] == before[
        "mig", "discrete_mig"]
    other, _, _ = run(tmp_path, ["mig"], ["evaluation.random_seed = 5"])
    assert other["mig", "discrete_mig"].value != before["mig", "discrete_mig"].value
    second = results.read_text()
    run(tmp_path, ["mig"], ["evaluation.random_seed = 5"], overwrite=True)
    assert json.loads(results.read_text())["uuid"] != json.loads(second)["uuid"]


def test_an_evaluation_that_was_made_otherwise_is_replaced_with_a_word(tmp_path):
    """By bin/evaluate --gin_file, which does not note what was bound, or cut off by a kill."""
    evaluate_lib.evaluate_with_gin(tiny_run.finished_run(), tmp_path / "mig", gin_bindings=SMALL,
                                   gin_config_files=["mig.gin"])
    path = results.results_path(tmp_path / "mig", results.EVALUATION)
    before = path.read_text()
    rows, failures, lines = run(tmp_path, ["mig"])
    assert failures == {} and set(rows) == {("mig", "discrete_mig")}
    assert path.read_text() != before
    assert lines[1:] == ["Note      The evaluation mig that was there, of another model or with "
                         "other settings, is replaced.",
                         "These bindings had no effect: hoyer.num_train, "
                         "unsupervised_metrics.num_train."]
    before = path.read_text()
    assert not any(line.startswith("Note") for line in run(tmp_path, ["mig"])[2])
    assert path.read_text() == before


def test_a_kill_never_leaves_an_evaluation_without_its_configuration(tmp_path, monkeypatch):
    moved = []
    monkeypatch.setattr(atomic.os, "rename", lambda old, new: moved.append(
        sorted(path.name for path in pathlib.Path(old).iterdir())) or os.replace(old, new))
    assert run(tmp_path, ["mig"])[1] == {} and moved == [["config.gin", "results"]]


def test_a_folder_of_the_users_is_left_alone(tmp_path):
    (tmp_path / "mig").mkdir()
    (tmp_path / "mig" / "thesis.tex").touch()
    _, failures, _ = run(tmp_path, ["mig"])
    assert "holds files other than those of the step evaluation" in str(failures["mig"])
    assert [path.name for path in (tmp_path / "mig").iterdir()] == ["thesis.tex"]


def test_files_of_one_name_are_refused_and_one_file_counts_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("mean", "sampled"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mig.gin").write_text('include "metric/mig.gin"\n')
    with pytest.raises(errors.InvalidArgumentError, match=(
            "`metrics`. Expected files of different names. Received: .*mean/mig.gin.*sampled/mig")):
        suite.evaluate_suite(tiny_run.finished_run(), ["mean/mig.gin", "sampled/mig.gin"], SMALL,
                             tmp_path / "out")
    assert not (tmp_path / "out").exists()
    files = ["mean/mig.gin", tmp_path / "mean/mig.gin", "hoyer", "mean/../mean/mig.gin"]
    assert suite.distinct(files) == [pathlib.Path("mean/mig.gin"), pathlib.Path("hoyer")]


def test_a_validation_is_no_metric_of_a_suite(tmp_path):
    rows, failures, _ = run(tmp_path, ["mig_validation", "hoyer"])
    assert set(rows) == {("hoyer", "hoyer")} and list(failures) == ["mig_validation"]
    assert "Give it alone: bin/evaluate --gin_file mig_validation.gin" in str(
        failures["mig_validation"])


def test_bindings_that_no_metric_used_are_named(tmp_path):
    more = ["mig.batch_size = 50", "dci.num_train = 3", "vae.beta = 7"]
    said = ("These bindings had no effect: dci.num_train, unsupervised_metrics.num_train, "
            "vae.beta.")
    assert run(tmp_path, bindings=more)[2][2:] == [said]
    # So they are if the scores are there already. A metric that fails has used some.
    assert run(tmp_path, bindings=more)[2][2:] == [said]
    _, failures, lines = run(tmp_path, bindings=["mig.batch_size = 0"])
    assert "mig" in failures and lines[-1] == (
        "These bindings had no effect: discretizer.num_bins, unsupervised_metrics.num_train.")


def test_the_table_has_what_was_scored_before(tmp_path):
    def table():
        return {row["metric"]: row["value"] for row in json.loads(
            (tmp_path / "scores.json").read_text())}

    rows, _, _ = run(tmp_path, ["mig"])
    score = rows["mig", "discrete_mig"].value
    rows, _, _ = run(tmp_path, ["hoyer"])
    assert set(rows) == {("hoyer", "hoyer")}
    assert table() == {"hoyer": rows["hoyer", "hoyer"].value, "mig": score}
    _, failures, _ = run(tmp_path, ["hoyer"], ["hoyer.batch_size = 0"])
    assert set(failures) == {"hoyer"} and set(table()) == {"hoyer", "mig"}
    # Scores of another model than the one that is there now do not count.
    path = tmp_path / "mig/results/json/train_results.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "uuid": "another"}))
    run(tmp_path, ["hoyer"])
    assert set(table()) == {"hoyer"}


def test_a_metric_that_fails_does_not_stop_the_others(tmp_path):
    run(tmp_path, ["mig"])
    kept = (tmp_path / "mig/results/json/evaluation_results.json").read_text()
    rows, failures, _ = run(tmp_path, ("mig", "hoyer"), ["mig.batch_size = 0"])
    assert list(failures) == ["mig"] and "`batch_size`" in str(failures["mig"])
    assert set(rows) == {("hoyer", "hoyer")}
    assert (tmp_path / "mig/results/json/evaluation_results.json").read_text() == kept
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "hoyer", "mig", "scores.csv", "scores.json"]


def test_a_damaged_earlier_evaluation_does_not_lose_new_scores(tmp_path):
    run(tmp_path, ["mig"])
    (tmp_path / "mig/results/json/evaluation_results.json").write_text("{")
    rows, failures, said = run(tmp_path, ["hoyer"])
    assert failures == {} and set(rows) == {("hoyer", "hoyer")}
    assert any(line.startswith("Left out  mig: ") and "is not a JSON file" in line
               for line in said)
    assert json.loads((tmp_path / "scores.json").read_text())[0]["metric"] == "hoyer"


@pytest.mark.parametrize("name", ["evaluation_results", "evaluation_config", "train_results"])
@pytest.mark.parametrize("content", ["", '{"discrete_mig": 0.'])
def test_a_damaged_evaluation_is_computed_again_with_a_word(tmp_path, name, content):
    before, _, _ = run(tmp_path, ["mig"])
    path = tmp_path / "mig/results/json" / f"{name}.json"
    path.write_text(content)
    rows, failures, said = run(tmp_path, ["mig"])
    assert failures == {} and rows["mig", "discrete_mig"].value == before[
        "mig", "discrete_mig"].value
    assert said[1].startswith(f"Note      {path} is not a JSON file: ")
    assert said[1].endswith(". The evaluation mig is computed again.")
    assert not any(line.startswith("Note") for line in said[2:])
    assert json.loads(path.read_text())
    assert not any(line.startswith("Note") for line in run(tmp_path, ["mig"])[2])


def test_repeats_give_a_standard_error(tmp_path):
    rows, _, _ = run(tmp_path, ["mig"], ["evaluation.num_repeats = 3"])
    row = rows["mig", "discrete_mig"]
    assert row.standard_error > 0
    written = json.loads((tmp_path / "mig/results/json/evaluation_results.json").read_text())
    assert written["num_repeats"] == 3
    assert written["discrete_mig:standard_error"] == row.standard_error


def test_names_of_metrics():
    files = suite.metric_files(["all", "mig", "metric/dci.gin"])
    assert [path.stem for path in files] == [*catalog.IN_ALL, "dci"]
    with pytest.raises(errors.UserError, match="no gin file metric/mgi.gin.*'metric/mig.gin'"):
        suite.metric_files(["mgi"])


def test_quick_is_a_part_of_all():
    quick, everything = catalog.members("quick"), catalog.members("all")
    assert set(everything) - set(quick) == {"local_scores", "log_likelihood", "beta_vae_sklearn",
                                            "factor_vae_metric"}
    assert [name for name in everything if name in quick] == list(quick)
    assert [path.stem for path in suite.metric_files(["quick"])] == list(quick)
    on_arrays = [metric.name for metric in catalog.on_arrays(["quick"])]
    assert on_arrays == [metric.name for metric in catalog.on_arrays(["all"])
                         if metric.name in quick]
    assert catalog.members("mig") == ("mig",)


def test_catalogue_and_gin_files_name_the_same_metrics():
    folder = pathlib.Path(__file__).parents[2] / "gin_configs" / "metric"
    for metric in catalog.METRICS:
        assert (folder / f"{metric.name}.gin").is_file()
