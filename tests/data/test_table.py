"""`dataset.name = "table"`: rows as vectors, columns as factors, and one line for each fault."""
import numpy as np
import pytest

from tf_disentangle import data, errors

CSV = """height,kind,weight,age
1.5,oak,10,3
2.5,elm,20,3
3.5,oak,35,5
0.5,elm,5,4
"""


@pytest.fixture
def path(tmp_path):
    return write(tmp_path, CSV)


def write(folder, text, name="trees.csv"):
    folder.joinpath(name).write_text(text)
    return folder / name


def table(path, **parameters):
    return data.make_table(path=path, **parameters)


def test_rows_and_factors(path):
    found = data.get_named_ground_truth_data("table", path=path, factor_columns=["kind", "age"])
    assert found.observation_shape == [2] and found.num_observations == 4
    assert found.table_columns.names == ("height", "weight")
    assert found.factor_names == ["kind", "age"] and found.factors_num_values == [2, 3]
    assert found.factor_value_names["kind"] == ["elm", "oak"]
    np.testing.assert_array_equal(found.observations_at([1, 3], None), [[2.5, 20], [0.5, 5]])
    np.testing.assert_array_equal(found.factors_at([0, 1, 2, 3]), [[1, 0], [0, 0], [1, 2], [0, 1]])
    assert str(path) in found.description


def test_the_same_table_in_other_files(path, tmp_path):
    np.savez(tmp_path / "trees.npz", height=[1.5, 2.5, 3.5, 0.5], weight=[10, 20, 35, 5],
             kind=["oak", "elm", "oak", "elm"])
    np.save(tmp_path / "trees.npy", np.array([[1.5, 10], [2.5, 20], [3.5, 35], [0.5, 5]]))
    write(tmp_path, CSV.replace(",", "\t"), "trees.tsv")
    rows = [table(path, leave_out=["kind", "age"]).observations_at(range(4), None)]
    rows += [table(tmp_path / name, leave_out=leave_out).observations_at(range(4), None)
             for name, leave_out in (("trees.npz", ["kind"]), ("trees.npy", []),
                                     ("trees.tsv", ["age", "kind"]))]
    for other in rows[1:]:
        np.testing.assert_array_equal(other, rows[0])


def test_without_factors(path):
    found = table(path, leave_out=["kind"])
    assert found.num_factors == 0 and found.table_columns.names == ("height", "weight", "age")


def test_splits_share_no_row_and_are_not_in_the_order_of_the_file(tmp_path):
    path = write(tmp_path, "x,y\n" + "".join(f"{i},{i + 0.5}\n" for i in range(100)))
    train, test = (table(path, split=split, train_fraction=0.8).observations_at(
        range(number), None)[:, 0] for split, number in (("train", 80), ("test", 20)))
    assert set(train) | set(test) == set(range(100)) and not set(train) & set(test)
    assert sorted(test) != list(test) and min(test) < 50


def test_missing_numbers(tmp_path):
    path = write(tmp_path, "a,b,c\n1,2,3\n,4,5\n3,NA,7\n2,6,\n5,5,5\n")
    with pytest.raises(data.DataFileError, match=(
            "lacks numbers in its 5 rows: 1 in the column 'a', 1 in the column 'b', 1 in the "
            "column 'c'. Bind table.missing = 'mean'")):
        table(path)
    np.testing.assert_array_equal(table(path, missing="drop").observations_at([0, 1], None),
                                  [[1, 2, 3], [5, 5, 5]])
    filled = table(path, missing="mean").observations_at(range(5), None)
    np.testing.assert_array_equal(filled, [[1, 2, 3], [2.75, 4, 5], [3, 4.25, 7], [2, 6, 5],
                                           [5, 5, 5]])
    assert table(path, missing="drop").num_observations == 2


def test_missing_factors_are_kept(tmp_path):
    path = write(tmp_path, "x,kind\n1,oak\n2,\n3,elm\n")
    found = table(path, factor_columns="kind")
    assert found.num_observations == 3
    np.testing.assert_array_equal(found.factors_at([0, 1, 2]), [[1], [np.nan], [0]])


NAMES = "height,kind,weight,age"


@pytest.mark.parametrize("text, parameters, said", [
    (CSV, {}, "strings in the column 'kind'. Name it in table.factor_columns or table.leave_out"),
    (CSV, {"factor_columns": ["knd"]}, "names of columns of the table.*'kind'"),
    (CSV, {"leave_out": ["wight"]}, "'weight'"),
    (CSV, {"factor_columns": NAMES.split(",")}, "left as observations"),
    (CSV, {"factor_columns": ["kind"], "leave_out": ["kind"]}, "columns that are not factors"),
    (CSV, {"leave_out": ["kind"], "discrete_factors": ["kind"]}, "factor_columns names no columns"),
    (CSV, {"factor_columns": 3}, "a list"),
    (CSV, {"missing": "median"}, "'refuse', 'mean', 'drop'"),
    (CSV.replace("20", "inf"), {"leave_out": "kind"}, "infinite numbers in the column 'weight'"),
    ("a,b\n1,\n2,\n", {"missing": "mean"}, "no numbers in the column 'b'"),
    ("a,b\n1,\n2,\n", {"missing": "drop"}, "every row lacks a number"),
    ("a,a\n1,2\n", {}, "more than one column called 'a'"),
    ("", {}, "is empty")])
def test_one_line_for_each_fault(text, parameters, said, tmp_path):
    with pytest.raises(errors.UserError, match=said) as caught:
        table(write(tmp_path, text), **parameters)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["trees.pdf", "trees", "missing.csv"])
def test_files_of_another_kind(name, tmp_path):
    if name != "missing.csv":
        write(tmp_path, CSV, name)
    with pytest.raises(errors.UserError, match=name):
        table(tmp_path / name)


def test_a_constant_column_is_kept_with_a_warning(tmp_path):
    path = write(tmp_path, "x,y\n1,5\n2,5\n")
    with pytest.warns(data.DataWarning, match="'y' are the same"):
        assert table(path).table_columns.scales == (0.5, 1)
