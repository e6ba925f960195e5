"""Files of scores that are not what their names say: one line each, and no wait."""
import os

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
