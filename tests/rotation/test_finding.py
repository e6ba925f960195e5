"""Rotating a model from start to finish: results, refusals and the representation."""
import json

import gin
import keras
import numpy as np
import pytest
import tensorflow_probability as tfp
from helpers import tiny_run

from tf_disentangle import data, errors, losses, models, networks, postprocessing, priors, rotation
from tf_disentangle.rotation import orthogonal, requirements

NUM_LATENT, SHAPE = 4, [6, 6, 1]
tfd = tfp.distributions


class Blocks(data.GroundTruthData):
    """Images of four quarters, each with its own brightness."""
    factors_num_values = [16] * NUM_LATENT
    observation_shape = SHAPE

    def sample_factors(self, num, random_state):
        return random_state.randint(16, size=(num, NUM_LATENT))

    def sample_observations_from_factors(self, factors, random_state):
        quarters = np.asarray(factors, np.float32).reshape(-1, 2, 2, 1) / 15
        return quarters.repeat(3, axis=1).repeat(3, axis=2)


def images(num=200):
    return Blocks().sample_observations(num, np.random.RandomState(0)).astype(np.float32)


NO_TURN = np.eye(NUM_LATENT)


def blocks_model(turn=NO_TURN, log_variances=(-4, -3, -5, -4), **kwargs):
    """A VAE whose codes are the brightnesses of the quarters, times `turn`."""
    pixels = keras.Input(SHAPE)
    flat = keras.layers.Flatten()(pixels)
    heads = [keras.layers.Dense(NUM_LATENT)(flat) for _ in range(2)]
    encoder = keras.Model(pixels, heads)
    codes = keras.Input((NUM_LATENT,))
    decoder = keras.Model(codes, keras.layers.Reshape(SHAPE)(keras.layers.Dense(36)(codes)))
    kwargs.setdefault("reconstruction_loss", losses.L2Loss("linear"))
    model = models.VAE(encoder=encoder, decoder=decoder, **kwargs)
    model.build([None, *SHAPE])
    quarters = np.eye(4).reshape(4, 2, 2).repeat(3, axis=1).repeat(3, axis=2).reshape(4, 36)
    encoder.layers[-2].set_weights([3 * quarters.T / 9 @ turn, -1.5 * np.ones(4) @ turn])
    encoder.layers[-1].set_weights([np.zeros((36, 4)), np.array(log_variances)])
    decoder.layers[-2].set_weights([turn.T @ quarters / 3, 0.5 * np.ones(36)])
    return model


def a_turn(seed=0):
    return orthogonal.random_orthogonal(NUM_LATENT, np.random.RandomState(seed))


@pytest.mark.oracle
@pytest.mark.parametrize("criterion", ["l1", "varimax"])
def test_finds_the_parts_of_an_image(criterion):
    rotated, report = rotation.rotate(blocks_model(a_turn()), images(), criterion)
    # Each row of the Jacobian then has one entry: up to order and sign, the turn is undone.
    product = np.abs(a_turn() @ rotation.rotation_of(rotated))
    np.testing.assert_allclose(np.sort(product, axis=0)[-1], 1, rtol=0, atol=1e-4)
    json.dumps(report, allow_nan=False)
    np.testing.assert_allclose(report["rotation"], rotation.rotation_of(rotated), rtol=0,
                               atol=1e-6)
    assert report["active_latents"] == [0, 1, 2, 3] and report["num_images"] == 200
    if criterion == "l1":  # one entry of 2 among four, with root mean square 1
        assert report["criterion_after"] == pytest.approx(0.5, rel=1e-4)
        assert report["criterion_before"] > 0.6


