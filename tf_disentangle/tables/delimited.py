"""Tables in text files: CSV, TSV, and numbers with spaces between them.

The delimiter is found by trying. The first row is the header if it has no numbers, and none of its
cells occurs again below. "0,5" is a number if something other than commas separates columns. The
file is read in parts, so that a table of numbers takes little more memory than its numbers.
"""
import array
import csv
import io
import itertools
import typing

import numpy as np

from tf_disentangle import errors
from tf_disentangle.tables import cells

__all__ = ["read"]

_BEGIN = 1 << 16                            # characters in which the layout is found, at least
_FEW = 3                                    # lines among them, at least
_LONGEST = 1 << 26                          # characters of a line
_BLOCK = 1 << 16                            # cells converted at a time
_DELIMITERS = ("\t", ";", ",", "|")
_SPACES = " "                               # one or more


class _Layout(typing.NamedTuple):
    delimiter: str
    names: list | None                      # None if there is no header
    width: int

    @property
    def decimal_comma(self):
        return _has_decimal_commas(self.delimiter, self.width)


def read(path):
    """The names and columns of a text file.

    Args:
        path: `pathlib.Path`.
    Returns:
        names: list of strings, "" for a column without one.
        columns: list of `[num]` arrays: float64 with NaN for missing cells, or strings.
    Raises:
        UserError: the file has no rows, is damaged or not UTF-8, or its rows differ in length.
    """
    try:
        layout = _layout(path)
        strings, found = set(), {None}
        while found:  # twice at most: then all columns of strings are known
            columns, found = _columns(path, layout, strings)
            strings |= found
    except UnicodeDecodeError as error:
        raise errors.UserError(f"{path} is not text in UTF-8. Save it as CSV in UTF-8.") from error
    except csv.Error as error:
        raise errors.UserError(f"{path} is not a complete CSV file: {error}.") from error
    if not len(columns[0]):
        raise errors.UserError(f"{path} has a header, but no rows below it.")
    return layout.names or [""] * layout.width, columns


def _layout(path):
    begin, is_whole = _begin(path)
    tried = _tried(begin, is_whole)
    if not any(tried.values()) or not begin.strip():
        raise errors.UserError(f"{path} is empty." if is_whole else
                               f"{path} is not a table: its first cell has no end.")
    delimiter = next((each for each, rows in tried.items() if _is_regular(each, rows)), None)
    if delimiter is None:  # a single column, or a file with a mistake
        delimiter = max((each for each in _DELIMITERS if tried.get(each)),
                        key=lambda each: len(tried[each][0]))
    rows = tried[delimiter]
    is_header = _is_header(rows, _has_decimal_commas(delimiter, len(rows[0])))
    names = [cell.strip() for cell in rows[0]] if is_header else None
    return _Layout(delimiter, names, len(rows[0]))


def _begin(path):
    """The first lines of a file, and whether these are the whole file."""
    lines, length = [], 0
    with _opened(path) as stream:
        for line in _lines(path, stream):
            if length >= _BEGIN and len(lines) > _FEW:
                return "".join(lines), False
            lines.append(line)
            length += len(line)
    return "".join(lines), True


def _tried(begin, is_whole):
    """Dictionary from each delimiter with which the first lines can be parsed to their rows."""
    found, faults = {}, []
    for delimiter in (*_DELIMITERS, _SPACES):
        try:
            found[delimiter] = _parsed(begin, delimiter, is_whole)
        except csv.Error as error:  # a line without this delimiter can be too long for a cell
            faults.append(error)
    if len(faults) == len(_DELIMITERS):
        raise faults[0]
    return found


def _parsed(begin, delimiter, is_whole):
    """The rows at the beginning of a file, without one that is cut off."""
    if delimiter == _SPACES:
        rows = [line.split() for line in begin.splitlines()]
    else:
        rows = list(csv.reader(io.StringIO(begin, newline=""), delimiter=delimiter))
    rows = [row for row in (rows if is_whole else rows[:-1]) if row]
    if rows and rows[0][0].startswith("#"):  # as numpy.savetxt begins a header
        rows[0] = [rows[0][0][1:].strip(), *rows[0][1:]]
        rows[0] = rows[0][1:] if delimiter == _SPACES and not rows[0][0] else rows[0]
    return rows


