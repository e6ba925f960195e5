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


def test_gradient_descent():
    made = optimizers.gradient_descent_optimizer(0.5, use_locking=False)
    variable = keras.Variable([1.0])
    made.apply([keras.ops.convert_to_tensor([3.0])], [variable])
    np.testing.assert_allclose(variable.numpy(), [-0.5], rtol=1e-6)


@pytest.mark.parametrize("arguments", [
    {"learning_rate": 0}, {"learning_rate": "x"}, {"beta1": 2}, {"beta2": -0.1},
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
