"""Codes and factors from a file: what is read, and what is said about files that cannot be."""
import json

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


def text(path, content):
    path.write_text(content)
    return path


def listed(columns):
    return columns and {name: column.tolist() for name, column in columns.items()}


NAMED = {"x": [0, 2, 4], "y": [1, 3, 5]}
UNNAMED = {"code_0": [0, 2, 4], "code_1": [1, 3, 5]}


def test_columns_of_two_files(tmp_path):
    codes = text(tmp_path / "codes.csv", "x,y\n0,1\n2,3\n4,5\n")
    factors = text(tmp_path / "factors.tsv", "shape\tsize\nred\t1\nblue\t\nred\t2\n")
    found, labels = array_file.read_columns(codes, factors)
    assert listed(found) == NAMED and labels["shape"].tolist() == ["red", "blue", "red"]
    np.testing.assert_array_equal(labels["size"], [1, np.nan, 2])
    np.save(tmp_path / "codes.npy", CODES)
    np.savez(tmp_path / "factors.npz", shape=[1, 0, 1], size=[0.5, 1, 2])
    found, labels = array_file.read_columns(tmp_path / "codes.npy", tmp_path / "factors.npz")
    assert listed(found) == UNNAMED
    assert listed(labels) == {"shape": [1, 0, 1], "size": [0.5, 1, 2]}
    assert listed(array_file.read_columns(codes, factors, ["shape"])[1]) == {
        "shape": ["red", "blue", "red"]}
    assert array_file.read_columns(codes)[1] is None


def test_columns_of_npz_files(tmp_path):
    np.savez(tmp_path / "both.npz", codes=CODES, factors=FACTORS, factor_names=["shape"])
    np.savez(tmp_path / "one.npz", z=CODES)
    assert [listed(each) for each in array_file.read_columns(tmp_path / "both.npz")] == [
        UNNAMED, {"shape": [0, 1, 2]}]
    found, labels = array_file.read_columns(tmp_path / "one.npz", tmp_path / "both.npz")
    assert listed(found) == UNNAMED and listed(labels) == {"shape": [0, 1, 2]}
    np.savez(tmp_path / "both.npz", codes=CODES, code_names=["x", "y"])
    found, labels = array_file.read_columns(tmp_path / "both.npz", tmp_path / "one.npz")
    assert listed(found) == NAMED and list(labels) == ["factor_0", "factor_1"]


def test_columns_of_one_table(tmp_path):
    path = text(tmp_path / "table.csv", "shape,x,y,size\nred,0,1,1\nblue,2,3,2\nred,4,5,3\n")
    found, labels = array_file.read_columns(path, None, ["size", "shape"])
    assert listed(found) == NAMED and list(labels) == ["size", "shape"]


@pytest.mark.parametrize("codes, factors, names, message", [
    ("x,y\n1,2\n", "a\n1\n2\n3\n", [], "codes.csv has 1 rows, but .*factors.csv has 3. Both need"),
    ("x,y\n1,2\n3,4\n", "0\n0\n1\n", [], "has 2 rows.* has 3.* columns are called x and factor_0"),
    ("x,y\n1,2\n", "a,b\n1,2\n", ["c"], "no column 'c' in .*factors.csv. Valid names: a, b."),
    ("x,y\n1,2\n", None, ["Y"], "no column 'Y' in .*codes.csv"),
    ("x,y\n1,2\n", None, ["x", "y"], "All columns of .*codes.csv are named as factors"),
    ("", None, [], "codes.csv is empty")])
def test_columns_that_do_not_fit(tmp_path, codes, factors, names, message):
    codes = text(tmp_path / "codes.csv", codes)
    factors = factors and text(tmp_path / "factors.csv", factors)
    with pytest.raises(errors.UserError, match=message) as caught:
        array_file.read_columns(codes, factors, names)
    assert len(str(caught.value).splitlines()) == 1


def two_files(folder, order, suffix):
    """Paths of codes and of factors whose row numbers are in a given order."""
    pandas = pytest.importorskip("pandas")
    codes = pandas.DataFrame({"a": np.arange(5.0), "b": np.arange(5.0)})
    factors = pandas.DataFrame({"shape": [0, 1, 0, 1, 2]}).loc[order]
    paths = folder / f"codes{suffix}", folder / f"factors{suffix}"
    for frame, path in zip((codes, factors), paths):
        frame.to_csv(path) if suffix == ".csv" else frame.to_parquet(path)
    return paths


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_row_numbers_in_another_order_are_refused(tmp_path, suffix):
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    codes, factors = array_file.read_columns(*two_files(tmp_path, [0, 1, 2, 3, 4], suffix))
    assert list(codes) == ["a", "b"] and list(factors) == ["shape"]
    for order in ([4, 3, 2, 1, 0], [1, 0, 2, 3, 4]):
        with pytest.raises(errors.UserError, match="same row numbers in different order.*Sort"):
            array_file.read_columns(*two_files(tmp_path, order, suffix))
        with pytest.raises(errors.UserError, match="same row numbers in different order"):
            array_file.read_columns(*two_files(tmp_path, order, suffix), factor_columns=["shape"])


@pytest.mark.parametrize("stop", [7, 10**30, "5", None])
def test_damaged_metadata_of_pandas_is_ignored(tmp_path, stop):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    index = {"kind": "range", "start": 0, "stop": stop, "step": 1}
    table = pyarrow.table({"a": np.arange(5.0)}).replace_schema_metadata(
        {"pandas": json.dumps({"index_columns": [index]})})
    parquet.write_table(table, tmp_path / "codes.parquet")
    codes, _ = array_file.read_columns(tmp_path / "codes.parquet")
    assert list(codes) == ["a"] and codes.row_numbers is None
