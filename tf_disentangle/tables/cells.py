"""Cells of text files as numbers: what counts as missing, as a truth value, as a number."""
import numpy as np

__all__ = ["LARGEST", "MISSING", "is_missing", "is_number", "numbers", "strings"]

# What stands for a missing value, in any case: as NumPy, pandas, R and the UCI repository ("?")
# write it.
MISSING = frozenset(("", "na", "n/a", "#n/a", "nan", "-nan", "nat", "<na>", "null", "?"))
# float64 has every whole number up to this.
LARGEST = 2**53

# In a column of names, None is a name.
_NUMBERS = {**dict.fromkeys(MISSING | {"none", "-"}, "nan"), "true": "1", "false": "0"}


def is_missing(cell):
    """Whether a cell is empty, or says that its value is missing."""
    return cell.strip().lower() in MISSING


def is_number(cell, decimal_comma=False):
    """Whether a cell is a number; missing cells and truth values are not.

    Args:
        cell: string.
        decimal_comma: whether "1,5" is a number.
    """
    cell = _with_point(cell) if decimal_comma else cell
    return not is_missing(cell) and _floats([cell]) is not None


def numbers(cells, decimal_comma=False):
    """Cells as float64, missing ones as NaN, true and false as 1 and 0.

    Args:
        cells: sequence of strings.
        decimal_comma: whether "1,5" is a number.
    Returns:
        `[num]` float64 array, or None if a cell is something else, or if whole numbers, such as
        identifiers, are so large that different ones would become the same float64.
    """
    words, found = cells, _floats(cells)
    if found is None:
        words = [_NUMBERS.get(cell.strip().lower(), cell) for cell in cells]
        found = _floats(words)
    if found is None and decimal_comma:
        found = _floats([_with_point(word) for word in words])
    return None if found is None or _are_merged(words, found) else found


def strings(cells):
    """Cells as an array of strings without spaces around them, "" where one is missing."""
    return np.array(["" if is_missing(cell) else cell.strip() for cell in cells], str)


def _with_point(word):
    return word.replace(",", ".") if word.count(",") == 1 else word


def _are_merged(words, found):
    large = (words[i].strip().lstrip("+") for i in np.flatnonzero(np.abs(found) >= LARGEST))
    whole = {word for word in large if word.lstrip("-").isdigit()}
    return len({int(word) for word in whole}) > len(np.unique([float(word) for word in whole]))


def _floats(cells):
    # Python takes "1_2" for 12, but in a table it is a name.
    if "_" in "".join(cells):
        return None
    try:
        return np.array(cells, np.float64)
    except ValueError:
        return None
