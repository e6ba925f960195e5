"""Tables of other libraries: nothing that they know is lost."""
import numpy as np
import pytest

from tf_disentangle import errors, factors
from tf_disentangle.evaluation import code_table
from tf_disentangle.tables import in_memory


class Series:
    """As much of polars' as matters here: neither `astype` nor NumPy's types."""

    def __init__(self, values):
        self.values, self.dtype = np.asarray(values), "a type of polars"

    def __len__(self):
        return len(self.values)

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype)

    def to_numpy(self):
        return self.values


class Frame:
    """As much of a polars.DataFrame as matters here."""

    def __init__(self, columns):
        self._columns = {name: Series(values) for name, values in columns.items()}

    @property
    def columns(self):
        return list(self._columns)

    def __getitem__(self, name):
        return self._columns[name]

    def __array__(self, dtype=None, copy=None):
        return np.stack([column.values for column in self._columns.values()], axis=1)


class LazyFrame:
    """As much of a polars.LazyFrame as matters here, which has columns, too."""

    def __init__(self, columns):
        self._frame, self.columns = Frame(columns), list(columns)

    def collect_schema(self):
        return self.columns

    def collect(self):
        return self._frame


def arrow(columns):
    return pytest.importorskip("pyarrow").table(columns)


@pytest.mark.contract
@pytest.mark.parametrize("table", [Frame, LazyFrame, arrow])
def test_columns_keep_their_names_and_kinds(table):
    found = code_table.record(table({"height": [0.5, 1.5, 2], "width": [1, 2, 4]}))
    assert found.names == ("height", "width")
    assert found.values.tolist() == [[0.5, 1], [1.5, 2], [2, 4]]
    found = factors.record(table({"shape": ["b", "a", "b"], "size": [3, 1, 2]}),
                           continuous_factors=["size"])
    assert found.names == ("shape", "size") and found.values.tolist() == [[1, 3], [0, 1], [1, 2]]
    assert found.value_names == {"shape": ["a", "b"]}


@pytest.mark.contract
def test_missing_values_and_repeated_names_of_pyarrow():
    pyarrow = pytest.importorskip("pyarrow")
    shapes = pyarrow.array(["b", None, "a"])
    for column in (shapes, shapes.dictionary_encode()):
        found = factors.record(pyarrow.table({"shape": column, "size": [2, 1, None]}))
        np.testing.assert_array_equal(found.values, [[1, 1], [np.nan, 0], [0, np.nan]])
        np.testing.assert_array_equal(factors.record({"shape": column}).values,
                                      found.values[:, :1])
    with pytest.raises(errors.UserError, match="more than one column called 'a' in the codes"):
        code_table.record(pyarrow.table([[1.0], [2.0]], names=["a", "a"]))


@pytest.mark.contract
@pytest.mark.parametrize("values, expected", [
    ([1, 2, 3], [1, np.nan, 3]), (np.array([0.5, 2, 3], np.float32), [0.5, np.nan, 3]),
    (["a", "b", "c"], ["a", None, "c"]), ([True, False, True], [1, np.nan, 1])])
def test_what_is_masked_is_missing(values, expected):
    masked = np.ma.masked_array(values, [False, True, False])
    np.testing.assert_array_equal(in_memory.plain(masked), expected)
    np.testing.assert_array_equal(in_memory.plain({"x": masked})["x"], expected)
    for given in (masked, masked[:, None], {"x": masked}):
        np.testing.assert_array_equal(np.isnan(factors.record(given).values[:, 0]),
                                      [False, True, False])
    dates = np.ma.masked_array(np.array(["2020-01-01", "2020-01-02"], "datetime64[D]"), [0, 1])
    assert np.isnat(in_memory.plain(dates)).tolist() == [False, True]


@pytest.mark.contract
def test_all_else_stays_as_it_is():
    for given in (None, [1, 2], np.zeros((2, 2)), 3.5, "text"):
        assert in_memory.plain(given) is given
