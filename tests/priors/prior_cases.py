"""Every kind of prior, and a tiny model to put it into."""
import keras
import numpy as np
import tensorflow_probability as tfp

from tf_disentangle import models, networks, priors, reconstruction

tfd = tfp.distributions

NUM_LATENT = 3
SHAPE = [2]
ESTIMATED = {"kl_mode": "monte_carlo"}


@keras.saving.register_keras_serializable("prior_cases")
def logistic(num_latent, scale=0.5):
    """A prior of user code, as a function."""
    return tfd.Logistic(np.zeros(num_latent, np.float32), np.float32(scale))


# What has no variables comes first, then what trains.
FIXED = {
    "standard": lambda **kwargs: priors.StandardNormal(**kwargs),
    "isotropic": lambda **kwargs: priors.IsotropicNormalPrior(0.4, **kwargs),
    "diagonal": lambda **kwargs: priors.DiagonalNormalPrior([0.5, 1.0, 4.0], **kwargs),
    "student_t": lambda **kwargs: priors.StudentTPrior(7.0, [1.0, 0.5, 2.0], **kwargs),
    "laplace": lambda **kwargs: priors.LaplacePrior([1.0, 0.5, 2.0], **kwargs),
    "mixture": lambda **kwargs: priors.GaussianMixturePrior(
        num_components=3, variance=0.2, weights=[1, 2, 3], **kwargs),
    "sparse": lambda **kwargs: priors.SparsePrior(0.8, off_stddev=0.05, **kwargs),
    "sparse_paper": lambda **kwargs: priors.SparsePrior(0.6, **kwargs),
    "function": lambda **kwargs: priors.DistributionPrior(logistic, {"scale": 0.7}, **kwargs),
}
LEARNED = {
    "learned_diagonal": lambda **kwargs: priors.DiagonalNormalPrior(
        [0.5, 1.0, 4.0], 0.3, learned=True, **kwargs),
    "learned_student_t": lambda **kwargs: priors.StudentTPrior(
        [3.0, 9.0, 30.0], learned_df=True, **kwargs),
}
VAMP = {"vamp": lambda **kwargs: priors.VampPrior(3, low=-2.0, high=2.0, **kwargs)}
ALONE = {**FIXED, **LEARNED}  # all that need no model
ALL = {**ALONE, **VAMP}
CLOSED_FORM = {"standard", "isotropic", "diagonal", "laplace", "learned_diagonal"}


def mode_of(name):
    """Arguments that a prior of that name needs for its KL to be known."""
    return {} if name in CLOSED_FORM else ESTIMATED


def built(prior):
    prior.build([NUM_LATENT])
    return prior


def points(num=5, seed=0):
    """`[num, 2]` float32, what the tiny model takes."""
    return np.random.RandomState(seed).normal(size=(num, *SHAPE)).astype(np.float32)


def tiny_model(**kwargs):
    """A built VAE of two-dimensional points with `NUM_LATENT` latents."""
    keras.utils.set_random_seed(0)
    parts = {"encoder": networks.make_gaussian_encoder(SHAPE, NUM_LATENT, networks.mlp_encoder),
             "decoder": networks.make_decoder(NUM_LATENT, SHAPE, networks.mlp_decoder), **kwargs}
    model = models.VAE(reconstruction_loss=reconstruction.NormalLoss(), **parts)
    model.build([None, *SHAPE])
    return model


def posterior_parameters(batch=4, seed=0, mean_size=1.0):
    random_state = np.random.RandomState(seed)
    return (mean_size * random_state.normal(size=(batch, NUM_LATENT)).astype(np.float32),
            random_state.normal(-1, 0.7, size=(batch, NUM_LATENT)).astype(np.float32))
