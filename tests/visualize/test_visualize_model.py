"""From a run's directory, or a model in memory, to the files."""
import json
import pathlib

import pytest
from PIL import Image

from tf_disentangle import errors, models, networks, priors, reconstruction, visualize
from tf_disentangle.data import named_data
from tf_disentangle.runs import figures
from tf_disentangle.visualize import animated_traversals

OF_IMAGES = {"reconstructions.png", "samples.png", "traversals.png", "traversals.gif",
             "jacobian_columns.png", "jacobian_columns_top6.png"}
OF_FACTORS = {"factor_information.png", "factor_information.csv"}
OF_CLASSES = {"class_magnitudes.png", "class_magnitudes.csv", "class_traversals.png"}
OF_TWO_LATENTS = {f"{stem}.{ending}" for stem in ("aggregate_posterior", "posteriors")
                  for ending in ("png", "csv")}
OF_VECTORS = {f"{stem}.{ending}" for stem in ("reconstructions", "samples", "traversals")
              for ending in ("png", "csv")}
JACOBIAN = {"jacobian_columns.png", "jacobian_columns.csv"}
NAMES = OF_IMAGES | OF_FACTORS | OF_CLASSES
EFFECTS = {f"interventional_effects/interventional_effect.{ending}" for ending in ("png", "csv")}


def _are_whole(paths):
    """Every picture can be read, and is large enough to see."""
    for path in paths.values():
        if not path.endswith(".csv"):
            with Image.open(path) as picture:
                picture.load()
                assert min(picture.size) > 100


def _finished_run(directory, model, config):
    (directory / "results" / "json").mkdir(parents=True)
    model.save(directory / "model.keras")
    (directory / "results" / "json" / "train_config.json").write_text(json.dumps(config))


@pytest.mark.parametrize("channels", [1, 3])
def test_draw_all_writes_its_files_and_no_others(tmp_path, make_model, make_data, channels):
    shape = [16, 16, channels]
    (tmp_path / "mine.txt").write_text("kept")
    (tmp_path / "samples.png").write_text("old")
    paths = visualize.draw_all(make_model(shape, 7), make_data(shape), tmp_path,
                               num_examples=3, num_frames=6, fps=20)
    assert paths == {name: str(tmp_path / name) for name in NAMES}
    assert {path.name for path in tmp_path.iterdir()} == NAMES | {"mine.txt"}
    _are_whole(paths)
    with Image.open(paths["traversals.gif"]) as gif:
        assert (gif.n_frames, gif.info["duration"], gif.info["loop"]) == (6, 50, 0)


def test_the_same_seed_gives_the_same_files(tmp_path, make_model, make_data):
    model, data = make_model([16, 16, 1], 5), make_data([16, 16, 1])
    drawn = [visualize.draw_all(model, data, tmp_path / name, 2, 4, random_seed=seed)
             for name, seed in (("a", 1), ("b", 1), ("c", 2))]
    content = [{name: open(path, "rb").read() for name, path in paths.items()}
               for paths in drawn]
    assert content[0] == content[1]
    assert all(content[0][name] != content[2][name] for name in NAMES)


def test_visualize_takes_the_data_set_of_the_run(tmp_path, make_model, make_data,
                                                 monkeypatch):
    monkeypatch.setattr(named_data, "_constructors", dict(named_data._constructors))
    named_data.register_dataset("pictures_test")(lambda: make_data([16, 16, 1]))
    model = make_model([16, 16, 1], 5)
    _finished_run(tmp_path, model, {"dataset.name": "%DATA", "DATA": "'pictures_test'"})
    paths = visualize.visualize(tmp_path, num_examples=2, num_frames=2, num_animations=0,
                                num_points_irs=0)
    assert set(paths) == NAMES
    assert paths["samples.png"] == str(tmp_path / "figures" / "samples.png")
    in_memory = visualize.draw_all(model, make_data([16, 16, 1]), tmp_path / "other", 2, 2)
    for name in NAMES:
        assert _content(paths[name]) == _content(in_memory[name])


def _content(path):
    return pathlib.Path(path).read_bytes()


def test_animations_effects_and_what_the_run_has_logged(tmp_path, make_model, make_data):
    data = make_data([8, 8, 3])
    _finished_run(tmp_path, make_model([8, 8, 3], 3), {})
    (tmp_path / "losses.jsonl").write_text('{"step": 1, "loss": 2.0}\n')
    paths = visualize.visualize(tmp_path, num_examples=2, num_frames=4, num_animations=1,
                                num_points_irs=50, ground_truth_data=data)
    animated = {f"animated_traversals/{kind}_cycle0.gif" for kind in animated_traversals.KINDS}
    assert set(paths) == NAMES | EFFECTS | animated | {"losses.png", "losses.csv"}
    _are_whole(paths)
    with Image.open(paths["animated_traversals/conf_interval_cycle0.gif"]) as gif:
        assert gif.n_frames == 4
    assert figures.are_current(tmp_path)
    again = visualize.visualize(tmp_path, num_examples=2, num_frames=2, num_animations=0,
                                num_points_irs=0, ground_truth_data=data)
    assert not set(again) & (EFFECTS | animated)    # and what is not drawn again is gone
    assert not (tmp_path / "figures" / "animated_traversals").exists()


