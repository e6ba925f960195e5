"""Interventional effects: parents, scores and curves of codes that are known."""
import numpy as np
import pytest

from tf_disentangle.evaluation.metrics import irs
from tf_disentangle.visualize import interventional_effects


def known(num=4000):
    """z0 = the second factor; z1 stays; z2 = the first factor plus half of the second."""
    factors = np.random.RandomState(0).randint([5, 8], size=(num, 2))
    codes = np.stack([1.0 * factors[:, 1], np.ones(num), factors[:, 0] + 0.5 * factors[:, 1]],
                     axis=1)
    return codes, factors


def test_parents_and_scores():
    codes, factors = known()
    found = interventional_effects.interventional_effects(codes, factors, ["a", "b"])
    expected = irs.scalable_disentanglement_score(factors, codes)
    assert found.latents.tolist() == [2, 0] and found.parents.tolist() == [0, 1]
    np.testing.assert_allclose(found.scores, expected["disentanglement_scores"][[2, 0]])
    assert found.scores[1] == 1 and found.num_points == 4000


@pytest.mark.oracle
def test_curves_are_means_of_what_is_known():
    codes, factors = known()
    curves = interventional_effects.interventional_effects(codes, factors, ["a", "b"]).curves
    of_parent = curves[0, 1, None]                      # z0 is the factor
    np.testing.assert_allclose(of_parent[:, :4], np.repeat(np.arange(8.0)[:, None], 4, axis=1))
    assert of_parent[:, 4].sum() == 4000
    for group in range(5):                              # with its parent held, a is a shift
        np.testing.assert_allclose(curves[2, 1, group][:, 1], group + 0.5 * np.arange(8))
    flat = [curves[0, 0, group][:, 1] for group in range(5)]
    assert max(np.ptp(means) for means in flat) < 1.0   # a group holds at most two values of b
    assert set(curves) == {(0, 1, None), (2, 0, None)} | {
        (latent, factor, group) for latent, factor in ((0, 0), (2, 1)) for group in range(5)}


def test_many_values_and_missing_ones():
    codes, _ = known()
    factors = np.random.RandomState(1).randint(64, size=(4000, 2)).astype(float)
    factors[::5, 1] = np.nan
    found = interventional_effects.interventional_effects(codes, factors, ["a", "b"])
    for (_, factor, group), curve in found.curves.items():
        assert len(curve) <= 20 and 0 <= curve[0, 0] < curve[-1, 0] <= 63
        if group is None:
            assert curve[:, 4].sum() == (4000, 3200)[factor]


def test_codes_that_stay():
    assert interventional_effects.interventional_effects(
        np.ones([10, 3]), np.arange(20).reshape(10, 2), ["a", "b"]) is None


@pytest.mark.parametrize("num_factors, num_latent", [(1, 1), (2, 40), (20, 3)])
def test_picture_and_table(num_factors, num_latent):
    random = np.random.RandomState(0)
    factors = random.randint(3, size=(200, num_factors))
    found = interventional_effects.interventional_effects(
        random.normal(size=(200, num_latent)), factors, [f"$f{k}" for k in range(num_factors)])
    assert len(found.latents) == min(16, num_latent) and len(found.names) == min(12, num_factors)
    fields, rows = interventional_effects.table(found)
    assert {len(row) for row in rows} == {len(fields)}
    assert len(rows) == sum(map(len, found.curves.values()))
    if num_latent < 40:                                 # many panels take seconds
        picture = interventional_effects.interventional_effects_picture(found)
        assert picture.dtype == np.uint8 and picture.shape[2] == 3
