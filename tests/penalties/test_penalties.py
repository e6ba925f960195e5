"""Penalties: their weights over the steps, where gradients flow, and how they are saved."""
import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers import small_vae

from tf_disentangle import annealing, jacobian, penalties

ESTIMATORS = [jacobian.ForwardMode(), jacobian.FiniteDifference(1e-2),
              jacobian.Sampled(num_columns=5)]
PENALTIES = [(penalties.JacobianL1, jacobian.jacobian_l1),
             (penalties.JacobianL2, jacobian.jacobian_squared_l2)]
SEED = [1, 2]


def value_of(model, penalty):
    model.penalties = [penalty]
    outputs = model.call(small_vae.images(), SEED, training=True)
    assert (outputs.linearization is not None) == penalty.needs_linearization
    return penalty.value(model, outputs, SEED)


@pytest.mark.property
@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("cls, norm", PENALTIES)
def test_detached_codes_give_the_encoder_no_gradient(cls, norm, estimator):
    model, penalty = small_vae.make(), cls(estimator=estimator)
    for gradient in small_vae.gradients(model, lambda: value_of(model, penalty),
                                        model.encoder.trainable_variables):
        np.testing.assert_array_equal(gradient, 0)
    for gradient in small_vae.gradients(model, lambda: value_of(model, penalty),
                                        model.decoder.trainable_variables[::2]):
        assert np.abs(gradient).max() > 0


@pytest.mark.oracle
@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("cls, norm", PENALTIES)
def test_codes_that_are_not_detached_give_the_gradient_of_the_norm(cls, norm, estimator):
    model = small_vae.make()
    penalty = cls(estimator=estimator, detach_codes=False)

    def recomputed():
        z = model.call(small_vae.images(), SEED, training=True).z
        return norm(estimator(model.decoder, z, tf.sigmoid, seed=SEED), small_vae.BATCH)

    np.testing.assert_allclose(value_of(model, penalty), recomputed(), rtol=1e-3)
    encoder = model.encoder.trainable_variables
    ours = small_vae.gradients(model, lambda: value_of(model, penalty), encoder)
    theirs = small_vae.gradients(model, recomputed, encoder)
    # In float32 the ReLU kinks in reach of a finite difference differ by rounding.
    tolerance = 2e-2 if isinstance(estimator, jacobian.FiniteDifference) else 1e-4
    for our, their in zip(ours, theirs):
        scale = np.abs(their).max()
        assert scale > 0
        np.testing.assert_allclose(our, their, rtol=0, atol=tolerance * scale)


@pytest.mark.property
@pytest.mark.parametrize("cls, norm", PENALTIES)
def test_value_does_not_depend_on_detaching(cls, norm):
    model = small_vae.make()
    detached, attached = (value_of(model, cls(estimator=jacobian.ForwardMode(),
                                              detach_codes=detach)) for detach in (True, False))
    np.testing.assert_allclose(detached, attached, rtol=1e-5)


@pytest.mark.property
def test_default_estimator_is_the_finite_difference_of_the_paper():
    penalty = penalties.JacobianL1()
    assert isinstance(penalty.estimator, jacobian.FiniteDifference)
    assert penalty.estimator.epsilon == 1e-3 and penalty.detach_codes is True


@pytest.mark.property
@pytest.mark.parametrize("step, expected", [(0, 0.0), (1, 0.2), (5, 1.0), (10, 2.0),
                                            (11, 2.0), (10**6, 2.0)])
def test_annealing_is_linear_then_constant(step, expected):
    penalty = penalties.JacobianL1(weight=2.0, annealing_steps=10)
    np.testing.assert_allclose(penalty.weight_at(tf.constant(step, tf.int64)), expected,
                               rtol=1e-6)


@pytest.mark.property
def test_weight_without_annealing_is_constant():
    for step in (0, 7):
        assert float(penalties.JacobianL1(weight=0.5).weight_at(step)) == 0.5


@pytest.mark.property
def test_annealing_begins_with_the_penalty():
    penalty = penalties.JacobianL1(weight=2.0, annealing_steps=10, start_step=100)
    for step, expected in ((0, 0.0), (99, 0.0), (100, 0.0), (105, 1.0), (110, 2.0), (10**6, 2.0)):
        np.testing.assert_allclose(penalty.weight_at(tf.constant(step, tf.int64)), expected,
                                   rtol=1e-6)


