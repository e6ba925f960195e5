"""What is wrong in a gin file is said in one line that names the place and the nearest name."""
import gin
import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle import errors, models, optimizers, penalties
from tf_disentangle.configuration import gin_errors, gin_files, parsing
from tf_disentangle.data import dummy_data
from tf_disentangle.evaluation import metrics  # noqa: F401, so that their names are known
from tf_disentangle.training import train as train_lib

# Text of a file, and what is said about its third line.
BROKEN = [
    ("vea.beta = 3", "there is nothing called `vea`. Did you mean 'vae'?"),
    ("model.model = @vea()", "there is nothing called `vea`. Did you mean 'vae'?"),
    ("evaluation.evaluation_fn = @migg", "there is nothing called `migg`. Did you mean 'mig'?"),
    ("vae.bta = 3", "`vae` has no parameter `bta`. Did you mean 'beta'?"),
    # Parameters of the base class, through **kwargs.
    ("vae.penaltys = []", "`vae` has no parameter `penaltys`. Did you mean 'penalties'?"),
    ("vae.kwargs = 3", "`vae` has no parameter `kwargs`. Valid names: annealing_steps, beta, "
     "decoder, encoder, penalties, posterior, prior, reconstruction_loss, seed."),
    ("encoder.num_latents = 3", "`encoder` has no parameter `num_latents`. "
     "Did you mean 'num_latent'?"),
    ("AdamOptimizer.learningrate = 3", "`AdamOptimizer` has no parameter `learningrate`. "
     "Did you mean 'learning_rate'?"),
    ("mig.random_state = 3", "`mig` has no parameter `random_state`. "
     "Valid names: batch_size, discretizer, num_train."),
    ("vae.beta = %BETA", "the macro %BETA has no value. Add a line BETA = ..."),
    ('include "jl2.gin"', "There is no gin file jl2.gin, here or in gin_configs. "
     "Did you mean 'jl1.gin'?"),
    ("import no_such_module", "No module named 'no_such_module'"),
    ("vae.beta = [1,", "a bracket or string is not closed."),
    ("vae.beta = (1, 2\nvae.seed = 3\n)", "Expected ',' or ')'."),
    ("vae.beta = 1]", "Expected newline."),
    ("vae.beta 4", "Couldn't parse statement, expected ':' or '='."),
    ("vae.beta =", "Unable to parse value."),
    ('dataset.name = "three', "Unable to parse value."),
    ("dataset.name = three_dots", "a value must be a number, 'text', a list, an @reference or "
     "a %macro."),
    ("$vae.beta = 3", "Unexpected token."),
]


def error_of(files=None, bindings=None):
    """The one line about a configuration that cannot be read."""
    with pytest.raises(gin_files.ConfigError) as caught:
        with parsing.parsed(files, bindings):
            pass
    assert gin.config_str().strip() == ""
    line = gin_errors.explain(caught.value)
    assert len(line.splitlines()) == 1
    return line


@pytest.mark.parametrize("text, reason", BROKEN, ids=[text for text, _ in BROKEN])
def test_broken_file(tmp_path, text, reason):
    path = tmp_path / "broken.gin"
    path.write_text(f"# A comment.\nmodel.training_steps = 5\n{text}\n")
    line = error_of([path])
    # A bracket that is open two lines up is found missing where the next line begins.
    number = 4 if "vae.seed" in text else 3
    assert line == f"{path}:{number}: {reason}"
    # The same from a file that includes it; an open bracket is then known by the outer file.
    outer = tmp_path / "outer.gin"
    outer.write_text(f'include "{path}"\n')
    line = error_of([outer])
    assert line.endswith(f": {reason}")
    assert line.startswith(f"{outer}" if "not closed" in reason else f"{path}:{number}: ")


@pytest.mark.parametrize("text, reason", [
    (text, reason) for text, reason in BROKEN if "\n" not in text],
    ids=[text for text, _ in BROKEN if "\n" not in text])
def test_broken_binding(text, reason):
    assert error_of(None, ["vae.beta = 1", text]) == f"the binding '{text}': {reason}"


def test_missing_file(tmp_path):
    assert error_of(["beta_vea.gin"]) == (
        "There is no gin file beta_vea.gin, here or in gin_configs. "
        "Did you mean 'beta_vae.gin'?")
    assert error_of([tmp_path]) == f"{tmp_path} is a folder. Give a gin file."