@pytest.mark.oracle
def test_report_has_the_elbo_of_both():
    turn = a_turn()
    model, observed = blocks_model(turn), images(100)
    rotated, report = rotation.rotate(model, observed)
    for when, judged in (("before", model), ("after", rotated)):
        code = judged.gaussian_encoder(observed)
        kl = 0.5 * np.mean(np.sum(code["mean"]**2 + np.exp(code["logvar"]) - 1 - code["logvar"],
                                  axis=1))
        assert report[f"kl_loss_{when}"] == pytest.approx(kl, rel=1e-5)
        # Squared errors of the noise alone: 9 pixels per quarter, each moved by a third.
        noise = np.exp(code["logvar"]).sum(axis=1).mean()
        assert report[f"reconstruction_loss_{when}"] == pytest.approx(noise, rel=0.3)
        assert report[f"elbo_{when}"] == pytest.approx(
            -report[f"kl_loss_{when}"] - report[f"reconstruction_loss_{when}"], rel=1e-12)


@pytest.mark.oracle
def test_report_of_bytes_is_that_of_the_same_images_as_floats():
    model, observed = blocks_model(a_turn()), np.clip(128 * images(100), 0, 255).astype(np.uint8)
    of_bytes, of_floats = (rotation.rotate(model, each)[1] for each in (
        observed, observed.astype(np.float32) / 255))
    for when in ("before", "after"):
        name = f"reconstruction_loss_{when}"
        assert of_bytes[name] == pytest.approx(of_floats[name], rel=1e-4) and of_bytes[name] > 0


@pytest.mark.property
def test_two_calls_give_the_same_bits_and_the_model_stays():
    model = blocks_model(a_turn())
    before = [variable.numpy() for variable in model.variables]
    first, second = (rotation.find_rotation(model, images()).matrix for _ in range(2))
    assert first.tobytes() == second.tobytes()
    for value, variable in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(value, variable)


@pytest.mark.property
def test_latents_asleep_keep_their_place():
    model = blocks_model(a_turn())
    # The second latent equals the prior for every image.
    kernel, bias = model.encoder.layers[-2].get_weights()
    kernel[:, 1], bias[1] = 0, 0
    model.encoder.layers[-2].set_weights([kernel, bias])
    model.encoder.layers[-1].set_weights([np.zeros((36, 4)), np.array([-4.0, 0.05, -4, -4])])
    found = rotation.find_rotation(model, images())
    assert found.report["active_latents"] == [0, 2, 3]
    np.testing.assert_array_equal(found.matrix[1], [0, 1, 0, 0])
    np.testing.assert_array_equal(found.matrix[:, 1], [0, 1, 0, 0])
    assert found.report["criterion_after"] < found.report["criterion_before"]


@pytest.mark.oracle
def test_kl_of_latents():
    random_state = np.random.RandomState(0)
    mean, logvar = random_state.normal(size=(2, 50, 3))
    active, kl = requirements.active_latents(mean, logvar, variance=2.0, least_kl=0.3)
    expected = tfd.kl_divergence(tfd.Normal(mean, np.exp(logvar / 2)),
                                 tfd.Normal(np.float64(0), np.sqrt(2.0)))
    np.testing.assert_allclose(kl, np.mean(expected, axis=0), rtol=1e-6)
    np.testing.assert_array_equal(active, kl > 0.3)
    mean[:, 0], logvar[:, 0] = 0, 0
    active, kl = requirements.active_latents(mean, logvar, least_kl=0.0)
    assert kl[0] == 0 and active.tolist() == [False, True, True]


@pytest.mark.contract
@pytest.mark.parametrize("prior", [
    priors.IsotropicNormalPrior(2.0), priors.DiagonalNormalPrior([3.0] * NUM_LATENT),
    tfd.MultivariateNormalDiag(np.zeros(NUM_LATENT, "f"), 2 * np.ones(NUM_LATENT, "f"))])
def test_isotropic_priors_are_taken(prior):
    assert requirements.check_rotatable(blocks_model(prior=prior)) == pytest.approx(
        {"IsotropicNormalPrior": 2, "DiagonalNormalPrior": 3}.get(type(prior).__name__, 4))


