"""Codes and factors from a file written by any other program."""
import pathlib
import zipfile

import numpy as np

from tf_disentangle import errors

__all__ = ["read_arrays"]


def read_arrays(path):
    """The arrays `codes` and `factors` of an .npz file.

    Args:
        path: file written by `numpy.savez(path, codes=..., factors=...)`, with one row per point
            in both; `factors` may be left out.
    Returns:
        codes `[num_points, num_codes]`; factors `[num_points, num_factors]`, or None.
    Raises:
        UserError: the file does not exist, is not an .npz file, is damaged, has no `codes`, or
            has pickled objects.
    """
    path = pathlib.Path(path)
    if path.is_dir():
        raise errors.UserError(f"{path} is a folder. Give an .npz file with the arrays codes and "
                               "factors.")
    if not path.is_file():
        raise errors.UserError(f"There is no file {path}. Give an .npz file with the arrays codes "
                               "and factors.")
    if not zipfile.is_zipfile(path):
        raise errors.UserError(_NOT_NPZ.format(path=path))
    try:
        with np.load(path, allow_pickle=False) as arrays:
            if "codes" not in arrays:
                raise errors.UserError(
                    f"{path} holds no array called codes, but {', '.join(arrays) or 'none'}. "
                    "Write it by numpy.savez(path, codes=..., factors=...).")
            return tuple(_array(arrays, name) for name in ("codes", "factors"))
    except errors.UserError:
        raise
    except Exception as error:  # zipfile, zlib, NumPy's header and others each have their own
        if "allow_pickle" in str(error) or "Object arrays" in str(error):
            raise errors.UserError(f"{path} holds pickled objects, which are not read. Save "
                                   "arrays of numbers.") from error
        raise errors.UserError(_NOT_NPZ.format(path=path)) from error


def _array(arrays, name):
    """An array of an .npz file, or None; whatever else the archive holds under its name is not."""
    if name not in arrays:
        return None
    array = arrays[name]
    if not isinstance(array, np.ndarray):
        raise ValueError("not an array")
    return array


_NOT_NPZ = ("{path} is no complete .npz file. Write it by numpy.savez(path, codes=..., "
            "factors=...).")