def test_file_that_is_no_text(tmp_path):
    (tmp_path / "model.keras").write_bytes(b"PK\xff\xfe\x00")
    assert f"{tmp_path / 'model.keras'} is not a text file in UTF-8: see byte 2." in error_of(
        [tmp_path / "model.keras"])


def test_module_that_cannot_be_imported(tmp_path, monkeypatch):
    module = tmp_path / "config_test_raises.py"
    module.write_text("None.attribute\n")
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "a.gin").write_text("import config_test_raises\n")
    assert error_of([tmp_path / "a.gin"]) == (
        f"{tmp_path / 'a.gin'}:1: the module config_test_raises cannot be imported: "
        f"AttributeError: 'NoneType' object has no attribute 'attribute' ({module}:1)")


@pytest.mark.parametrize("text, reason", [
    ("import sys\n\nsys.exit()\n", "it ends the program (SystemExit) ({module}:3)"),
    ("raise SystemExit(0)\n", "it ends the program (SystemExit) ({module}:1)"),
    ("x = (\n", "SyntaxError: '(' was never closed ({name}.py, line 1)"),
    ("def f():\n    return 1 / 0\nf()\n", "ZeroDivisionError: division by zero ({module}:2)"),
    ("raise ValueError('a\\nb')\n", "ValueError: a b ({module}:1)"),
    ("from tf_disentangle import errors\nraise errors.UserError('No.')\n", "No.")])
def test_module_with_a_mistake_or_that_ends_the_program(tmp_path, monkeypatch, text, reason):
    name = f"config_test_module_{abs(hash(text))}"
    (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "inner.gin").write_text(f"\nimport {name}\n")
    (tmp_path / "outer.gin").write_text(f"include '{tmp_path / 'inner.gin'}'\n")
    said = (f"the module {name} cannot be imported: "
            + reason.format(module=tmp_path / f"{name}.py", name=name))
    assert error_of([tmp_path / "outer.gin"]) == f"{tmp_path / 'inner.gin'}:2: {said}"
    assert error_of(None, [f"import {name}"]) == f"the binding 'import {name}': {said}"


@pytest.mark.parametrize("bindings, reason", [
    (["vae.prior = @vae()"], "vae.prior: `prior` takes a part such as @standard_normal(), and "
     "@vae() is of another kind."),
    (["vae.encoder = @a/vae()"], "vae.encoder = @a/vae() leads back to vae itself."),
    (["encoder.encoder_fn = @encoder"],
     "encoder.encoder_fn = @encoder leads back to encoder itself."),
    (["A = %A", "vae.beta = %A"], "%A -> %A lead in a circle."),
    (["A = [%B]", "B = {'x': (1, %A)}", "vae.beta = %B"], "%A -> %B -> %A lead in a circle."),
    (["vae.encoder = @pca()", "pca.seed = @vae()"],
     "vae.encoder -> pca.seed -> vae.encoder lead in a circle."),
    (["encoder.encoder_fn = @conv_encoder()"], "encoder.encoder_fn: `encoder_fn` takes a function, "
     "such as @fitted_encoder, without brackets: @conv_encoder()."),
    (["dci.predictor = @vae"], "dci.predictor: `predictor` takes a part such as "
     "@logistic_regression_cv, and @vae is of another kind."),
    (["reduced_downstream_task.reduce_fn = @mig"], "reduced_downstream_task.reduce_fn: `reduce_fn` "
     "takes a part such as @reduced_representation, and @mig is of another kind."),
    (["reduced_representation.correlation_measure = @mig"], "reduced_representation."
     "correlation_measure: `correlation_measure` takes a part such as @factorwise_dci, and @mig is "
     "of another kind."),
    (["jacobian_l1.estimator = @a/l2_loss()"], "jacobian_l1.estimator: `estimator` takes a part "
     "such as @finite_difference(), and @a/l2_loss() is of another kind."),
    (["vae.beta = [@mig()]"], "@mig() lacks ground_truth_data, representation_function, "
     "random_state. Without brackets, @mig stands for the function itself.")])
def test_circles_and_calls_that_lack_arguments(tmp_path, bindings, reason):
    assert error_of(None, bindings) == f"the binding '{bindings[0]}': {reason}"
    (tmp_path / "a.gin").write_text("\n".join(["", *bindings, ""]))
    assert error_of([tmp_path / "a.gin"]) == f"{tmp_path / 'a.gin'}:2: {reason}"


