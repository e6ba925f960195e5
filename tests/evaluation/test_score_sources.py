"""Scores of runs from directories, files and tables."""
import json

import numpy as np
import pytest

from tf_disentangle import errors, json_files
from tf_disentangle.evaluation import comparison, score_sources
from tf_disentangle.evaluation import scores as scores_lib
from tf_disentangle.runs import results

ROWS = [scores_lib.Score("mig", "discrete_mig", 0.5, seconds=1.0, notes="a, b"),
        scores_lib.Score("dci", "disentanglement", None), scores_lib.Score("irs", "IRS", 0.25)]
SCORES = {"mig.discrete_mig": 0.5, "irs.IRS": 0.25}


def run(folder, mig=0.5, evaluated=True):
    """A finished run on disk, with two evaluations."""
    json_files.save({"loss": 3.0, "uuid": "x"}, results.results_path(folder, results.TRAIN))
    if evaluated:
        for name, scores in (("mig", {"discrete_mig": mig, "elapsed_time": 7.0, "notes": ["n"]}),
                             ("irs", {"IRS": 0.25, "num_active_latents": 3, "IRS:standard_error": 1,
                                      "undefined": None})):
            json_files.save(scores, results.results_path(folder / "evaluation" / name,
                                                         results.EVALUATION))
    return folder


def test_every_form_of_one_run(tmp_path):
    assert score_sources.runs_in(run(tmp_path / "run")) == [SCORES]
    scores_lib.write(ROWS, tmp_path / "scores")
    for name in ("scores", "scores/scores.csv", "scores/scores.json"):
        assert score_sources.runs_in(str(tmp_path / name)) == [SCORES], name
    assert score_sources.runs_in(tmp_path / "run/evaluation/mig") == [{"discrete_mig": 0.5}]
    assert score_sources.runs_in(3) == [{"score": 3.0}]
    assert score_sources.runs_in({"a": 1, "b": [1]}) == [{"a": 1.0}]


def test_scores_of_an_earlier_model_do_not_count(tmp_path):
    folder = run(tmp_path / "run")
    for name, uuid in (("mig", "earlier"), ("irs", "x")):
        json_files.save({"uuid": uuid}, results.results_path(folder / "evaluation" / name,
                                                             results.TRAIN))
    with pytest.warns(UserWarning, match="The evaluation mig in .*run is of an earlier model"):
        assert score_sources.runs_in(folder) == [{"irs.IRS": 0.25}]


def test_the_folder_of_a_validation(tmp_path):
    json_files.save({"discrete_mig": 0.5, "elapsed_time": 7.0},
                    results.results_path(tmp_path, results.VALIDATION))
    assert score_sources.runs_in(tmp_path) == [{"discrete_mig": 0.5}]


def test_a_table_of_the_scores_of_several_runs(tmp_path):
    (tmp_path / "scores.csv").write_text(
        "run,metric,score,value\na,mig,mig,0.1\nb,mig,mig,0.2\na,irs,IRS,\nb,irs,IRS,0.5\n")
    expected = [{"mig.mig": 0.1}, {"mig.mig": 0.2, "irs.IRS": 0.5}]
    assert score_sources.runs_in(tmp_path / "scores.csv") == expected
    rows = [{"run": run, "metric": "mig", "score": "mig", "value": value}
            for run, value in (("a", 0.1), ("b", 0.2))]
    (tmp_path / "scores.json").write_text(json.dumps(rows))
    assert score_sources.runs_in(tmp_path) == [{"mig.mig": 0.1}, {"mig.mig": 0.2}]


def test_a_score_that_is_not_defined_leaves_the_others(tmp_path):
    folder = run(tmp_path / "run") / "evaluation" / "irs"
    assert score_sources.read_scores(folder) == {"IRS": 0.25}
    path = tmp_path / "results.json"
    path.write_text('{"mig": NaN, "dci": 0.5, "sap": Infinity}')
    assert score_sources.runs_in(path) == [{"dci": 0.5}]


def test_tables_with_a_row_for_each_run(tmp_path):
    # Losses of training, seeds and times are not scores.
    (tmp_path / "runs.csv").write_text("run,seed,mig,dci\na,0,0.5,1\nb,1,0.25,\n")
    expected = [{"mig": 0.5, "dci": 1.0}, {"mig": 0.25}]
    assert score_sources.runs_in(tmp_path / "runs.csv") == expected
    for index in range(2):
        folder = run(tmp_path / f"run_{index}", 0.5 + index)
        results.update_result_directory(
            folder / "evaluation/mig/results", results.EVALUATION,
            {"discrete_mig": 0.5 + index, "elapsed_time": 1.0}, "",
            old_result_dir=folder / "results")
    results.aggregate_results_to_json(
        f"{tmp_path}/run_*/evaluation/mig/results/aggregate/*.json", tmp_path / "all.json")
    assert score_sources.runs_in(tmp_path / "all.json") == [
        {"evaluation_results.discrete_mig": 0.5}, {"evaluation_results.discrete_mig": 1.5}]
    found = comparison.compare([tmp_path / "runs.csv"], [tmp_path / "runs.csv", {"mig": 1}],
                               strict=False)
    assert list(found.rows) == ["mig"] and found.num_runs == (2, 3)


def test_data_frames(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame([row._asdict() for row in ROWS])
    assert score_sources.runs_in(frame) == [SCORES]
    frame = pandas.DataFrame({"mig": [0.5, np.nan], "name": ["a", "b"], "dci": [1, 2]})
    assert score_sources.runs_in(frame) == [{"mig": 0.5, "dci": 1.0}, {"dci": 2.0}]


@pytest.mark.parametrize("name, text, message", [
    ("a.json", json.dumps([{"metric": "mig"}]), "not hold a dict of results, but a list"),
    ("a.json", "[]", "not hold a dict of results, but a list"),
    ("a.csv", "name,other\nx,y\n", "There are no scores in .*a.csv. A table needs the columns"),
    ("a.csv", "metric,score,value\nmig,mig,\n", "There are no scores in"),
    ("a.gin", "x = 1", "is not a table of a known kind")])
def test_files_without_scores(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(errors.UserError, match=message) as caught:
        score_sources.runs_in(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value) and "\n" not in str(caught.value)


def test_folders_without_scores(tmp_path):
    with pytest.raises(errors.UserError, match="neither a finished run nor a folder of scores"):
        score_sources.runs_in(tmp_path)
    with pytest.raises(errors.UserError, match="has not been evaluated. Score it: bin/evaluate"):
        score_sources.runs_in(run(tmp_path / "run", evaluated=False))
    (tmp_path / "scores.csv").write_text("of a study")
    with pytest.raises(errors.UserError, match=f"Give {tmp_path / 'scores.csv'}."):
        score_sources.runs_in(tmp_path)
