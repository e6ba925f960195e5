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
    np.testing.assert_allclose(row, expected, rtol=1e-12, atol=0)
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
    assert found.rows["mig"] == comparison.compare(A, B).rows["score"]
    # Neither varies: nothing to test, whether the means agree or not.
    assert found.rows["dims"] == (3, 0, 3, 0, 0, None, None, None)
    assert comparison.compare([1, 1], [2, 2]).rows["score"].p_value is None
    # One side alone: t = -1.5 / (s / sqrt(2)) = -3 with s = 1 / sqrt(2), and its freedom, 1.
    row = comparison.compare([1, 1], [2, 3]).rows["score"]
    assert row[5:] == pytest.approx((-3, 1, 2 * stats.t.sf(3, 1)), rel=1e-12)


def test_table():
    runs = [{"mig": a, "a longer name": 2} for a in A], [{"mig": b, "a longer name": 2} for b in B]
    lines = str(comparison.compare(*runs, names=("jl1", "beta-VAE"))).splitlines()
    assert lines[0].split("  ")[0] == "score" and "jl1 (5 runs)" in lines[0]
    assert len(lines) == 3 and len(set(map(len, lines))) == 1
    assert "0.136 +- 0.021" in lines[1] and "0.05 +- 0.029" in lines[1] and "+0.086" in lines[1]
    p_value = comparison.compare(A, B).rows["score"].p_value
    assert lines[1].split()[-1] == f"{p_value:.2g}"
    assert lines[2].split()[-3:] == ["-", "-", "-"]


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
    with pytest.raises(errors.UserError, match="evaluation_results.json: No such file"):
        comparison.compare([tmp_path, tmp_path], [1, 2])


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