def test_a_scope_that_ends_a_circle():
    with parsing.parsed(None, ["sampled.estimator = @a/sampled()",
                               "a/sampled.estimator = @finite_difference()"]):
        assert parsing.bound_value("sampled.estimator") is not None


def test_files_that_include_each_other(tmp_path):
    a, b = tmp_path / "a.gin", tmp_path / "b.gin"
    a.write_text(f"include '{a}'\n")
    assert error_of([a]) == f"{a}:1: files include each other in a circle: {a}, {a}."
    a.write_text(f"# Twice is not a circle.\ninclude '{b}'\ninclude '{b}'\n")
    b.write_text("vae.beta = 1\n")
    with parsing.parsed([a]):
        pass
    b.write_text(f"vae.beta = 1\ninclude '{a}'\n")
    assert error_of([a]) == f"{b}:2: files include each other in a circle: {a}, {b}, {a}."
    assert error_of(None, [f"include '{b}'"]).startswith(f"{a}:2: files include each other in a c")


@pytest.mark.parametrize("data, reason", [
    ("vae.beta = 1".encode("utf-16"), " is written in UTF-16. Save it as UTF-8."),
    ("vae.beta = 1".encode("utf-16-le"), " is not a text file: it has zero bytes."),
    (b"# caf\xe9\n", " is not a text file in UTF-8: see byte 5."),
    (b"vae.beta = 1\n\0\n", " is not a text file: it has zero bytes.")])
def test_files_that_are_not_utf_8(tmp_path, data, reason):
    a, b = tmp_path / "a.gin", tmp_path / "b.gin"
    a.write_bytes(data)
    b.write_text(f"\ninclude '{a}'\n")
    assert error_of([a]) == f"{a}{reason}"
    assert error_of([b]) == f"{b}:2: {a}{reason}"


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_byte_order_marks_and_line_ends(tmp_path, ends):
    a, b = tmp_path / "a.gin", tmp_path / "b.gin"
    a.write_bytes(ends.join(["\ufeffvae.beta = 3  # \u00e9", "vae.seed = [", "1]", ""]).encode())
    b.write_bytes(f"\ufeffinclude '{a}'{ends}vae.annealing_steps = 2".encode())
    with parsing.parsed([b]):
        assert [parsing.bound_value(f"vae.{name}")
                for name in ("beta", "seed", "annealing_steps")] == [3, [1], 2]
    a.write_bytes(ends.join(["\ufeff", "vae.beta = "]).encode())
    assert error_of([a]).startswith(f"{a}:2: ")


BAD_VALUES = [
    ("vae.beta = -1.0", "`beta`. Expected a number of at least 0. Received: beta=-1.0."),
    ("vae.beta = '4'", "`beta`. Expected a number of at least 0. Received: beta='4'."),
    ("encoder.num_latent = 0", "`num_latent`. Expected a whole number of at least 1. "
     "Received: num_latent=0."),
    ("encoder.num_latent = 2.5", "`num_latent`. Expected a whole number of at least 1. "
     "Received: num_latent=2.5."),
    ("model.batch_size = 0", "`batch_size`. Expected a whole number of at least 1. "
     "Received: batch_size=0."),
    ("model.training_steps = '5'", "`training_steps`. Expected a whole number of at least 1. "
     "Received: training_steps='5'."),
    ("sampled.num_directions = 4", "`num_directions`. Expected a whole number of at least 1 and "
     "at most 3. Received: num_directions=4."),
    ("finite_difference.epsilon = 0", "`epsilon`. Expected a number greater than 0. "
     "Received: epsilon=0."),
    ("jacobian_l1.weight = -1", "`weight`. Expected a number of at least 0. "
     "Received: weight=-1."),
    ("AdamOptimizer.learning_rate = 0", "`learning_rate`. Expected a number greater than 0. "
     "Received: learning_rate=0."),
    ("train.mixed_precision = 'float16'", "`mixed_precision`. Expected one of 'float32', "
     "'mixed_bfloat16', 'mixed_float16', 'auto'. Received: mixed_precision='float16'. "
     "Did you mean 'float32'?"),
    ("dataset.name = 'three_dot'", "`name`. Expected the name of a data set. "
     "Received: name='three_dot'. Did you mean 'three_dots'?"),
    ("vae.penalties = 3", "`penalties`. Expected a list of penalties. Received: penalties=3. "
     "In a gin file: [@jacobian_l1()]."),
    ("vae.penalties = [3]", "`penalties`. Expected a Penalty object (in a gin file: @name()). "
     "Received: penalties=3."),
    ("vae.encoder = 3", "`encoder`. Expected a Model object (in a gin file: @name()). "
     "Received: encoder=3."),
    ("sampled.estimator = 3", "`estimator`. Expected a JacobianEstimator object (in a gin "
     "file: @name()). Received: estimator=3."),
    ("jacobian_l1.detach_codes = 3", "`detach_codes`. Expected True or False. Received: "
     "detach_codes=3."),
    ("encoder.encoder_fn = 3", "`encoder_fn`. Expected a function or class (in a gin file: "
     "@name). Received: encoder_fn=3."),
    ("reconstruction_loss.loss_fn = 3", "`loss_fn`. Expected a function or class (in a gin "
     "file: @name). Received: loss_fn=3."),
    ("vae_optimizer.optimizer_fn = 3", "`optimizer_fn`. Expected a function or class (in a gin "
     "file: @name). Received: optimizer_fn=3."),
    ("model.model = @vae", "`model`. Expected a model, such as @vae() (with parentheses). "
     "Received: model=<class 'tf_disentangle.models.vae.VAE'>."),
]


