"""A table in a text file: rows of cells, separated by commas, semicolons or tabs."""
import codecs
import csv
import io
import typing

from tf_disentangle.data import files

__all__ = ["DELIMITERS", "MOST_BYTES", "Row", "read"]

DELIMITERS = ("\t", ";", ",")

# A million rows of 64 characters; as Python strings they take several times as much memory.
MOST_BYTES = 2**26
_LONGEST = 1000                             # characters of a cell
_SNIFFED = 50                               # rows that decide which delimiter it is


class Row(typing.NamedTuple):
    """The cells of a row, and the number of the line that it ends in."""

    line: int
    cells: list


def read(path):
    """The rows of a table, without blank ones.

    Args:
        path: `pathlib.Path` of a file in UTF-8, with or without a byte order mark. Cells can be
            quoted as in CSV. Where semicolons or tabs separate cells, "0,5" is the number 0.5.
    Returns:
        list of one or more `Row`, all with the same number of cells, at least two.
    Raises:
        DataFileError: the file is missing, empty, too large, not text, or not a table.
    """
    text = _text(path)
    delimiter = _delimiter(text)
    try:
        rows = _rows(text, delimiter)
    except csv.Error as error:
        raise _refused(path, f"is not a table: {error}") from error
    if not rows:
        raise _refused(path, "is empty")
    width = len(rows[0].cells)
    if width < 2:
        raise _refused(path, "has a single column. Separate columns with commas, semicolons or "
                       "tabs")
    for row in rows:
        if len(row.cells) != width:
            raise _refused(path, f"has {len(row.cells)} cells in line {row.line}, but {width} in "
                           f"line {rows[0].line}")
        if max(map(len, row.cells)) > _LONGEST:
            raise _refused(path, f"has a cell of more than {_LONGEST} characters in line "
                           f"{row.line}")
    if delimiter != ",":
        rows = [Row(row.line, [_with_point(cell) for cell in row.cells]) for row in rows]
    return rows


def _text(path):
    with files.reading(path, "where it came from"):
        if not path.is_file():
            raise _refused(path, "is not a file")
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise _refused(path, f"has {size / 2**20:.0f} MiB; tables can have up to "
                           f"{MOST_BYTES // 2**20}. Leave out rows and columns that are not needed")
        data = path.read_bytes()
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _refused(path, "is in UTF-16. Save it in UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(path, f"is not text in UTF-8: byte {error.start} is not part of a "
                       "character. Save it as CSV in UTF-8") from error
    if "\0" in text:
        raise _refused(path, "is not a text file. Save the table as CSV")
    return text


def _rows(text, delimiter, most=None):
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = []
    for cells in reader:
        cells = [cell.strip() for cell in cells]
        if any(cells):
            rows.append(Row(reader.line_num, cells))
        if len(rows) == most:
            break
    return rows


def _delimiter(text):
    """The first that splits all first rows into the same number of cells, at least two.

    If none does, the most frequent one in the first line, so that messages count its cells.
    """
    for delimiter in DELIMITERS:
        try:
            widths = {len(row.cells) for row in _rows(text, delimiter, _SNIFFED)}
        except csv.Error:
            continue
        if len(widths) == 1 and widths.pop() > 1:
            return delimiter
    first = text.lstrip().split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _with_point(cell):
    number = cell.replace(",", ".", 1)
    try:
        float(number)
    except ValueError:
        return cell
    return number


def _refused(path, reason):
    return files.DataFileError(f"The file {files.shown(path)} {reason}.")
