"""Where the files of data sets are looked for, and the errors about missing ones."""
import pathlib

import pytest

from tf_disentangle import data, errors
from tf_disentangle.data import files, named_data

FILE = files.DataFile("Noise", "noise", "noise.npz", "3 MB", "https://noise.org")

# Name of the data set, its first missing file, its folder and its page.
MISSING = [
    ("dsprites_full", "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz (27 MB)", "dsprites",
     "https://github.com/google-deepmind/dsprites-dataset"),
    ("dsprites_noshape", "dsprites_ndarray_", "dsprites", "dsprites-dataset"),
    ("color_dsprites", "dsprites_ndarray_", "dsprites", "dsprites-dataset"),
    ("noisy_dsprites", "dsprites_ndarray_", "dsprites", "dsprites-dataset"),
    ("abstract_dsprites", "dsprites_ndarray_", "dsprites", "dsprites-dataset"),
    ("scream_dsprites", "scream.jpg", "scream", "https://commons.wikimedia.org/wiki/"),
    ("scream_dsprites_rendered", "scream.jpg", "scream", "https://commons.wikimedia.org/wiki/"),
    ("shapes3d", "3dshapes.h5 (268 MB)", "3dshapes", "google-deepmind/3d-shapes"),
    ("cars3d", "183 files car_*_mesh.mat (up to 6.3 MB each)", "cars", "http://www.scottreed.info"),
    ("smallnorb", "smallnorb-5x46789x9x18x6x2x96x96-training-cat.mat (97 kB)", "small_norb",
     "https://cs.nyu.edu/~ylclab/data/norb-v1.0-small/"),
    ("mpi3d_toy", "mpi3d_toy.npz (up to 5.7 GB)", "mpi3d_toy",
     "https://github.com/rr-learning/disentanglement_dataset"),
    ("mpi3d_realistic", "mpi3d_realistic.npz (up to 5.7 GB)", "mpi3d_realistic", "rr-learning"),
    ("mpi3d_real", "mpi3d_real.npz (up to 12.7 GB)", "mpi3d_real", "rr-learning"),
    ("mpi3d_multi_real", "mpi3d_real.npz (up to 12.7 GB)", "mpi3d_real", "rr-learning"),
]


@pytest.mark.parametrize("name, file, folder, page", MISSING)
def test_a_missing_file(name, file, folder, page, monkeypatch, tmp_path):
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(tmp_path))
    with pytest.raises(data.DataFileError) as error:
        named_data._constructors[name]()
    message = str(error.value)
    assert file in message and f"in the folder {tmp_path / folder}" in message
    assert page in message and "DISENTANGLEMENT_LIB_DATA" in message
    assert "\n" not in message and isinstance(error.value, errors.UserError)


def test_the_folder_is_looked_up_when_it_is_needed(monkeypatch, tmp_path):
    monkeypatch.delenv("DISENTANGLEMENT_LIB_DATA", raising=False)
    assert files.data_folder() == pathlib.Path.cwd()
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", "")
    assert files.data_folder() == pathlib.Path.cwd()
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(tmp_path))
    assert files.data_folder() == tmp_path
    assert FILE.path == tmp_path / "noise" / "noise.npz"


def test_the_first_file_that_exists(monkeypatch, tmp_path):
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(tmp_path))
    other = FILE._replace(name="noise.h5", size="2 MB")
    with pytest.raises(files.DataFileError) as error:
        files.first_found([FILE, other])
    assert str(error.value) == (
        f"Noise: there is no file noise.npz (3 MB) or noise.h5 (2 MB) in the folder "
        f"{tmp_path / 'noise'}. Get it from https://noise.org, or set DISENTANGLEMENT_LIB_DATA "
        "to the folder that holds noise/.")
    other.path.parent.mkdir()
    other.path.touch()
    assert files.first_found([FILE, other]) == other
    FILE.path.mkdir()                                       # a folder is not a file
    assert files.first_found([FILE, other]) == other


def test_errors_of_a_reader_become_one_line():
    with pytest.raises(files.DataFileError) as error, files.reading("a.npz", "https://noise.org"):
        raise KeyError("two\n lines")
    assert str(error.value) == (
        "The file a.npz cannot be read: KeyError, 'two\\n lines'. If it is damaged, get it "
        "again from https://noise.org.")
    for passed_on in (files.DataFileError("x"), MemoryError()):
        with pytest.raises(type(passed_on)), files.reading("a.npz", "https://noise.org"):
            raise passed_on
