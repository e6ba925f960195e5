"""The names of version 0.1 still lead to what they named."""
import importlib
import sys

import pytest

from tf_disentangle import aliases, losses

pytestmark = pytest.mark.contract


@pytest.mark.parametrize("old", aliases.MOVED)
def test_an_old_name_is_the_new_module_and_says_so(old, monkeypatch):
    monkeypatch.delitem(sys.modules, f"tf_disentangle.{old}", raising=False)
    new = importlib.import_module(f"tf_disentangle.{aliases.MOVED[old]}")
    with pytest.warns(DeprecationWarning, match=f"is called {new.__name__} now"):
        module = importlib.import_module(f"tf_disentangle.{old}")
    assert module is new and module.__spec__.name == new.__name__


@pytest.mark.parametrize("old", aliases.SPLIT)
def test_an_old_name_in_a_module_that_was_split(old):
    module = importlib.import_module(f"tf_disentangle.{old}")
    for name, new in aliases.SPLIT[old].items():
        place, _, new_name = f"tf_disentangle.{new}".rpartition(".")
        with pytest.warns(DeprecationWarning, match=f"{old}.{name} is called {place}.{new_name}"):
            found = getattr(module, name)
        assert found is getattr(importlib.import_module(place), new_name)
    assert module.__all__ == sorted(aliases.SPLIT[old])
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = module.nothing


def test_other_names_are_unknown():
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("tf_disentangle.configurations")


@pytest.mark.parametrize("old, new", [
    ("L2Loss", "reconstruction.L2Loss"), ("PerceptualLoss", "reconstruction.PerceptualLoss"),
    ("make_reconstruction_loss", "reconstruction.make_reconstruction_loss"),
    ("annealed", "annealing.annealed"), ("check_batch_size", "errors.batch_size")])
def test_an_old_name_in_a_module_is_the_new_one_and_says_so(old, new):
    place, _, name = f"tf_disentangle.{new}".rpartition(".")
    with pytest.warns(DeprecationWarning, match=f"tf_disentangle.losses.{old} is called .*{new}"):
        found = getattr(losses, old)
    assert found is getattr(importlib.import_module(place), name)


def test_other_names_in_a_module_are_unknown():
    with pytest.raises(AttributeError, match="'tf_disentangle.losses' has no attribute 'L3Loss'"):
        getattr(losses, "L3" + "Loss")
