"""The last batch of an epoch may be smaller: it is handled, or refused in one line."""
import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers import tiny_run

from tf_disentangle import errors, jacobian, losses, models, networks, penalties, priors

IMAGES = np.random.RandomState(0).uniform(size=(9, *tiny_run.SHAPE)).astype(np.float32)


def make(cls=models.VAE, **kwargs):
    """A compiled model with the tiny networks."""
    keras.utils.set_random_seed(0)
    model = cls(encoder=networks.make_gaussian_encoder(tiny_run.SHAPE, 3, tiny_run.tiny_encoder),
                decoder=networks.make_decoder(3, tiny_run.SHAPE, tiny_run.tiny_decoder), **kwargs)
    model.compile(keras.optimizers.Adam(1e-3))
    return model


def with_penalty(penalty):
    return lambda: make(penalties=[penalty])


def factor_vae(update):
    return lambda: make(models.FactorVAE, discriminator_update=update,
                        discriminator=networks.make_discriminator(3, tiny_run.tiny_discriminator))


def is_finite(model):
    variables = [*model.variables, *model.optimizer.variables]
    return all(np.isfinite(variable.numpy()).all() for variable in variables)


# What has no value for a batch of one (or three) images, and the words of the message.
NEED_MORE = {
    "mmd": (with_penalty(penalties.MMD()), 2), "mmd_dim": (with_penalty(penalties.MMDDim()), 2),
    "mmd_rbf": (with_penalty(penalties.MMD(kernel="rbf")), 2),
    "dip": (with_penalty(penalties.DIP(dip_type="ii")), 2),
    "dip_3": (lambda: make(models.DIPVAE, lambda_3=1.0), 2),
    "moments": (with_penalty(penalties.MomentMatching()), 2),
    "total_correlation": (with_penalty(penalties.TotalCorrelation()), 2),
    "weighted": (lambda: make(models.BetaTCVAE, estimator="weighted", dataset_size=9), 2),
    "stratified": (lambda: make(models.BetaTCVAE, estimator="stratified", dataset_size=9), 2),
    "factor": (factor_vae("simultaneous"), 2), "alternating": (factor_vae("alternating"), 2),
}

def with_all_penalties():
    """A model with every penalty that has a value for one image."""
    return make(penalties=[
        penalties.MMD(estimator="biased"), penalties.MMDDim(estimator="biased"),
        penalties.InclusiveKL(), penalties.CodeL1(), penalties.JacobianL2(),
        penalties.JacobianL1(estimator=jacobian.Sampled(num_directions=2), name="directions"),
        penalties.JacobianL1(estimator=jacobian.Sampled(num_columns=7), name="columns"),
        penalties.JacobianL1(estimator=jacobian.Sampled(jacobian.FiniteDifference(0.1),
                                                        num_columns=7), name="columns_fd")])


# What has one.
NEED_ONE = {
    "vae": make, "annealed": lambda: make(models.AnnealedVAE), "penalties": with_all_penalties,
    "vamp": lambda: make(prior=priors.VampPrior(2, kl_mode="monte_carlo")),
}


@pytest.mark.contract
@pytest.mark.parametrize("name", NEED_ONE)
def test_a_last_batch_of_one_or_two(name):
    model = NEED_ONE[name]()
    for batch_size, steps in ((8, 4), (7, 8)):
        history = model.fit(IMAGES, batch_size=batch_size, epochs=2, verbose=0).history
        assert all(np.isfinite(values).all() for values in history.values()), history
        assert is_finite(model) and int(model.step) == steps
        assert np.isfinite(model.evaluate(IMAGES, batch_size=batch_size, verbose=0)).all()


