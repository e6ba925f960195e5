"""Pictures of data sets: what a factor changes in each kind of data, and errors in one line."""

import numpy as np
import PIL.Image
import pytest
from helpers import programs, tiny_run

from tf_disentangle import data, errors
from tf_disentangle import factors as factors_lib
from tf_disentangle.cli import visualize_dataset as program
from tf_disentangle.data import image_set, named_data
from tf_disentangle.visualize import channels, factor_walks, visualize_dataset


def walker(ground_truth_data, seed=0):
    return factor_walks.Walker(ground_truth_data, np.random.RandomState(seed))


def test_a_factor_of_a_simulator_varies_alone():
    found = walker(tiny_run.TinyData())
    assert found.varying == [0, 1]
    walk = found.walk(1, 4)
    assert (walk.name, walk.labels) == ("factor_1", ["0", "5", "10", "15"])
    base = np.random.RandomState(0).randint(16, size=(1, 2))[0]
    expected = tiny_run.TinyData().sample_observations_from_factors(
        np.array([[base[0], value] for value in (0, 5, 10, 15)]), None)
    np.testing.assert_array_equal(walk.observations, expected)
    assert found.start(1) == base[1] / 15
    np.testing.assert_array_equal(found.at(1, [0, 1, 0]).observations, expected[[0, 3, 0]])


def labelled(**columns):
    """Images whose pixels are all the number of the image, with factors."""
    number = len(next(iter(columns.values())))
    images = np.broadcast_to((np.arange(number) / number).reshape(-1, 1, 1, 1), (number, 4, 4, 1))
    return image_set.ImageSet(images.astype(np.float32), factors_lib.record(columns))


def rows_of(walk, number):
    return np.rint(walk.observations[:, 0, 0, 0] * number).astype(int).tolist()


def test_a_collection_gives_the_images_that_are_most_alike():
    kind = ["a", "a", "b", "b", "c", "c"]
    size = [1, 2, 2, 1, 1, 3]
    found = walker(labelled(kind=kind, size=size))
    walk = found.walk(0, 10)
    assert walk.labels == ["a", "b", "c"]
    base = int(found._base[1])              # the number of the size, and the row that has it
    assert rows_of(walk, 6) == [[0, 3, 4], [1, 2, 4], [0, 2, 5]][base]


@pytest.mark.parametrize("left_out, repeats, words", [
    (0, 1, "The others stay as they are."),
    (0, 2, "The others stay as they are; what no factor sets is drawn at random."),
    (1, 1, "The data set does not have every combination: ")])
def test_says_whether_a_collection_is_a_complete_grid(left_out, repeats, words):
    grid = np.tile(np.argwhere(np.ones([3, 4, 2], bool)), (repeats, 1))[left_out:]
    data_set = labelled(**dict(zip("abc", grid.T)))
    assert data_set.has_every_combination == (not left_out)
    assert visualize_dataset._others(data_set).startswith(words)
    if not left_out:                        # the walk leaves the other factors as they are
        found = walker(data_set)
        rows = grid[rows_of(found.walk(1, 9), len(grid))]
        base = found._base
        assert rows.tolist() == [[base[0], value, base[2]] for value in range(4)]


def test_a_grid_with_a_missing_value_is_not_complete():
    data_set = labelled(a=[0, 0, 1, 1, 0], b=[0, 1, 0, 1, np.nan])
    assert not data_set.has_every_combination


def test_continuous_factors_and_missing_values():
    random = np.random.RandomState(0)
    weight = random.random_sample(300)
    weight[::7] = np.nan
    walk = walker(labelled(weight=weight, kind=np.arange(300) % 2)).walk(0, 5)
    rows = rows_of(walk, 300)
    assert walk.labels == [f"{weight[row]:.3g}" for row in rows]
    assert len({row % 2 for row in rows}) == 1          # the other factor stays
    np.testing.assert_allclose(weight[rows], np.nanquantile(weight, np.linspace(0, 1, 5)),
                               atol=0.05)


def test_a_set_without_some_combinations_is_read_as_a_collection():
    class Holes(data.GroundTruthData):
        factors_num_values, observation_shape = [2, 2], [4, 4, 1]
        num_observations = 3

        def factors_at(self, indices):
            return np.array([[0, 0], [0, 1], [1, 1]])[indices]

        def observations_at(self, indices, random_state):
            return np.broadcast_to(np.asarray(indices).reshape(-1, 1, 1, 1) / 3, (
                len(indices), 4, 4, 1))

        def sample_factors(self, num, random_state):
            return np.zeros([num, 2], int)

        def sample_observations_from_factors(self, factors, random_state):
            raise errors.InvalidArgumentError("factors", "other", factors.tolist())
    assert rows_of(walker(Holes()).walk(0, 2), 3) == [0, 2]


