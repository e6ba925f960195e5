"""What every model must be able to do, and what its loss is made of."""
import json

import gin
import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers import small_vae

from tf_disentangle import errors, jacobian, losses, models, penalties, reconstruction
from tf_disentangle.configuration import registry

FORWARD = jacobian.ForwardMode()


@registry.register("test_two_term_vae")
@keras.saving.register_keras_serializable("tests")
class TwoTermVAE(models.BaseVAE):
    """A method in user code: two named terms, one argument of its own."""

    def __init__(self, scale=2.0, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale

    def regularizer(self, kl_loss, z_mean, z_logvar, z_sampled):
        return {"scaled_kl": self.scale * kl_loss,
                "squares": tf.reduce_mean(tf.reduce_sum(z_mean ** 2, axis=1))}

    def get_config(self):
        return {**super().get_config(), "scale": self.scale}


@keras.saving.register_keras_serializable("tests")
class Autoencoder(models.BaseVAE):
    """A method that adds nothing."""

    def regularizer(self, kl_loss, z_mean, z_logvar, z_sampled):
        return {}


def jl1_vae(**kwargs):
    sampled = jacobian.Sampled(jacobian.ForwardMode(10.0), num_columns=4)
    return small_vae.make(
        beta=4.0, annealing_steps=10,
        penalties=[penalties.JacobianL1(0.1, sampled, annealing_steps=10),
                   penalties.JacobianL2(0.2, detach_codes=False)],
        reconstruction_loss=reconstruction.L2Loss("tanh"), seed=3, **kwargs)


MODELS = {"vae": small_vae.make, "jl1_vae": jl1_vae,
          "two_terms": lambda: small_vae.make(TwoTermVAE, scale=3.0)}


@pytest.fixture(params=MODELS)
def model(request):
    return MODELS[request.param]()


def numbers(terms):
    return {name: float(value) for name, value in terms.items()}


@pytest.mark.contract
def test_keras_file_gives_the_same_model(model, tmp_path):
    model.step.assign(7)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    assert type(again) is type(model)
    # JSON has no tuples.
    assert json.dumps(again.get_config()) == json.dumps(model.get_config())
    assert int(again.step) == 7
    images = small_vae.images()
    for ours, theirs in zip(again(images), model(images)):
        np.testing.assert_array_equal(ours, theirs)
    assert numbers(again.loss_terms(images)) == numbers(model.loss_terms(images))


@pytest.mark.contract
@pytest.mark.parametrize("name", ["jl1_vae", "two_terms"])  # which has no penalty
def test_trains_through_keras(name):
    model = MODELS[name]()
    images = small_vae.images(12)
    before = [variable.numpy() for variable in model.trainable_variables]
    model.compile(optimizer="adam")
    history = model.fit(images, batch_size=4, epochs=2, verbose=0)
    assert int(model.step) == 6
    assert all(np.isfinite(values).all() for values in history.history.values())
    changed = [np.abs(variable.numpy() - old).max() > 0
               for variable, old in zip(model.trainable_variables, before)]
    assert all(changed)
    assert np.isfinite(model.evaluate(images, batch_size=4, verbose=0,
                                      return_dict=True)["loss"])
    assert int(model.step) == 6
    outputs = model.predict(images, batch_size=4, verbose=0)
    assert [np.shape(output) for output in outputs] == [(12, 3), (12, 3), (12, 3),
                                                        (12, 16, 16, 1)]
    np.testing.assert_allclose(outputs[0], model.representation(images), rtol=1e-4, atol=1e-6)


@pytest.mark.contract
def test_every_variable_has_a_gradient(model):
    model.step.assign(5)
    with tf.GradientTape() as tape:
        loss = model.loss_terms(small_vae.images())["loss"]
    gradients = tape.gradient(loss, model.trainable_variables)
    assert len(gradients) == 20
    assert all(gradient is not None for gradient in gradients)


@pytest.mark.contract
@pytest.mark.parametrize("data", [np.asarray, lambda images: tf.data.Dataset.from_tensor_slices(
    images).batch(4)], ids=["array", "dataset"])
def test_one_trace_for_many_steps(data):
    class Counting(reconstruction.BernoulliLoss):
        traces = 0

        def __call__(self, images, outputs):
            Counting.traces += 1
            return super().__call__(images, outputs)

    model = small_vae.make(reconstruction_loss=Counting(),
                           penalties=[penalties.JacobianL1(0.1, FORWARD, annealing_steps=3)])
    model.compile(optimizer="adam")
    images = data(small_vae.images(20))
    model.fit(images, batch_size=4 if isinstance(images, np.ndarray) else None, epochs=2, verbose=0)
    assert int(model.step) == 10
    assert Counting.traces == 1


@pytest.mark.contract
def test_same_numbers_eagerly_and_in_a_graph():
    model = jl1_vae()
    model.step.assign(3)
    images = tf.constant(small_vae.images())
    eager, graph = model.loss_terms(images), tf.function(model.loss_terms)(images)
    for name, value in eager.items():
        np.testing.assert_allclose(graph[name], value, rtol=1e-4, err_msg=name)


@pytest.mark.property
def test_terms_add_up():
    model = jl1_vae()
    model.step.assign(5)
    terms = numbers(model.loss_terms(small_vae.images()))
    weighted = (0.5 * 4 * terms["kl_loss"] + 0.5 * 0.1 * terms["jacobian_l1"]
                + 0.2 * terms["jacobian_l2"])
    np.testing.assert_allclose(terms["regularizer"], weighted, rtol=1e-5)
    np.testing.assert_allclose(terms["loss"],
                               terms["reconstruction_loss"] + terms["regularizer"], rtol=1e-6)
    np.testing.assert_allclose(terms["elbo"],
                               -terms["reconstruction_loss"] - terms["kl_loss"], rtol=1e-6)


@pytest.mark.property
def test_named_terms_of_a_regularizer_are_reported_and_summed():
    model = small_vae.make(TwoTermVAE, penalties=[penalties.JacobianL2(0.5, FORWARD)])
    terms = numbers(model.loss_terms(small_vae.images()))
    z_mean = model.representation(small_vae.images())
    np.testing.assert_allclose(terms["scaled_kl"], 2 * terms["kl_loss"], rtol=1e-6)
    np.testing.assert_allclose(terms["squares"], (z_mean ** 2).sum(axis=1).mean(), rtol=1e-5)
    np.testing.assert_allclose(
        terms["regularizer"],
        terms["scaled_kl"] + terms["squares"] + 0.5 * terms["jacobian_l2"], rtol=1e-6)


@pytest.mark.property
def test_no_regularizer_is_a_plain_autoencoder():
    terms = numbers(small_vae.make(Autoencoder).loss_terms(small_vae.images()))
    assert terms["regularizer"] == 0 and terms["loss"] == terms["reconstruction_loss"]


@pytest.mark.oracle
def test_kl_is_the_closed_form_of_the_normal_prior():
    model = small_vae.make()
    bias = model.encoder.get_layer("log_var").bias
    bias.assign(bias - 3.0)
    z_mean, z_logvar = model.encode(small_vae.images())
    np.testing.assert_allclose(model.loss_terms(small_vae.images())["kl_loss"],
                               losses.compute_gaussian_kl(z_mean, z_logvar), rtol=1e-6)


@pytest.mark.property
@pytest.mark.parametrize("loss, function", [
    (reconstruction.BernoulliLoss(), tf.sigmoid), (reconstruction.L2Loss(), tf.sigmoid),
    (reconstruction.BernoulliLoss("tanh"), lambda x: tf.tanh(x) / 2 + 0.5)])
def test_output_function_is_applied_once(loss, function):
    model = small_vae.make(reconstruction_loss=loss)
    z = tf.random.stateless_normal([4, 3], [1, 2]) * 10
    np.testing.assert_allclose(model.mean_image(model.decode(z)), function(model.decoder(z)),
                               rtol=1e-6)
    np.testing.assert_allclose(model.decode(z), model.decoder(z), rtol=1e-6)


@pytest.mark.property
def test_noise_is_a_function_of_seed_and_draw():
    images = small_vae.images()
    model = jl1_vae()
    first, again, other = (numbers(model.loss_terms(images, draw=k)) for k in (4, 4, 5))
    assert first == again
    assert first["reconstruction_loss"] != other["reconstruction_loss"]
    assert first["jacobian_l1"] != other["jacobian_l1"]
    model.step.assign(4)
    at_step = numbers(model.loss_terms(images))
    assert at_step["reconstruction_loss"] == first["reconstruction_loss"]
    model.seed = 4
    assert numbers(model.loss_terms(images))["reconstruction_loss"] != first[
        "reconstruction_loss"]


@pytest.mark.property
def test_outputs_for_training_are_those_of_a_call():
    images = small_vae.images()
    for model in (small_vae.make(), jl1_vae()):  # whole, and taken apart
        for ours, theirs in zip(model.call(images, [1, 2], training=True),
                                model(images, seed=[1, 2]), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_evaluate_gives_means_over_batches():
    images = np.asarray(small_vae.images())
    model = small_vae.make()
    model.compile(optimizer="sgd")
    whole = model.evaluate(images, batch_size=len(images) // 2, return_dict=True, verbose=0)
    halves = [numbers(model.loss_terms(tf.constant(half), draw=draw))
              for draw, half in enumerate(np.split(images, 2))]
    for name in ("loss", "reconstruction_loss", "kl_loss", "regularizer", "elbo"):
        np.testing.assert_allclose(
            whole[name], np.mean([half[name] for half in halves]), rtol=1e-5)


def test_a_term_may_not_take_the_name_of_another():
    model = small_vae.make(penalties=[penalties.JacobianL1(name="kl_loss")])
    with pytest.raises(errors.InvalidArgumentError, match="names that no other term has"):
        model.loss_terms(small_vae.images())


@pytest.mark.contract
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("detach_codes", [True, False])
@pytest.mark.parametrize("estimator", [
    FORWARD, jacobian.ForwardMode(10.0), jacobian.FiniteDifference(),
    jacobian.Sampled(num_directions=1)])
def test_a_step_in_mixed_precision(policy, estimator, detach_codes):
    keras.config.set_dtype_policy(policy)
    model = small_vae.make(
        penalties=[penalties.JacobianL1(0.1, estimator, detach_codes=detach_codes)])
    assert all(v.dtype == "float32" for v in model.trainable_variables)
    before = [variable.numpy() for variable in model.trainable_variables]
    model.compile(optimizer="sgd")
    if policy == "mixed_float16":
        # Its first scale, 2 ** 15, is halved until the gradients do not overflow.
        assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
        model.optimizer.build(model.trainable_variables)
        model.optimizer.dynamic_scale.assign(2.0 ** 5)
    terms = numbers(model.update(tf.constant(small_vae.images())))
    assert np.isfinite(list(terms.values())).all()
    assert all((variable.numpy() != old).any() and np.isfinite(variable.numpy()).all()
               for variable, old in zip(model.trainable_variables, before))


@pytest.mark.contract
def test_trains_through_keras_in_mixed_precision():
    keras.config.set_dtype_policy("mixed_float16")
    model = jl1_vae()
    model.compile(optimizer="adam")
    history = model.fit(small_vae.images(12), batch_size=4, verbose=0).history
    assert all(np.isfinite(values).all() for values in history.values())
    assert int(model.step) == 3


@pytest.fixture(scope="module")
def holder():
    @gin.configurable("test_model_holder", module="tests")
    def hold(model=None):
        return model
    return hold


@pytest.mark.contract
def test_gin_makes_the_same_model_as_python(holder):
    gin.parse_config("""
        test_model_holder.model = @vae()
        vae.beta = 4.0
        vae.annealing_steps = 10
        vae.seed = 3
        vae.penalties = [@jacobian_l1()]
        jacobian_l1.weight = 0.1
        jacobian_l1.estimator = @sampled()
        sampled.estimator = @forward_mode()
        sampled.num_columns = 4
        reconstruction_loss.loss_fn = @l2_loss
    """)
    made = holder()
    gin.clear_config()
    python = models.VAE(
        beta=4.0, annealing_steps=10, seed=3, reconstruction_loss=reconstruction.L2Loss(),
        penalties=[penalties.JacobianL1(0.1, jacobian.Sampled(FORWARD, num_columns=4))])
    ours, theirs = made.get_config(), python.get_config()
    assert ours.pop("name") and theirs.pop("name")
    assert ours == theirs


@pytest.mark.contract
def test_gin_gives_a_subclass_the_parameters_of_its_parent(holder):
    gin.parse_config("test_model_holder.model = @test_two_term_vae()\n"
                     "test_two_term_vae.scale = 5.0\ntest_two_term_vae.seed = 9")
    made = holder()
    assert isinstance(made, TwoTermVAE) and (made.scale, made.seed) == (5.0, 9)
    with pytest.raises(ValueError, match="sale"):
        gin.parse_config("test_two_term_vae.sale = 5.0")


@pytest.mark.contract
def test_parts_that_are_not_given_come_from_the_slots():
    gin.parse_config("encoder.num_latent = 4\ndecoder.decoder_fn = @fc_decoder")
    model = models.VAE()
    model.build([None, 64, 64, 1])
    assert model.num_latent == 4
    assert [layer.units for layer in model.decoder.layers
            if isinstance(layer, keras.layers.Dense)] == [1200, 1200, 1200, 4096]
    order = [*model.encoder.trainable_variables, *model.decoder.trainable_variables]
    assert [v.path for v in model.trainable_variables] == [v.path for v in order]


@pytest.mark.contract
@pytest.mark.parametrize("make, sentence", [
    (lambda: models.VAE(beta=-1.0), "Invalid value for argument `beta`. Expected a number of "
                                    "at least 0. Received: beta=-1.0."),
    (lambda: models.VAE(annealing_steps=-1), "Received: annealing_steps=-1."),
    (lambda: models.VAE(seed=-1), "Expected a whole number of at least 0. Received: seed=-1."),
    (lambda: models.VAE(penalties=[penalties.JacobianL1(), penalties.JacobianL1()]),
     "Expected penalties of distinct names. Received: "
     "penalties=['jacobian_l1', 'jacobian_l1']. Give one a `name`."),
    (lambda: models.VAE(encoder=small_vae.make().encoder).build([None, 64, 64, 3]),
     "Expected images of shape [16, 16, 1], which the encoder takes. Received: "
     "observation_shape=[64, 64, 3]."),
])
def test_wrong_arguments(make, sentence):
    with pytest.raises(ValueError) as error:
        make()
    assert sentence in str(error.value)


@pytest.mark.contract
def test_base_has_no_regularizer():
    with pytest.raises(TypeError, match="abstract.*regularizer"):
        small_vae.make(models.BaseVAE)
