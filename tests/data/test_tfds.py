"""TensorFlow Datasets as the source, with its own mock instead of downloads."""
import sys

import numpy as np
import PIL.Image
import pytest

from tf_disentangle import data, errors
from tf_disentangle.data import (
    named_data,
    preparation,
    shapes3d,
    smallnorb,
    tfds_grids,
    tfds_source,
)

tfds = pytest.importorskip("tensorflow_datasets", exc_type=ImportError)
tf = pytest.importorskip("tensorflow")


def get(name, **parameters):
    return named_data.get_named_ground_truth_data(name, source="tfds", **parameters)


def mocked(number, generator=None):
    """The mock of TFDS: random examples, or those of a function from a builder to a dictionary."""
    def as_dataset(builder, *args, **kwargs):
        del args, kwargs
        return tf.data.Dataset.from_tensor_slices(generator(builder))
    return tfds.testing.mock_data(num_examples=number, **(
        {"as_dataset_fn": as_dataset} if generator else {}))


def test_names():
    assert set(named_data.dataset_names("tfds")) == set(tfds_source.TFDS_NAMES) == {
        "dsprites_full", "shapes3d", "smallnorb", "celeba", "mnist", "fashion_mnist"}


# Two or three values of each factor.
SMALL = {name: grid._replace(splits=("train",), factor_sizes={
    factor: 2 + (i == 1) for i, factor in enumerate(grid.factor_sizes)})
    for name, grid in tfds_grids._GRIDS.items()}


def pictures(name, factors, side):
    """A picture that encodes its factors: as bits in the first pixels of a mask, or as one grey."""
    shape = (len(factors), side, side, SMALL[name].shape[2])
    if name == "dsprites_full":
        images = np.zeros(shape, np.uint8)
        images[:, 0, :factors.shape[1], 0] = factors > 0
        images[:, 1, :factors.shape[1], 0] = factors > 1
        return images
    greys = 3 * factors @ 2 ** np.arange(factors.shape[1])
    return np.broadcast_to(greys[:, None, None, None].astype(np.uint8), shape)


@pytest.mark.parametrize("name", list(SMALL))
def test_examples_in_any_order(name, monkeypatch):
    monkeypatch.setattr(tfds_grids, "_GRIDS", SMALL)
    sizes = list(SMALL[name].factor_sizes.values())
    factors = np.stack(np.unravel_index(np.arange(np.prod(sizes)), sizes), axis=1)
    factors = np.random.RandomState(0).permutation(factors)

    def examples(builder):
        columns = dict(zip(SMALL[name].labels, factors.T, strict=True))
        assert set(columns) <= set(builder.info.features)
        return {**columns, "image": pictures(name, factors, 96 if name == "smallnorb" else 64)}

    with mocked(len(factors), examples):
        made = get(name)
    assert made.description == "Read through TensorFlow Datasets."
    assert made.num_observations == len(factors) and made.factors_num_values == sizes
    drawn = made.sample_factors(50, np.random.RandomState(1))
    observations = made.sample_observations_from_factors(drawn, np.random.RandomState(2))
    assert observations.dtype == np.float32
    scale = np.float32(1 if name == "dsprites_full" else 255)
    np.testing.assert_array_equal(observations, np.float32(pictures(name, drawn, 64)) / scale)


def test_factors_are_those_of_the_files():
    ours = {name: grid.factor_sizes for name, grid in tfds_grids._GRIDS.items()}
    rendered = named_data.get_named_ground_truth_data("dsprites_rendered")
    assert ours["dsprites_full"] == dict(
        zip(rendered.factor_names, rendered.factors_num_values, strict=True))
    assert ours["shapes3d"] == shapes3d._FACTOR_SIZES
    assert {**ours["smallnorb"], "instance": 10} == smallnorb._FACTOR_SIZES
    for name, grid in tfds_grids._GRIDS.items():
        with mocked(1):
            features = tfds.builder(tfds_source.TFDS_NAMES[name]).info.features
        assert [features[label].num_classes for label in grid.labels] == list(
            grid.factor_sizes.values())


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_digits_and_clothes(name):
    with mocked(9):
        made = get(name, split="all", size=28)
        assert made.num_observations == 18 and made.observation_shape == [28, 28, 1]
        assert made.factors_num_values == [10] and "TensorFlow" in made.description
        assert get(name).observation_shape == [32, 32, 1]
        examples = list(tfds.load(name, split="train").as_numpy_iterator())
    np.testing.assert_array_equal(made._factors[:9, 0], [row["label"] for row in examples])
    np.testing.assert_array_equal(made._images[:9], [row["image"] for row in examples])


def test_faces():
    with mocked(4):
        made = get("celeba")
        examples = list(tfds.load("celeb_a", split="train").as_numpy_iterator())
    assert made.num_observations == 8                       # from train and validation
    assert made.observation_shape == [64, 64, 3] and made.num_factors == 40
    assert made.factor_names == sorted(examples[0]["attributes"])
    for row, example in enumerate(examples):
        np.testing.assert_array_equal(
            made._factors[row], [example["attributes"][name] for name in made.factor_names])
        face = PIL.Image.fromarray(example["image"]).resize(
            (64, 64), PIL.Image.Resampling.LANCZOS, (15, 35, 163, 183))
        np.testing.assert_array_equal(made._images[row], np.asarray(face))


def test_incomplete_grids():
    with mocked(5), pytest.raises(data.DataFileError, match="'shapes3d' in TensorFlow Datasets"):
        get("shapes3d")


def test_its_errors_are_one_line(monkeypatch):
    def fail(*args, **kwargs):
        raise tfds.download.DownloadError("no network\nmore")
    monkeypatch.setattr(tfds, "load", fail)
    with pytest.raises(data.DataFileError) as error:
        get("mnist")
    assert str(error.value).split("\n")[0] == (
        "TensorFlow Datasets cannot give 'mnist': DownloadError, no network")


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    with pytest.raises(data.DataFileError, match=r"pip install tf_disentangle\[tfds\]"):
        get("mnist")


def test_preparing_downloads_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(tmp_path))
    lines = []
    with mocked(3):
        monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", lambda self: None)
        made = preparation.prepare("mnist", say=lines.append)
    assert made.num_observations == 3
    assert "there is no file train-images" in lines[0]
    assert lines[1] == "Asking TensorFlow Datasets instead ..."
    assert lines[2].endswith("Bind dataset.source = 'tfds' to use it.")
    with pytest.raises(data.DataFileError, match="there is no file"):
        preparation.prepare("mnist", "files")
    with pytest.raises(errors.InvalidArgumentError, match="'files' for npz"):
        preparation.prepare("npz", "tfds")
