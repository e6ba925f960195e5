"""gin text read back without gin."""
import pytest

from tf_disentangle import errors
from tf_disentangle.configuration import gin_text


@pytest.mark.parametrize("text, expected", [
    ("a.b = 64", {"a.b": "64"}),
    ("a.b='x'  # why = not", {"a.b": "'x'"}),
    ("a.b = 'x = y'", {"a.b": "'x = y'"}),
    ("a.b = 'one # two'", {"a.b": "'one # two'"}),
    ("a.b = \\\n    'a long value'", {"a.b": "'a long value'"}),
    ("a.b = \\\n    ['x',\n     # between\n     'y = z']", {"a.b": "['x', 'y = z']"}),
    ("a.b = [\n    1,\n    (2, 3),\n]", {"a.b": "[1, (2, 3),]"}),
    ("a.b = ('one '\n       'two')", {"a.b": "('one ' 'two')"}),
    ("a.b = {'k': @vae(), 'l': %SIZE}", {"a.b": "{'k': @vae(), 'l': %SIZE}"}),
    ("SIZE = 3\nm.n = %SIZE", {"SIZE": "3", "m.n": "%SIZE"}),
    ("s/t/a.b = @scope/f", {"s/t/a.b": "@scope/f"}),
    ("import x.y\nfrom p import q\ninclude 'z.gin'\na.b = -1e-3", {"a.b": "-1e-3"}),
    ("vae:\n  beta = 2\n  gamma = 3\na.b = 1", {"vae.beta": "2", "vae.gamma": "3", "a.b": "1"}),
    ('a.b = """x\n  = y"""', {"a.b": '"""x\n  = y"""'}),
    ("a.b = 1\na.b = 2", {"a.b": "2"}),
    ("# nothing\n\n", {}),
    ("", {})])
def test_gin_dict(text, expected):
    assert gin_text.gin_dict(text) == expected


@pytest.mark.parametrize("text", ["a.b = [1,", "a.b = 'open", "a.b =", "a.b", "= 3"])
def test_text_that_is_not_gin(text):
    with pytest.raises(errors.InvalidArgumentError, match="gin_text"):
        gin_text.gin_dict(text)


def test_operative_config_of_gin_round_trips():
    gin = pytest.importorskip("gin")
    long = ["a value that is long = " * 3, {"k": tuple(range(40))}, 0.1, None]

    @gin.configurable("results_test_fn", module="results_test")
    def function(value=1, name="n"):
        return value, name
    gin.bind_parameter("results_test_fn.value", long)
    gin.bind_parameter("results_test_fn.name", "x" * 100)
    try:
        assert function() == (long, "x" * 100)
        config = gin_text.gin_dict(gin.operative_config_str())
    finally:
        gin.clear_config()
    assert eval(config["results_test_fn.value"]) == long  # gin's literals are Python's
    assert eval(config["results_test_fn.name"]) == "x" * 100


def test_values_follow_macros():
    values = gin_text.values({
        "A": "%B", "B": "[1, %C]", "C": "-2.5", "x.a": "%A", "x.b": "{'k': (%C, '%C')}",
        "x.text": "'100%C'", "x.none": "None", "x.part": "@vae()", "x.parts": "[@one(), %C]",
        "x.unknown": "%D", "CIRCLE": "%CIRCLE", "s/x.a": "%scope.D", "scope.D": "3"})
    assert values == {
        "A": [1, -2.5], "B": [1, -2.5], "C": -2.5, "x.a": [1, -2.5], "x.b": {"k": (-2.5, "%C")},
        "x.text": "100%C", "x.none": None, "x.part": "@vae()", "x.parts": "[@one(), -2.5]",
        "x.unknown": "%D", "CIRCLE": "%CIRCLE", "s/x.a": 3, "scope.D": 3}
    references = {name for name, value in values.items() if isinstance(value, gin_text.Reference)}
    assert references == {"x.part", "x.parts", "x.unknown", "CIRCLE"}


def test_what_nothing_has_used():
    used = ["mig.num_train", "a/dci.num_train", "b/c/hoyer.num_train", "N"]
    bindings = ["import x", "N = 3", "mig.num_train = %N", "some.module.mig.num_train = 2",
                "mig.batch_size = 1", "dci.num_train = 3", "a/dci.num_train = 1",
                "c/dci.num_train = 1", "b/hoyer.num_train = 2", "c/hoyer.num_train = 2",
                "vae:\n  beta = 7"]
    assert gin_text.unused(bindings, used) == [
        "c/dci.num_train", "c/hoyer.num_train", "mig.batch_size", "vae.beta"]
    assert gin_text.unused([], used) == []
