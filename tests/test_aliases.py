"""The names of version 0.1 still lead to what they named."""
import importlib
import sys

import pytest

from tf_disentangle import aliases

pytestmark = pytest.mark.contract


@pytest.mark.parametrize("old", aliases.MOVED)
def test_an_old_name_is_the_new_module_and_says_so(old, monkeypatch):
    monkeypatch.delitem(sys.modules, f"tf_disentangle.{old}", raising=False)
    new = importlib.import_module(f"tf_disentangle.{aliases.MOVED[old]}")
    with pytest.warns(DeprecationWarning, match=f"is called {new.__name__} now"):
        module = importlib.import_module(f"tf_disentangle.{old}")
    assert module is new and module.__spec__.name == new.__name__


def test_other_names_are_unknown():
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("tf_disentangle.configurations")
