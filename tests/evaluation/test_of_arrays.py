"""Many metrics in one go on two arrays."""
import numpy as np
import pandas
import pytest

from tf_disentangle import errors
from tf_disentangle.evaluation import catalog, of_arrays
from tf_disentangle.evaluation.metrics import mig


@pytest.fixture
def arrays():
    random = np.random.RandomState(0)
    factors = np.stack([random.randint(size, size=900) for size in (3, 4, 12)], axis=1)
    return factors + 0.05 * random.standard_normal(factors.shape), factors


def test_arrays_are_scored_by_every_metric_that_can(arrays):
    rows, failures = of_arrays.evaluate_arrays(*arrays, say=lambda line: None)
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
    rows, failures = of_arrays.evaluate_arrays(*arrays, ["mig"], num_resamples=50,
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
    monkeypatch.setattr(of_arrays.catalog, "on_arrays", lambda names, with_factors: [
        catalog.Metric("made_up", score, catalog.FACTORS, "", "")])
    rows, failures = of_arrays.evaluate_arrays(codes, factors, num_resamples=5,
                                               say=lambda line: None)
    assert failures == {} and rows[0].low is not None and len(seen) >= 5
    for train, test, width in seen:
        assert train and test and not train & test and width == 3


def test_intervals_of_scores_that_are_called_by_the_number_of_training_points(arrays):
    codes, factors = (values[:120, :2] for values in arrays)
    name = "downstream_task_logistic_regression"
    rows, failures = of_arrays.evaluate_arrays(codes, factors, [name], num_resamples=2,
                                               say=lambda line: None)
    assert failures == {} and {row.score.partition(":")[0] for row in rows} == {"80"}
    assert len(rows) == 8 and all(row.low is not None and row.notes is None for row in rows)


def made_up(monkeypatch, score):
    monkeypatch.setattr(of_arrays.catalog, "on_arrays", lambda names, with_factors: [
        catalog.Metric("made_up", score, catalog.FACTORS, "", "")])


def test_a_score_that_some_resamples_lack_has_no_interval_and_the_others_do(monkeypatch):
    factors = np.zeros((60, 2), int)
    factors[:30, 0], factors[0, 1] = 1, 1           # a resample often lacks the single 1

    def score(codes, factors):
        values = {f"factor_{k}": float(np.mean(codes)) for k in range(2) if np.ptp(factors[:, k])}
        return {"mean": float(np.mean(codes)), **values,
                "none": np.nan if len(values) < 2 else 1.0}
    made_up(monkeypatch, score)
    rows, failures = of_arrays.evaluate_arrays(np.arange(60.0), factors, num_resamples=20,
                                               say=lambda line: None)
    assert failures == {}
    found = {row.score: row for row in rows}
    assert list(found) == ["mean", "factor_0", "factor_1", "none"]
    for name, has in (("mean", True), ("factor_0", True), ("factor_1", False), ("none", False)):
        assert (found[name].low is not None) == (found[name].standard_error is not None) == has
        assert found[name].value is not None
        assert "no interval of factor_1, none: some resamples lack" in found[name].notes


def test_scores_stay_if_only_their_intervals_fail(monkeypatch):
    def score(codes, factors):
        if len(np.unique(codes)) < len(codes):
            raise KeyError("a point twice; and\nmore")
        return {"mean": float(np.mean(codes))}
    made_up(monkeypatch, score)
    rows, failures = of_arrays.evaluate_arrays(np.arange(60.0), np.arange(60) % 3, num_resamples=5,
                                               say=lambda line: None)
    assert failures == {} and [row.value for row in rows] == [29.5] and rows[0].low is None
    assert rows[0].notes.split("; ")[-1].startswith("no intervals: 'a point twice, and")


@pytest.mark.property
def test_scores_do_not_depend_on_what_the_values_of_factors_are_called():
    random = np.random.RandomState(0)
    factors = random.randint(12, size=(4000, 2))
    codes = factors @ random.standard_normal((2, 3)) + random.standard_normal((4000, 3))
    metrics = ["mig", "local_scores", "modularity_explicitness"]
    expected = None
    for values in (factors, factors - 20, factors / 12, 10.0 * factors,
                   np.array([f"value {i:02}" for i in range(12)])[factors]):
        rows, failures = of_arrays.evaluate_arrays(codes, values, metrics, say=lambda line: None)
        scores = [row.value for row in rows]
        expected = expected or scores
        assert failures == {} and scores == expected


def test_truth_values_and_single_columns():
    random = np.random.RandomState(0)
    factors = random.randint(2, size=600) > 0
    rows, failures = of_arrays.evaluate_arrays(factors, factors, ["mig", "sap_score", "irs"],
                                           say=lambda line: None)
    assert failures == {} and rows[0].value == pytest.approx(1)


@pytest.mark.parametrize("codes, factors, sentence", [
    (np.zeros((3, 150)), np.zeros((3, 150)), "Transpose codes and factors."),
    (np.zeros((150, 3)), np.full((150, 1), np.inf), "150 infinite entries"),
    (np.zeros((150, 3)), np.full((150, 1), np.nan), "150 missing values and no other"),
    (np.zeros((150, 3)), np.full((150, 1), ""), "150 missing values and no other"),
    ({"a": np.zeros(3), "b": np.zeros(2)}, np.zeros(3), "as many values in 'b' as in 'a'"),
    (np.zeros((3, 1)), {"a": np.zeros(3), "b": np.zeros(2)}, "2 values of 'b'"),
    (np.zeros((3, 1)), {}, "`factors`. Expected one column or more"),
    (np.zeros((3, 1)), np.full((3, 1), 1j), "truth values or dates"),
    (np.full((150, 3), 1j), np.zeros((150, 1)), "`codes`. Expected real numbers"),
    (np.full((150, 3), "a"), np.zeros((150, 1)), "`codes`. Expected real numbers"),
    (np.zeros((150, 3)), np.zeros((151, 1)), "150 rows")])
def test_arrays_that_cannot_be_meant(codes, factors, sentence):
    with pytest.raises(errors.InvalidArgumentError) as error:
        of_arrays.evaluate_arrays(codes, factors, say=lambda line: None)
    assert sentence in str(error.value)


def test_a_mistake_in_a_metric_does_not_lose_the_others(arrays, monkeypatch):
    def broken(codes, factors, random_state=0):
        raise KeyError("x")
    monkeypatch.setattr(of_arrays.catalog, "on_arrays", lambda names, with_factors: [
        catalog.Metric("broken", broken, catalog.FACTORS, "", ""),
        catalog.Metric("mig", mig.mig, catalog.FACTORS, "", "")])
    rows, failures = of_arrays.evaluate_arrays(*arrays, say=lambda line: None)
    assert isinstance(failures["broken"], KeyError) and [row.metric for row in rows] == ["mig"]


def test_codes_without_factors(arrays):
    rows, _ = of_arrays.evaluate_arrays(arrays[0], None, say=lambda line: None)
    assert {row.metric for row in rows} == {"hfs", "hoyer", "unsupervised"}
    with pytest.raises(errors.InvalidArgumentError, match="This one needs codes and factors"):
        of_arrays.evaluate_arrays(arrays[0], None, ["mig"])
    with pytest.raises(errors.InvalidArgumentError, match="This one needs a model"):
        of_arrays.evaluate_arrays(*arrays, ["log_likelihood"])
    with pytest.raises(errors.InvalidArgumentError, match="Did you mean 'mig'"):
        of_arrays.evaluate_arrays(*arrays, ["mgi"])


@pytest.mark.contract
def test_a_note_says_how_to_score_a_quantity_that_looks_like_names():
    random = np.random.RandomState(0)
    few = {"few": random.uniform(size=60), "name": [f"point {i}" for i in range(60)]}
    found = notes_of(few["few"], few)
    assert ("factor 0 (few) has 60 different values at 60 points: if they name the points, leave "
            "it out. If it is a quantity, name it in `continuous_factors` (--continuous_factors)"
            ) in found
    assert "factor 1 (name) has 60 different values at 60 points: if they name the points, " \
        "leave it out" in found
    assert "different" not in "".join(notes_of(few["few"], {"few": few["few"]},
                                               continuous_factors=["few"]))


@pytest.mark.contract
def test_scores_of_numbers_say_how_names_count():
    random = np.random.RandomState(0)
    shapes = random.choice(["cube", "ball", "cone"], size=60)
    values = {"shape": shapes, "size": random.randint(3, size=60), "flag": shapes == "cube",
              "label": random.choice(list("abcde"), size=60)}
    codes = random.standard_normal((60, 4))
    order = ["factor 0 (shape): ball, cone, cube count as the numbers 0, 1, 2",
             "factor 3 (label): a, b, c, d, ... count as the numbers 0, 1, 2, 3, ..."]
    assert [note for note in notes_of(codes, values, "r2_linear") if "count as" in note] == order
    for metric in ("mig", "sap_score"):         # which take them as classes
        assert "count as" not in "".join(notes_of(codes, values, metric))
    category = pandas.Categorical(shapes, ["cube", "ball", "cone"])
    assert "factor 0 (shape): cube, ball, cone count as the numbers 0, 1, 2" in notes_of(
        codes, pandas.DataFrame({"shape": category}), "smoothness")


def notes_of(codes, factors, metric="mig", **keywords):
    rows, failures = of_arrays.evaluate_arrays(codes, factors, [metric], say=lambda line: None,
                                               **keywords)
    assert not failures
    return rows[0].notes.split("; ") if rows[0].notes else []


def test_errors_name_the_factors_that_are_constant():
    codes = np.random.RandomState(0).standard_normal((50, 2))
    values = {"shape": ["cube"] * 50, "size": [1] * 50}
    _, failures = of_arrays.evaluate_arrays(codes, values, ["mig"], say=lambda line: None)
    assert ("only constant factors: factor 0 (shape), factor 1 (size)'. Give other factors or more "
            "points.") in str(failures["mig"])
    values["kind"] = np.arange(50) % 2
    _, failures = of_arrays.evaluate_arrays(codes, values, ["infomec"], say=lambda line: None)
    assert "at least two factors that vary. Received: factors='only factor 2 (kind)'" in str(
        failures["infomec"])
