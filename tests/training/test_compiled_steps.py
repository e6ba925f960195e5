"""A step that XLA compiles does what the plain one does, for every method, prior and penalty.

XLA turns random bits into numbers in another way than TensorFlow, and reads the lower 32 bits of
seeds alone. So that both steps see the same noise, all of it is made here of random integers, which
agree.

Compiling takes seconds for each model: by default a few are tried, and with TF_DISENTANGLE_XLA=all
every one.
"""
import os

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers import replicated

from tf_disentangle import jacobian, losses, models, penalties, priors

SHAPE, STEPS, BATCH = replicated.SHAPE, 20, 8


def _vae(**parts):
    return models.VAE(**parts, **replicated._networks())


def _jacobian(estimator, **settings):
    return lambda: _vae(penalties=[penalties.JacobianL1(0.1, estimator, **settings)])


MODELS = {
    **{name: make for name, make in replicated.MODELS.items() if "jacobians" not in name},
    "differences": _jacobian(jacobian.FiniteDifference()),
    "forward": _jacobian(jacobian.ForwardMode()),
    "smoothed_direction": _jacobian(jacobian.Sampled(
        jacobian.ForwardMode(kink_sharpness=100.0), num_directions=1), detach_codes=True),
    "columns": _jacobian(jacobian.Sampled(num_columns=7)),
    "jacobian_l2": lambda: _vae(penalties=[penalties.JacobianL2(0.1)]),
    "laplace": lambda: _vae(prior=priors.LaplacePrior()),
    "learned_normal": lambda: _vae(prior=priors.DiagonalNormalPrior(learned=True)),
    "mixture": lambda: _vae(prior=priors.GaussianMixturePrior(
        num_components=3, kl_mode="monte_carlo")),
    "sparse": lambda: _vae(prior=priors.SparsePrior(kl_mode="monte_carlo"),
                           penalties=[penalties.MMDDim(2.0)]),
    "student_t": lambda: _vae(prior=priors.StudentTPrior(learned_df=True, kl_mode="monte_carlo")),
    "student_t_posterior": lambda: _vae(posterior=priors.StudentTPosterior(),
                                        prior=priors.StudentTPrior(kl_mode="monte_carlo")),
    "vamp": lambda: _vae(prior=priors.VampPrior(num_components=3, kl_mode="monte_carlo")),
}
FEW = ["smoothed_direction", "student_t"]
TRIED = list(MODELS) if os.environ.get("TF_DISENTANGLE_XLA") == "all" else FEW


INTEGERS = tf.random.stateless_uniform


def _uniform(shape, seed, minval=0, maxval=1, dtype=tf.float32, **ignored):
    seed = tf.cast(seed, tf.int64) % 2**31  # both read all of that
    if tf.as_dtype(dtype).is_integer:
        return INTEGERS(shape, seed, minval, maxval, dtype)
    unit = 0.5 + tf.cast(INTEGERS(shape, seed, None, None, tf.int32), dtype) / 2**32
    return minval + (maxval - minval) * unit


def _normal(shape, seed, mean=0.0, stddev=1.0, dtype=tf.float32, **ignored):
    return mean + stddev * tf.math.ndtri(0.5 + 0.999 * (_uniform(shape, seed, dtype=dtype) - 0.5))


def _terms_and_weights(name, jit_compile):
    keras.utils.set_random_seed(1)
    model = MODELS[name]()
    model.build((None, *SHAPE))
    model.compile(keras.optimizers.Adam(1e-2, clipnorm=1.0))
    model.optimizer.build(model.trainable_variables)
    update = tf.function(model.update, jit_compile=jit_compile)
    random = np.random.RandomState(0)
    rows = [[float(term) for term in update(tf.constant(random.uniform(size=(BATCH, *SHAPE)))
                                            ).values()] for _ in range(STEPS)]
    return np.array(rows), model.get_weights()


@pytest.mark.oracle
@pytest.mark.parametrize("name", TRIED)
def test_terms_and_weights_are_those_of_the_plain_step(name, monkeypatch):
    """In float64, to rounding, which a smoothed kink makes a hundred times larger, for 20 steps."""
    monkeypatch.setattr(tf.random, "stateless_uniform", _uniform)
    monkeypatch.setattr(tf.random, "stateless_normal", _normal)
    # TensorFlow Probability's samplers have another algorithm under XLA.
    monkeypatch.setattr(priors.Prior, "sample", lambda self, num, seed: _normal(
        [num, 3], seed, dtype=tf.float64))
    monkeypatch.setattr(priors.StudentTPosterior, "sample", lambda self, mean, logvar, seed:
                        losses.sample_gaussian(mean, logvar, seed))
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    (plain, weights), (compiled, same) = (_terms_and_weights(name, jit) for jit in (False, True))
    assert np.ptp(plain, axis=0).min() > 0               # every term changes
    np.testing.assert_allclose(compiled, plain, rtol=1e-8, atol=1e-10)
    for one, other in zip(weights, same, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-7, atol=1e-9)


@pytest.mark.contract
def test_every_step_has_noise_of_its_own():
    """Compiled or not, for each stream; XLA once gave all steps the noise of the first one."""
    model = _vae()
    draw = tf.function(lambda stream, step: tf.random.stateless_normal(
        [64], model._seed(stream, step)), jit_compile=True)
    drawn = np.array([draw(tf.constant(stream, tf.int64), tf.constant(step, tf.int64))
                      for stream in (0, 1, 2**20, 2**21) for step in range(50)])
    assert len(np.unique(drawn, axis=0)) == len(drawn)
    correlations = np.corrcoef(drawn) - np.eye(len(drawn))
    assert abs(correlations).max() < 6 / 8             # six standard deviations of 1 / sqrt(64)