def error_of_training(files, bindings=None):
    with pytest.raises(errors.UserError) as caught:
        train_lib.train_with_gin(None, gin_config_files=files, gin_bindings=bindings)
    assert gin.config_str().strip() == ""
    line = gin_errors.explain(caught.value)
    assert len(line.splitlines()) == 1
    return line


@pytest.mark.parametrize("binding, reason", BAD_VALUES, ids=[text for text, _ in BAD_VALUES])
def test_value_of_wrong_type_or_out_of_range(tmp_path, binding, reason):
    path = tmp_path / "bad.gin"
    more = (["jacobian_l1.estimator = @finite_difference()"] if "epsilon" in binding else [])
    path.write_text("\n".join(["", *more, binding, ""]))
    reason = f"Invalid value for argument {reason}"
    good = tiny_run.gin_file(tmp_path)
    assert error_of_training([good, path]) == f"{path}:{len(more) + 2}: {reason}"
    assert error_of_training([good], [*more, binding]) == f"the binding '{binding}': {reason}"


def test_data_set_by_a_list(tmp_path):
    line = error_of_training([tiny_run.gin_file(tmp_path)], ["dataset.name = ['x']"])
    assert "Received: name=['x']. Valid names: abstract_dsprites, " in line


def test_macro_that_was_meant_to_be_a_parameter(tmp_path):
    line = error_of_training([tiny_run.gin_file(tmp_path)], ["beta = 3"])
    assert line == ("the binding 'beta = 3': no value uses %beta. A parameter is written "
                    "configurable.beta = ...")
    with parsing.parsed(None, ["vae.beta = %strength", "strength = 3"]):
        assert "vae.beta = %strength" in parsing.current_config()
    # The name of a macro may begin with the name of another.
    line = error_of_training([tiny_run.gin_file(tmp_path)], [
        "beta = 3", "vae.beta = %beta_max", "beta_max = 4"])
    assert line.startswith("the binding 'beta = 3': no value uses %beta.")


def test_place_of_a_value_is_that_of_the_last_binding(tmp_path):
    inner, outer = tmp_path / "inner.gin", tmp_path / "outer.gin"
    inner.write_text("\n\nvae.beta = -1\n")
    outer.write_text(f'vae.beta = 2\ninclude "{inner}"\n')
    files = [tiny_run.gin_file(tmp_path), outer]
    assert error_of_training(files).startswith(f"{inner}:3: Invalid value for argument `beta`")
    assert error_of_training(files, ["vae.beta = -2"]).startswith("the binding 'vae.beta = -2': ")


def test_data_set_that_is_not_there(tmp_path):
    line = error_of_training([tiny_run.gin_file(tmp_path)], ["dataset.name = 'dsprites_full'"])
    assert line.startswith("dSprites: there is no file")


