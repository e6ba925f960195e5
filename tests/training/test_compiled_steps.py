"""A step that XLA compiles does what the plain one does, for every method, prior and penalty.

The package draws by one algorithm in both. TensorFlow Probability, which samples priors and heavy
tails, does not: here it draws as the package does, and gamma numbers, for which XLA has another
algorithm in any case, are replaced.

Compiling takes seconds for each model: by default a few are tried, and with TF_DISENTANGLE_XLA=all
every one.
"""
import os

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers import replicated

from tf_disentangle import draws, models, penalties, priors

SHAPE, STEPS, BATCH = replicated.SHAPE, 20, 8


def _vae(**parts):
    return models.VAE(**parts, **replicated._networks())


MODELS = {
    **replicated.MODELS,
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
FEW = ["jacobians", "divergences", "factor_vae_alternating", "student_t"]
TRIED = list(MODELS) if os.environ.get("TF_DISENTANGLE_XLA") == "all" else FEW


def _gamma(shape, seed, alpha, beta=None, dtype=tf.float32, **ignored):
    """Not gamma distributed, but positive, and a function of its parameters as samples are."""
    uniform = draws.uniform(shape, seed, dtype=dtype)
    return tf.cast(alpha, dtype) * (0.5 + uniform) / (1 if beta is None else tf.cast(beta, dtype))


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
    """In float64, to rounding, after 20 steps."""
    monkeypatch.setattr(tf.random, "stateless_uniform", draws.uniform)
    monkeypatch.setattr(tf.random, "stateless_normal", draws.normal)
    monkeypatch.setattr(tf.random, "stateless_gamma", _gamma)
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    (plain, weights), (compiled, same) = (_terms_and_weights(name, jit) for jit in (False, True))
    assert np.ptp(plain, axis=0).min() > 0               # every term changes
    np.testing.assert_allclose(compiled, plain, rtol=1e-9, atol=1e-11)
    for one, other in zip(weights, same, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-7, atol=1e-9)
