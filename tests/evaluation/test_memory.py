"""Scores of many points: at most three times the memory of the codes."""
import tracemalloc

import numpy as np
import pytest

from tf_disentangle.evaluation import of_arrays
from tf_disentangle.evaluation.metrics.common import codes_only, information


@pytest.mark.parametrize("name", ["mig", "mig_sup", "hoyer", pytest.param("unsupervised",
                                                               marks=pytest.mark.slow)])
def test_peak_memory(name):
    random = np.random.default_rng(0)
    codes = random.standard_normal((300_000, 50))
    factors = random.integers(4, size=(300_000, 3))
    tracemalloc.start()
    try:
        rows, failures = of_arrays.evaluate_arrays(codes, factors, [name], say=lambda line: None)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert failures == {} and rows
    # The codes themselves were there before; blocks of 32 MB do not grow with them.
    assert peak < 1.2 * codes.nbytes + 4 * 2**25


@pytest.mark.oracle
def test_pairs_of_codes_are_those_of_one_table():
    codes = np.random.RandomState(0).randint([3, 300, 70_000, 1], size=(5000, 4)) - 5
    np.testing.assert_allclose(information.pairwise_mutual_info(codes),
                               information.discrete_mutual_info(codes, codes),
                               rtol=0, atol=1e-12)


@pytest.mark.oracle
def test_blocks_give_the_same_tables(monkeypatch):
    random = np.random.RandomState(0)
    codes, factors = random.randint(9, size=(400, 7)), random.randint(3, size=(400, 2))
    expected = information.discrete_mutual_info(codes, factors)
    entropies = information.discrete_entropy(codes)
    monkeypatch.setattr(information, "_MAX_CELLS", 900)
    np.testing.assert_allclose(information.discrete_entropy(codes), entropies, rtol=0, atol=1e-12)
    np.testing.assert_allclose(information.discrete_mutual_info(codes, factors), expected,
                               rtol=0, atol=1e-12)


@pytest.mark.oracle
def test_covariance_in_blocks(monkeypatch):
    codes = np.random.RandomState(0).standard_normal((1001, 3)) @ np.ones((3, 3)) + 1e6
    monkeypatch.setattr(codes_only, "_BLOCK", 30)
    np.testing.assert_allclose(codes_only.covariance(codes), np.cov(codes, rowvar=False),
                               rtol=1e-9)
