"""Arrays with continuous factors and missing values: what each score uses, and what it says."""
import numpy as np
import pytest

from tf_disentangle import errors, factors
from tf_disentangle.evaluation import catalog, of_arrays
from tf_disentangle.evaluation.metrics import dci, factor_vae, mcc, mig, r2, sap_score
from tf_disentangle.evaluation.metrics.common import factor_forms
from tf_disentangle.factors import binning

NUM = 300


@pytest.fixture(name="points")
def points_fixture():
    random = np.random.RandomState(0)
    values = np.stack([random.randint(3, size=NUM), random.randint(4, size=NUM),
                       random.randint(2, size=NUM)], axis=1)
    codes = values @ random.standard_normal((3, 4)) + 0.3 * random.standard_normal((NUM, 4))
    return codes, values, random


def scored(codes, values, metric, **keywords):
    rows, failures = of_arrays.evaluate_arrays(codes, values, [metric], say=lambda line: None,
                                               **keywords)
    assert failures == {}
    return {row.score: row.value for row in rows}, rows[0].notes or ""


DETERMINISTIC = ("mig", "mig_sup", "dcimig", "jemmig", "mig_continuous", "aam", "smoothness",
                 "monotonicity", "sap_score_threshold", "infomec")


@pytest.mark.parametrize("metric", DETERMINISTIC)
def test_points_without_a_factor_do_not_count(metric, points):
    codes, values, random = points
    missing = random.permutation(NUM)[:100]
    with_missing = values.astype(float)
    with_missing[missing] = np.nan
    # They would change every score, if they were used.
    codes[missing] = codes.mean(axis=0)
    found, said = scored(codes, with_missing, metric)
    expected, _ = scored(np.delete(codes, missing, axis=0), np.delete(values, missing, axis=0),
                         metric)
    assert found == pytest.approx(expected, abs=1e-12)
    assert "factor 0: 100 of 300 values are missing" in said and "factor 2: 100" in said


def test_each_factor_has_its_own_points(points):
    codes, values, random = points
    with_missing, expected = values.astype(float), []
    for k, rows in enumerate((slice(0, 0), slice(0, 50), slice(250, 300))):
        with_missing[rows, k] = np.nan
        own = np.delete(np.arange(NUM), rows)
        expected.append(mig.mig(codes[own], values[own][:, [k]]))
    found, said = scored(codes, with_missing, "mig")
    assert found["mig"] == pytest.approx(np.mean(expected), abs=1e-12)
    assert "factor 1: 50 of 300" in said and "factor 0" not in said
    # A score that needs all factors of a point uses the points that have all.
    found, said = scored(codes, with_missing, "dmig")
    assert found == scored(codes[50:250], values[50:250], "dmig")[0]
    assert "100 of 300 points have missing values and are left out" in said


def test_matrices_have_the_columns_of_each_factor(points):
    codes, values, _ = points
    with_missing = values.astype(float)
    with_missing[:60, 1] = np.nan
    halves = codes, with_missing, codes, with_missing
    own = codes[60:], values[60:, 1:2], codes[60:], values[60:, 1:2]
    rest = codes, values[:, [0, 2]], codes, values[:, [0, 2]]
    (first, last), (second,) = (r2.r2(*given)["r2_per_factor"] for given in (rest, own))
    assert r2.r2(*halves)["r2_per_factor"] == pytest.approx([first, second, last], abs=1e-12)
    assert sap_score.sap(*halves)["SAP_score"] == pytest.approx(np.mean([
        sap_score.sap(*own)["SAP_score"],
        *[sap_score.sap(codes, values[:, [k]], codes, values[:, [k]])["SAP_score"]
          for k in (0, 2)]]), abs=1e-12)
    informative = dci.dci(*halves, predictor=_stump, num_jobs=1)["informativeness_test"]
    assert informative == pytest.approx(np.mean([
        dci.dci(*own, predictor=_stump, num_jobs=1)["informativeness_test"],
        *[dci.dci(codes, values[:, [k]], codes, values[:, [k]], predictor=_stump,
                  num_jobs=1)["informativeness_test"] for k in (0, 2)]]), abs=1e-12)


def _stump():
    from sklearn import tree

    return tree.DecisionTreeClassifier(max_depth=2, random_state=0)


def test_groups_have_no_points_without_the_factor():
    # Each factor is a code; where it is missing, its code is noise that would lose the votes.
    random = np.random.RandomState(0)
    values = random.randint(3, size=(400, 2)).astype(float)
    codes = values + 0.01 * random.standard_normal((400, 2))
    values[:200, 0] = np.nan
    codes[:200, 0] = 3 * random.standard_normal(200)
    found = factor_vae.factor_vae(codes, values, codes, values, 20, 100, 100)
    assert found["eval_accuracy"] == 1.0


