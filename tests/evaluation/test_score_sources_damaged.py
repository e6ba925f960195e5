"""Files of scores that are not what their names say: one line each, and no wait."""
import json
import os

import pandas as pd
import pytest

from tf_disentangle import errors
from tf_disentangle.evaluation import score_sources


@pytest.mark.parametrize("content, message", [
    ('{"a": {"b": 1}}', "is not an aggregate of results"),
    (f'{{"a": {"9" * 500}}}', "holds no scores to compare")])
def test_damaged_files_of_scores(tmp_path, content, message):
    path = tmp_path / "scores.json"
    path.write_text(content)
    with pytest.raises(errors.UserError, match=message) as caught:
        score_sources.runs_in(path)
    assert str(path) in str(caught.value) and len(str(caught.value).splitlines()) == 1


def test_a_named_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "scores.json")
    with pytest.raises(errors.UserError, match="is not a file"):
        score_sources.runs_in(tmp_path / "scores.json")


def test_columns_of_one_name():
    frame = pd.DataFrame([[0.1, 0.2]], columns=["mig.mig", "mig.mig"])
    with pytest.raises(errors.UserError, match="more than one column called 'mig.mig' in a"):
        score_sources.runs_in(frame, "a")


def test_a_file_in_json_with_a_score_twice(tmp_path):
    row = {"metric": "mig", "score": "mig", "value": 0.1}
    (tmp_path / "scores.json").write_text(json.dumps([row, row]))
    with pytest.raises(errors.UserError, match="in row 1 of .*scores.json and again in row 2"):
        score_sources.runs_in(tmp_path)
