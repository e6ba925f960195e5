"""Two models over several runs."""
import json

import numpy as np
import pytest
from scipy import stats

from tf_disentangle import errors
from tf_disentangle.evaluation import comparison

A = [0.12, 0.15, 0.11, 0.16, 0.14]
B = [0.05, 0.02, 0.09, 0.04]


def test_welch_by_its_formula():
    row = comparison.compare(A, B).rows["score"]
    variances = np.var(A, ddof=1) / 5, np.var(B, ddof=1) / 4
    t = (np.mean(A) - np.mean(B)) / np.sqrt(sum(variances))
    df = sum(variances) ** 2 / (variances[0] ** 2 / 4 + variances[1] ** 2 / 3)
    expected = (np.mean(A), np.std(A, ddof=1), np.mean(B), np.std(B, ddof=1),
                np.mean(A) - np.mean(B), t, df, 2 * stats.t.sf(abs(t), df))
    np.testing.assert_allclose(row[:8], expected, rtol=1e-12, atol=0)
    assert comparison.compare(B, A).rows["score"].t == pytest.approx(-t, rel=1e-12)


def test_p_values_of_equal_models_are_uniform():
    random_state = np.random.RandomState(0)
    values = [comparison.compare(random_state.normal(size=6), 3 * random_state.normal(size=9)
                                 ).rows["score"].p_value for _ in range(400)]
    # Welch's test is close to its level with unequal spreads and numbers; 1.63 / sqrt(400) is
    # what a distance from the uniform exceeds once in 100.
    assert stats.kstest(values, "uniform").statistic < 1.63 / 20


def test_dicts_and_what_is_left_out():
    runs_a = [{"mig": a, "samples": [1, 2], "uuid": "x", "dims": 3} for a in A]
    runs_b = [{"dims": 3, "mig": b} for b in B]
    found = comparison.compare(runs_a, runs_b)
    assert list(found.rows) == ["mig", "dims"] and found.num_runs == (5, 4)
    assert found.rows["mig"] == comparison.compare(A, B).rows["score"]  # one test: Holm is as p
    # Neither varies: nothing to test, whether the means agree or not.
    assert found.rows["dims"] == (3, 0, 3, 0, 0, *[None] * 7)
    assert comparison.compare([1, 1], [2, 2]).rows["score"].p_value is None
    # One side alone: t = -1.5 / (s / sqrt(2)) = -3 with s = 1 / sqrt(2), and its freedom, 1.
    row = comparison.compare([1, 1], [2, 3]).rows["score"]
    assert row[5:8] == pytest.approx((-3, 1, 2 * stats.t.sf(3, 1)), rel=1e-12)


def test_table():
    runs = [{"mig": a, "a longer name": 2} for a in A], [{"mig": b, "a longer name": 2} for b in B]
    lines = str(comparison.compare(*runs, names=("jl1", "beta-VAE"))).splitlines()
    assert lines[0].split("  ")[0] == "score" and "jl1 (5 runs)" in lines[0]
    assert len(lines) == 3 and len(set(map(len, lines))) == 1
    assert "0.136 +- 0.021" in lines[1] and "0.05 +- 0.029" in lines[1] and "+0.086" in lines[1]
    p_value = comparison.compare(A, B).rows["score"].p_value
    assert lines[1].split()[-1] == f"{p_value:.2g}"
    assert lines[0].split()[-4:] == ["g", "p", "p", "(Holm)"]
    assert lines[2].split()[-4:] == ["-", "-", "-", "-"]


def test_result_files_and_directories(tmp_path):
    for index, score in enumerate(A):
        folder = tmp_path / str(index) / "results" / "json"
        folder.mkdir(parents=True)
        (folder / "evaluation_results.json").write_text(json.dumps(
            {"mig": score, "elapsed_time": 3.5 + index, "uuid": "x", "samples": [1]}))
    directories = [str(tmp_path / str(index)) for index in range(5)]
    files = [tmp_path / str(index) / "results/json/evaluation_results.json" for index in range(4)]
    found = comparison.compare(directories, files)
    assert found.rows == {"mig": comparison.compare(A, A[:4]).rows["score"]}


@pytest.mark.parametrize("text, message", [
    ("{", "not a JSON file"), ("[1]", "not hold a dict of results, but a list"),
    ('{"mig": NaN}', "no scores to compare: mig is not a number"),
    ('{"uuid": "x"}', "no scores to compare"),
    (b"\xff\xfe", "not a JSON file")])
def test_damaged_files(tmp_path, text, message):
    path = tmp_path / "evaluation_results.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(errors.UserError, match=message) as caught:
        comparison.compare([path, path], [1, 2])
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_absent_files(tmp_path):
    with pytest.raises(errors.UserError, match="neither a finished run nor a folder of scores"):
        comparison.compare([tmp_path, tmp_path], [1, 2])
    with pytest.raises(errors.UserError, match="absent.json: No such file"):
        comparison.compare([tmp_path / "absent.json"], [1, 2])
    with pytest.raises(errors.UserError, match="There is no file .*absent.csv"):
        comparison.compare([tmp_path / "absent.csv"], [1, 2])


