"""Result directories: layout, values that are refused, tables."""
import json
import uuid

import numpy as np
import pytest

from tf_disentangle import errors, json_files
from tf_disentangle.runs import results

GIN = """
# Parameters for dataset:
# ==============================================================================
dataset.name = 'dsprites_full'

vae.beta = 4.0
vae/AdamOptimizer.beta1 = 0.9
"""


def read(path):
    return json.loads(path.read_text())


def names(directory):
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*.*"))


def test_three_steps_carry_everything_along(tmp_path):
    results.update_result_directory(tmp_path / "a", "train", {"loss": 1.5}, GIN)
    results.update_result_directory(tmp_path / "b", "postprocess", {"elapsed_time": 2}, GIN,
                                    tmp_path / "a")
    written = results.update_result_directory(tmp_path / "c", "evaluation", {"mig": 0.25},
                                              "mig.num_train = 10", tmp_path / "b")
    steps = ("evaluation", "postprocess", "train")
    assert names(tmp_path / "c") == sorted(
        [f"aggregate/{s}.json" for s in steps] + [f"gin/{s}.gin" for s in steps]
        + [f"json/{s}_{kind}.json" for s in steps for kind in ("config", "results")])
    merged = read(tmp_path / "c" / "aggregate" / "evaluation.json")
    assert merged["evaluation_results.mig"] == 0.25
    assert merged["evaluation_results.uuid"] == written["uuid"]
    assert str(uuid.UUID(written["uuid"])) == written["uuid"]
    assert merged["evaluation_config.mig.num_train"] == "10"
    assert merged["train_config.vae/AdamOptimizer.beta1"] == "0.9"
    assert merged["train_config.dataset.name"] == "'dsprites_full'"
    assert merged["train_results.loss"] == 1.5
    assert "evaluation_results.mig" not in read(tmp_path / "c" / "aggregate" / "train.json")
    assert (tmp_path / "c" / "gin" / "train.gin").read_text() == GIN
    assert (tmp_path / "a/json/train_results.json").read_text().startswith('{\n  "loss": 1.5')


def test_writing_twice_replaces(tmp_path):
    results.update_result_directory(tmp_path / "a", "train", {"loss": 1}, GIN)
    for value in (1, 2):
        results.update_result_directory(tmp_path / "b", "evaluation", {"mig": value}, GIN,
                                        tmp_path / "a")
    assert read(tmp_path / "b/json/evaluation_results.json")["mig"] == 2
    before = names(tmp_path / "b")
    results.update_result_directory(tmp_path / "b", "evaluation", {"mig": 3}, GIN,
                                    tmp_path / "b")
    assert names(tmp_path / "b") == before


@pytest.mark.parametrize("value, key", [
    (float("nan"), r"results_dict\['x'\]"), (np.float32("inf"), r"results_dict\['x'\]"),
    ([1.0, np.nan], r"results_dict\['x'\]\[1\]"),
    ({"y": np.array([0, -np.inf])}, r"results_dict\['x'\]\['y'\]\[1\]")])
def test_nan_is_refused_by_name_and_nothing_is_written(tmp_path, value, key):
    with pytest.raises(errors.InvalidArgumentError, match=key + "`. Expected a finite number"):
        results.update_result_directory(tmp_path / "a", "train", {"x": value}, GIN)
    assert not (tmp_path / "a").exists()


def test_other_wrong_arguments(tmp_path):
    with pytest.raises(errors.InvalidArgumentError, match=r"results_dict\['x'\]"):
        results.update_result_directory(tmp_path, "train", {"x": {1, 2}}, GIN)
    with pytest.raises(errors.InvalidArgumentError, match="step='a/b'"):
        results.update_result_directory(tmp_path, "a/b", {}, GIN)
    with pytest.raises(errors.UserError, match="There is no result directory"):
        results.update_result_directory(tmp_path, "train", {}, GIN, tmp_path / "absent")


def test_namespaced_dict():
    assert results.namespaced_dict(a={"x": 1}, b={"x": 2, "y": 3}) == {
        "a.x": 1, "b.x": 2, "b.y": 3}


def test_aggregate(tmp_path):
    json_files.save({"x": 1, "only": [1, 2]}, tmp_path / "r" / "1" / "e.json")
    (tmp_path / "r" / "0").mkdir()
    (tmp_path / "r" / "0" / "e.json").write_text('{"x": NaN, "new": "a"}')
    out = tmp_path / "all.json"
    results.aggregate_results_to_json(str(tmp_path / "r" / "*" / "e.json"), out)
    paths = [str(tmp_path / "r" / i / "e.json") for i in "01"]
    assert read(out) == {"x": {"0": None, "1": 1}, "new": {"0": "a", "1": None},
                         "path": {"0": paths[0], "1": paths[1]},
                         "only": {"0": None, "1": [1, 2]}}
    assert results.load_aggregated_json_results(out) == {
        "x": [None, 1], "new": ["a", None], "path": paths, "only": [None, [1, 2]]}
    results.aggregate_results_to_json(str(tmp_path / "r" / "**" / "e.json"), out)
    assert results.load_aggregated_json_results(out)["path"] == paths


def test_rows_are_ordered_by_number(tmp_path):
    json_files.save({"x": {str(i): i for i in (10, 9, 0)}}, tmp_path / "t.json")
    assert results.load_aggregated_json_results(tmp_path / "t.json") == {"x": [0, 9, 10]}


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(errors.UserError, match="No result file matches"):
        results.aggregate_results_to_json(str(tmp_path / "*.json"), tmp_path / "out")
