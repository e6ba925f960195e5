"""Optimizers and schedules: their rules, their names in gin, their errors, and saving."""
import gin
import keras
import numpy as np
import pytest

from tf_disentangle import errors, optimizers, parts
from tf_disentangle.configuration import parsing


def test_adam_has_the_names_and_defaults_of_tensorflow_1():
    made = optimizers.adam_optimizer(use_locking=True)
    assert isinstance(made, keras.optimizers.Adam)
    assert (made.beta_1, made.beta_2, made.epsilon) == (0.9, 0.999, 1e-8)
    assert float(made.learning_rate) == pytest.approx(0.001)
    made = optimizers.adam_optimizer(0.1, beta1=0.5, beta2=0.6, epsilon=0.01, name="mine")
    assert (made.beta_1, made.beta_2, made.epsilon, made.name) == (0.5, 0.6, 0.01, "mine")


@pytest.mark.oracle
def test_adam_has_the_rule_of_tensorflow_1():
    # lr_t = lr sqrt(1 - beta2^t) / (1 - beta1^t);  w -= lr_t m / (sqrt(v) + epsilon), with an
    # epsilon large enough that its place shows: TensorFlow 1's documentation of AdamOptimizer.
    variable, gradients = keras.Variable([1.0, -2.0]), [[0.5, 1.0], [0.1, -1.0], [2.0, 0.0]]
    made = optimizers.adam_optimizer(0.1, beta1=0.8, beta2=0.9, epsilon=0.3)
    w, m, v = np.array([1.0, -2.0]), np.zeros(2), np.zeros(2)
    for t, gradient in enumerate(np.array(gradients), start=1):
        made.apply([keras.ops.convert_to_tensor(gradient, "float32")], [variable])
        m, v = 0.8 * m + 0.2 * gradient, 0.9 * v + 0.1 * gradient ** 2
        w -= 0.1 * np.sqrt(1 - 0.9 ** t) / (1 - 0.8 ** t) * m / (np.sqrt(v) + 0.3)
    np.testing.assert_allclose(variable.numpy(), w, rtol=1e-5)


@pytest.mark.oracle
def test_amsgrad_divides_by_the_largest_second_moment():
    # As above with max(v) in place of v; after a large gradient the two part.
    gradients, ends = np.array([3.0, 0.1, 0.1, 0.1]), {}
    config_lines = ["vae_optimizer.optimizer_fn = @AdamOptimizer", "AdamOptimizer.beta2 = 0.5"]
    for amsgrad in (False, True):
        with parsing.parsed(None, [*config_lines, f"AdamOptimizer.amsgrad = {amsgrad}"]):
            made = optimizers.make_vae_optimizer()
        variable, m, v, largest, w = keras.Variable(0.0), 0.0, 0.0, 0.0, 0.0
        for t, gradient in enumerate(gradients, start=1):
            made.apply([keras.ops.convert_to_tensor(gradient, "float32")], [variable])
            m, v = 0.9 * m + 0.1 * gradient, 0.5 * v + 0.5 * gradient ** 2
            largest = max(largest, v)
            rate = 0.001 * np.sqrt(1 - 0.5 ** t) / (1 - 0.9 ** t)
            w -= rate * m / (np.sqrt(largest if amsgrad else v) + 1e-8)
        np.testing.assert_allclose(variable.numpy(), w, rtol=1e-5)
        ends[amsgrad] = w
    assert abs(ends[True]) < 0.9 * abs(ends[False]) and not optimizers.adam_optimizer().amsgrad


def test_the_discriminators_adam_is_that_of_kim_and_mnih():
    made = optimizers.make_discriminator_optimizer()
    assert isinstance(made, keras.optimizers.Adam)
    assert (made.beta_1, made.beta_2, made.epsilon) == (0.5, 0.9, 1e-8)
    assert float(made.learning_rate) == pytest.approx(1e-4)


def test_gradient_descent():
    assert optimizers.gradient_descent_optimizer(name="mine").name == "mine"
    made = optimizers.gradient_descent_optimizer(0.5, use_locking=False)
    variable = keras.Variable([1.0])
    made.apply([keras.ops.convert_to_tensor([3.0])], [variable])
    np.testing.assert_allclose(variable.numpy(), [-0.5], rtol=1e-6)


