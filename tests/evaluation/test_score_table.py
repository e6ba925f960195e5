"""`evaluation.score`: arrays in, a table out."""
import pickle
import subprocess
import sys

import numpy as np
import pytest

from tf_disentangle import errors, evaluation
from tf_disentangle.evaluation import comparison, score_table
from tf_disentangle.evaluation.metrics import mig


@pytest.fixture
def arrays():
    random = np.random.RandomState(0)
    factors = random.randint(5, size=(300, 2))
    return factors + 0.1 * random.standard_normal((300, 2)), factors


@pytest.fixture(params=["pandas", "without"])
def with_and_without_pandas(request, monkeypatch):
    if request.param == "pandas":
        pytest.importorskip("pandas")
    else:
        monkeypatch.setattr(score_table.importlib.util, "find_spec", lambda name: None)
    return request.param


def test_the_table(arrays, with_and_without_pandas, tmp_path):
    table = evaluation.score(*arrays, metrics="mig,hoyer")
    if with_and_without_pandas == "pandas":
        import pandas
        assert isinstance(table, pandas.DataFrame)
        assert type(table[["metric"]]) is pandas.DataFrame
        pandas.testing.assert_frame_equal(pickle.loads(pickle.dumps(table)), table)
        assert "seconds" not in repr(table.drop(columns=["value", "seconds"]))
    assert list(table.columns) == list(table) == ["metric", "score", "value", "seconds", "notes"]
    assert len(table) == 2 and list(table["metric"]) == ["mig", "hoyer"]
    assert table["value"][0] == mig.mig(*arrays)
    lines = str(table).splitlines()
    assert lines[0].split() == ["metric", "score", "value", "seconds"] and len(lines) == 3
    assert lines[1].split()[:3] == ["mig", "mig", f"{table['value'][0]:.4f}"]
    table.to_csv(tmp_path / "scores.csv")
    found = comparison.compare([tmp_path / "scores.csv"], [table], strict=False)
    assert list(found.rows) == ["mig.mig", "hoyer.hoyer"] and not found.left_out
    assert all(row.difference == 0 for row in found.rows.values())
    table.to_csv(tmp_path / "scores.csv", index=False)
    assert (tmp_path / "scores.csv").read_text() == table.to_csv(index=False)
    assert table.to_csv(index=False).startswith("metric,score,value,seconds,notes\nmig,mig,0.")


@pytest.mark.parametrize("arguments, sentence", [
    ({"metrics": ""}, "names of metrics, all, or quick"), ({"metrics": []}, "names of metrics"),
    ({"metrics": None}, "`metrics`"), ({"metrics": 3}, "`metrics`"),
    ({"metrics": [3]}, "names of metrics"), ({"random_seed": -1}, "`random_seed`"),
    ({"random_seed": 2**32}, "`random_seed`"), ({"num_resamples": -1}, "`num_resamples`"),
    ({"num_resamples": 1}, "`num_resamples`")])
def test_arguments_that_cannot_be_meant(arrays, arguments, sentence):
    with pytest.raises(errors.InvalidArgumentError, match=sentence):
        evaluation.score(*arrays, **{"metrics": "mig", **arguments})


def test_intervals_and_metrics_that_cannot_be_computed(arrays, with_and_without_pandas):
    codes, factors = arrays
    table = evaluation.score(codes, factors[:, :1] * 0.5, ["mig", "local_scores"], num_resamples=5)
    assert list(table.columns) == ["metric", "score", "value", "standard_error", "low", "high",
                                   "seconds", "notes"]
    values = list(table["low"])
    assert values[0] <= table["value"][0] + table["standard_error"][0] * 4
    # So few points have no dense neighbourhoods.
    assert table["metric"][1] == "local_scores" and table["notes"][1].startswith("left out: ")
    assert table["value"][1] is None or np.isnan(table["value"][1])
    with pytest.raises(errors.UserError,
                       match="None of the metrics could be computed. local_scores: "):
        evaluation.score(codes, factors, "local_scores")
    with pytest.raises(errors.InvalidArgumentError, match="Did you mean 'mig'"):
        evaluation.score(codes, factors, "mgi")


def test_progress_and_settings_are_passed_on(arrays):
    codes, factors = arrays
    lines = []
    codes[0, 0] = np.nan
    note = "1 of 300 points have missing codes and are left out"
    table = evaluation.score(
        codes, {"a": factors[:, 0], "b": factors[:, 1]}, "mig", say=lines.append,
        drop_missing=True, continuous_factors=["a"], discrete_factors=["b"])
    assert lines == ["[1/1] mig"]
    assert note in table["notes"][0] and f"Note  {note}" in str(table).splitlines()
    assert "factor 0 (a): continuous" in table["notes"][0]


def test_data_frames(arrays):
    pandas = pytest.importorskip("pandas")
    codes, factors = arrays
    frames = pandas.DataFrame(codes, columns=["x", "y"]), pandas.DataFrame(factors)
    assert evaluation.score(*frames, "mig")["value"][0] == mig.mig(codes, factors)


def test_it_needs_no_tensorflow():
    code = ("import sys, numpy as np\n"
            "import tf_disentangle.evaluation\n"
            "assert 'sklearn' not in sys.modules\n"
            "values = np.arange(60).reshape(30, 2) % 3\n"
            "print(tf_disentangle.evaluation.score(values, values, metrics='mig'))\n"
            "assert not {'tensorflow', 'keras', 'matplotlib'} & set(sys.modules)\n")
    done = subprocess.run([sys.executable, "-c", code], text=True, capture_output=True, check=True)
    assert "mig" in done.stdout


def test_unknown_names_of_the_package():
    with pytest.raises(AttributeError, match="has no attribute 'scoer'"):
        evaluation.scoer  # noqa: B018
