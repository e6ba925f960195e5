"""Two lines are enough for images of any size: `bin/train` refuses none and says what it does."""
import json

import numpy as np
import PIL.Image
import pytest
import tensorflow as tf
from cli import test_programs

from tf_disentangle.cli import train
from tf_disentangle.evaluation import evaluate

RANDOM = np.random.RandomState(0)
SHORT = ["--gin_bindings=model.training_steps = 2", "--gin_bindings=model.batch_size = 4",
         "--gin_bindings=model.eval_steps = 1"]


@pytest.fixture(autouse=True)
def without_tracing():
    """Functions run as plain Python: tracing a step takes longer than two steps of it."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def photos(tmp_path, sizes):
    """A folder with a picture of each size, (height, width)."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for i, size in enumerate(sizes):
        pixels = RANDOM.randint(256, size=(*size, 3)).astype(np.uint8)
        PIL.Image.fromarray(pixels).save(folder / f"{i}.png")
    return folder


def trained(tmp_path, monkeypatch, capfd, lines, *flags):
    """The output of `bin/train` with a gin file of these lines."""
    (tmp_path / "mine.gin").write_text("\n".join([*lines, ""]))
    monkeypatch.chdir(tmp_path)
    code, out, err = test_programs.in_process(
        monkeypatch, capfd, train.main, "--gin_file", "mine.gin", *SHORT, *flags)
    assert code == 0, err
    return out, err


@pytest.mark.contract
@pytest.mark.parametrize("file, sizes, shape", [
    ("own_images.gin", [(28, 28)] * 6, "28x28x3"), ("own_images.gin", [(96, 96)] * 6, "96x96x3"),
    ("beta_vae.gin", [(33, 47)] * 6, "33x47x3"),
    ("own_images.gin", [(70, 50), (90, 200), (8, 9), (130, 64)], "64x64x3")])
def test_pictures_of_any_size(tmp_path, monkeypatch, capfd, file, sizes, shape):
    photos(tmp_path, sizes)
    lines = [f'include "{file}"', 'image_folder.path = "photos"',
             'dataset.name = "image_folder"'][:2 if file == "own_images.gin" else 3]
    out, err = trained(tmp_path, monkeypatch, capfd, lines, "--nofigures", "--noreport")
    assert f"Networks for images of {shape}: encoder with" in out
    assert f"{len(sizes)} pictures of the folder" in out and "Warning" not in out + err
    assert ("cropped to 64x64 pixels. Factors: none." in out) == (len(set(sizes)) > 1)


@pytest.mark.contract
def test_jl1_with_a_size_that_no_paper_has(tmp_path, monkeypatch, capfd):
    photos(tmp_path, [(28, 19)] * 5)
    out, _ = trained(
        tmp_path, monkeypatch, capfd, [
            'include "jl1.gin"', 'dataset.name = "image_folder"', 'image_folder.path = "photos"',
            "jacobian_l1.start_step = 1"], "--nofigures", "--noreport")
    assert "Networks for images of 28x19x3" in out and "jacobian" in out


@pytest.mark.contract
@pytest.mark.parametrize("channels, note", [
    (2, "Pictures show the 2 channels as red and green."),
    (4, "Pictures show the first 3 of 4 channels, as red, green and blue.")])
def test_two_and_four_channels_train_draw_and_are_scored(tmp_path, monkeypatch, capfd, channels,
                                                         note):
    images = RANDOM.randint(256, size=(300, 8, 9, channels)).astype(np.uint8)
    np.savez(tmp_path / "mine.npz", images=images)
    out, err = trained(tmp_path, monkeypatch, capfd, [
        'include "own_images.gin"', 'dataset.name = "npz"', 'npz.path = "mine.npz"',
        "encoder.num_latent = 3", "train.validation_fraction = 0.02", "train.validate_every = 1"])
    assert "Warning" not in out + err and note in out
    assert len(list((tmp_path / "runs/mine/figures").glob("*.png"))) >= 5
    results = json.loads((tmp_path / "runs/mine/results/json/train_results.json").read_text())
    assert results["best_step"] in (1, 2) and "6 images are held out" in out
    scores = evaluate.evaluate_with_gin(
        tmp_path / "runs/mine", tmp_path / "out", gin_config_files=["reconstruction_error.gin"],
        gin_bindings=["reconstruction_error.num_test = 20"])
    assert np.isfinite(scores["reconstruction_loss"]) and 0 < scores["mean_squared_error"] < 1


@pytest.mark.contract
@pytest.mark.parametrize("shape, line, sentence", [
    ((7, 7, 3), "", "Expected images of at least 8x8 pixels and at most 4 channels"),
    ((9, 9, 5), "", "Received: observation_shape=[9, 9, 5]. Resize the images or leave channels"),
    ((9, 9, 3), "train.validation_fraction = 1.5", "`validation_fraction`. Expected None or a"),
    ((9, 9, 3), "train.validation_fraction = 0.001", "leaves at least one of the 6 images"),
    ((9, 9, 3), "train.patience = 3", "`patience`. Expected None without images to evaluate"),
    ((36, 36, 3), "decoder.decoder_fn = @deconv_decoder", "Use decoder.decoder_fn = "
     "@fitted_decoder, which fits any size.")])
def test_bad_input_is_one_line_and_leaves_nothing(tmp_path, monkeypatch, capfd, shape, line,
                                                  sentence):
    np.savez(tmp_path / "mine.npz", images=RANDOM.randint(256, size=(6, *shape)).astype(np.uint8))
    (tmp_path / "mine.gin").write_text("\n".join([
        'include "own_images.gin"', 'dataset.name = "npz"', 'npz.path = "mine.npz"', line, ""]))
    monkeypatch.chdir(tmp_path)
    code, _, err = test_programs.in_process(
        monkeypatch, capfd, train.main, "--gin_file", "mine.gin",
        "--gin_bindings=model.training_steps = 300")
    assert code == 1 and sentence in err and err.count("\n") == 1
    assert not (tmp_path / "runs/mine").exists()