@pytest.mark.parametrize("arguments", [
    {"learning_rate": 0}, {"learning_rate": "x"}, {"beta1": 1}, {"beta2": -0.1},
    {"epsilon": "x"}, {"amsgrad": 1}])
def test_wrong_arguments_of_optimizers(arguments):
    with pytest.raises(errors.InvalidArgumentError, match=f"`{list(arguments)[0]}`"):
        optimizers.adam_optimizer(**arguments)


@pytest.mark.oracle
def test_schedules():
    steps = optimizers.piecewise_constant([10, 20], [1.0, 0.1, 0.01])
    assert [float(steps(k)) for k in (0, 10, 11, 20, 21)] == pytest.approx(
        [1.0, 1.0, 0.1, 0.1, 0.01])
    smooth = optimizers.exponential_decay(0.1, 10, 0.5)
    stairs = optimizers.exponential_decay(0.1, 10, 0.5, staircase=True)
    np.testing.assert_allclose([smooth(0), smooth(5), smooth(20)],
                               [0.1, 0.1 * 0.5 ** 0.5, 0.025], rtol=1e-6)
    np.testing.assert_allclose([stairs(9), stairs(19)], [0.1, 0.05], rtol=1e-6)


def test_the_largest_numbers_that_are_taken():
    largest = float(np.finfo(np.float32).max)
    assert float(optimizers.gradient_descent_optimizer(largest).learning_rate) == largest
    for too_large in (1.01 * largest, 1e300):
        with pytest.raises(errors.InvalidArgumentError, match="that float32 can hold"):
            optimizers.gradient_descent_optimizer(too_large)
    assert optimizers.piecewise_constant([2**31 - 1], [1.0, 2.0]).boundaries == [2**31 - 1]
    with pytest.raises(errors.InvalidArgumentError, match="at most 2147483647"):
        optimizers.piecewise_constant([2**31], [1.0, 2.0])


@pytest.mark.contract
@pytest.mark.parametrize("bindings, rates", [
    ([], [1e-3, 1e-3]),
    (["vae_optimizer.optimizer_fn = @AdamOptimizer", "AdamOptimizer.learning_rate = 0.25"],
     [0.25, 0.25]),
    (["vae_optimizer.learning_rate = 0.5"], [0.5, 0.5]),
    (["vae_optimizer.optimizer_fn = @GradientDescentOptimizer"], [0.01, 0.01]),
    (["vae_optimizer.learning_rate = @exponential_decay",
      "exponential_decay.learning_rate = 1.0", "exponential_decay.decay_steps = 4",
      "exponential_decay.decay_rate = 0.5"], [1.0, 0.5]),
    (["vae_optimizer.learning_rate = @piecewise_constant()",
      "piecewise_constant.values = [1.0, 2.0]", "piecewise_constant.boundaries = [3]"],
     [1.0, 2.0])])
def test_optimizer_slot(bindings, rates):
    gin.parse_config([*bindings, "AdamOptimizer.use_locking = False"])
    made = optimizers.make_vae_optimizer()
    variable, seen = keras.Variable([0.0]), []
    for _ in range(5):
        seen.append(float(made.learning_rate))
        made.apply([keras.ops.convert_to_tensor([0.0])], [variable])
    assert [seen[0], seen[4]] == pytest.approx(rates)


KERAS = ["Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lamb", "Lion",
         "Nadam", "RMSprop", "SGD"]


def made_by(*bindings):
    with parts.parsed(bindings=bindings):
        return optimizers.make_vae_optimizer()


