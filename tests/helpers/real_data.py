"""Real data sets, which are not part of the repository; without one, its tests are skipped."""
import os
import pathlib

import pytest

# Read once, for some tests set the variable to folders of their own.
_FOLDER = os.environ.get("DISENTANGLEMENT_LIB_DATA", "")


def folder(name, title):
    """The folder `name` among the data sets, or a skipped test that says which set is missing."""
    path = pathlib.Path(_FOLDER, name)
    if not _FOLDER or not path.is_dir():
        pytest.skip(f"{title} is not in $DISENTANGLEMENT_LIB_DATA/{name}")
    return path
