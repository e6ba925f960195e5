"""dSprites from files in the public format: small, of the real size, and broken."""
import numpy as np
import pytest
from helpers import data_files

from tf_disentangle import data, errors
from tf_disentangle.data import named_data, sprites, stored_images

NAME = "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz"
SMALL = {"color": 1, "shape": 3, "scale": 2, "orientation": 4, "position_x": 3, "position_y": 5}
NUM = 360


def different_images(number):
    """`[number, 64, 64]` uint8 of 0 and 1, all different: the first row encodes the number."""
    images = np.zeros((number, 64, 64), np.uint8)
    images[:, 9:12] = np.random.RandomState(0).randint(2, size=(number, 3, 64))
    images[:, 0, :32] = (np.arange(number)[:, None] >> np.arange(32)) & 1
    return images


def write(path, **changes):
    """Writes a file as published: compressed, in this order, with a pickled dictionary."""
    arrays = {"metadata": np.array({"latents_sizes": data_files.Trap()}, object),
              "imgs": different_images(NUM), "latents_classes": np.zeros((NUM, 6), np.int64),
              "latents_values": np.zeros((NUM, 6))}
    np.savez_compressed(path, **{**arrays, **changes})


@pytest.fixture
def path(monkeypatch, tmp_path):
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(tmp_path))
    (tmp_path / "dsprites").mkdir()
    return tmp_path / "dsprites" / NAME


@pytest.fixture
def small(path, monkeypatch):
    """A file in the public format, for a smaller grid of factors."""
    monkeypatch.setattr(sprites, "FACTOR_SIZES", SMALL)
    monkeypatch.setattr(stored_images, "BLOCK", 100)
    write(path)
    return path


@pytest.mark.parametrize("name, indices", [("dsprites_full", [1, 2, 3, 4, 5]),
                                           ("dsprites_noshape", [2, 3, 4, 5])])
def test_factors(name, indices, small):
    dsprites = named_data.get_named_ground_truth_data(name)
    assert dsprites.factor_names == [list(SMALL)[i] for i in indices]
    assert dsprites.factors_num_values == [list(SMALL.values())[i] for i in indices]
    assert dsprites.num_factors == len(indices) and dsprites.description == ""
    factors = dsprites.sample_factors(9, np.random.RandomState(3))
    random_state = np.random.RandomState(3)                    # disentanglement_lib's order
    expected = [random_state.randint(list(SMALL.values())[i], size=9) for i in indices]
    np.testing.assert_array_equal(factors, np.stack(expected, 1))


def test_the_real_sizes():
    assert list(sprites.FACTOR_SIZES.values()) == [1, 3, 6, 40, 32, 32]
    assert data.DSprites(sprites=data.RenderedSprites()).factors_num_values == [3, 6, 40, 32, 32]


def test_every_image_is_where_its_factors_say(small):
    dsprites = data.DSprites()
    factors = np.stack(np.unravel_index(np.arange(NUM), (3, 2, 4, 3, 5)), 1)
    order = np.random.RandomState(1).permutation(NUM)
    observations = dsprites.sample_observations_from_factors(
        factors[order], np.random.RandomState(0))
    assert observations.dtype == np.float32 and observations.shape == (NUM, 64, 64, 1)
    np.testing.assert_array_equal(observations[..., 0], different_images(NUM)[order])


def test_a_factor_that_is_not_observed_is_drawn(small):
    noshape = named_data.get_named_ground_truth_data("dsprites_noshape")
    factors = noshape.sample_factors(400, np.random.RandomState(4))
    observations = noshape.sample_observations_from_factors(factors, np.random.RandomState(5))
    shape = np.random.RandomState(5).randint(3, size=400)
    full = data.DSprites().sample_observations_from_factors(
        np.column_stack([shape, factors]), np.random.RandomState(0))
    np.testing.assert_array_equal(observations, full)


def test_the_file_of_the_real_size_is_mapped_if_it_is_not_compressed(path):
    # 3 GB, as numpy.savez writes it, but only two images take space on the disk.
    images = different_images(737280 // 300)[-2:]
    data_files.write_sparse_npz(path, "imgs", (737280, 64, 64), {5: images[0], 737279: images[1]})
    dsprites = data.DSprites()
    observations = dsprites.sample_observations_from_factors(
        np.array([[0, 0, 0, 0, 5], [2, 5, 39, 31, 31], [0, 0, 0, 0, 4]]), np.random.RandomState(0))
    np.testing.assert_array_equal(observations[:2, ..., 0], images)
    assert observations[2].max() == 0


def test_the_bits_take_an_eighth_of_the_bytes(small):
    assert sprites.StoredSprites()._packed.nbytes == NUM * 64 * 64 // 8


@pytest.mark.parametrize("changes, sentence", [
    ({"imgs": different_images(NUM) * 255}, "should hold 0 and 1, but holds 255."),
    ({"imgs": different_images(NUM)[:-1]}, "but is uint8 of shape [359, 64, 64]."),
    ({"imgs": different_images(NUM)[:, 1:]}, "but is uint8 of shape [360, 63, 64]."),
    ({"imgs": different_images(NUM) > 0}, "but is bool of shape"),
    ({"imgs": np.array([data_files.Trap()] * NUM)}, "is pickled Python objects"),
])
def test_files_that_are_not_the_published_one(changes, sentence, small):
    write(small, **changes)
    with pytest.raises(data.DataFileError) as error:
        data.DSprites()
    assert sentence in str(error.value) and NAME in str(error.value)
    assert "\n" not in str(error.value)


def test_an_uncompressed_file_with_other_values(small):
    np.savez(small, imgs=different_images(NUM) * 2)
    dsprites = data.DSprites()
    with pytest.raises(data.DataFileError, match="should hold 0 and 1, but holds 2"):
        dsprites.sample_observations(5, np.random.RandomState(0))


def test_a_file_without_images(small):
    np.savez_compressed(small, images=different_images(NUM))
    with pytest.raises(data.DataFileError, match="has no array 'imgs'; its arrays are: images."):
        data.DSprites()


def test_a_download_that_stopped(small):
    small.write_bytes(small.read_bytes()[:-100])
    with pytest.raises(data.DataFileError, match="cannot be read: BadZipFile"):
        data.DSprites()


@pytest.mark.parametrize("factors, sentence", [
    (np.zeros((2, 6), int), "shape [num_points, 5]"),
    (np.full((2, 5), 3), "values from 0 to 2 in column 0"),
    (np.zeros((2, 5)), "float64 array"),
])
def test_wrong_factors(factors, sentence):
    dsprites = data.DSprites(sprites=data.RenderedSprites())
    with pytest.raises(errors.InvalidArgumentError) as error:
        dsprites.sample_observations_from_factors(factors, np.random.RandomState(0))
    assert sentence in str(error.value) and error.value.argument == "factors"


@pytest.mark.parametrize("indices", [[6], [-1], [1, 1], ["shape"]])
def test_wrong_indices(indices):
    with pytest.raises(errors.InvalidArgumentError, match="`latent_factor_indices`"):
        data.DSprites(indices, sprites=data.RenderedSprites())
