"""`prepare_data`: what it says of data sets that are there, missing or broken."""
import sys

import numpy as np
import PIL.Image
import pytest
from absl import flags
from helpers import programs

from tf_disentangle import data, errors
from tf_disentangle.cli import prepare_data, program
from tf_disentangle.data import files, mpi3d, named_data, preparation


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(tmp_path))
    monkeypatch.setattr(named_data, "_constructors", dict(named_data._constructors))
    return tmp_path


def run(capsys, monkeypatch, *words):
    """(exit code, lines of output, line of the error)."""
    code, out, error = programs.run(prepare_data, monkeypatch, capsys, *words)
    return code, out.splitlines(), error


def test_a_folder_of_pictures_is_read_once_and_for_all(capsys, monkeypatch, folder):
    (folder / "my photos").mkdir()
    for i in range(3):
        PIL.Image.fromarray(np.full((9, 9), 40 * i, np.uint8)).save(folder / f"my photos/{i}.png")
    code, lines, error = run(
        capsys, monkeypatch, "image_folder", "--gin_bindings",
        f"image_folder.path = '{folder / 'my photos'}'", "--gin_bindings", "image_folder.size = 8")
    assert (code, error) == (0, "")
    line = (f"image_folder is ready: 3 images 8x8x3, factors: none. 3 pictures of the folder "
            f"{folder / 'my photos'}, split 'all'. All are grey, but are read in colour: "
            "image_folder.channels = 1 gives them one channel.")
    assert lines == [line]
    assert (folder / "my photos_8x8_rgb_middle.npy").is_file()


def test_one_that_is_missing(capsys, monkeypatch, folder):
    code, lines, error = run(capsys, monkeypatch, "cars3d")
    assert (code, lines) == (1, []) and error.startswith("Error: 3D cars: there should be 183")
    assert len(error.splitlines()) == 1
    code, _, error = run(capsys, monkeypatch, "cras3d")
    assert code == 1 and "Did you mean 'cars3d'?" in error
    code, _, error = run(capsys, monkeypatch, "three_dots", "--source", "tfds")
    assert code == 1 and "Expected 'files' for three_dots" in error


def test_several(capsys, monkeypatch):
    code, lines, error = run(capsys, monkeypatch, "dummy_data", "cars3d")
    assert code == 1 and error == "Error: Not ready: cars3d; the reasons are above.\n"
    assert lines[0].startswith(
        "dummy_data is ready: unlimited images 64x64x1, factors: factor_0 (5)")
    assert lines[1].startswith("cars3d: 3D cars: there should be 183 files")


def test_a_list_of_all(capsys, monkeypatch):
    named_data._constructors.clear()
    data.register_dataset("here")(data.ThreeDots)
    data.register_dataset("gone")(data.Cars3D)
    code, lines, _ = run(capsys, monkeypatch)
    assert code == 0 and [line.split()[0] for line in lines] == ["gone", "here"]
    assert "not here. 3D cars" in lines[0] and "unlimited images 64x64x1" in lines[1]


@pytest.mark.parametrize("writer, suffix", [(np.savez_compressed, "npy"), (np.savez, "npz")])
def test_archives_are_unpacked(writer, suffix, folder, monkeypatch):
    path = folder / "mpi3d_toy" / "mpi3d_toy.npz"
    path.parent.mkdir()
    writer(path, images=np.full((60, 64, 64, 3), 7, np.uint8))
    lines = []
    with pytest.raises(files.DataFileError, match="should be uint8 of shape"):
        preparation.prepare("mpi3d_toy", say=lines.append)
    monkeypatch.setattr(mpi3d, "factor_sizes", lambda mode: {"all": 60})
    made = preparation.prepare("mpi3d_toy", say=lines.append)
    assert lines == [f"Images are read from {path.with_suffix('.' + suffix)}."]
    assert isinstance(made._images, np.memmap) and made._images[59].max() == 7


def test_words_are_for_this_program_alone(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["train", "word"])
    flags.FLAGS.unparse_flags()
    with pytest.raises(SystemExit):
        program.run(lambda: None, "")
    flags.FLAGS.unparse_flags()
    assert "Unknown argument 'word'" in "".join(capsys.readouterr())
    with pytest.raises(errors.InvalidArgumentError, match="`source`"):
        preparation.prepare("three_dots", "web")