def test_pictures_in_folders_are_not_drawn_through_links(tmp_path, make_model, make_data):
    run, outside = tmp_path / "run", tmp_path / "outside"
    _finished_run(run, make_model([8, 8, 1], 2), {})
    (run / "figures").mkdir()
    outside.mkdir()
    (run / "figures" / "animated_traversals").symlink_to(outside)
    with pytest.raises(errors.UserError, match="animated_traversals is a link to "):
        visualize.visualize(run, ground_truth_data=make_data([8, 8, 1]))
    assert not list(outside.iterdir()) and len(list((run / "figures").iterdir())) == 1


def test_damaged_results_are_a_warning(tmp_path, make_model, make_data):
    _finished_run(tmp_path, make_model([3], 2), {})
    json_folder = tmp_path / "evaluation" / "local_scores" / "results" / "json"
    json_folder.mkdir(parents=True)
    for name in ("train_results.json", "evaluation_results.json"):
        (json_folder / name).write_text("{")
    with pytest.warns(UserWarning, match="local_scores.png is not drawn: .* is not a JSON file"):
        drawn = visualize.visualize(tmp_path, ground_truth_data=make_data([3]), num_points_irs=0)
    assert "samples.png" in drawn


def test_pictures_of_two_latents_come_with_two_latents(tmp_path, make_model, make_data):
    data = make_data([16, 16, 1])
    data.factors_num_values = [2, 2]            # so that neither is a class
    data.sample_factors = lambda num, random_state: random_state.randint(2, size=(num, 2))
    for num_latent, more in ((2, OF_TWO_LATENTS), (3, set())):
        paths = visualize.draw_all(make_model([16, 16, 1], num_latent), data,
                                   tmp_path / str(num_latent), 2, 2)
        assert set(paths) == OF_IMAGES | OF_FACTORS | more


def make_pinwheel_model():
    return models.VAE(
        encoder=networks.make_gaussian_encoder([2], 2, networks.mlp_encoder),
        decoder=networks.make_decoder(2, [2], networks.mlp_decoder),
        prior=priors.GaussianMixturePrior(kl_mode="monte_carlo"),
        reconstruction_loss=reconstruction.NormalLoss())


def test_points_of_the_plane(tmp_path):
    model = make_pinwheel_model()
    model.build((None, 2))
    paths = visualize.draw_all(model, named_data.get_named_ground_truth_data("pinwheel"), tmp_path)
    # The Jacobian is left out: the decoder has two outputs per value.
    assert set(paths) == OF_VECTORS | OF_FACTORS | OF_TWO_LATENTS | {
        "class_magnitudes.png", "class_magnitudes.csv"}
    _are_whole(paths)


def test_vectors_of_another_length(tmp_path, make_model, make_data):
    paths = visualize.draw_all(make_model([5], 3), make_data([5]), tmp_path, 2, 2)
    assert set(paths) == OF_VECTORS | JACOBIAN | OF_FACTORS | {
        "class_magnitudes.png", "class_magnitudes.csv"}


def test_an_unfinished_run_is_one_line(tmp_path):
    with pytest.raises(errors.UserError) as error:
        visualize.visualize(tmp_path)
    assert str(error.value) == (
        f"There is no model.keras in {tmp_path}: no run there has finished. "
        "bin/train with the same model_dir continues it.")


def test_what_is_wrong_with_a_run_is_one_line(tmp_path, make_model):
    _finished_run(tmp_path, make_model([4, 4, 1], 2), {})
    with pytest.raises(errors.UserError, match="names no data set. Bind dataset.name, as"):
        visualize.visualize(tmp_path)
    (tmp_path / "model.keras").write_text("no zip")
    with pytest.raises(errors.UserError, match="^Cannot load .*model.keras: it is not a complete "
                       "zip archive. The file is damaged. bin/train with the same") as error:
        visualize.visualize(tmp_path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("argument, value", [
    ("num_examples", 0), ("num_frames", 1), ("fps", 0), ("random_seed", -1),
    ("num_animations", -1), ("num_points_irs", -1)])
def test_arguments_are_checked_before_anything_is_written(tmp_path, make_model, make_data,
                                                          argument, value):
    with pytest.raises(errors.InvalidArgumentError, match=f"`{argument}`.*={value}"):
        visualize.draw_all(make_model([4, 4, 1], 2), make_data([4, 4, 1]), tmp_path / "new",
                           **{argument: value})
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("shape, given, message", [
    ([4, 4, 1], [8, 8, 1], r"images of shape \[4, 4, 1\], as the model takes"),
    ([4, 4, 5], [4, 4, 5], r"a model of images \[height, width, 1 to 4\]")])
def test_images_that_do_not_fit_are_refused(tmp_path, make_model, make_data, shape, given,
                                            message):
    with pytest.raises(errors.InvalidArgumentError, match=message):
        visualize.draw_all(make_model(shape, 2), make_data(given), tmp_path)
