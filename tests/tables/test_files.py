"""Tables from files of every kind: what is read, and what is said about files that cannot be."""
import importlib.util
import tracemalloc

import numpy as np
import pytest

from tf_disentangle import errors, tables
from tf_disentangle.tables import delimited

NAN = np.nan


def read(tmp_path, content, name="table.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return {key: column.tolist() for key, column in tables.read(path).items()}


NUMBERS = {"a": [1.0, 3.0], "b": [2.5, 4.0]}
UNNAMED = {"column_0": [1.0, 3.0], "column_1": [2.5, 4.0]}


@pytest.mark.parametrize("content, expected", [
    ("a,b\n1,2.5\n3,4\n", NUMBERS), ("a,b\r\n1,2.5\r\n3,4", NUMBERS),
    ("a;b\n1;2.5\n3;4\n", NUMBERS), ("a;b\n1;2,5\n3;4,0\n", NUMBERS),
    ("a\tb\n1\t2.5\n3\t4\n", NUMBERS), ("a\tb\n1,0\t2,5\n3\t4\n", NUMBERS),
    ("a|b\n1,0|2,5\n3|4\n", NUMBERS), ("a b\n1,0 2,5\n3 4\n", NUMBERS),
    ("1,0;2,5\n3,0;4,0\n", UNNAMED), ("1,0\t2,5\n3,0\t4,0\n", UNNAMED), ("1 2,5\n3 4\n", UNNAMED),
    ("0;1\n1,0;2,5\n3,0;4,0\n", {"0": [1, 3], "1": [2.5, 4]}),
    # Commas in a single column may be delimiters, and those between words are none of a number.
    ("a\n1,5\n3\n", {"a": ["1,5", "3"]}), ("a\tb\n1,5,2\t1\nx,y\t2\n",
                                              {"a": ["1,5,2", "x,y"], "b": [1, 2]}),
    ("a|b\n1|2.5\n3|4\n", NUMBERS), ("a b\n1  2.5\n 3 4\n", NUMBERS),
    ("# a b\n1 2.5\n3 4\n", NUMBERS), ("# a,b\n1,2.5\n3,4\n", NUMBERS),
    ("\ufeffa,b\n1,2.5\n\n3,4\n\n", NUMBERS), ('"a"," b "\n"1","2.5"\n3, 4\n', NUMBERS),
    ('"a","b"\n1,"2.5"\n3,4\n', NUMBERS), ("1,2.5\n3,4\n", UNNAMED), ("1 2.5\n3 4\n", UNNAMED),
    # pandas.DataFrame(array).to_csv, with and without index; R's write.csv.
    (",0,1\n0,1,2.5\n1,3,4\n", {"0": [1, 3], "1": [2.5, 4]}),
    ("0,1\n1.0,2.5\n3.0,4.0\n", {"0": [1, 3], "1": [2.5, 4]}),
    ('"","a","b"\n"1",1,2.5\n"2",3,4\n', NUMBERS), ("Unnamed: 0,a,b\n0,1,2.5\n1,3,4\n", NUMBERS),
    # Saved again and again.
    (",Unnamed: 0,a\n0,0,1\n1,1,3\n", {"a": [1, 3]}),
    (",Unnamed: 0.1,Unnamed: 0,a\n0,0,5,1\n1,1,9,3\n", {"a": [1, 3]}),
    # The index of selected or shuffled rows; numbers that repeat or have fractions are none.
    (",a\n5,1\n9,3\n", {"a": [1, 3]}), (",a\n9,1\n-5,3\n", {"a": [1, 3]}),
    (",a\n5,1\n5,3\n", {"column_0": [5, 5], "a": [1, 3]}),
    (",a\n5.5,1\n9,3\n", {"column_0": [5.5, 9], "a": [1, 3]}),
    # As float64, 2**53 and 2**53 + 1 would be equal.
    ("a,b\n9007199254740992,1\n9007199254740993,2\n,3\n",
     {"a": ["9007199254740992", "9007199254740993", ""], "b": [1, 2, 3]}),
    ("a,b\n9007199254740992,1e300\n9007199254740994,1e301\n",
     {"a": [2**53, 2**53 + 2], "b": [1e300, 1e301]}),
    ("0,1\n2,2\n", {"column_0": [0, 2], "column_1": [1, 2]}),
    ("a\n1\n2\n", {"a": [1, 2]}), ("1\n2\n", {"column_0": [1, 2]}),
    ("a\nlight red\ndark blue\n", {"a": ["light red", "dark blue"]}),
    ("red\nblue\nred\n", {"column_0": ["red", "blue", "red"]}),
    ("a,b\n1,x;y\n3,z\n", {"a": [1, 3], "b": ["x;y", "z"]}),
    ('"a\nname",b\n1,"x\ny"\n', {"a name": [1], "b": ["x\ny"]}),
    ('a,b\n1,"x, ""y"""\n', {"a": [1], "b": ['x, "y"']}),
    ("a,b\n3_1,1\n3_2,2\n", {"a": ["3_1", "3_2"], "b": [1, 2]}),
    ("a,b\n1,True\n2,false\n", {"a": [1, 2], "b": [1, 0]})])
def test_text_as_people_write_it(tmp_path, content, expected):
    found = read(tmp_path, content)
    assert found == expected and list(found) == list(expected)


def test_missing_cells(tmp_path):
    found = read(tmp_path, "a,b,c,d\n1,,x,\n,NaN,,\nNA,?,n/a,NULL\nNone,2,None,\n")
    np.testing.assert_array_equal(found["a"], [1, NAN, NAN, NAN])
    np.testing.assert_array_equal(found["b"], [NAN, NAN, NAN, 2])
    assert found["c"] == ["x", "", "", "None"]
    np.testing.assert_array_equal(found["d"], [NAN] * 4)
    # In a file of one column, an empty line is an empty cell, except at the end.
    np.testing.assert_array_equal(read(tmp_path, "a\n1\n\n3\n\n\n")["a"], [1, NAN, 3])


def test_strings_late_in_a_column_of_numbers(tmp_path):
    lines = ["a,b"] + [f"{i},{i}" for i in range(10000)] + ["1,x"]
    found = read(tmp_path, "\n".join(lines))
    assert found["a"][:3] == [0, 1, 2] and len(found["a"]) == 10001
    assert found["b"][:3] == ["0", "1", "2"] and found["b"][-2:] == ["9999", "x"]


def test_numbers_are_read_to_the_last_digit(tmp_path):
    values = np.random.RandomState(0).standard_normal((5000, 3))
    np.savetxt(tmp_path / "table.csv", values, fmt="%.17g", delimiter=",")
    found = tables.read(str(tmp_path / "table.csv"), prefix="code")
    assert list(found) == ["code_0", "code_1", "code_2"]
    np.testing.assert_array_equal(np.stack(list(found.values()), 1), values)


def test_reading_takes_little_more_memory_than_the_numbers(tmp_path):
    path = tmp_path / "table.csv"
    line = ",".join(["0.12345678"] * 50) + "\n"
    path.write_text(line * 40000)
    tracemalloc.start()
    found = tables.read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    size = sum(column.nbytes for column in found.values())
    assert size == 40000 * 50 * 8
    # What is held as strings does not depend on the size of the file.
    assert peak < 1.2 * size + 10e6


def test_numpy_files(tmp_path):
    values = np.array([[1, 2.5], [3, 4]])
    np.save(tmp_path / "table.npy", values)
    found = tables.read(tmp_path / "table.npy", "code")
    assert {name: column.tolist() for name, column in found.items()} == {
        "code_0": [1, 3], "code_1": [2.5, 4]}
    np.save(tmp_path / "table.npy", np.array([(1, b"x"), (2, b"y")],
                                             [("a", np.int32), ("b", "S2")]))
    found = tables.read(tmp_path / "table.npy")
    assert found["a"].tolist() == [1, 2] and found["b"].tolist() == ["x", "y"]
    np.savez_compressed(tmp_path / "table.npz", codes=values.astype(np.float32), more=[True, False],
                        factors=np.array([["x", "y"], ["y", ""]]), factor_names=["a", "b"])
    found = tables.read(tmp_path / "table.npz")
    assert {name: column.tolist() for name, column in found.items()} == {
        "codes_0": [1, 3], "codes_1": [2.5, 4], "more": [1, 0], "a": ["x", "y"], "b": ["y", ""]}
    assert found["codes_1"].dtype == np.float64


WITH_PYARROW = pytest.mark.skipif(importlib.util.find_spec("pyarrow") is None,
                                  reason="pyarrow is not installed")


@WITH_PYARROW
def test_parquet(tmp_path):
    import pyarrow
    from pyarrow import parquet
    path = tmp_path / "table.parquet"
    parquet.write_table(pyarrow.table({
        "a": [1, None, 3], "b": [True, False, None], "c": ["x", None, "y"],
        "d": pyarrow.array(["u", "v", "u"]).dictionary_encode(), "e": [None, None, None],
        "f": pyarrow.array([1.5, 2.5, 3.5], pyarrow.float32()),
        "g": pyarrow.array([0, 1, 2], pyarrow.date32())}), path)
    found = tables.read(path)
    np.testing.assert_array_equal(found["a"], [1, NAN, 3])
    np.testing.assert_array_equal(found["b"], [1, 0, NAN])
    np.testing.assert_array_equal(found["e"], [NAN] * 3)
    assert found["c"].tolist() == ["x", "", "y"] and found["d"].tolist() == ["u", "v", "u"]
    assert found["f"].tolist() == [1.5, 2.5, 3.5] and found["f"].dtype == np.float64
    assert found["g"].tolist() == ["1970-01-01", "1970-01-02", "1970-01-03"]
    parquet.write_table(pyarrow.table({"a": [{"b": 1}], "c": [1.0]}), path)
    with pytest.raises(errors.UserError, match=r"column 'a' of .* is nested \(struct<b: int64>\)"):
        tables.read(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(errors.UserError, match="is not a complete Parquet file") as caught:
        tables.read(path)
    assert len(str(caught.value).splitlines()) == 1


@WITH_PYARROW
def test_large_whole_numbers_stay_different_in_parquet(tmp_path):
    import pyarrow
    from pyarrow import parquet
    ids = [2**60, 2**60 + 1, None]
    parquet.write_table(pyarrow.table({
        "a": ids, "b": [*ids[:2], 3], "c": pyarrow.array(ids, pyarrow.uint64()),
        "d": pyarrow.array(ids, pyarrow.decimal128(38, 0)), "e": [2**60, 2**61, None],
        "g": pyarrow.array(ids, pyarrow.decimal128(38, 2)),
        "f": pyarrow.array(ids, pyarrow.int64()).dictionary_encode()}), tmp_path / "table.parquet")
    found = tables.read(tmp_path / "table.parquet")
    for name in "acdf":
        assert found[name].tolist() == [str(2**60), str(2**60 + 1), ""]
    assert found["b"].tolist() == [str(2**60), str(2**60 + 1), "3"]
    np.testing.assert_array_equal(found["e"], [2**60, 2**61, NAN])
    assert found["g"].dtype == np.float64  # with fractions, so no identifiers


@WITH_PYARROW
def test_the_row_numbers_of_selected_rows_are_last_in_parquet(tmp_path):
    pandas = pytest.importorskip("pandas")
    path = tmp_path / "table.parquet"
    frame = pandas.DataFrame({"a": [1, NAN, 3, 4], "b": ["x", "y", "z", "x"]}).dropna()
    frame.to_parquet(path)
    assert list(tables.read(path)) == ["a", "b"]
    # Numbers that repeat are not those of rows, and a table keeps one column at least.
    pandas.DataFrame({"a": [1, 2]}, index=[7, 7]).to_parquet(path)
    assert list(tables.read(path)) == ["a", "__index_level_0__"]
    frame[[]].to_parquet(path)
    assert list(tables.read(path)) == ["__index_level_0__"]


def test_parquet_without_pyarrow(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    (tmp_path / "table.parquet").write_bytes(b"PAR1")
    with pytest.raises(errors.UserError, match="needs the package pyarrow: pip install") as caught:
        tables.read(tmp_path / "table.parquet")
    assert len(str(caught.value).splitlines()) == 1


def save(name, **arrays):
    def write(folder):
        np.savez(folder / name, **arrays)
    return name, write


def text(content, name="table.csv"):
    def write(folder):
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return name, write


@pytest.mark.parametrize("file, message", [
    (text(""), "is empty"), (text("\n\n"), "is empty"), (text("  \n \t\n"), "is empty"),
    (text("a,b\n1,\0\n"), "is not a text file: line 2 has NUL characters. Save it as CSV"),
    (text("a,b\n1,2\n".encode("utf-16-le")), "is not a text file: line 1 has NUL"),
    (text("a,b\n" * 50000 + "\0"), "line 50001 has NUL"),
    (text("a,b\n"), "a header, but no rows"),
    (text("a,b\n1,2\n3\n"), "Row 3 of .* has 1 cells, but the first has 2. Put quotes"),
    (text('a,b\n1,"2\n'), "is not a complete CSV file: unexpected end of data"),
    (text(b"a,b\n1,\xe9\n"), "is not text in UTF-8"), (text("a,b\n1,2".encode("utf-16")), "UTF-8"),
    (text("a,b\n1," + "x" * 200000), "is not a complete CSV file: field larger"),
    (text("a,a\n1,2\n"), "more than one column called 'a'"),
    (text("1,2", "table.xlsx"), "not a table of a known kind. Give a file that ends in .csv, .tsv"),
    (text("1,2", "table.npz"), "is not a complete .npz file"),
    (text("1,2", "table.npy"), "is not a complete .npy file"),
    (("absent.csv", lambda folder: None), "There is no file"),
    (("folder.csv", lambda folder: (folder / "folder.csv").mkdir()), "is a folder"),
    (save("t.npz", a=np.zeros(3), b=np.zeros(4)), "'b' of .* has 4 values, but 'a' has 3"),
    (save("t.npz", a=np.zeros((3, 2, 2))), r"'a' in .* is of shape \[3, 2, 2\]"),
    (save("t.npz", a=np.array([{}])), "holds pickled objects"),
    (save("t.npz", factors=np.zeros((3, 2)), factor_names=["a"]), "'factor_names' in .* be 2 str"),
    (save("t.npz", a=np.zeros(3, complex)), "should be numbers or strings, but is of complex128"),
    (save("t.npz"), "no columns")])
def test_files_that_cannot_be_read(tmp_path, file, message):
    name, write = file
    write(tmp_path)
    with pytest.raises(errors.UserError, match=message) as caught:
        tables.read(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_wide_tables_and_long_lines(tmp_path, monkeypatch):
    names = [f"column number {i}" for i in range(20000)]  # 300 000 characters
    header, row = ",".join(names), ",".join(["0.5"] * len(names))
    for rows in (1, 5):
        found = read(tmp_path, "\n".join([header] + [row] * rows))
        assert list(found) == names and found[names[-1]] == [0.5] * rows
    assert len(read(tmp_path, "\n".join([row] * 5))) == len(names)
    monkeypatch.setattr(delimited, "_LONGEST", 1000)
    with pytest.raises(errors.UserError, match="line 1 has more than 1000 characters"):
        read(tmp_path, header)


def test_damaged_npy(tmp_path):
    np.save(tmp_path / "t.npy", np.zeros((100, 3)))
    (tmp_path / "t.npy").write_bytes((tmp_path / "t.npy").read_bytes()[:-8])
    with pytest.raises(errors.UserError, match="not a complete .npy file. Write it by numpy.save"):
        tables.read(tmp_path / "t.npy")