def images_of(paths, name):
    with PIL.Image.open(paths[name]) as picture:
        picture.load()
        return getattr(picture, "n_frames", 1), np.asarray(picture.convert("RGB"))


@pytest.mark.parametrize("kind", [tiny_run.TinyData, tiny_run.TinyColourData])
def test_all_pictures_of_images(tmp_path, kind):
    paths = visualize_dataset.draw_dataset(kind(), tmp_path / "new", "tiny", 2, 3)
    assert set(paths) == {"examples.png", "factors.png", "variations_of_factor0.png",
                          "variations_of_factor1.png", "animation0.gif", "animation1.gif"}
    assert {str(path) for path in (tmp_path / "new").iterdir()} == set(paths.values())
    assert images_of(paths, "animation1.gif")[0] == 3
    # The first image of the first row, enlarged: 122 pixels are for its name.
    expected = channels.to_pixels(walker(kind()).walk(0, 11).observations[0])
    _, pixels = images_of(paths, "factors.png")
    np.testing.assert_array_equal(pixels[66:162:12, 122:218:12], expected)


def test_data_without_factors(tmp_path):
    images = np.random.RandomState(0).random_sample([5, 9, 9, 4])
    paths = visualize_dataset.draw_dataset(data.as_ground_truth_data(images), tmp_path)
    assert set(paths) == {"examples.png"}


def test_points_and_rows(tmp_path):
    pinwheel = named_data.get_named_ground_truth_data("pinwheel")
    both = {"examples.png", "variations_of_factor0.png"}
    assert set(visualize_dataset.draw_dataset(pinwheel, tmp_path / "points")) == both
    rows = image_set.ImageSet(np.random.RandomState(0).normal(size=(50, 5)),
                              factors_lib.record({"$kind": np.arange(50) % 3}))
    assert set(visualize_dataset.draw_dataset(rows, tmp_path / "rows")) == both


@pytest.mark.parametrize("argument, value", [
    ("num_animations", -1), ("num_frames", 1), ("fps", 0), ("random_seed", -1)])
def test_arguments_are_checked_before_anything_is_written(tmp_path, argument, value):
    with pytest.raises(errors.InvalidArgumentError, match=f"`{argument}`.*={value}"):
        visualize_dataset.draw_dataset(tiny_run.TinyData(), tmp_path / "new", **{argument: value})
    assert not (tmp_path / "new").exists()


def test_what_cannot_be_drawn(tmp_path):
    five = data.as_ground_truth_data(np.zeros([3, 8, 8, 5]))
    with pytest.raises(errors.InvalidArgumentError, match=r"images \[height, width, 1 to 4\] or"):
        visualize_dataset.draw_dataset(five, tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(tmp_path))
    return tmp_path


def test_the_program(capsys, monkeypatch, here):
    np.savez(here / "mine.npz", images=np.zeros([20, 8, 8], np.uint8) + np.arange(
        20, dtype=np.uint8)[:, None, None], factors=np.arange(20) % 4)
    bound = ["--gin_bindings", "npz.path = 'mine.npz'", "--num_animations", "1"]
    code, out, error = programs.run(program, monkeypatch, capsys, "npz", *bound)
    assert (code, error) == (0, "") and len(out.splitlines()) == 4
    assert (here / "dataset_visualizations/npz/animation0.gif").is_file()
    bound += ["--gin_bindings", "dataset.name = 'npz'", "--output_dir", "new"]
    assert programs.run(program, monkeypatch, capsys, *bound)[0] == 0
    assert (here / "new/npz/factors.png").is_file()


@pytest.mark.parametrize("words, message", [
    ([], "No data set was named. Name one, as in bin/visualize_dataset three_dots, or give a gin"),
    (["cars3d"], "3D cars: there should be 183"), (["cras3d"], "Did you mean 'cars3d'?"),
    (["npz", "--gin_bindings", "npz.path = 'no.npz'"], "no.npz"),
    (["pinwheel", "--num_animations", "-1"], "`num_animations`"),
    (["pinwheel", "--output_dir", "a_file"], "Cannot make the directory a_file/pinwheel"),
    (["pinwheel", "--model_dir", "a"], "--model_dir does nothing here."),
    (["pinwheel", "--gin_bindings", "pinwheel.arms = 3"], "arms")])
def test_what_is_wrong_is_one_line(capsys, monkeypatch, here, words, message):
    (here / "a_file").write_text("mine")
    code, out, error = programs.run(program, monkeypatch, capsys, *words)
    assert (code, out) == (1, "") and error.startswith("Error: ") and message in error
    assert len(error.splitlines()) == 1 and [path.name for path in here.iterdir()] == ["a_file"]
