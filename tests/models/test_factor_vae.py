"""FactorVAE's two optimizers: what each moves, by what, and that nothing of them is lost."""
import io
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers import tiny_run
from models.test_baselines import IMAGES, make, tiny_discriminator

from tf_disentangle import errors, losses, models, networks, optimizers, penalties, training
from tf_disentangle.configuration import parsing
from tf_disentangle.models import factor_vae
from tf_disentangle.training import outcome

UPDATES = ("simultaneous", "alternating")


def make_factor_vae(update="simultaneous", rate=0.1, **kwargs):
    """Built, and compiled with plain gradient descent, so that steps are gradients."""
    keras.utils.set_random_seed(0)
    model = make(models.FactorVAE, gamma=5.0, discriminator_update=update,
                 discriminator=tiny_discriminator(),
                 discriminator_optimizer=keras.optimizers.SGD(rate), **kwargs)
    model.compile(optimizer=keras.optimizers.SGD(1e-3))
    return model


def values(variables):
    return [variable.numpy() for variable in variables]


@pytest.mark.oracle
@pytest.mark.parametrize("update", UPDATES)
def test_one_step_is_two_gradient_steps(update, monkeypatch):
    # Written out again from the text of the paper's algorithm 2 and disentanglement_lib's.
    seen = []
    shuffle = factor_vae.losses.shuffle_codes
    monkeypatch.setattr(factor_vae.losses, "shuffle_codes",
                        lambda z, seed: seen.append((z, shuffle(z, seed))) or seen[-1][1])
    model, twin = make_factor_vae(update), make_factor_vae(update)
    halves = (IMAGES, IMAGES) if update == "simultaneous" else np.split(IMAGES, 2)
    expected = twin.loss_terms(halves[0])
    z = twin.call(halves[0]).z
    with tf.GradientTape() as tape:
        loss = twin.loss_terms(halves[0])["loss"]
    variables = twin.trainable_variables
    for variable, gradient in zip(variables, tape.gradient(loss, variables)):
        variable.assign_sub(1e-3 * gradient)
    terms = model.update(IMAGES)
    for ours, theirs in zip(values(model.trainable_variables), values(variables)):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)
    (given, shuffled), = seen
    if update == "simultaneous":
        np.testing.assert_allclose(given, z, rtol=1e-5)
    else:  # codes of the second half, by the encoder after its update
        z_mean, z_logvar = twin.encode(halves[1])
        noise = (given - z_mean) / tf.exp(z_logvar / 2)
        old_mean, _ = make_factor_vae(update).encode(halves[1])
        assert np.abs(old_mean - z_mean).max() > 1e-4
        np.testing.assert_allclose(noise, tf.random.stateless_normal(
            noise.shape, model._seed(factor_vae._SECOND_HALF_STREAM, 0)), atol=1e-4)
    with tf.GradientTape() as tape:
        loss = losses.discriminator_loss(twin.discriminator(z)[1],
                                         twin.discriminator(shuffled)[1])
    variables = twin.discriminator.trainable_variables
    for variable, gradient, ours in zip(variables, tape.gradient(loss, variables),
                                        values(model.discriminator.trainable_variables)):
        assert np.abs(gradient).max() > 0
        np.testing.assert_allclose(ours, variable - 0.1 * gradient, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(terms["discriminator_loss"], loss, rtol=1e-5)
    for name, value in expected.items():
        np.testing.assert_allclose(terms[name], value, rtol=1e-5, err_msg=name)
    assert int(model.step) == 1


@pytest.mark.property
def test_the_optimizers_share_no_variable():
    model = make_factor_vae()
    own, adversary = ({variable.path for variable in variables} for variables in (
        model.trainable_variables, model.discriminator.trainable_variables))
    assert len(own) == 10 and len(adversary) == 4 and not own & adversary
    assert [v.path for v in model.trainable_variables] == [
        v.path for part in (model.encoder, model.decoder) for v in part.trainable_variables]


@pytest.mark.property
def test_the_regularizer_is_kl_and_weighted_total_correlation():
    model = make_factor_vae(penalties=[penalties.CodeL1(0.5)])
    terms = {name: float(value) for name, value in model.loss_terms(IMAGES).items()}
    logits, _ = model.discriminator(model.call(IMAGES).z)
    np.testing.assert_allclose(terms["weighted_total_correlation"],
                               5 * np.mean(logits[:, 0] - logits[:, 1]), rtol=1e-4)
    np.testing.assert_allclose(
        terms["regularizer"],
        terms["kl_loss"] + terms["weighted_total_correlation"] + 0.5 * terms["code_l1"],
        rtol=1e-5)


@pytest.mark.convergence
def test_a_trained_discriminator_knows_the_total_correlation():
    # Codes of correlation 0.9: -log(1 - 0.81) / 2 = 0.830 nats; what is left of it is the
    # error of a small network. A swap of the classes would give about -0.8.
    model = make(models.FactorVAE, discriminator=tiny_discriminator(units=64),
                 discriminator_optimizer=keras.optimizers.Adam(0.01))
    deviations = tf.constant([1.0, 0.9, 0.1]), tf.constant(np.sqrt(1 - 0.81), tf.float32)

    def codes(step):
        noise = tf.random.stateless_normal([512, 3], [step, 0])
        second = 0.9 * noise[:, 0] + deviations[1] * noise[:, 1]
        return tf.stack([noise[:, 0], second, noise[:, 2]], axis=1)

    @tf.function
    def train():
        for step in tf.range(300):
            z = codes(step)
            model._update_discriminator(z, losses.shuffle_codes(z, [step, 1]))
    train()
    estimates = [float(losses.discriminator_total_correlation(model.discriminator(codes(k))[0]))
                 for k in range(1000, 1010)]
    assert abs(np.mean(estimates) - 0.830) < 0.1


@pytest.mark.property
def test_permutations_are_a_function_of_seed_and_step(monkeypatch):
    seeds = []
    monkeypatch.setattr(factor_vae.losses, "shuffle_codes",
                        lambda z, seed: seeds.append(tuple(seed.numpy())) or z)
    for model_seed in (0, 0, 1):
        model = make_factor_vae(seed=model_seed)
        for _ in range(2):
            model.update(IMAGES)
    assert seeds[:2] == seeds[2:4] and len(set(seeds)) == 4


@pytest.mark.contract
def test_trains_through_keras_and_goes_on_from_its_file(tmp_path):
    model = make_factor_vae("alternating")
    model.compile(optimizer="adam")
    before = values(model.trainable_variables + model.discriminator.trainable_variables)
    history = model.fit(IMAGES, batch_size=5, verbose=0).history  # batches of 5, 5 and 2
    assert int(model.step) == 3 and int(model.discriminator_optimizer.iterations) == 3
    assert all(np.isfinite(found).all() for found in history.values())
    after = values(model.trainable_variables + model.discriminator.trainable_variables)
    assert all((new != old).any() for new, old in zip(after, before))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    ours, theirs = (one.update(IMAGES) for one in (model, again))
    assert {key: float(value) for key, value in ours.items()} == {
        key: float(value) for key, value in theirs.items()}
    for mine, other in zip(model.discriminator_optimizer.variables,
                           again.discriminator_optimizer.variables):
        np.testing.assert_array_equal(mine, other)


GIN = """
    import helpers.tiny_run
    encoder.encoder_fn = @tiny_encoder
    encoder.num_latent = 3
    decoder.decoder_fn = @tiny_decoder
    discriminator.discriminator_fn = @tiny_discriminator
    vae_optimizer.optimizer_fn = @vae/AdamOptimizer
    vae/AdamOptimizer.beta1 = 0.9
    vae/AdamOptimizer.beta2 = 0.999
    vae/AdamOptimizer.epsilon = 1e-8
    vae/AdamOptimizer.learning_rate = 0.0002
    vae/AdamOptimizer.name = 'Adam'
    vae/AdamOptimizer.use_locking = False
    discriminator_optimizer.optimizer_fn = @discriminator/AdamOptimizer
    discriminator/AdamOptimizer.beta1 = 0.5
    discriminator/AdamOptimizer.beta2 = 0.9
    discriminator/AdamOptimizer.epsilon = 1e-7
    discriminator/AdamOptimizer.learning_rate = 0.0003
    discriminator/AdamOptimizer.name = 'Adam'
    discriminator/AdamOptimizer.use_locking = False
"""


@pytest.mark.contract
def test_disentanglement_lib_s_scopes_reach_the_two_optimizers():
    with parsing.parsed(bindings=[GIN]):
        model = models.FactorVAE()
        training.train.prepare_model(model, tiny_run.SHAPE)
        assert parsing.unused_bindings() == []
    found = [(optimizer.beta_1, optimizer.beta_2, optimizer.epsilon,
              round(float(optimizer.learning_rate), 7), optimizer.name)
             for optimizer in (model.optimizer, model.discriminator_optimizer)]
    assert found == [(0.9, 0.999, 1e-8, 0.0002, "Adam"), (0.5, 0.9, 1e-7, 0.0003, "Adam")]
    assert [layer.units for layer in model.discriminator.layers
            if isinstance(layer, keras.layers.Dense)] == [8, 2]
    # Two moments for each variable of its own, beside the counter and the rate.
    assert [len(optimizer.variables) for optimizer in (
        model.optimizer, model.discriminator_optimizer)] == [2 * 10 + 2, 2 * 4 + 2]


@pytest.mark.contract
def test_slot_without_bindings_is_the_paper_s_adam():
    made = optimizers.make_discriminator_optimizer()
    assert (made.beta_1, made.beta_2, made.epsilon) == (0.5, 0.9, 1e-8)
    assert round(float(made.learning_rate), 9) == 1e-4
    faster = optimizers.make_discriminator_optimizer(learning_rate=1e-3)
    assert round(float(faster.learning_rate), 9) == 1e-3 and faster.beta_1 == 0.5


@pytest.mark.contract
def test_discriminator_keeps_the_precision_of_the_variables_under_a_mixed_policy():
    keras.config.set_dtype_policy("mixed_float16")
    logits, probabilities = networks.make_discriminator(3)(tf.zeros([2, 3]))
    assert logits.dtype == probabilities.dtype == tf.float32
    np.testing.assert_allclose(probabilities, tf.nn.softmax(logits), rtol=1e-6)


@pytest.fixture
def without_tracing():
    """Functions run as plain Python."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def train(model_dir, policy, update):
    """A run of the tiny model over 9 steps, with a checkpoint after 5."""
    options = training.options.make_run_options(
        mixed_precision=policy, checkpoint_every=5, steps_per_call=3)
    model, stream = models.FactorVAE(5.0, update, penalties=[penalties.DIP(0.1)]), io.StringIO()
    with parsing.parsed(bindings=[GIN, "vae/AdamOptimizer.learning_rate = 0.01",
                                 "discriminator/AdamOptimizer.learning_rate = 0.01"]):
        training.train_model(model, tiny_run.TinyData(), 9, 4, model_dir=model_dir,
                             options=options, stream=stream)
    return model, stream.getvalue()


@pytest.mark.contract
@pytest.mark.parametrize("policy, update, is_traced", [
    ("float32", "simultaneous", True), ("mixed_float16", "alternating", False)])
def test_a_run_that_goes_on_ends_with_the_same_bits(tmp_path, policy, update, is_traced,
                                                    monkeypatch, request):
    if not is_traced:  # which takes longer than the steps
        request.getfixturevalue("without_tracing")
    monkeypatch.setattr(outcome.export, "export_saved_model", lambda model, path: None)
    monkeypatch.setattr(outcome, "final_losses", lambda run, step: {"global_step": step})
    train(tmp_path / "whole", policy, update)
    # As a kill after the first checkpoint leaves it.
    killed = shutil.copytree(tmp_path / "whole", tmp_path / "killed")
    shutil.rmtree(killed / "results")
    for name in ("model.keras", "checkpoints/step_000000009.keras"):
        (killed / name).unlink()
    model, text = train(killed, policy, update)
    assert "Resuming at step 5 of 9." in text
    tiny_run.assert_same_arrays(tmp_path / "whole/model.keras", killed / "model.keras")
    arrays = tiny_run.arrays(killed / "model.keras")
    for part in ("discriminator/", "discriminator_optimizer/"):
        found = [value for name, value in arrays.items() if name.startswith(part)]
        assert len(found) >= 4 and any(np.any(value != 0) for value in found), part
    scales = isinstance(model.discriminator_optimizer, keras.optimizers.LossScaleOptimizer)
    assert scales == isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    assert scales == (policy == "mixed_float16")
    assert all(np.isfinite(value).all() for value in arrays.values())


@pytest.mark.contract
def test_xla_gives_the_same_update_of_the_discriminator():
    model, twin = make_factor_vae(), make_factor_vae()
    z = model.call(IMAGES).z
    ours = tf.function(model._update_discriminator, jit_compile=True)(z, z[::-1])
    np.testing.assert_allclose(ours, twin._update_discriminator(z, z[::-1]), rtol=1e-5)
    for mine, other in zip(values(model.discriminator.variables),
                           values(twin.discriminator.variables)):
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-7)


@pytest.mark.contract
def test_a_batch_of_one_has_no_halves():
    with pytest.raises(errors.InvalidArgumentError, match="batch_size`. Expected at least 4"):
        make_factor_vae("alternating").update(IMAGES[:1])


@pytest.mark.contract
def test_a_penalty_may_not_be_called_discriminator_loss():
    model = make_factor_vae(penalties=[penalties.CodeL1(name="discriminator_loss")])
    with pytest.raises(errors.InvalidArgumentError, match="names that no other term has"):
        model.update(IMAGES)