@pytest.mark.property
@pytest.mark.parametrize("detach_codes", [True, False])
def test_before_its_start_a_penalty_changes_nothing(detach_codes):
    def four_steps(*terms):
        """The terms of each step, and the weights after it."""
        model = small_vae.make(penalties=terms)
        model.compile(keras.optimizers.Adam(1e-2))
        step = tf.function(model.update)
        for _ in range(4):
            terms = step(tf.constant(small_vae.images(4)))
            yield terms, [variable.numpy() for variable in model.trainable_variables]

    late = penalties.JacobianL1(0.5, jacobian.ForwardMode(), detach_codes, start_step=3)
    terms, ours = zip(*four_steps(late))
    _, theirs = zip(*four_steps())
    assert [float(step["jacobian_l1"]) > 0 for step in terms] == [False, False, False, True]
    for our, their in zip(ours[2], theirs[2], strict=True):
        np.testing.assert_allclose(our, their, rtol=0, atol=1e-5)
    assert any(np.any(np.abs(our - their) > 1e-4)
               for our, their in zip(ours[3], theirs[3], strict=True))


@pytest.mark.oracle
def test_anneal_against_recorded_numbers():
    # disentanglement_lib's anneal(25, step, 1000): training_oracle.json, `formulas`.
    for step, expected in ((300, 7.5), (3000, 25.0)):
        np.testing.assert_allclose(annealing.annealed(25, step, 1000), expected, rtol=1e-6)


@pytest.mark.property
def test_schedule_of_the_step():
    schedule = keras.optimizers.schedules.PolynomialDecay(1.0, 10, end_learning_rate=3.0)
    plain = penalties.JacobianL1(weight=schedule)
    annealed = penalties.JacobianL1(weight=schedule, annealing_steps=20)
    for step, expected in ((0, 1.0), (5, 2.0), (10, 3.0), (100, 3.0)):
        np.testing.assert_allclose(plain.weight_at(step), expected, rtol=1e-6)
        np.testing.assert_allclose(annealed.weight_at(step),
                                   expected * min(1, step / 20), rtol=1e-6)


@pytest.mark.contract
@pytest.mark.parametrize("penalty", [
    penalties.JacobianL1(0.1), penalties.JacobianL2(
        weight=keras.optimizers.schedules.ExponentialDecay(1.0, 10, 0.5),
        annealing_steps=7, name="other", detach_codes=False, start_step=2,
        estimator=jacobian.Sampled(jacobian.FiniteDifference(0.1), num_directions=2))])
def test_survives_serialization(penalty):
    config = keras.saving.serialize_keras_object(penalty)
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is type(penalty)
    assert keras.saving.serialize_keras_object(again) == config
    assert float(again.weight_at(3)) == float(penalty.weight_at(3))
    model = small_vae.make()
    np.testing.assert_array_equal(value_of(model, again), value_of(model, penalty))


@pytest.mark.contract
def test_names_of_the_terms():
    assert penalties.JacobianL1().name == "jacobian_l1"
    assert penalties.JacobianL2().name == "jacobian_l2"
    assert penalties.JacobianL2(name="smooth").name == "smooth"


@pytest.mark.contract
@pytest.mark.parametrize("arguments, sentence", [
    ({"weight": -1.0}, "Invalid value for argument `weight`. Expected a number of at least 0. "
                       "Received: weight=-1.0."),
    ({"weight": float("nan")}, "Expected a number of at least 0. Received: weight=nan."),
    ({"weight": "x"}, "Expected a number of at least 0. Received: weight='x'."),
    ({"annealing_steps": -1}, "Expected a whole number of at least 0. Received: "
                              "annealing_steps=-1."),
    ({"annealing_steps": 2.5}, "Expected a whole number of at least 0. Received: "
                               "annealing_steps=2.5."),
])
def test_wrong_arguments(arguments, sentence):
    with pytest.raises(ValueError) as error:
        penalties.JacobianL1(**arguments)
    assert sentence in str(error.value)


@pytest.mark.contract
def test_penalty_is_abstract():
    with pytest.raises(TypeError, match="abstract"):
        penalties.Penalty()