@pytest.mark.contract
@pytest.mark.parametrize("name", NEED_MORE)
def test_a_last_batch_that_is_too_small(name):
    make_model, minimum = NEED_MORE[name]
    model = make_model()
    left = minimum - 1
    images = IMAGES[:2 * minimum + left]
    uses = [lambda: model.fit(images, batch_size=2 * minimum, shuffle=False, verbose=0),
            lambda: model.evaluate(images, batch_size=2 * minimum, verbose=0)]
    for use in uses[:1] if isinstance(model, models.FactorVAE) else uses:  # it evaluates any batch
        with pytest.raises(errors.InvalidArgumentError) as caught:
            use()
        assert str(caught.value).startswith(
            f"Invalid value for argument `batch_size`. Expected at least {minimum} ")
        assert f"Received: batch_size={left}. The last batch" in str(caught.value)
        assert "\n" not in str(caught.value) and is_finite(model)
    assert int(model.step) == 1
    # The smallest batch that has a value, in a trace for any size.
    whole, smallest = IMAGES[:2 * minimum], 4 if name == "alternating" else minimum
    history = model.fit(whole, batch_size=smallest, verbose=0).history
    assert np.isfinite(history["loss"]).all()


@pytest.mark.contract
@pytest.mark.parametrize("estimator", ["weighted", "stratified"])
def test_a_data_set_is_not_smaller_than_a_batch(estimator):
    model = make(models.BetaTCVAE, estimator=estimator, dataset_size=5)
    with pytest.raises(errors.InvalidArgumentError, match="`dataset_size`. Expected a whole number "
                                                          "of at least .*dataset_size=5"):
        model.fit(IMAGES, batch_size=6, verbose=0)
    assert is_finite(model)
    model.fit(IMAGES[:8], batch_size=4, verbose=0)
    assert is_finite(model)


@pytest.mark.oracle
@pytest.mark.parametrize("estimator", [jacobian.ForwardMode(), jacobian.FiniteDifference(0.1)])
def test_more_columns_than_there_are_is_all_of_them(estimator):
    decoder = networks.make_decoder(3, tiny_run.SHAPE, tiny_run.tiny_decoder)
    function = tf.sigmoid
    sampled = jacobian.Sampled(estimator, num_columns=7)

    @tf.function(input_signature=[tf.TensorSpec([None, 3])])
    def norm(z):
        found = sampled(decoder, z, function, seed=[1, 2])
        return jacobian.jacobian_l1(found, tf.shape(z)[0])

    z = tf.random.stateless_normal([2, 3], [1, 2])
    whole = jacobian.jacobian_l1(estimator(decoder, z, function), 2)
    np.testing.assert_allclose(norm(z), whole, rtol=1e-4)
    assert np.isfinite(norm(tf.zeros([4, 3])))
    with pytest.raises(errors.InvalidArgumentError, match="`num_columns`.*at most 6"):
        sampled(decoder, z, function, seed=[1, 2])


@pytest.mark.oracle
def test_means_are_over_images_not_over_batches():
    model = make()
    found = model.evaluate(IMAGES, batch_size=8, verbose=0, return_dict=True)
    parts = [model.loss_terms(IMAGES[:8], draw=0), model.loss_terms(IMAGES[8:], draw=8)]
    for name in ("loss", "kl_loss", "elbo"):
        expected = (8 * float(parts[0][name]) + float(parts[1][name])) / 9
        np.testing.assert_allclose(found[name], expected, rtol=1e-5)


@pytest.mark.contract
@pytest.mark.parametrize("function", [
    losses.compute_covariance_z_mean, lambda z: losses.mmd(z, z), lambda z: losses.mmd_dim(z, z),
    lambda z: losses.total_correlation(z, z, z)])
def test_under_xla_one_image_gives_nan(function):
    # XLA leaves assertions out: NaN stops training there.
    graph = tf.function(function, input_signature=[tf.TensorSpec([None, 3])], jit_compile=True)
    assert np.isnan(graph(tf.ones([1, 3]))).any() and np.isfinite(graph(tf.ones([2, 3]))).all()
    plain = tf.function(function, input_signature=[tf.TensorSpec([None, 3])])
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        plain(tf.ones([1, 3]))
    assert losses.user_error(caught.value).argument == "batch_size"


@pytest.mark.contract
@pytest.mark.parametrize("name", ["dip", "alternating"])
def test_under_xla_it_stops_before_the_weights_change(name):
    make_model, minimum = NEED_MORE[name]
    model = make_model()
    model.compile(keras.optimizers.Adam(1e-3), jit_compile=True)
    with pytest.raises(errors.NonFiniteLossError,
                       match="at step 2.*a last batch that is too small"):
        model.fit(IMAGES[:2 * minimum + 1], batch_size=2 * minimum, shuffle=False, verbose=0)
    assert is_finite(model)