@pytest.mark.parametrize("arguments, message", [
    ({"prior": priors.DiagonalNormalPrior([1.0, 2.0, 1.0, 1.0])},
     "isotropic normal prior around 0. Received: model='DiagonalNormalPrior, of unequal"),
    ({"prior": priors.DiagonalNormalPrior(learned=True)}, "'DiagonalNormalPrior, which is learned"),
    ({"prior": priors.LaplacePrior()}, "model='LaplacePrior'"),
    ({"prior": priors.GaussianMixturePrior(num_components=3)}, "model='GaussianMixturePrior"),
    ({"prior": tfd.MultivariateNormalDiag(np.ones(NUM_LATENT, "f"))},
     "'DistributionPrior, of unequal variances or not around 0"),
    ({"prior": priors.StandardNormal("monte_carlo"), "posterior": priors.StudentTPosterior()},
     "Expected a model with a normal posterior. Received: model='StudentTPosterior'")])
def test_priors_and_posteriors_that_are_refused(arguments, message):
    with pytest.raises(errors.InvalidArgumentError, match=message):
        rotation.find_rotation(blocks_model(**arguments), images(4))


def test_linear_models_are_refused():
    model = models.PCA(3)
    model.build([None, *SHAPE])
    with pytest.raises(errors.InvalidArgumentError, match="steps. Received: model='PCA'"):
        rotation.rotate(model, images(4))


def model_of(num_latent):
    model = models.VAE(
        encoder=networks.make_gaussian_encoder(SHAPE, num_latent, tiny_run.tiny_encoder),
        decoder=networks.make_decoder(num_latent, SHAPE, tiny_run.tiny_decoder))
    model.build([None, *SHAPE])
    return model


def test_one_latent_is_refused_and_two_are_taken():
    with pytest.raises(errors.InvalidArgumentError, match="2 latents. Received: model='1 latent'"):
        rotation.rotate(model_of(1), images(4))
    assert requirements.check_rotatable(model_of(2)) == 1.0


def test_no_active_latent_is_refused():
    model = blocks_model(log_variances=np.zeros(4))
    model.encoder.layers[-2].set_weights([np.zeros((36, 4)), np.zeros(4)])
    with pytest.raises(errors.InvalidArgumentError,
                       match="KL above 0.1 nats. Received: model='0 of 4; the largest KL is 0'"):
        rotation.rotate(model, images(4))


@pytest.mark.parametrize("value, message", [
    (np.nan, "a decoder with a finite Jacobian"), (0.0, "does not ignore its code")])
def test_decoders_that_are_refused(value, message):
    model = blocks_model()
    model.decoder.layers[-2].set_weights([np.full((4, 36), value), np.zeros(36)])
    with pytest.raises(errors.InvalidArgumentError, match=message):
        rotation.rotate(model, images(4))


@pytest.mark.parametrize("given, arguments, name", [
    (images(4)[:, :5], {}, r"images\.shape"), (images(4)[:0], {}, r"images\.shape"),
    (images(4), {"criterion": "l2"}, "criterion"), (images(4), {"least_kl": -1}, "least_kl")])
def test_arguments_that_are_refused(given, arguments, name):
    with pytest.raises(errors.InvalidArgumentError, match=f"`{name}`"):
        rotation.find_rotation(blocks_model(), given, **arguments)


@pytest.mark.contract
def test_the_representation_by_gin():
    model = blocks_model(a_turn())
    gin.parse_config("postprocess.postprocess_fn = @rotated_representation\n"
                     "rotated_representation.num_images = 100\n"
                     "rotated_representation.find_rotation = @find_rotation\n"
                     "find_rotation.criterion = 'quartimax'")
    codes = postprocessing.make_representation(model.gaussian_encoder, Blocks(), model=model)(
        images(10))
    found = rotation.find_rotation(
        model, Blocks().sample_observations(100, np.random.RandomState(0)), "quartimax")
    np.testing.assert_allclose(codes, model.representation(images(10)) @ found.matrix, rtol=1e-5,
                               atol=1e-6)
    assert codes.dtype == np.float32
    with pytest.raises(errors.InvalidArgumentError, match="`model`"):
        postprocessing.make_representation(model.gaussian_encoder, Blocks())