def _is_regular(delimiter, rows):
    """Whether a delimiter gives several columns, the same number in each row."""
    return bool(rows) and len(rows[0]) > 1 and len({len(row) for row in rows}) == 1 and (
        delimiter != _SPACES  # which may also be within names
        or cells.numbers(list(itertools.chain(*(rows[1:] or rows))), decimal_comma=True)
        is not None)


def _has_decimal_commas(delimiter, width):
    """Whether "0,5" is a number; in a single column, the comma could be a delimiter."""
    return delimiter != "," and width > 1


def _is_header(rows, decimal_comma):
    first, others = rows[0], rows[1:]
    places = [str(i) for i in range(len(first))]
    points = ".," if decimal_comma else "."
    if first == places and any(
            point in cell for row in others[:10] for cell in row for point in points):
        return True  # pandas numbers columns without a name
    if first[1:] == places[:-1] and not first[0]:
        return True  # the same beside its index
    if all(cells.is_missing(cell) for cell in first) or any(
            cells.is_number(cell, decimal_comma) for cell in first):
        return False
    return not any(row[i] == cell for row in others if len(row) == len(first)
                   for i, cell in enumerate(first) if cell)


def _columns(path, layout, strings):
    """(columns, numbers of the columns that turned out to be strings after their first block).

    Args:
        path: file name.
        layout: its `_Layout`.
        strings: numbers of the columns known to be strings.
    """
    columns = [[] if i in strings else array.array("d") for i in range(layout.width)]
    late = set()
    with _opened(path) as stream:
        rows = _rows(path, stream, layout)
        while block := list(itertools.islice(rows, 1 + _BLOCK // layout.width)):
            for i, words in enumerate(zip(*block)):
                if isinstance(columns[i], list):
                    columns[i].append(cells.strings(words))
                    continue
                values = cells.numbers(words, layout.decimal_comma)
                if values is not None:
                    columns[i].frombytes(values.tobytes())
                else:
                    late |= {i} if columns[i] else set()
                    columns[i] = [cells.strings(words)]
    return [np.concatenate(column) if isinstance(column, list) else np.frombuffer(column)
            for column in columns], late


def _rows(path, stream, layout):
    """Yields the rows below the header, each a list of `layout.width` cells."""
    if layout.delimiter == _SPACES:
        reader = (line.split() for line in _lines(path, stream))
    else:
        reader = csv.reader(_lines(path, stream), delimiter=layout.delimiter, strict=True)
    empty, skipped = 0, layout.names is None
    for number, row in enumerate(reader, 1):
        if not row:
            empty += 1
            continue
        if not skipped:
            skipped, empty = True, 0
            continue
        if len(row) != layout.width:
            raise errors.UserError(
                f"Row {number} of {path} has {len(row)} cells, but the first has {layout.width}. "
                "Put quotes around text with delimiters in it.")
        if layout.width == 1 and empty:  # empty lines between others are missing values
            yield from [[""]] * empty
        empty = 0
        yield row


def _lines(path, stream):
    """Yields the lines of a text file; files of other kinds can have lines of any length."""
    for number in itertools.count(1):
        line = stream.readline(_LONGEST)
        if not line:
            return
        if "\0" in line:  # checked before the length: sparse files are full of them
            raise errors.UserError(f"{path} is not a text file: line {number} has NUL characters. "
                                   "Save it as CSV in UTF-8.")
        if len(line) == _LONGEST:
            raise errors.UserError(f"{path} is not a table: line {number} has more than "
                                   f"{_LONGEST} characters.")
        yield line


def _opened(path):
    # utf-8-sig: with or without a byte order mark.
    return open(path, encoding="utf-8-sig", newline="")
