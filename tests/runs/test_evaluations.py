"""Finished runs and their evaluations on disk, and the numbers that they end with."""
import pytest

from tf_disentangle import errors, json_files
from tf_disentangle.runs import evaluations, results, scores


def leave(folder, step, **values):
    json_files.save(values, results.results_path(folder, step))


@pytest.fixture
def run(tmp_path):
    """A run with two evaluations, one of them of an earlier model, and a validation."""
    run = tmp_path / "run"
    leave(run, results.TRAIN, uuid="a", loss=2, elapsed_time=3.5, note="x", ok=True)
    for name, uuid in (("mig", "a"), ("hoyer", "b")):
        folder = evaluations.folder_of(run, name)
        leave(folder, results.TRAIN, uuid=uuid)
        leave(folder, results.EVALUATION, score=0.5)
    leave(evaluations.folder_of(run, "validated"), results.VALIDATION, score=1)
    leave(evaluations.folder_of(run, ".dci.unfinished"), results.EVALUATION, score=1)
    return run


def test_what_lies_where(run, tmp_path):
    assert evaluations.folder_of(run) == run / "evaluation"
    assert evaluations.find_evaluations(run / "evaluation") == {
        "hoyer": run / "evaluation" / "hoyer", "mig": run / "evaluation" / "mig"}
    assert evaluations.find_evaluations(tmp_path / "nowhere") == {}
    assert evaluations.find_runs(f"{tmp_path}/**") == [run]
    with pytest.raises(errors.UserError, match="^No finished run matches the pattern 'no/"):
        evaluations.find_runs("no/*")


def test_an_evaluation_is_of_the_model_as_it_is_now(run):
    assert evaluations.is_of(run / "evaluation" / "mig", run)
    assert not evaluations.is_of(run / "evaluation" / "hoyer", run)
    assert not evaluations.is_of(run / "evaluation" / "validated", run)


def test_scores(run):
    with pytest.warns(UserWarning, match="^The evaluation hoyer in .*run is of an earlier model"):
        found = scores.scores_of(run)
    assert found == {"train.loss": 2.0, "train.elapsed_time": 3.5, "mig.score": 0.5}
    assert scores.only_scores({
        "loss": 2, "mig": 0.5, "mig:standard_error": 0.1, "elapsed_time": 3.5, "global_step": 9,
        "num_repeats": 4, "uuid": "a", "data_description": "x", "ok": True, "list": [1.0],
        "none": None}) == {"loss": 2, "mig": 0.5}


def test_evaluations_of_representations_are_found(run):
    leave(evaluations.folder_of(run, "mean/mig"), results.EVALUATION, score=0.25)
    leave(evaluations.folder_of(run, "mean/.dci.unfinished"), results.EVALUATION, score=1)
    assert list(evaluations.of_run(run)) == ["hoyer", "mig", "mean/mig"]
    leave(evaluations.folder_of(run, "hoyer"), results.TRAIN, uuid="a")
    # It does not say which model it is of.
    assert scores.scores_of(run)["mean/mig.score"] == 0.25
    assert evaluations.of_run(run / "nothing") == {}
