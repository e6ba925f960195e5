"""A run made small."""
import json
import pathlib
import shutil
import zipfile

import keras
import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle import errors, keras_files, models
from tf_disentangle.pretrained import packing
from tf_disentangle.runs import origin, scores, settings
from tf_disentangle.training import preparation


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A model in bfloat16 with many weights and an optimizer, in a file."""
    path = tmp_path_factory.mktemp("packing") / "model.keras"
    model = models.VAE()
    preparation.prepare_model(model, [16, 16, 1], optimizer=keras.optimizers.Adam(),
                              mixed_precision="mixed_bfloat16")
    model.step.assign(7)
    model.save(path)
    return path, model


def test_weights_in_half_precision(saved, tmp_path):
    path, model = saved
    packing.pack_model(path, tmp_path / "packed.keras")
    before, after = (tiny_run.arrays(each) for each in (path, tmp_path / "packed.keras"))
    assert set(after) == {name for name in before if not name.startswith("optimizer")}
    assert {value.dtype.name for value in after.values()} == {"float16", "int64"}
    packed = keras_files.load(tmp_path / "packed.keras")
    for ours, theirs in zip(packed.trainable_variables, model.trainable_variables):
        # Half a unit in the last of 11 binary digits.
        assert ours.dtype == "float32"
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=2**-11, atol=2**-25)
    assert int(packed.step.numpy()) == 7
    assert {layer.dtype_policy.name for layer in [*packed.encoder.layers, *packed.decoder.layers]
            } == {"float32"}
    assert (tmp_path / "packed.keras").stat().st_size < path.stat().st_size / 5


def test_packing_again_gives_the_same_file(saved, tmp_path):
    for name in ("a.keras", "b.keras"):
        packing.pack_model(saved[0], tmp_path / name)
    assert (tmp_path / "a.keras").read_bytes() == (tmp_path / "b.keras").read_bytes()
    packing.pack_model(tmp_path / "a.keras", tmp_path / "c.keras")
    assert (tmp_path / "a.keras").read_bytes() == (tmp_path / "c.keras").read_bytes()


def test_a_weight_that_is_too_large(saved, tmp_path):
    path, model = saved
    kernel = model.encoder.trainable_variables[0]
    kept = kernel.numpy()
    kernel.assign(kept + 1e5)
    model.save(tmp_path / "large.keras")
    kernel.assign(kept)
    with pytest.raises(errors.UserError, match="cannot be kept in float16: .* weight of 1e"):
        packing.pack_model(tmp_path / "large.keras", tmp_path / "packed.keras")
    assert not (tmp_path / "packed.keras").exists()


def test_a_run_keeps_what_is_needed_to_judge_it(tmp_path):
    source = pathlib.Path(tiny_run.finished_run())
    packing.pack_run(source, tmp_path / "packed")
    assert settings.settings_of(tmp_path / "packed") == settings.settings_of(source)
    assert scores.scores_of(tmp_path / "packed") == scores.scores_of(source)
    assert sorted(path.name for path in (tmp_path / "packed").iterdir()) == [
        "config.gin", "losses.jsonl", "model.keras", "results"]
    # Few weights stay as they are.
    ours, theirs = (tiny_run.arrays(each / "model.keras") for each in (tmp_path / "packed", source))
    assert ours and all(np.array_equal(ours[name], theirs[name]) for name in ours)
    with zipfile.ZipFile(tmp_path / "packed/model.keras") as archive:
        assert archive.testzip() is None


@pytest.mark.parametrize("place, kept", [
    ("pretrained:beta_vae_sprites", ["init_from"]), ("/home/somebody/run", None)])
def test_a_run_keeps_what_it_started_from_if_others_have_it(place, kept, tmp_path):
    source = tmp_path / "run"
    shutil.copytree(tiny_run.finished_run(), source)
    origin.note(source, "", {"place": place, "sha256": "0"})
    packing.pack_run(source, tmp_path / "packed")
    path = tmp_path / "packed/origin.json"
    assert (list(json.loads(path.read_text())) if path.exists() else None) == kept
    assert origin.initial_of(tmp_path / "packed") == (
        {"place": place, "sha256": "0"} if kept else None)
