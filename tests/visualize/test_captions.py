"""Captions: what explains the variance, and what is said where nothing shows."""
import numpy as np
import pytest
from sklearn import metrics

from tf_disentangle.visualize import captions


@pytest.mark.oracle
def test_explained_share():
    x = np.random.RandomState(0).normal(size=(40, 3, 3, 1))
    y = x + np.random.RandomState(1).normal(size=x.shape) * 0.3
    expected = metrics.r2_score(x.reshape(40, -1), y.reshape(40, -1),
                                multioutput="variance_weighted")
    assert captions.explained_share(x, y) == pytest.approx(expected, abs=1e-12)
    assert captions.explained_share(x, np.broadcast_to(x.mean(axis=0), x.shape)) == pytest.approx(0)
    assert captions.explained_share(np.ones([3, 4]), np.zeros([3, 4])) is None


@pytest.mark.parametrize("write", [captions.of_reconstructions, captions.of_samples,
                                   captions.of_traversals])
def test_a_short_run_is_told_to_train_longer(write):
    for share in (-0.02, 0.09):
        assert "little more than the average image" in write(share)
    assert "average image" not in write(0.11) + write(None)


def test_numbers_and_names():
    assert captions.of_reconstructions(0.846).startswith("They explain 85% of the variance")
    assert captions.of_reconstructions(-3.0).startswith("They explain 0% ")
    assert "factor" in captions.of_traversals(0.5, named=True)
    assert "factor" not in captions.of_traversals(0.5)