@pytest.mark.contract
@pytest.mark.parametrize("name", KERAS)
def test_keras_optimizers_by_name(name):
    made = made_by(f"vae_optimizer.optimizer_fn = @{name}", f"{name}.learning_rate = 0.25",
                   f"{name}.clipnorm = 2", f"{name}.weight_decay = 1e-4", f"{name}.name = 'mine'")
    keras_s = getattr(keras.optimizers, name)(0.25, clipnorm=2.0, weight_decay=1e-4, name="mine")
    assert type(made) is type(keras_s) and made.get_config() == keras_s.get_config()
    assert made_by(f"vae_optimizer.optimizer_fn = @{name}", "vae_optimizer.learning_rate = 0.5"
                   ).get_config()["learning_rate"] == 0.5
    defaults = made_by(f"vae_optimizer.optimizer_fn = @{name}").get_config()
    assert {**defaults, "name": ""} == {**getattr(keras.optimizers, name)().get_config(),
                                        "name": ""}


@pytest.mark.oracle
def test_adamw_decays_weights_beside_the_gradient():
    # Without a gradient w[k] = w[k - 1] (1 - learning_rate * weight_decay).
    made = made_by("vae_optimizer.optimizer_fn = @AdamW", "AdamW.weight_decay = 0.5",
                   "AdamW.learning_rate = 0.1")
    variable = keras.Variable([2.0])
    for _ in range(3):
        made.apply([keras.ops.zeros(1)], [variable])
    np.testing.assert_allclose(variable.numpy(), [2 * 0.95 ** 3], rtol=1e-6)


@pytest.mark.parametrize("bindings, sentence", [
    (["AdamW.weight_decai = 1"], "`AdamW` has no parameter `weight_decai`. "
     "Did you mean 'weight_decay'?"),
    (["AdamW.use_ema = True"], "`AdamW` has no parameter `use_ema`."),
    (["vae_optimizer.optimizer_fn = @AdmW"], "nothing called `AdmW`. Did you mean 'AdamW'?"),
    (["AdamW.beta_1 = 1"], "`beta_1`. Expected a number of at least 0 and less than 1. "
     "Received: beta_1=1."),
    (["AdamW.learning_rate = 'fast'"], "`learning_rate`. Expected a number greater than 0."),
    (["AdamW.weight_decay = -1"], "`weight_decay`. Expected a number of at least 0."),
    (["AdamW.learning_rate = None"], "`learning_rate`. Expected a number greater than 0."),
    (["AdamW.clipnorm = 'x'"], "`clipnorm`. Expected a number"),
    (["AdamW.amsgrad = 1"], "`amsgrad`. Expected True or False."),
    (["AdamW.clipnorm = 1", "AdamW.clipvalue = 1"], "AdamW: Only one of `clipnorm`"),
    (["vae_optimizer.learning_rate = @cosine_decay()", "cosine_decay.decay_steps = 3"],
     "`initial_learning_rate`. Expected a value. Received: initial_learning_rate=None. Bind "
     "cosine_decay.initial_learning_rate."),
    (["vae_optimizer.learning_rate = @cosine_decay()", "cosine_decay.decay_steps = 3",
      "cosine_decay.initial_learning_rate = 0"],
     "`initial_learning_rate`. Expected a number greater than 0."),
    (["vae_optimizer.learning_rate = @warmup()", "warmup.steps = 0"],
     "`steps`. Expected a whole number of at least 1.")])
def test_mistakes_in_gin_files(bindings, sentence):
    with pytest.raises(errors.UserError) as caught:
        made_by("vae_optimizer.optimizer_fn = @AdamW", *bindings)
    assert sentence in str(caught.value).splitlines()[0]


def rate_of(schedule, *bindings):
    return made_by(f"vae_optimizer.learning_rate = {schedule}", *bindings)._learning_rate


