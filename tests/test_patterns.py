"""Names with brackets, stars and commas are found as they are before they are patterns or lists."""
import glob
import os

import pytest

from tf_disentangle import patterns


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("runs/run [1]/a", "runs/run 1/a", "runs/run,2/a", "runs/x*/a", "runs/xy/a", "a",
                 "b", "runs/[ab]/c", "runs/what?/a"):
        os.makedirs(tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("pattern, expected", [
    ("runs/run [1]", ["runs/run [1]"]),                     # not run 1
    ("runs/run [1]/", ["runs/run [1]/"]),
    ("runs/run [12]", ["runs/run 1"]),                      # not there as it is: a pattern
    ("runs/run [1]/*", ["runs/run [1]/a"]),
    ("ru*/run [1]", ["runs/run [1]"]),
    ("**/run [1]/a", ["runs/run [1]/a"]),
    ("runs/x*", ["runs/x*"]), ("runs/x*/a", ["runs/x*/a"]),
    ("runs/what?", ["runs/what?"]), ("runs/xy?", []),
    ("runs/[ab]", ["runs/[ab]"]), ("[ab]", ["a", "b"]), ("[!a]", ["b"]),
    ("runs/run,2/*", ["runs/run,2/a"]), ("nothing/*", []), ("nothing", []), ("", [])])
def test_matching(here, pattern, expected):
    assert patterns.matching(pattern) == expected
    if pattern:
        assert patterns.matching(f"{here}/{pattern}") == [f"{here}/{name}" for name in expected]
        assert patterns.matching(here / pattern) == [str(here / name) for name in expected]


def test_as_glob_where_no_name_is_a_pattern(here):
    assert patterns.matching("runs/*/") == sorted(f"runs/{name}/" for name in os.listdir("runs"))
    assert patterns.matching("**") == sorted(glob.glob("**", recursive=True))


@pytest.mark.parametrize("text, expected", [
    ("a,b", ["a", "b"]), ("a, b ,", ["a", "b"]), ("", []), ("a", ["a"]),
    ("runs/run,2", ["runs/run,2"]), ("a,runs/run,2,b", ["a", "runs/run,2", "b"]),
    ("runs/run,3", ["runs/run", "3"]), ("runs/run,2,runs/run,2", ["runs/run,2"] * 2)])
def test_split(here, text, expected):
    assert patterns.split(text) == expected
