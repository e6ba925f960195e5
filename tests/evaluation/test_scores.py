"""Scores as a table to read, as CSV and as JSON."""
import csv
import json

import pytest

from tf_disentangle import errors
from tf_disentangle.evaluation import scores

ROWS = [scores.Score("mig", "discrete_mig", 0.12345, 0.01, seconds=1.25),
        scores.Score("dci", "disentanglement", 0.5, seconds=2.0),
        scores.Score("dci", "completeness", -12.0, seconds=2.0)]


def test_rows_of_a_metric():
    rows = scores.rows_of("mig", {
        "discrete_mig": 0.5, "discrete_mig:standard_error": 0.1, "samples": [1, 2],
        "name": "text", "flag": True, "num_active_dims": 3, "elapsed_time": 7.0,
        "num_repeats": 4}, seconds=7.0)
    assert rows == [scores.Score("mig", "discrete_mig", 0.5, 0.1, None, None, 7.0),
                    scores.Score("mig", "num_active_dims", 3.0, seconds=7.0)]


def test_table():
    assert scores.as_table(ROWS) == [
        "metric  score               value  standard error  seconds",
        "mig     discrete_mig       0.1235          0.0100      1.2",
        "dci     disentanglement    0.5000                      2.0",
        "        completeness     -12.0000"]
    assert scores.as_table([]) == []


def test_files(tmp_path):
    csv_path, json_path = scores.write(ROWS, tmp_path / "new")
    with csv_path.open(newline="") as stream:
        read = list(csv.DictReader(stream))
    assert [row["score"] for row in read] == ["discrete_mig", "disentanglement", "completeness"]
    assert float(read[0]["value"]) == 0.12345 and read[1]["standard_error"] == ""
    assert [scores.Score(**row) for row in json.loads(json_path.read_text())] == ROWS


def test_a_number_that_is_none_leaves_the_files_as_they_were(tmp_path):
    paths = scores.write(ROWS, tmp_path)
    before = [path.read_text() for path in paths]
    with pytest.raises(errors.InvalidArgumentError, match="finite"):
        scores.write([ROWS[0]._replace(value=float("nan"))], tmp_path)
    assert [path.read_text() for path in paths] == before
    assert sorted(tmp_path.iterdir()) == sorted(paths)


@pytest.mark.parametrize("text", [
    "=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "a\rb=1",
    "=HYPERLINK(\"x\";\"y\")", "\uff1d1"])
def test_text_is_no_formula_in_a_spreadsheet(tmp_path, text):
    row = scores.Score(text, text, -0.5, 1e-9, low=-1.0, high=float(2))
    csv_path, json_path = scores.write([row], tmp_path)
    with csv_path.open(newline="") as stream:
        read, = csv.DictReader(stream)
    quote = "" if text.startswith("a") else "'"
    assert read["metric"] == read["score"] == quote + text.replace("\r", "\n")
    assert [float(read[name]) for name in ("value", "standard_error", "low", "high")] == [
        -0.5, 1e-9, -1.0, 2.0]
    assert json.loads(json_path.read_text())[0]["score"] == text


@pytest.mark.parametrize("text", ["mig", "a=b", "x-1", "-1", "+2.5", "1e-3", "", "a@b"])
def test_other_text_stays(tmp_path, text):
    csv_path, _ = scores.write([scores.Score(text, "score", 1.0)], tmp_path)
    with csv_path.open(newline="") as stream:
        assert next(csv.DictReader(stream))["metric"] == text