@pytest.mark.oracle
def test_keras_schedules_by_name():
    cosine = rate_of("@cosine_decay()", "cosine_decay.initial_learning_rate = 0.01",
                     "cosine_decay.decay_steps = 100", "cosine_decay.alpha = 0.1",
                     "cosine_decay.warmup_target = 0.2", "cosine_decay.warmup_steps = 10")
    np.testing.assert_allclose(
        [cosine(0), cosine(5), cosine(10), cosine(60), cosine(110), cosine(500)],
        [0.01, 0.105, 0.2, 0.2 * 0.55, 0.02, 0.02], rtol=1e-5)
    from_zero = rate_of("@cosine_decay()", "cosine_decay.initial_learning_rate = 0",
                        "cosine_decay.decay_steps = 100", "cosine_decay.warmup_target = 0.2",
                        "cosine_decay.warmup_steps = 10")
    np.testing.assert_allclose([from_zero(0), from_zero(5), from_zero(10)], [0, 0.1, 0.2],
                               rtol=1e-5)
    again = rate_of("@cosine_decay_restarts", "cosine_decay_restarts.initial_learning_rate = 0.2",
                    "cosine_decay_restarts.first_decay_steps = 10",
                    "cosine_decay_restarts.m_mul = 0.5")
    np.testing.assert_allclose([again(0), again(5), again(10), again(20)],
                               [0.2, 0.1, 0.1, 0.05], rtol=1e-5)
    line = rate_of("@polynomial_decay()", "polynomial_decay.initial_learning_rate = 0.5",
                   "polynomial_decay.decay_steps = 4", "polynomial_decay.end_learning_rate = 0.1")
    np.testing.assert_allclose([line(0), line(1), line(4), line(9)], [0.5, 0.4, 0.1, 0.1],
                               rtol=1e-5)
    rising = rate_of("@polynomial_decay()", "polynomial_decay.initial_learning_rate = 0",
                     "polynomial_decay.decay_steps = 4", "polynomial_decay.end_learning_rate = 1")
    np.testing.assert_allclose([rising(0), rising(1), rising(4)], [0, 0.25, 1], rtol=1e-5)
    inverse = rate_of("@inverse_time_decay()", "inverse_time_decay.initial_learning_rate = 0.5",
                      "inverse_time_decay.decay_steps = 2", "inverse_time_decay.decay_rate = 1")
    np.testing.assert_allclose([inverse(0), inverse(2), inverse(6)], [0.5, 0.25, 0.125],
                               rtol=1e-5)


@pytest.mark.oracle
def test_warmup_goes_with_a_number_and_with_a_schedule():
    number = rate_of("@warmup()", "warmup.learning_rate = 0.4", "warmup.steps = 4")
    np.testing.assert_allclose([number(k) for k in range(6)], [0.1, 0.2, 0.3, 0.4, 0.4, 0.4],
                               rtol=1e-6)
    decay = ["exponential_decay.learning_rate = 0.4", "exponential_decay.decay_steps = 2",
             "exponential_decay.decay_rate = 0.25"]
    for inner in ("@exponential_decay", "@exponential_decay()"):
        both = rate_of("@warmup", f"warmup.learning_rate = {inner}", "warmup.steps = 4", *decay)
        np.testing.assert_allclose([both(k) for k in range(6)], [
            0.4 * 0.5 ** k * min(1, (k + 1) / 4) for k in range(6)], rtol=1e-6)


@pytest.mark.contract
def test_schedules_are_saved_with_a_model(tmp_path):
    with parts.parsed(bindings=[
            "vae_optimizer.optimizer_fn = @AdamW", "vae_optimizer.learning_rate = @warmup()",
            "warmup.learning_rate = @cosine_decay()", "warmup.steps = 7",
            "cosine_decay.initial_learning_rate = 0.1", "cosine_decay.decay_steps = 50"]):
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        model.compile(optimizers.make_vae_optimizer(), "mse")
    model.fit(np.ones((12, 2)), np.ones((12, 1)), batch_size=4, verbose=0)
    model.save(tmp_path / "model.keras")
    again = parts.load_model(tmp_path / "model.keras")
    assert isinstance(again.optimizer._learning_rate, optimizers.Warmup)
    assert int(again.optimizer.iterations) == 3
    # The step in flight is the fourth: 4 / 7 of the cosine after three of 50 steps.
    expected = 0.1 * (1 + np.cos(np.pi * 3 / 50)) / 2 * 4 / 7
    np.testing.assert_allclose([float(one.optimizer.learning_rate) for one in (model, again)],
                               [expected] * 2, rtol=1e-6)
    assert again.optimizer.get_config() == model.optimizer.get_config()
    number = optimizers.Warmup(0.5, 3)
    assert optimizers.Warmup.from_config(number.get_config()).get_config() == {
        "learning_rate": 0.5, "steps": 3}
