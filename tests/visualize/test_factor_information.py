"""Which latent follows which factor: the numbers, the names, and the heat map."""
import types

import numpy as np
import pytest
from sklearn import metrics

from tf_disentangle import factors as factors_lib
from tf_disentangle.data import image_set
from tf_disentangle.visualize import factor_information, model_images


def known(num=3000):
    """Codes that follow the first factor, nothing, and the second one."""
    random = np.random.RandomState(0)
    factors = random.randint([4, 6], size=(num, 2))
    return np.stack([factors[:, 0] + 0.1 * random.normal(size=num), random.normal(size=num),
                     -2.0 * factors[:, 1]], axis=1), factors


@pytest.mark.oracle
def test_shares_of_entropy():
    codes, factors = known()
    found = factor_information.factor_information(codes, factors, ["shape", "size"])
    for latent, code in enumerate(codes.T):
        bins = np.digitize(code, np.linspace(code.min(), code.max(), 21)[1:-1])
        for k, factor in enumerate(factors.T):
            expected = metrics.mutual_info_score(bins, factor) / metrics.mutual_info_score(
                factor, factor)
            assert found.shares[latent, k] == pytest.approx(expected, abs=1e-9)
    assert found.followed() == ["shape", "", "size"] and found.num_points == 3000


@pytest.mark.parametrize("shares, kl, expected", [
    ([0.83, 0.58, 0.1], 3.0, "a and b"), ([0.4, 0.5, 0.45], 3.0, "b, c and a"),
    ([0.83, 0.5, 0.1], 3.0, "a"), ([0.18, 0.19, 0.0], 3.0, ""), ([0.83, 0.1, 0.1], 0.03, ""),
    ([0.83, 0.1, 0.1], None, "a")])
def test_which_factors_a_latent_follows(shares, kl, expected):
    found = factor_information.FactorInformation(
        ["a", "b", "c"], np.array([shares]), np.zeros(3), 9)
    assert found.followed(None if kl is None else [kl]) == [expected]


def test_missing_values_are_left_out_factor_by_factor():
    codes, factors = known()
    holes = factors.astype(float)
    holes[::3, 1] = np.nan
    found = factor_information.factor_information(codes, holes, ["a", "b"])
    there = np.flatnonzero(~np.isnan(holes[:, 1]))
    expected = [factor_information.factor_information(codes[rows], factors[rows][:, [k]], ["c"])
                for k, rows in enumerate((np.arange(3000), there))]
    np.testing.assert_allclose(found.shares, np.concatenate([e.shares for e in expected], axis=1))


def data_with(**columns):
    images = np.random.RandomState(0).random_sample([len(next(iter(columns.values()))), 4, 4, 1])
    return image_set.ImageSet(images.astype(np.float32), factors_lib.record(columns))


def encoded(monkeypatch):
    monkeypatch.setattr(model_images, "encode", lambda _, images: (images[:, :2, 0, 0], None))


def test_factors_of_any_kind(monkeypatch):
    encoded(monkeypatch)
    weights = np.random.RandomState(1).random_sample(400)
    data = data_with(kind=np.array(["a", "b"] * 200), same=np.zeros(400), weight=weights)
    codes, factors, names = factor_information.codes_and_factors(None, data, 5000, 0)
    assert names == ["kind", "weight"] and len(codes) == len(factors) == 400
    assert len(np.unique(factors[:, 1])) == 10          # bins of equal frequency


def test_nothing_to_tell(monkeypatch):
    encoded(monkeypatch)
    assert factor_information.codes_and_factors(
        None, types.SimpleNamespace(num_factors=0), 10, 0) is None
    assert factor_information.codes_and_factors(
        None, data_with(same=np.zeros(30, int)), 10, 0) is None


@pytest.mark.oracle
def test_noise_follows_nothing_however_few_the_points():
    """The share of noise is its expected one, on average over 200 latents."""
    random = np.random.RandomState(0)
    for num in (300, 4000):
        factors = random.randint([3, 10], size=(num, 2))
        found = factor_information.factor_information(random.uniform(size=(num, 200)), factors,
                                                      ["a", "b"])
        assert set(found.followed()) == {""}
    np.testing.assert_allclose(found.shares.mean(axis=0), found.by_chance, rtol=0.05)


@pytest.mark.oracle
@pytest.mark.parametrize("num", [300, 4000])
def test_the_level_of_chance_is_that_of_independent_codes(num):
    """Of 400 codes that are drawn independently of the factors, 5% are above it."""
    random = np.random.RandomState(1)
    factors = random.randint([3, 10], size=(num, 2))
    names = ["a", "b"]
    level = factor_information.factor_information(random.normal(size=(num, 5)), factors,
                                                  names).chance_level
    others = factor_information.factor_information(random.normal(size=(num, 400)), factors, names)
    np.testing.assert_allclose((others.shares > level).mean(axis=0), 0.05, atol=0.04)
    assert level[1] == pytest.approx(np.percentile(others.shares[:, 1], 95), rel=0.1)


@pytest.mark.parametrize("level, sentence", [
    (None, ""), ([0.08, 0.26, 0.1], " Codes without information reach 0.08 to 0.26 by chance."),
    ([0.1, 0.101], " Codes without information reach 0.10 by chance.")])
def test_the_caption_has_the_level_of_chance(level, sentence):
    found = factor_information.FactorInformation(
        ["a"], np.zeros([2, 1]), np.zeros(1), 100, None if level is None else np.array(level))
    assert factor_information._chance(found) == sentence


@pytest.mark.parametrize("num_latent", [2, 30, 90])
def test_picture_and_table(num_latent):
    shares = np.random.RandomState(0).random_sample([num_latent, 3])
    found = factor_information.FactorInformation(["a", "$b", "c"], shares, np.zeros(3), 100)
    picture = factor_information.factor_information_picture(found)
    assert picture.dtype == np.uint8 and picture.shape[1] == max(
        650, 260 + 30 * min(60, num_latent))
    fields, rows = factor_information.table(found)
    assert fields == ["latent", "a", "$b", "c"] and rows[1] == ["z1", *shares[1]]
    assert len(rows) == num_latent