def test_errors_without_a_place():
    error = errors.InvalidArgumentError("beta", "less", 3)
    assert gin_errors.explain(error) == str(error)
    with pytest.raises(errors.UserError) as caught, parsing.parsed(None, ["vae.seed = 1"]):
        raise errors.UserError("A disk is full.\nMore about it.")
    assert gin_errors.explain(caught.value) == "A disk is full."


def test_later_files_win_and_bindings_win_over_files(tmp_path):
    first, second = tmp_path / "1.gin", tmp_path / "2.gin"
    first.write_text("vae.beta = 1\nvae.seed = 1\nvae.annealing_steps = 1\n")
    second.write_text("vae.beta = 2\nvae.seed = 2\n")
    with parsing.parsed([first, second], ["vae.beta = 3", "vae.beta = 4"]):
        assert [parsing.bound_value(f"vae.{name}") for name in ("beta", "seed", "annealing_steps")
                ] == [4, 2, 1]
    with parsing.parsed([second, first]):
        assert parsing.bound_value("vae.beta") == 1
    assert parsing.bound_value("vae.beta") is None


def test_empty_files_and_files_in_gin_configs(tmp_path, monkeypatch):
    (tmp_path / "empty.gin").write_text("")
    (tmp_path / "comment.gin").write_text("# Nothing.\n")
    with parsing.parsed([tmp_path / "empty.gin", tmp_path / "comment.gin"]):
        assert parsing.bound_value("vae.beta") is None
    monkeypatch.chdir(tmp_path)
    with parsing.parsed(["beta_vae.gin"]):
        assert parsing.bound_value("model.batch_size") == 64
    (tmp_path / "beta_vae.gin").write_text("model.batch_size = 3\n")
    with parsing.parsed(["beta_vae.gin"]):
        assert parsing.bound_value("model.batch_size") == 3, "a file that is here comes first"


def test_state_is_cleared_whatever_happens():
    gin.parse_config("vae.beta = 9")
    with pytest.raises(KeyError), parsing.parsed(None, ["vae.seed = 1"]):
        assert parsing.bound_value("vae.beta") is None, "nothing from before is left"
        raise KeyError
    assert gin.config_str().strip() == "" and not gin.config_is_locked()


def test_unused_bindings():
    with parsing.parsed(None, ["AdamOptimizer.beta1 = 0.5", "a/AdamOptimizer.beta2 = 0.5",
                              "GradientDescentOptimizer.learning_rate = 1.0",
                              "vae_optimizer.learning_rate = %RATE", "RATE = 0.1"]):
        made = optimizers.make_vae_optimizer(optimizer_fn=optimizers.adam_optimizer)
        assert float(made.learning_rate) == pytest.approx(0.1)
        # A plain Python call of adam_optimizer sees no gin.
        assert made.beta_1 == 0.9
        assert parsing.unused_bindings() == [
            "AdamOptimizer.beta1", "GradientDescentOptimizer.learning_rate",
            "a/AdamOptimizer.beta2"]


def test_what_a_scope_uses_is_used():
    with parsing.parsed(None, ["mig.num_train = 40", "a/mig.batch_size = 20",
                              "b/mig.batch_size = 8"]):
        with gin.config_scope("a"):
            gin.get_configurable("mig")(
                dummy_data.IdentityObservationsData(), lambda codes: codes,
                np.random.RandomState(0))
        assert parsing.unused_bindings() == ["b/mig.batch_size"]


def test_rebind_and_operative_config():
    with parsing.parsed(None, ["vae_optimizer.learning_rate = 0.5", "vae.beta = 7"]):
        parsing.rebind("vae_optimizer.learning_rate", 0.25)
        assert float(optimizers.make_vae_optimizer().learning_rate) == 0.25
        text = parsing.operative_config()
        assert "vae_optimizer.learning_rate = 0.25" in text and "vae.beta" not in text
        assert "vae.beta = 7" in parsing.current_config()


@pytest.mark.contract
def test_python_calls_see_no_gin():
    bindings = ["vae.beta = 7", "jacobian_l1.weight = 7", "AdamOptimizer.beta1 = 0"]
    with parsing.parsed(None, bindings):
        assert models.VAE().beta == 1.0
        assert penalties.JacobianL1().weight == 1.0
        assert optimizers.adam_optimizer().beta_1 == 0.9
