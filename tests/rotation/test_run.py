"""A rotated run made from a finished one."""
import types

import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle import errors, json_files, rotation, trained
from tf_disentangle.evaluation import evaluate
from tf_disentangle.rotation import run
from tf_disentangle.runs import directory, results, settings


@pytest.mark.smoke
def test_it_is_a_finished_run(tmp_path):
    source = tiny_run.copy_of_finished_run(tmp_path)
    before = tiny_run.files_of(source)
    report, figure = run.rotate_run(source, num_images=64)
    target = tmp_path / "copy_rotated"
    assert tiny_run.files_of(source) == before
    assert figure == str(target / "figures" / "columns_side_by_side.png")
    old, new = trained.load_model(source), trained.load_model(target)
    images = tiny_run.TinyData().sample_observations(8, np.random.RandomState(0))
    np.testing.assert_allclose(new.representation(images),
                               old.representation(images) @ np.array(report["rotation"]),
                               rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(rotation.rotation_of(new), report["rotation"], rtol=0, atol=1e-6)
    assert settings.dataset_name(target) == "tiny"
    kept = json_files.load(results.json_path(target, "rotate_results"))
    assert kept["criterion_after"] == report["criterion_after"] <= kept["criterion_before"]
    config = json_files.load(results.json_path(target, "rotate_config"))
    assert config["rotate.model_dir"] == repr(str(source)) and config["rotate.num_images"] == "64"
    for name in ("train_results", "train_config"):
        assert json_files.load(results.json_path(target, name)) == json_files.load(
            results.json_path(source, name))
    with pytest.raises(errors.UserError, match="already holds a run"):
        run.rotate_run(source, num_images=64)
    again, _ = run.rotate_run(source, num_images=64, overwrite=True)
    assert again["rotation"] == report["rotation"]


@pytest.mark.contract
def test_it_is_evaluated_and_the_representation_has_the_same_codes(tmp_path):
    source = tiny_run.copy_of_finished_run(tmp_path)
    run.rotate_run(source, tmp_path / "rotated", num_images=100)
    bindings = ["evaluation.evaluation_fn = @mig", "mig.num_train = 200",
                "dataset.name = 'auto'", "discretizer.discretizer_fn = @histogram_discretizer",
                "discretizer.num_bins = 20"]
    rotated = evaluate.evaluate_with_gin(tmp_path / "rotated", tmp_path / "a",
                                         gin_bindings=bindings)
    represented = evaluate.evaluate_with_gin(
        source, tmp_path / "b", gin_bindings=[
            *bindings, "postprocess.postprocess_fn = @rotated_representation",
            "rotated_representation.num_images = 100"])
    plain = evaluate.evaluate_with_gin(source, tmp_path / "c", gin_bindings=bindings)
    # Rounding can move a code to another bin.
    assert represented["discrete_mig"] == pytest.approx(rotated["discrete_mig"], abs=0.01)
    assert abs(plain["discrete_mig"] - rotated["discrete_mig"]) > 0.001


@pytest.mark.parametrize("arguments, message", [
    ({"output_dir": "copy"}, "needs a directory outside"),
    ({"output_dir": "copy/results/../a/b"}, "needs a directory outside"),
    ({"criterion": "l2"}, "`criterion`"), ({"num_images": 0}, "`num_images`"),
    ({"random_seed": 2**32}, "`random_seed`"), ({"random_seed": -1}, "`random_seed`")])
def test_what_is_refused_leaves_nothing(tmp_path, monkeypatch, arguments, message):
    tiny_run.copy_of_finished_run(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(errors.UserError, match=message):
        run.rotate_run("copy", **arguments)
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


@pytest.mark.parametrize("shape, is_drawn", [
    ([8, 8, 1], True), ([8, 8, 3], True), ([5], True), ([8, 8, 2], False), ([8, 8], False)])
def test_what_is_drawn(tmp_path, monkeypatch, shape, is_drawn):
    monkeypatch.setattr(run.columns_side_by_side, "draw_side_by_side",
                        lambda models, *_, **__: [name for name, _ in models])
    model, run_ = types.SimpleNamespace(observation_shape=shape), directory.ModelDirectory(tmp_path)
    found = run._draw(run_, run_, model, model, None, 0)
    assert found == ([tmp_path.name, "rotated"] if is_drawn else None)


def test_an_unfinished_run_is_not_deleted(tmp_path):
    source = tiny_run.copy_of_finished_run(tmp_path)
    target = tmp_path / "other"
    target.mkdir()
    (target / "config.gin").write_text("vae.beta = 1\n")
    (target / "losses.jsonl").write_text("{}\n")
    with pytest.raises(errors.UserError, match="already holds a run"):
        run.rotate_run(source, target, num_images=8)
    assert sorted(path.name for path in target.iterdir()) == [
        ".lock", "config.gin", "losses.jsonl"]
