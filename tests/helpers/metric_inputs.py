"""Factors and codes behind the recorded scores of papers, `metrics_*` and `local_scores_6x64`.

Every function takes one case, or the `inputs`, of a recorded file. The order of the draws matters.
"""
import numpy as np

from helpers import toy_problem


class SixFactors(toy_problem.ScaledFactors):
    """Six factors of 64 values."""

    def __init__(self):
        super().__init__([64] * 6)


def six_factor_representation(case):
    """The function that maps images of `SixFactors` to ten codes that mix them a little."""
    mixing = np.random.RandomState(case["representation_seed"]).normal(size=(6, 10))
    mixing = mixing * 0.15 + np.eye(6, 10)
    return lambda images: np.asarray(images, np.float64)[:, :, 0, 0] @ mixing


def _sparse_mixing(random_state, case):
    shape = (len(case["sizes"]), case["latents"])
    return random_state.normal(size=shape) * (random_state.uniform(size=shape) < case["density"])


def aam_inputs(case):
    """Every combination of factors once, and mean, log-variance and sample of its posterior."""
    random_state = np.random.RandomState(case["seed"])
    factors = np.indices(case["sizes"]).reshape(len(case["sizes"]), -1).T
    scaled = factors / (np.array(case["sizes"]) - 1.0)
    shape = (len(factors), case["latents"])
    mixing = _sparse_mixing(random_state, case) * 2
    mean = scaled @ mixing + 0.1 * random_state.normal(size=shape)
    log_var = -3 + 0.3 * random_state.normal(size=shape)
    return factors, mean, log_var, mean + np.exp(log_var / 2) * random_state.normal(size=shape)


def infomec_inputs(case):
    """Factors `[n, K]` and codes `[n, D]`, the last of which carries nothing."""
    num, sizes = case["n"], np.array(case["sizes"])
    random_state = np.random.RandomState(case["seed"])
    if case.get("unbalanced"):
        draws = [size * random_state.uniform(size=num) ** 2 for size in sizes]
    else:
        draws = [random_state.randint(size, size=num) for size in sizes]
    factors = np.stack(draws, axis=1).astype(np.int64)
    mixing = _sparse_mixing(random_state, case)
    codes = factors / (sizes - 1.0) @ mixing + case["noise"] * random_state.normal(
        size=(num, case["latents"]))
    codes[:, -1] = case["dead"] * random_state.normal(size=num)
    if case["discrete"]:
        codes = np.round(codes * 3) / 3
        codes[:, -1] = 0.25
    return factors, codes


def vote_inputs(case):
    """Factors `[n, K]` and codes `[n, D]`."""
    random_state = np.random.RandomState(case["seed"])
    factors = np.stack([random_state.randint(size, size=case["n"]) for size in case["sizes"]], 1)
    mixing = _sparse_mixing(random_state, case)
    noise = case["noise"] * random_state.normal(size=(case["n"], case["latents"]))
    return factors, factors / (np.array(case["sizes"]) - 1.0) @ mixing + noise