def test_continuous_factors_are_binned_and_the_result_says_so(points):
    codes, values, random = points
    position = random.uniform(size=NUM)
    codes[:, 0] += position
    given = {"position": position, "shape": np.array(["a", "b", "c"])[values[:, 0]]}
    found, said = scored(codes, given, "mig")
    bins = binning.bin_factor(position).bins
    assert found["mig"] == mig.mig(codes, np.stack([bins, values[:, 0]], axis=1))
    assert said == "factor 0 (position): continuous, 10 bins of equal frequency"
    # Those that take numbers get the numbers, and a monotone map can change them.
    found, said = scored(codes, given, "mcc")
    assert found == mcc.mcc(codes, np.stack([position, values[:, 0]], axis=1))
    assert said == "factor 1 (shape): a, b, c count as the numbers 0, 1, 2"
    with pytest.raises(errors.InvalidArgumentError, match="evaluate_arrays"):
        mig.mig(codes, position[:, None])


def test_what_the_user_says_counts_more_than_the_values(points):
    codes, values, _ = points
    age = np.arange(NUM) // 2 + values[:, 0]
    given = {"age": age, "shape": values[:, 0]}
    assert scored(codes, given, "mig")[1] == ""
    for listed in (["age"], [0]):
        assert "age): continuous" in scored(codes, given, "mig", continuous_factors=listed)[1]
    fractions = age / 7 + np.arange(NUM) / 1e4
    assert "age): continuous" in scored(codes, {"age": fractions}, "mig")[1]
    assert scored(codes, {"age": fractions}, "mig", discrete_factors=["age"])[1] == ""
    # A metric that treats both kinds differently is told which is which.
    assert scored(codes, given, "mig_continuous")[0] != scored(
        codes, given, "mig_continuous", continuous_factors=["age"])[0]


def test_bins_are_settings():
    column = np.append(np.arange(99.0), 1e6)
    assert binning.bin_factor(column).description == "10 bins of equal frequency"
    np.testing.assert_array_equal(np.bincount(binning.bin_factor(column).bins.astype(int)),
                                  np.full(10, 10))
    wide = binning.bin_factor(column, 4, "equal_width")
    np.testing.assert_array_equal(np.bincount(wide.bins.astype(int)), [99, 1])
    column[3] = np.nan
    assert np.flatnonzero(np.isnan(binning.bin_factor(column).bins)).tolist() == [3]
    for keywords in ({"num_bins": 1}, {"rule": "equal"}, {"num_bins": 2.5}):
        with pytest.raises(errors.InvalidArgumentError, match="factor_bins"):
            binning.bin_factor(column, **keywords)


def test_equal_values_share_a_bin():
    column = np.repeat([0.5, 1.5, 2.5], [80, 10, 10])
    assert len(np.unique(binning.bin_factor(column).bins)) == 3


def test_scores_that_can_use_neither_leave_a_factor_out(points):
    codes, values, random = points
    found, said = scored(codes, {"x": random.uniform(size=NUM), "male": values[:, 2] > 0},
                         "attribute_classification")
    assert "factor 0 (x): continuous, which this score cannot use" in said
    assert "test_accuracy_male" in found and "test_accuracy_x" not in found


def test_too_few_values(points):
    codes, values, _ = points
    with_missing = values.astype(float)
    with_missing[2:, 1] = np.nan
    found, said = scored(codes, with_missing, "dmig")
    assert found == scored(codes, values[:, [0, 2]], "dmig")[0]
    assert "factor 1: 298 of 300 values are missing" in said
    assert "factor 1 has a single value and is left out" in said
    # No point has both of two factors.
    with_missing[:, 1] = values[:, 1]
    with_missing[150:, 0] = np.nan
    with_missing[:150, 1] = np.nan
    rows, failures = of_arrays.evaluate_arrays(codes, with_missing, ["dmig", "mig"],
                                               say=lambda line: None)
    assert [row.metric for row in rows] == ["mig"]
    assert "at least 3 points without missing values" in str(failures["dmig"])


def test_intervals_of_mixed_and_missing_factors(points):
    codes, values, random = points
    given = {"x": codes[:, 0] + random.uniform(size=NUM), "y": values[:, 0].astype(float)}
    given["y"][:50] = np.nan
    for metric in ("mig", "sap_score", "hoyer"):
        rows, failures = of_arrays.evaluate_arrays(codes, given, [metric], num_resamples=3,
                                                   say=lambda line: None)
        assert failures == {} and rows[0].low is not None


def test_every_way_is_declared():
    ways = {metric.name: (metric.continuous, metric.by_factor) for metric in catalog.METRICS
            if metric.needs == catalog.FACTORS}
    assert {way for way, _ in ways.values()} == set(factor_forms.WAYS)
    assert ways["mig"] == ("binned", True) and ways["mcc"] == ("numbers", True)
    assert ways["local_scores"] == ("binned", False)


def test_discrete_complete_factors_are_passed_on_as_they_were():
    given = factors.record(np.array([[5, 1], [7, 1], [5, 2]]))
    codes = np.zeros((3, 1))
    found = factor_forms.of_arrays(codes, given, "binned", False)
    assert found[0] is codes and found[1] is given and given.matrix().dtype == np.int64
