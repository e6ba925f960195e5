"""Many metrics in one go: what is shared, kept, reported and written."""
import json
import pathlib

import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle import errors
from tf_disentangle.evaluation import catalog, suite
from tf_disentangle.evaluation import evaluate as evaluate_lib
from tf_disentangle.evaluation.metrics import mig

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
            if score != "elapsed_time":
                assert rows[name, score].value == value
    written = json.loads((tmp_path / "all" / "scores.json").read_text())
    assert [(row["metric"], row["score"]) for row in written] == list(rows)
    assert (tmp_path / "all/mig/results/json/evaluation_results.json").exists()
    assert (tmp_path / "all/scores.csv").read_text().startswith("metric,score,value,")


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


@pytest.fixture
def arrays():
    random = np.random.RandomState(0)
    factors = np.stack([random.randint(size, size=900) for size in (3, 4, 12)], axis=1)
    return factors + 0.05 * random.standard_normal(factors.shape), factors


def test_arrays_are_scored_by_every_metric_that_can(arrays):
    rows, failures = suite.evaluate_arrays(*arrays, say=lambda line: None)
    # So few points have no dense neighbourhoods.
    assert list(failures) == ["local_scores"] and "100 points" in str(failures["local_scores"])
    names = [metric.name for metric in catalog.METRICS if metric.from_arrays
             and not metric.by_name_only and metric.name != "local_scores"]
    assert list(dict.fromkeys(row.metric for row in rows)) == names
    values = {(row.metric, row.score): row.value for row in rows}
    assert values["mig", "mig"] == mig.mig(*arrays)
    # The codes are the factors: every score of 0 to 1 is near its best.
    for key in (("mig", "mig"), ("dci_fast", "disentanglement"), ("aam", "aam"),
                ("beta_vae_sklearn", "eval_accuracy"), ("factor_vae_metric", "eval_accuracy"),
                ("modularity_explicitness", "modularity_score"), ("irs", "IRS"),
                ("infomec", "infom")):
        assert values[key] > 0.85, key


def test_intervals(arrays):
    rows, failures = suite.evaluate_arrays(*arrays, ["mig"], num_resamples=50,
                                           say=lambda line: None)
    assert failures == {} and len(rows) == 1
    assert rows[0].low < rows[0].high and rows[0].standard_error > 0


def test_no_point_is_in_both_halves_of_a_resample(arrays, monkeypatch):
    codes, factors = arrays
    codes = np.arange(len(codes), dtype=float)[:, None]
    seen = []

    def score(codes, factors, test_codes=None, test_factors=None, random_state=0):
        if test_codes is not None:
            seen.append((set(codes[:, 0]), set(test_codes[:, 0]), factors.shape[1]))
        return {"score": float(np.mean(codes))}
    monkeypatch.setattr(suite.catalog, "on_arrays", lambda names, with_factors: [
        catalog.Metric("made_up", score, catalog.FACTORS, "", "")])
    rows, failures = suite.evaluate_arrays(codes, factors, num_resamples=5, say=lambda line: None)
    assert failures == {} and rows[0].low is not None and len(seen) >= 5
    for train, test, width in seen:
        assert train and test and not train & test and width == 3


@pytest.mark.property
def test_scores_do_not_depend_on_what_the_values_of_factors_are_called():
    random = np.random.RandomState(0)
    factors = random.randint(12, size=(4000, 2))
    codes = factors @ random.standard_normal((2, 3)) + random.standard_normal((4000, 3))
    metrics = ["mig", "local_scores", "modularity_explicitness"]
    expected = None
    for values in (factors, factors - 20, factors / 12, 10.0 * factors,
                   np.array([f"value {i:02}" for i in range(12)])[factors]):
        rows, failures = suite.evaluate_arrays(codes, values, metrics, say=lambda line: None)
        scores = [row.value for row in rows]
        expected = expected or scores
        assert failures == {} and scores == expected


def test_truth_values_and_single_columns():
    random = np.random.RandomState(0)
    factors = random.randint(2, size=600) > 0
    rows, failures = suite.evaluate_arrays(factors, factors, ["mig", "sap_score", "irs"],
                                           say=lambda line: None)
    assert failures == {} and rows[0].value == pytest.approx(1)


@pytest.mark.parametrize("codes, factors, sentence", [
    (np.zeros((3, 150)), np.zeros((3, 150)), "Transpose codes and factors."),
    (np.zeros((150, 3)), np.random.RandomState(0).uniform(size=(150, 1)), "numpy.digitize"),
    (np.zeros((150, 3)), np.full((150, 1), np.nan), "`factors`. Expected finite"),
    (np.full((150, 3), 1j), np.zeros((150, 1)), "`codes`. Expected real numbers"),
    (np.full((150, 3), "a"), np.zeros((150, 1)), "`codes`. Expected real numbers"),
    (np.zeros((150, 3)), np.zeros((151, 1)), "150 rows")])
def test_arrays_that_cannot_be_meant(codes, factors, sentence):
    with pytest.raises(errors.InvalidArgumentError) as error:
        suite.evaluate_arrays(codes, factors, say=lambda line: None)
    assert sentence in str(error.value)


def test_a_mistake_in_a_metric_does_not_lose_the_others(arrays, monkeypatch):
    def broken(codes, factors, random_state=0):
        raise KeyError("x")
    monkeypatch.setattr(suite.catalog, "on_arrays", lambda names, with_factors: [
        catalog.Metric("broken", broken, catalog.FACTORS, "", ""),
        catalog.Metric("mig", mig.mig, catalog.FACTORS, "", "")])
    rows, failures = suite.evaluate_arrays(*arrays, say=lambda line: None)
    assert isinstance(failures["broken"], KeyError) and [row.metric for row in rows] == ["mig"]


def test_codes_without_factors(arrays):
    rows, _ = suite.evaluate_arrays(arrays[0], None, say=lambda line: None)
    assert {row.metric for row in rows} == {"hoyer", "unsupervised"}
    with pytest.raises(errors.InvalidArgumentError, match="This one needs codes and factors"):
        suite.evaluate_arrays(arrays[0], None, ["mig"])
    with pytest.raises(errors.InvalidArgumentError, match="This one needs a model"):
        suite.evaluate_arrays(*arrays, ["log_likelihood"])
    with pytest.raises(errors.InvalidArgumentError, match="Did you mean 'mig'"):
        suite.evaluate_arrays(*arrays, ["mgi"])


def test_catalogue_and_gin_files_name_the_same_metrics():
    folder = pathlib.Path(__file__).parents[2] / "gin_configs" / "metric"
    for metric in catalog.METRICS:
        assert (folder / f"{metric.name}.gin").is_file()
