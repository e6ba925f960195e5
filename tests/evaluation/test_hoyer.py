"""Hoyer sparsity: recorded numbers, exact cases, degenerate input."""
import gin
import numpy as np
import pytest
from helpers import decomposition_inputs, recorded

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import hoyer


def raw(codes):
    return hoyer.hoyer(codes, normalize=False)["hoyer"]


@pytest.mark.oracle
def test_recorded_scores():
    for case in recorded.golden("d2_decomposition")["hoyer"]:
        codes = decomposition_inputs.hoyer_codes(case)
        assert hoyer.hoyer(codes) == {"hoyer": pytest.approx(case["normalised"], abs=1e-12)}
        assert raw(codes) == pytest.approx(case["raw"], abs=1e-12)


@pytest.mark.oracle
def test_gaussian_codes():
    # E|z| = sqrt(2 / pi), and the norm of many codes is sqrt(D): (1 - 0.798) sqrt(D) over
    # sqrt(D) - 1, save terms of 1 / D.
    codes = np.random.RandomState(0).normal(size=(2000, 400))
    assert hoyer.hoyer(codes)["hoyer"] == pytest.approx(
        (1 - np.sqrt(2 / np.pi)) * 20 / 19, abs=0.005)


@pytest.mark.property
def test_exact_cases():
    assert raw(np.eye(5) * -3) == pytest.approx(1, abs=1e-12)
    assert raw([[2, -2, 2, 2], [1, 1, 1, -1]]) == pytest.approx(0, abs=1e-12)
    # l1 / l2 = 7 / 5 and D = 4.
    assert raw([[3, 0, 0, -4]]) == pytest.approx(2 - 7 / 5, abs=1e-12)
    assert raw([[3e-200, 0, 0, -4e-200]]) == pytest.approx(2 - 7 / 5, abs=1e-12)
    assert raw([[3e200, 0, 0, -4e200]]) == pytest.approx(2 - 7 / 5, abs=1e-12)
    assert raw([[0, 0, 0, 0], [3, 0, 0, -4]]) == pytest.approx((1 + 2 - 7 / 5) / 2, abs=1e-12)


@pytest.mark.property
def test_scale_sign_and_order():
    codes = np.random.RandomState(0).standard_t(3, size=(300, 5))
    scales = [1e-3, 1, -7, 100, 2]
    expected = hoyer.hoyer(codes)
    assert hoyer.hoyer(codes[:, ::-1] * scales) == {
        "hoyer": pytest.approx(expected["hoyer"], abs=1e-12)}
    # What the normalisation is for: scales alone look sparse.
    assert raw(codes * scales) > 0.8 and expected["hoyer"] < 0.4
    dead = np.column_stack([codes, np.full(300, 0.1)])
    assert hoyer.hoyer(dead) == expected


def test_bad_input():
    codes = np.random.RandomState(0).normal(size=(30, 1))
    for wrong in (codes, np.column_stack([codes, np.ones(30)])):
        with pytest.raises(errors.InvalidArgumentError, match="two codes that vary.*1 codes"):
            hoyer.hoyer(wrong)
    with pytest.raises(errors.InvalidArgumentError, match="at least two codes"):
        raw(codes)
    with pytest.raises(errors.InvalidArgumentError, match="codes.shape"):
        hoyer.hoyer(np.ones((1, 3)))
    with pytest.raises(errors.InvalidArgumentError, match="1 NaN"):
        raw([[1, np.inf]])


def test_gin(grid_data, identity):
    gin.parse_config("hoyer.num_train = 300\nhoyer.normalize = False")
    data = grid_data((4, 6))
    by_gin = gin.get_configurable("hoyer")(data, identity, np.random.RandomState(3))
    assert by_gin == hoyer.compute_hoyer(data, identity, np.random.RandomState(3), None, 300,
                                         normalize=False)
    assert by_gin != hoyer.compute_hoyer(data, identity, np.random.RandomState(3), None, 300)