@pytest.mark.parametrize("arguments, message", [
    (([1.0], [1, 2]), "`results_a`.*two runs.*1 runs"), (([1, 2], []), "`results_b`.*two runs"),
    (("run", [1, 2]), "`results_a`.*list"), ((3.0, [1, 2]), "`results_a`.*list"),
    (([1, 2], {"mig": 1}), "`results_b`.*list"),
    (([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 2, "b": 3}]), r"`results_b\[1\]`.*Not in both: b\."),
    (([{"a": 1}, {"b": 2}], [1, 2]), r"`results_a\[1\]`.*Not in both: a, b\."),
    (([1, np.nan], [1, 2]), r"`results_a\[1\]`.*finite"), (([1, [2]], [1, 2]), "number or a dict"),
    (([1, 2], [1, 2], "ab"), "`names`")])
def test_wrong_arguments(arguments, message):
    with pytest.raises(errors.InvalidArgumentError, match=message):
        comparison.compare(*arguments)


def test_holm_by_hand():
    # Example of Holm's procedure: .005 x 4, .01 x 3, then .03 x 2, and .04 cannot be less.
    np.testing.assert_allclose(comparison.holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02],
                               rtol=1e-12)
    assert comparison.holm([0.5, 0.9]).tolist() == [1, 1] and comparison.holm([]).tolist() == []
    rows = comparison.compare([{"a": x, "b": 2 * x, "c": 1} for x in A],
                              [{"a": y, "b": 1 - y, "c": 1} for y in B]).rows
    expected = comparison.holm([rows["a"].p_value, rows["b"].p_value])
    assert (rows["a"].p_holm, rows["b"].p_holm) == tuple(expected) and rows["c"].p_holm is None


def test_effect_size_against_students_t():
    # d = t sqrt(1 / n_a + 1 / n_b) with Student's t, which pools the variances; and in Hedges'
    # table, J(7) = 0.888 and J(2) = 0.564.
    d = stats.ttest_ind(A, B).statistic * np.sqrt(1 / 5 + 1 / 4)
    assert comparison.hedges_g(A, B) / d == pytest.approx(0.888, abs=5e-4)
    d = stats.ttest_ind([1, 2], [4, 6]).statistic
    assert comparison.hedges_g([1, 2], [4, 6]) / d == pytest.approx(0.564, abs=5e-4)
    assert comparison.compare(A, B).rows["score"].hedges_g == comparison.hedges_g(A, B)
    assert comparison.hedges_g([1], [2, 3]) is None and comparison.hedges_g([1, 1], [2, 2]) is None


def test_effect_size_is_unbiased():
    random_state = np.random.RandomState(0)
    found = [comparison.hedges_g(random_state.normal(0.8, size=4), random_state.normal(size=3))
             for _ in range(4000)]
    assert abs(np.mean(found) - 0.8) < 4 * np.std(found) / np.sqrt(4000)
    # Without the correction it would be 0.8 / J(5), 19 % more: 10 such errors away.
    assert 0.8 * 0.19 > 8 * np.std(found) / np.sqrt(4000)


def test_interval_by_its_formula():
    row = comparison.compare(A, B).rows["score"]
    half = stats.t.ppf(0.975, row.degrees_of_freedom) * row.difference / row.t
    assert (row.low, row.high) == pytest.approx(
        (row.difference - half, row.difference + half), rel=1e-9)


def test_a_single_run():
    found = comparison.compare([1.0], [2.0, 3.0], strict=False)
    assert found.rows["score"][:5] == (1, None, 2.5, pytest.approx(0.5 ** 0.5), -1.5)
    assert found.rows["score"][5:] == (None,) * 7
    assert "a has a single run, which says nothing about the spread between runs:" in str(found)
    assert "1  2.5 +- 0.71  " in str(found)


def test_scores_that_some_runs_lack_are_named():
    runs = [{"x": 1, "y": 2, "z": 3}, {"x": 2, "y": 3}], [{"x": 3, "w": 1}, {"x": 5, "w": 2}]
    found = comparison.compare(*runs, names=("jl1", "vae"), strict=False)
    assert list(found.rows) == ["x"]
    assert found.left_out == {"y": (2, 0), "z": (1, 0), "w": (0, 2)}
    assert found.remarks() == [
        "Left out, because only in 2 of 2 runs of jl1 and 0 of 2 runs of vae: y",
        "Left out, because only in 1 of 2 runs of jl1 and 0 of 2 runs of vae: z",
        "Left out, because only in 0 of 2 runs of jl1 and 2 of 2 runs of vae: w"]
    with pytest.raises(errors.UserError, match="no score that all runs have. .* have x; and w"):
        comparison.compare([{"x": 1}], [{"w": 1}], strict=False)
    with pytest.raises(errors.InvalidArgumentError, match="`results_a`.*at least one run"):
        comparison.compare([], [{"w": 1}], strict=False)
