"""JSON files: values that JSON has trouble with, and files that cannot be read."""
import numpy as np
import pytest

from tf_disentangle import errors, json_files


def test_numpy_values(tmp_path):
    values = {"f32": np.float32(0.5), "f64": np.float64(0.1), "i": np.int64(3),
              "b": np.bool_(True), "py": False, "none": None, "a": np.arange(4).reshape(2, 2),
              "t": (1, np.float32(2.0)), "d": {3: np.array([True])}, "s": "é", "z": np.array(7)}
    path = tmp_path / "x.json"
    json_files.save(values, path)
    assert json_files.load(path) == {
        "f32": 0.5, "f64": 0.1, "i": 3, "b": True, "py": False, "none": None,
        "a": [[0, 1], [2, 3]], "t": [1, 2.0], "d": {"3": [True]}, "s": "é", "z": 7}


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(errors.UserError, match="Cannot read"):
        json_files.load(tmp_path / "absent.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(errors.UserError, match="is not a JSON file"):
        json_files.load(tmp_path / "bad.json")


def test_what_json_cannot_hold_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "x.json"
    json_files.save({"a": 1}, path)
    with pytest.raises(errors.InvalidArgumentError, match=r"`x\['a'\]\[1\]`. Expected a finite"):
        json_files.save({"a": [1.0, np.inf]}, path)
    assert json_files.load(path) == {"a": 1} and list(tmp_path.iterdir()) == [path]
