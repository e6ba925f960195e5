"""Sweeps and what they are made of, as disentanglement_lib's hyperparams has them."""
import pytest

from tf_disentangle import errors
from tf_disentangle.studies import sweeps

BETA, GAMMA = sweeps.sweep("vae.beta", [1, 4]), sweeps.sweep("gamma", [10, 20, 30])


def test_parts():
    assert BETA == [{"vae.beta": 1}, {"vae.beta": 4}]
    assert sweeps.fixed("vae.beta", 2, 2) == [{"vae.beta": 2}, {"vae.beta": 2}]
    assert sweeps.chainit([BETA, GAMMA]) == BETA + GAMMA


def test_the_first_sweep_of_a_product_changes_slowest():
    assert sweeps.product([BETA, GAMMA]) == [
        {"vae.beta": beta, "gamma": gamma} for beta in (1, 4) for gamma in (10, 20, 30)]
    assert sweeps.product([]) == [{}]


def test_zip_pairs_and_repeats_what_is_single():
    assert sweeps.zipit([BETA, sweeps.fixed("gamma", 5)]) == [
        {"vae.beta": 1, "gamma": 5}, {"vae.beta": 4, "gamma": 5}]
    with pytest.raises(errors.InvalidArgumentError, match=r"equal length.*\[2, 3\]"):
        sweeps.zipit([BETA, GAMMA])


def test_a_parameter_is_swept_once():
    with pytest.raises(errors.InvalidArgumentError, match="`vae.beta`.*swept once"):
        sweeps.product([BETA, BETA])


def test_bindings():
    assert sweeps.to_bindings({"a.b": 0.1, "a.c": "x", "a.d": "@f()", "a.e": [1, "%M"],
                               "a.f": None}) == [
        "a.b = 0.1", "a.c = 'x'", "a.d = @f()", "a.e = [1, %M]", "a.f = None"]


def test_a_dictionary_is_a_product_and_joined_names_are_pairs():
    assert sweeps.of_dict("sweep", {"a": [1, 2], "b, c": [[3, 4], [5, 6]], "d": 7}) == [
        {"a": a, "b": b, "c": c, "d": 7} for a in (1, 2) for b, c in ((3, 4), (5, 6))]
    with pytest.raises(errors.InvalidArgumentError, match="at least one value.*no runs"):
        sweeps.of_dict("sweep", {"a": []})
    with pytest.raises(errors.InvalidArgumentError, match="1000000 settings.*10000000 combinat"):
        sweeps.of_dict("sweep", {f"a{i}": list(range(10)) for i in range(7)})
    for name in ("", "a b", "vae.beta = 1\nimport os", 3):
        with pytest.raises(errors.InvalidArgumentError, match="the name of a parameter"):
            sweeps.of_dict("sweep", {name: [1]})
    with pytest.raises(errors.InvalidArgumentError, match="lists of 2 values"):
        sweeps.of_dict("sweep", {"a, b": [1, 2]})
