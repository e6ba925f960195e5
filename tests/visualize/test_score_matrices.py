"""Pictures of the unified scores' matrices: which files, which squares, which lines."""
import json

import numpy as np
import pytest

from tf_disentangle import errors
from tf_disentangle.cli import evaluate
from tf_disentangle.visualize import score_matrices

MATRIX = np.array([[4.0, 0.0], [1.0, 3.0], [0.0, 0.0]])


def leave(directory, name, matrix, factor_names):
    directory.mkdir(exist_ok=True)
    (directory / f"{name}.json").write_text(
        json.dumps({"matrix": np.asarray(matrix).tolist(), "factor_names": factor_names}))


@pytest.mark.contract
def test_a_picture_of_each_kind(tmp_path):
    leave(tmp_path / "in", "mutual_information_matrix", MATRIX, ["$shape", "size"])
    leave(tmp_path / "in", "one", MATRIX[:, :1], ["shape"])
    paths = score_matrices.draw_score_matrices(tmp_path / "in", tmp_path / "out")
    assert [path.name for path in paths] == [
        "mutual_information_matrix.png", "mutual_information_matrix_pr.png",
        "mutual_information_matrix_dendrogram.png", "one.png", "one_pr.png"]
    assert sorted(tmp_path.joinpath("out").iterdir()) == sorted(paths)
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)


def test_a_warning_of_the_evaluation_is_in_the_pictures(tmp_path):
    leave(tmp_path / "artifacts", "one", MATRIX, ["a", "b"])
    plain = [path.read_bytes() for path in score_matrices.draw_score_matrices(
        tmp_path / "artifacts")]
    results = tmp_path / "results" / "json" / "evaluation_results.json"
    results.parent.mkdir(parents=True)
    results.write_text(json.dumps({"notes": ["warning: no latent is active", "something"]}))
    warned = [path.read_bytes() for path in score_matrices.draw_score_matrices(
        tmp_path / "artifacts")]
    assert len(warned) == 3 and all(a != b for a, b in zip(plain, warned))


@pytest.mark.property
def test_squares_show_shares_of_the_largest_entry():
    def blue_area(matrix):
        pixels = score_matrices.matrix_picture(np.asarray(matrix, float), ["a", "b"]).astype(int)
        # The colour of the largest entry; the bar holds a line of it in each picture.
        darkest = np.array([8, 48, 107])
        return np.count_nonzero(np.abs(pixels - darkest).max(axis=-1) < 3)
    one, two = blue_area([[1, 0], [0, 0]]), blue_area([[1, 0], [0, 1]])
    none = blue_area([[0, 0], [0, 0]])
    assert two - none == pytest.approx(2 * (one - none), rel=0.05) and one > 2 * none
    np.testing.assert_array_equal(score_matrices.matrix_picture(MATRIX, ["a", "b"]),
                                  score_matrices.matrix_picture(7 * MATRIX / 7, ["a", "b"]))


@pytest.mark.parametrize("text", ["{", "[]", '{"matrix": [[1.0]]}',
                                  '{"matrix": [[1.0]], "factor_names": ["a", "b"]}'])
def test_files_that_are_none(tmp_path, text):
    (tmp_path / "other.json").write_text(text)
    with pytest.raises(errors.UserError, match="other.json (holds|does not hold)"):
        score_matrices.draw_score_matrices(tmp_path)
    with pytest.raises(errors.UserError, match="evaluate unified_scores first"):
        score_matrices.draw_score_matrices(tmp_path / "empty")


@pytest.mark.contract
@pytest.mark.parametrize("metric, is_drawn", [("@unified_scores", True), ("@mine", False)])
def test_an_evaluation_by_unified_scores_is_drawn(tmp_path, capsys, metric, is_drawn):
    (tmp_path / "results" / "json").mkdir(parents=True)
    (tmp_path / "results" / "json" / "evaluation_config.json").write_text(
        json.dumps({"evaluation.evaluation_fn": metric}))
    leave(tmp_path / "artifacts", "matrix", MATRIX, ["a", "b"])
    evaluate._draw_matrices(tmp_path)
    assert (tmp_path / "artifacts" / "matrix_pr.png").is_file() == is_drawn
    assert ("Figures   " in capsys.readouterr().out) == is_drawn
    evaluate._draw_matrices(tmp_path / "nothing")
