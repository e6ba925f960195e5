"""Tables in NumPy's files: one array in .npy, several with names in .npz."""
import zipfile

import numpy as np

from tf_disentangle import errors

__all__ = ["arrays", "column_names", "read"]


def arrays(path):
    """The arrays in a .npz file, or the one in a .npy file, which has the name "".

    Nothing is unpickled.

    Args:
        path: `pathlib.Path` of the file.
    Returns:
        dictionary from names to arrays.
    Raises:
        UserError: the file is damaged, is something else, or has pickled objects.
    """
    kind = path.suffix.lower()
    fault = errors.UserError(f"{path} is not a complete {kind} file. Write it by numpy.save"
                             f"{'z' * (kind == '.npz')}.")
    if (kind == ".npz") != zipfile.is_zipfile(path):
        raise fault
    try:
        if kind == ".npy":
            with open(path, "rb") as stream:
                return {"": np.lib.format.read_array(stream, allow_pickle=False)}
        with np.load(path, allow_pickle=False) as found:
            return {name: _array(found[name]) for name in found.files}
    except Exception as error:  # zipfile, zlib, NumPy's header and others each have their own
        if "allow_pickle" in str(error) or "Object arrays" in str(error):
            raise errors.UserError(f"{path} holds pickled objects, which are not read. Save "
                                   "arrays of numbers.") from error
        raise fault from error


def _array(value):
    """A member of an archive, checked to be an array."""
    if not isinstance(value, np.ndarray):
        raise ValueError("not an array")
    return value


def column_names(found, name, where):
    """The names of an array's columns: those in "factor_names" for "factors", or "" for each.

    Args:
        found: dictionary from names to arrays.
        name: name of an array `[num]` or `[num, num_columns]`.
        where: path of the file, for messages.
    Returns:
        list of strings.
    Raises:
        UserError: there are names, but not one for each column.
    """
    shape = np.shape(found[name])
    width = shape[1] if len(shape) > 1 else 1
    key = _names_key(name)
    if key not in found:
        return [""] * width
    given = np.asarray(found[key])
    if given.shape != (width,) or given.dtype.kind != "U":
        raise errors.UserError(f"The array '{key}' in {where} should be {width} strings, one for "
                               f"each column of '{name}', but is {given.dtype} of shape "
                               f"{list(given.shape)}.")
    return given.tolist()


def read(path):
    """The names and columns of a .npz or .npy file.

    A `[num]` array is a column with its own name. The columns of a `[num, num_columns]` array
    `codes` are named by the array `code_names`, or else codes_0, codes_1, ...

    Args:
        path: `pathlib.Path` of the file.
    Returns:
        names: list of strings, "" for the columns of a .npy file, unless it has fields.
        columns: list of `[num]` arrays.
    Raises:
        UserError: see `arrays`; an array with another number of dimensions.
    """
    found, names, columns = arrays(path), [], []
    for name in [name for name in found if not _names_another(name, found)]:
        values = found[name]
        if values.dtype.names:
            names += values.dtype.names
            columns += [values[field] for field in values.dtype.names]
        elif values.ndim == 1:
            names.append(name)
            columns.append(values)
        elif values.ndim == 2:
            given = column_names(found, name, path)
            names += [each or (name and f"{name}_{i}") for i, each in enumerate(given)]
            columns += list(values.T)
        else:
            of = f"The array '{name}' in {path}" if name else f"The array in {path}"
            raise errors.UserError(f"{of} should be of shape [num_rows, num_columns], but is of "
                                   f"shape {list(values.shape)}.")
    return names, columns


def _names_key(name):
    return f"{name.removesuffix('s')}_names"


def _names_another(name, found):
    return any(other != name and name == _names_key(other) for other in found)
