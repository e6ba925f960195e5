"""smallNORB from its binary matrices."""
import gzip

import numpy as np
import PIL.Image
import pytest
from helpers import data_files

from tf_disentangle import data
from tf_disentangle.data import named_data, smallnorb

TRAINING, TESTING = "5x46789x9x18x6x2x96x96-training", "5x01235x9x18x6x2x96x96-testing"
INSTANCES = {TRAINING: [4, 6, 7, 8, 9], TESTING: [0, 1, 2, 3, 5]}
SIZES = {"category": 5, "instance": 10, "elevation": 2, "azimuth": 3, "lighting": 1}


def file(folder, part, kind):
    return folder / f"smallnorb-{part}-{kind}.mat"


def part_arrays(part):
    """(dat, cat, info) of one half, shuffled; a photograph is one grey that encodes its factors."""
    rows = [(category, instance, elevation, azimuth, 0) for category in range(5)
            for instance in INSTANCES[part] for elevation in range(2) for azimuth in range(3)]
    labels = np.random.RandomState(0).permutation(np.array(rows, np.int32))
    dat = np.zeros((150, 2, 96, 96), np.uint8)
    dat[:, 0] = grey(labels.T)[:, None, None]
    dat[:, 1] = 255                                         # the second camera
    info = labels[:, 1:].copy()
    info[:, 2] *= 2                                         # azimuth is 0, 2, ... 34
    return dat, labels[:, 0].copy(), info


def grey(factors):
    category, instance, elevation, azimuth, _ = factors
    return 50 * category + 5 * instance + 2 * elevation + azimuth % 2


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(tmp_path))
    monkeypatch.setattr(smallnorb, "_FACTOR_SIZES", SIZES)
    folder = tmp_path / "small_norb"
    folder.mkdir()
    for part in INSTANCES:
        for kind, array in zip(("dat", "cat", "info"), part_arrays(part), strict=True):
            data_files.write_matrix(file(folder, part, kind), array)
    return folder


def test_the_real_sizes():
    assert smallnorb._FACTOR_SIZES == {"category": 5, "instance": 10, "elevation": 9,
                                       "azimuth": 18, "lighting": 6}


def check_photographs():
    norb = named_data.get_named_ground_truth_data("smallnorb")
    assert norb.factor_names == ["category", "elevation", "azimuth", "lighting"]
    assert norb.factors_num_values == [5, 2, 3, 1] and norb.observation_shape == [64, 64, 1]
    assert norb.factor_value_names["category"] == ["animal", "human", "airplane", "truck", "car"]
    factors = norb.sample_factors(600, np.random.RandomState(3))
    observations = norb.sample_observations_from_factors(factors, np.random.RandomState(4))
    instance = np.random.RandomState(4).randint(10, size=600)
    expected = grey(np.insert(factors, 1, instance, axis=1).T)
    assert observations.dtype == np.float32 and observations.shape == (600, 64, 64, 1)
    np.testing.assert_array_equal(observations, np.broadcast_to(
        (expected / 255).astype(np.float32)[:, None, None, None], observations.shape))


def test_every_photograph_is_where_its_labels_say(folder):
    check_photographs()


def test_files_as_they_come(folder):
    for path in list(folder.iterdir()):
        with gzip.open(f"{path}.gz", "wb") as packed:
            packed.write(path.read_bytes())
        path.unlink()
    check_photographs()


def test_the_filter_is_clipped(folder):
    dat, category, info = part_arrays(TRAINING)
    pattern = np.random.RandomState(5).choice([0, 200, 255], size=(96, 96)).astype(np.uint8)
    dat[7, 0] = pattern
    data_files.write_matrix(file(folder, TRAINING, "dat"), dat)
    norb = data.SmallNORB()
    row = np.array([[category[7], *info[7]]]) // [1, 1, 1, 2, 1]
    found = norb._observe(row, None)[0, ..., 0]
    assert found.min() == 0 and found.max() == 1
    # In floating point the filter leaves [0, 1]. It works along rows, then columns; bytes are
    # clipped and rounded both times.
    in_rows, unclipped = (resized(pattern, [64, 96]), resized(pattern, [64, 64]) / 255)
    assert unclipped.min() < -0.02 and unclipped.max() > 1.02
    exact = np.clip(resized(np.clip(in_rows, 0, 255), [64, 64]), 0, 255) / 255
    assert np.abs(found - exact).max() < 1.5 / 255


def resized(array, size):
    image = PIL.Image.fromarray(array.astype(np.float32))
    return np.asarray(image.resize(size, PIL.Image.Resampling.LANCZOS))


def test_photographs_are_kept_as_bytes(folder):
    # The real 48600 take 199 MB.
    assert data.SmallNORB()._images.nbytes == 300 * 64 * 64


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def lengthen(path):
    path.write_bytes(path.read_bytes() + b"more")


def rewrite(kind, change):
    def write(folder):
        arrays = dict(zip(("dat", "cat", "info"), part_arrays(TESTING), strict=True))
        data_files.write_matrix(file(folder, TESTING, kind), change(arrays[kind]))
    return write


def with_label(column, value):
    def change(info):
        info[3, column] = value
        return info
    return rewrite("info", change)


@pytest.mark.parametrize("change, sentence", [
    (lambda folder: file(folder, TESTING, "dat").unlink(),
     "there is no file smallnorb-5x01235x9x18x6x2x96x96-testing-dat.mat (448 MB) or "),
    (lambda folder: cut(file(folder, TESTING, "dat")), "EOFError, the file ends too early"),
    (lambda folder: cut(file(folder, TESTING, "cat")), "EOFError, the file ends too early"),
    (lambda folder: file(folder, TESTING, "info").write_bytes(b"123"), "EOFError"),
    (lambda folder: file(folder, TESTING, "cat").write_bytes(b"<html>" * 99),
     "it is not a binary matrix of bytes or of whole numbers"),
    (rewrite("cat", lambda cat: cat.astype(np.float32)), "not a binary matrix of bytes"),
    (rewrite("cat", lambda cat: cat[:-1]),
     "should be int32 of shape [150], but is int32 of shape [149]."),
    (rewrite("info", lambda info: info[:, :3]), "but is int32 of shape [150, 3]."),
    (rewrite("dat", lambda dat: dat.astype(np.int32)[:, :, :2]), "but is int32 of shape [150,"),
    (lambda folder: lengthen(file(folder, TESTING, "dat")), "is too long"),
    (with_label(0, 10), "are not the published ones: Invalid value for argument `features`"),
    (with_label(2, 5), "are not the published ones"),
    (with_label(2, 6), "are not the published ones"),
    (with_label(0, 4), "299 of them distinct"),
])
def test_broken_files(change, sentence, folder):
    change(folder)
    with pytest.raises(data.DataFileError) as error:
        data.SmallNORB()
    assert sentence in str(error.value) and "\n" not in str(error.value)


def test_a_broken_compressed_file(folder):
    path = file(folder, TRAINING, "cat")
    packed = gzip.compress(path.read_bytes())
    path.unlink()
    path.with_name(path.name + ".gz").write_bytes(packed[:-20])
    with pytest.raises(data.DataFileError, match="cat.mat.gz cannot be read: EOFError"):
        data.SmallNORB()
