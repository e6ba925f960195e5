"""Scores that are the same for any codes say so."""
import numpy as np
import pytest
from helpers import every_metric

from tf_disentangle.evaluation.metrics import factor_vae, jemmig

RANDOM = np.random.RandomState(0)
FACTORS = np.stack([RANDOM.randint(size, size=300) for size in (3, 4)], axis=1)
NOISE = RANDOM.standard_normal((300, 2))


def notes_of(name, codes, factors=FACTORS):
    return "; ".join(every_metric.result(name, codes, factors).get("notes", []))


@pytest.mark.contract
@pytest.mark.parametrize("name", ["factor_vae_metric", "z_min_variance", "z_max_variance"])
def test_one_factor(name):
    constant = np.column_stack([FACTORS[:, 0], np.zeros(300, int)])
    for factors in (FACTORS[:, :1], constant):
        assert "with one factor the score is the same for any codes" in notes_of(
            name, NOISE, factors)
    assert "one factor" not in notes_of(name, NOISE)
    assert "one factor" in "".join(
        factor_vae.decomposition_votes(NOISE, FACTORS[:, :1], 50)["notes"])


@pytest.mark.contract
@pytest.mark.parametrize("name", ["dci_fast", "dci_es", "dci_continuous"])
def test_one_code(name):
    said = "with one code the disentanglement says nothing"
    for codes in (FACTORS[:, :1].astype(float), NOISE[:, :1]):
        assert said in notes_of(name, codes)
    assert said not in notes_of(name, NOISE)
    assert said not in notes_of("dci_lasso", NOISE[:, :1])      # whose weights are no shares


@pytest.mark.contract
@pytest.mark.parametrize("name", ["hfs", "unsupervised"])
def test_no_pair_of_codes(name):
    for codes in (NOISE[:, :1], NOISE * [1, 0]):
        assert "fewer than two codes vary" in notes_of(name, codes)
    assert "fewer than two" not in notes_of(name, NOISE)


@pytest.mark.property
def test_jemmig_of_constant_codes():
    entropies = -np.sum([share * np.log(share) for share in np.bincount(FACTORS[:, 0]) / 300])
    assert jemmig.jemmig(np.zeros((300, 2)), FACTORS[:, :1])["jemmig"] == pytest.approx(
        np.log(20) / (entropies + np.log(20)), abs=1e-12)
