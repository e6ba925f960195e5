"""Inputs behind the recorded numbers of the decomposition paper, `d2_*`.

Every function takes the `inputs`, or one case, of a recorded file. The order of the draws matters.
"""
import numpy as np

# The mixture of four normal distributions: equal weights, variance `mix_s` in both dimensions.
MIXTURE_MEANS = np.array([[0.0, -1.0], [0.0, 1.0], [1.0, 0.0], [-1.0, 0.0]])


def learned_logits(case):
    """`[logit_dim]` logits of the learned prior scale."""
    return np.random.RandomState(case["seed_logits"]).normal(size=case["logit_dim"])


def log_prob_points(case):
    """Points `[K, B, D]` for products over dimensions, and `[K, B, 2]` for the mixture."""
    samples, batch, latents = case["lp_shape"]
    return tuple(
        np.random.RandomState(case["seed_lp"] + k).normal(
            scale=case["lp_sd"], size=(samples, batch, last))
        for k, last in enumerate((latents, 2)))


def kl_inputs(case):
    """(mean, standard deviation, samples) of a posterior `[B, D]`, then of one `[B, 2]`."""
    samples, batch, latents = case["kl_shape"]
    random_state = np.random.RandomState(case["seed_kl"])
    return tuple(_posterior(random_state, samples, (batch, last)) for last in (latents, 2))


def _posterior(random_state, samples, shape):
    mean = random_state.normal(size=shape)
    stddev = np.exp(random_state.normal(scale=0.5, size=shape) - 1)
    return mean, stddev, mean + stddev * random_state.normal(size=(samples, *shape))


def mmd_inputs(case):
    """Prior samples and codes, `[B, D]` each."""
    shape = (case["B"], case["D"])
    prior = np.random.RandomState(case["seed_prior"]).normal(size=shape)
    codes = np.random.RandomState(case["seed_codes"]).normal(loc=0.3, scale=0.8, size=shape)
    return prior, codes


def inclusive_kl_inputs(case, mix_s):
    """Means and standard deviations of the posteriors, and prior samples, `[B, D]` each."""
    shape = (case["B"], case["D"])
    random_state = np.random.RandomState(case["seed"])
    mean = random_state.normal(size=shape)
    stddev = np.exp(random_state.normal(scale=0.4, size=shape) - 0.5)
    samples = random_state.normal(size=shape)
    if case["prior"] == "mixture4":
        samples = _of_mixture(random_state, samples, mix_s)
    return mean, stddev, samples


def _of_mixture(random_state, normal, mix_s):
    components = random_state.randint(len(MIXTURE_MEANS), size=len(normal))
    return MIXTURE_MEANS[components] + np.sqrt(mix_s) * normal


def hoyer_codes(case):
    """`[N, D]` codes, normal or sparse."""
    shape = (case["N"], case["D"])
    random_state = np.random.RandomState(case["seed"])
    codes = random_state.normal(size=shape) * np.arange(1, case["D"] + 1)
    if case["kind"] == "sparse":
        codes *= random_state.uniform(size=shape) < 0.2
        codes += 1e-3 * random_state.normal(size=shape)
    return codes


def iwae_log_weights(case):
    """`[K, B]` logarithms of importance weights."""
    return np.random.RandomState(case["seed"]).normal(
        loc=-90, scale=4, size=(case["K"], case["B"]))


def objective_inputs(case, mix_s):
    """Data, weights, noise and prior samples of a tiny VAE.

    mean = x We + be, standard deviation = softplus(x Ws + bs) + 1e-6, z = mean + deviation * noise,
    output = tanh(z Wd + bd); p(x|z) is Laplace(output, 0.1) or Normal(output, softplus(z Wp + bp)).

    Returns:
        x `[B, X]`, weights by name, noise `[1, B, D]`, prior samples `[B, D]`.
    """
    batch, size, latents = case["B"], case["X"], case["D"]
    random_state = np.random.RandomState(case["seed"])
    x = random_state.uniform(-1, 1, (batch, size))
    shapes = {"We": (size, latents), "be": latents, "Ws": (size, latents), "bs": latents,
              "Wd": (latents, size), "bd": size, "Wp": (latents, size), "bp": size}
    weights = {name: random_state.normal(scale=0.5, size=shape) for name, shape in shapes.items()}
    noise = random_state.normal(size=(1, batch, latents))
    samples = random_state.normal(size=(batch, latents))
    if case["prior"] == "mixture4":
        samples = _of_mixture(random_state, samples, mix_s)
    elif case["prior"] == "sparse":
        samples *= 0.5
    elif case["prior"] == "normal":
        samples *= np.array(case["prior_scale"])
    return x, weights, noise, samples


def pinwheel(case):
    """Points `[arms * per_arm, 2]` and the arm of each."""
    arms = np.repeat(np.arange(case["arms"]), case["per_arm"])
    spread = [case["first_coordinate_sd"], case["second_coordinate_sd"]]
    radial, across = (np.random.RandomState(case["seed"]).normal(size=(len(arms), 2)) * spread
                      + [1, 0]).T
    angle = 2 * np.pi * arms / case["arms"] + case["rate"] * np.exp(radial)
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.column_stack([radial * cosine + across * sine,
                            across * cosine - radial * sine]), arms
