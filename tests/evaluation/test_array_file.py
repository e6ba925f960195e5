"""Codes and factors from a file: what is read, and what is said about files that cannot be."""
import numpy as np
import pytest

from tf_disentangle import errors
from tf_disentangle.evaluation import array_file

CODES, FACTORS = np.arange(6.0).reshape(3, 2), np.arange(3).reshape(3, 1)


def test_arrays_as_they_were_written(tmp_path):
    path = tmp_path / "codes.npz"
    np.savez(path, codes=CODES, factors=FACTORS, more=CODES)
    codes, factors = array_file.read_arrays(path)
    np.testing.assert_array_equal(codes, CODES)
    np.testing.assert_array_equal(factors, FACTORS)
    np.savez_compressed(path, codes=CODES)
    codes, factors = array_file.read_arrays(str(path))
    np.testing.assert_array_equal(codes, CODES)
    assert factors is None


def damaged(path):
    np.savez(path, codes=CODES)
    path.write_bytes(path.read_bytes()[:-60])


FILES = {
    "is not a complete .npz file": [
        damaged, lambda path: path.write_text("codes"),
        lambda path: np.save(path.open("wb"), CODES)],
    "holds no array called codes, but x, y": [
        lambda path: np.savez(path, x=CODES, y=CODES)],
    "holds pickled objects": [
        lambda path: np.savez(path, codes=np.array([{}, {}], dtype=object))],
    "is empty": [lambda path: path.touch()],
    "There is no file": [lambda path: None],
}


@pytest.mark.parametrize("message, write", [
    (message, write) for message, writers in FILES.items() for write in writers])
def test_files_that_cannot_be_read(tmp_path, message, write):
    write(tmp_path / "codes.npz")
    with pytest.raises(errors.UserError, match=message) as caught:
        array_file.read_arrays(tmp_path / "codes.npz")
    assert str(tmp_path / "codes.npz") in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_damaged_files_are_one_line_or_read(tmp_path, save):
    path, random_state = tmp_path / "codes.npz", np.random.RandomState(0)
    save(path, codes=random_state.normal(size=(40, 3)),
         factors=random_state.randint(3, size=(40, 2)))
    data, counts = path.read_bytes(), {"read": 0, "refused": 0}
    for trial in range(300):
        damaged = bytearray(data)
        if trial % 3 == 0:
            del damaged[random_state.randint(len(data)):]
        for place in random_state.randint(len(data), size=trial % 4):
            if place < len(damaged):
                damaged[place] = random_state.randint(256)
        path.write_bytes(damaged)
        try:
            array_file.read_arrays(path)
            counts["read"] += 1
        except errors.UserError as error:
            assert len(str(error).splitlines()) == 1
            counts["refused"] += 1
    assert counts["refused"] > 100, counts


def test_a_folder_in_place_of_a_file(tmp_path):
    with pytest.raises(errors.UserError, match="is a folder. Give a file that ends in .csv"):
        array_file.read_arrays(tmp_path)
