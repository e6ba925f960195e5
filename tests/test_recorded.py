"""The recorded numbers lie in the repository, and its note says where each comes from."""
import pathlib
import re

import pytest

pytestmark = pytest.mark.contract

FOLDER = pathlib.Path(__file__).parent / "recorded"


def test_the_note_names_every_file():
    note = (FOLDER / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)(?:\.json)?`", note))
    stored = {path.stem for path in FOLDER.glob("*/*")}
    assert stored and stored <= named
    # Nothing large: a clone stays small.
    assert all(path.stat().st_size < 1e6 for path in FOLDER.glob("*/*"))


def test_every_file_is_compared_with():
    tests = "".join(path.read_text(encoding="utf-8")
                    for path in FOLDER.parent.rglob("*.py") if path != pathlib.Path(__file__))
    assert [path.stem for path in FOLDER.glob("*/*") if path.stem not in tests] == []
