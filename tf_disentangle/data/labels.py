"""The factors of pictures in a table: the name of a picture, then a column for each factor.

    file,shape,size
    cats/1.png,round,0.25
    cats/2.png,square,

The first line, with names of factors, can be left out. An empty cell is a missing value.
"""
import collections
import os
import pathlib
import unicodedata
import warnings

import numpy as np

from tf_disentangle import errors
from tf_disentangle import factors as factors_lib
from tf_disentangle.data import files, image_values, picture_files, text_table

__all__ = ["AUTO", "NAME", "of_pictures"]

AUTO, NAME = "auto", "labels.csv"

_MOST_FACTORS = 1000                        # more are a mistake: a table of something else


def of_pictures(labels, folder, paths, continuous_factors=(), discrete_factors=()):
    """The factors of the pictures in a folder.

    A picture is named by its path within the folder, by its file name, or by either without the
    suffix, as long as this names no other picture. Accented letters may be composed or decomposed,
    as macOS has them. Pictures without a row have missing values;
    one warning counts the rows without a picture.

    Args:
        labels: path of the table; "auto" for the file `labels.csv` in the folder, if there is one;
            None for no factors.
        folder: `pathlib.Path` of the folder.
        paths: list of `pathlib.Path` of its pictures.
        continuous_factors, discrete_factors: see `factors.record`.
    Returns:
        `Factors` of the pictures, in the order of `paths`; None if there is no table.
    Raises:
        DataFileError: see `text_table.read`; a name is repeated, or none is that of a picture.
        InvalidArgumentError: see `factors.record`; factors are listed, but there is no table.
    """
    table = _table(labels, folder)
    if table is None:
        factors_lib.refuse_lists(continuous_factors, discrete_factors,
                                 "there is no table of factors (image_folder.labels)")
        return None
    rows, known = text_table.read(table), _known_names(folder, paths)
    if len(rows[0].cells) - 1 > _MOST_FACTORS:
        raise files.DataFileError(
            f"The file {files.shown(table)} has {len(rows[0].cells) - 1} columns after the names "
            f"of pictures; there can be up to {_MOST_FACTORS} factors. Leave columns out.")
    names = [f"factor_{i}" for i in range(len(rows[0].cells) - 1)]
    if _place(rows[0], known) is None and not _is_picture(rows[0]):
        names = _names(table, rows[0].cells[1:])
        rows = rows[1:]
    cells = _matched(table, rows, known, len(paths))
    found = factors_lib.record({name: cells[:, k] for k, name in enumerate(names)}, None,
                               continuous_factors, discrete_factors)
    for name, column in zip(names, found.values.T):
        _warn_of_constant(table, name, column)
    return found


def _table(labels, folder):
    if labels is None:
        return None
    if isinstance(labels, str) and labels == AUTO:
        return folder / NAME if os.path.lexists(folder / NAME) else None
    path = errors.path("labels", labels)
    if not os.path.exists(path):
        raise files.DataFileError(f"There is no file {files.shown(path.absolute())}; "
                                  "image_folder.labels names a table of factors.")
    return path


def _known_names(folder, paths):
    """Dictionary from each name of a picture to its place in `paths`; None if several have it."""
    known = {}
    for place, path in enumerate(paths):
        within = path.relative_to(folder)
        for name in {within.as_posix(), path.name, within.with_suffix("").as_posix(), path.stem}:
            known[name] = None if name in known else place
    # The path within the folder names one picture, even if it is another one's name, too.
    known.update((path.relative_to(folder).as_posix(), place) for place, path in enumerate(paths))
    composed = {}
    for name, place in known.items():
        other = _composed(name)
        composed[other] = place if composed.get(other, place) == place else None
    return {**composed, **known}            # a name as it is written comes first


def _composed(name):
    return unicodedata.normalize("NFC", name)


def _name(row):
    return pathlib.PurePosixPath(row.cells[0].replace("\\", "/")).as_posix()


def _known_name(row, known):
    """The name in a row as the names of pictures are known, composed if that is the only way."""
    name = _name(row)
    return name if name in known else _composed(name)


def _place(row, known):
    return known.get(_known_name(row, known))


def _is_picture(row):
    return pathlib.PurePosixPath(row.cells[0].lower()).suffix in picture_files.SUFFIXES


def _names(table, cells):
    names = [cell or f"factor_{i}" for i, cell in enumerate(cells)]
    repeated = [name for name, count in collections.Counter(names).items() if count > 1]
    if repeated:
        raise files.DataFileError(f"The file {files.shown(table)} has several columns called "
                                  f"'{files.shown(repeated[0])}'.")
    return names


def _matched(table, rows, known, number):
    """`[number, num_factors]` strings, the row of each picture; "" for a picture without a row."""
    cells, line_of, without = {}, {}, []
    for row in rows:
        place = _place(row, known)
        if place is None:
            if _known_name(row, known) in known:
                raise files.DataFileError(
                    f"The file {files.shown(table)} names {files.shown(_name(row))} in line "
                    f"{row.line}, but several pictures are called so. Write their folders "
                    "and suffixes, too.")
            without.append(row)
        elif place in cells:
            raise files.DataFileError(
                f"The file {files.shown(table)} names {files.shown(_name(row))} in line "
                f"{line_of[place]} and again in line {row.line}. Keep one of them.")
        else:
            cells[place], line_of[place] = row.cells[1:], row.line
    if not cells:
        first = f"; the first is {files.shown(_name(without[0]))}" if without else ""
        raise files.DataFileError(f"The file {files.shown(table)} has no row that names a picture "
                                  f"of the folder{first}. Write a picture's path within the "
                                  "folder in the first column.")
    if without:
        some = "1 row" if len(without) == 1 else f"{len(without)} rows"
        warnings.warn(
            f"{files.shown(table)} has {some} without a picture in the folder, such as "
            f"{files.shown(_name(without[0]))} in line {without[0].line}.",
            image_values.DataWarning, stacklevel=5)
    empty = [""] * (len(rows[0].cells) - 1)
    return np.array([cells.get(place, empty) for place in range(number)], str)


def _warn_of_constant(table, name, column):
    present = np.unique(column[~np.isnan(column)])
    if len(present) < 2:
        what = "a single value" if len(present) else "no values"
        warnings.warn(
            f"Column '{files.shown(name)}' of {files.shown(table)} has {what}: scores leave it "
            "out.", image_values.DataWarning, stacklevel=4)
