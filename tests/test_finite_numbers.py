"""No setting is infinite or NaN, unless that is allowed by name."""
import decimal
import fractions
import inspect
import math

import keras
import numpy as np
import pytest

from tf_disentangle import errors, jacobian, models, optimizers, penalties, priors, reconstruction
from tf_disentangle.configuration import registry
from tf_disentangle.optimizers import schedules

NOT_FINITE = [math.inf, -math.inf, math.nan, np.float32("inf"), np.float64("nan"), 10**400]


@pytest.mark.contract
@pytest.mark.parametrize("value", NOT_FINITE)
def test_numbers_are_finite(value):
    with pytest.raises(errors.InvalidArgumentError, match="`size`. Expected a (finite )?number"):
        errors.number("size", value)
    if value == math.inf:
        with pytest.raises(errors.InvalidArgumentError, match="a finite number of at least 0. "):
            errors.number("size", value, minimum=0)


@pytest.mark.contract
def test_infinity_can_be_allowed():
    assert errors.number("size", math.inf, minimum=0, infinite=True) == math.inf
    for value in (-math.inf, math.nan, None, "inf", True, 1j, decimal.Decimal(1)):
        with pytest.raises(errors.InvalidArgumentError):
            errors.number("size", value, minimum=0, infinite=True)
    assert errors.number("size", fractions.Fraction(1, 2)) == 0.5
    assert errors.number("size", np.float32(0.5)) == 0.5


@pytest.mark.contract
def test_numbers_that_float32_cannot_hold_are_refused():
    largest = float(np.finfo(np.float32).max)
    assert errors.number("size", largest) == largest
    assert errors.number("size", 1e300, infinite=True) == 1e300
    for value in (1.01 * largest, -1e300, 10**40):
        with pytest.raises(errors.InvalidArgumentError, match="`size`.* that float32 can hold"):
            errors.number("size", value)
    with pytest.raises(errors.InvalidArgumentError, match="`weight`.* that float32 can hold"):
        penalties.InclusiveKL(weight=1e300)


PARTS = [
    models.VAE, models.AnnealedVAE, models.BetaTCVAE, models.DIPVAE, models.FactorVAE,
    models.FastICA, penalties.MMD, penalties.MMDDim, penalties.DIP, penalties.InclusiveKL,
    penalties.JacobianL1, penalties.JacobianL2, penalties.MomentMatching,
    penalties.TotalCorrelation, penalties.CodeL1, jacobian.FiniteDifference, jacobian.ForwardMode,
    priors.IsotropicNormalPrior, priors.DiagonalNormalPrior, priors.LaplacePrior,
    priors.StudentTPrior, priors.SparsePrior, priors.GaussianMixturePrior, priors.VampPrior,
    priors.StudentTPosterior, reconstruction.LaplaceLoss, reconstruction.NormalLoss,
    schedules.Warmup]

# Parameters that are numbers without saying so by their default.
NUMBERS = {"lambda_d", "lambda_d_factor", "variances", "mean_variance", "off_variance",
           "off_stddev", "kink_sharpness"}
LISTS = {"scales", "weights"}


def number_parameters(cls):
    return [(name, parameter) for name, parameter in inspect.signature(cls).parameters.items()
            if name in NUMBERS | LISTS or (isinstance(parameter.default, (int, float))
                                           and not isinstance(parameter.default, bool))]


@pytest.mark.contract
@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("cls, name", [(cls, name) for cls in PARTS
                                       for name, _ in number_parameters(cls)])
def test_no_part_takes_what_is_not_finite(cls, name, value):
    given = [1.0, value, 1.0, 1.0] if name in LISTS else value
    with pytest.raises(errors.InvalidArgumentError, match=f"`{name}`"):
        cls(**{name: given})


@pytest.mark.contract
def test_lists_of_numbers_are_looked_at_one_by_one():
    for make in (lambda: priors.LaplacePrior([1.0, math.inf]),
                 lambda: priors.StudentTPrior(df=[1.0, math.nan]),
                 lambda: priors.DiagonalNormalPrior([1.0, math.inf]),
                 lambda: priors.GaussianMixturePrior(means=[[0.0, math.inf]])):
        with pytest.raises(errors.InvalidArgumentError):
            make()


def optimizer_parameters():
    for name in NAMES:
        function = registry.configured(name)
        for parameter in inspect.signature(function).parameters.values():
            if isinstance(parameter.default, float) or parameter.name in REQUIRED:
                yield name, parameter.name


NAMES = ["AdamOptimizer", "GradientDescentOptimizer", "Adam", "AdamW", "SGD", "RMSprop", "Adagrad",
         "Adadelta", "Adafactor", "Adamax", "Ftrl", "Lamb", "Lion", "Nadam", "exponential_decay",
         "cosine_decay", "cosine_decay_restarts", "polynomial_decay", "inverse_time_decay"]
REQUIRED = {"learning_rate": 0.1, "initial_learning_rate": 0.1, "decay_steps": 10,
            "decay_rate": 0.5, "first_decay_steps": 10}


@pytest.mark.contract
@pytest.mark.parametrize("value", [math.inf, math.nan])
@pytest.mark.parametrize("name, parameter", list(optimizer_parameters()))
def test_no_optimizer_and_no_schedule_either(name, parameter, value):
    function = registry.configured(name)
    needed = {key: number for key, number in REQUIRED.items()
              if key in inspect.signature(function).parameters}
    function(**needed)
    with pytest.raises(errors.InvalidArgumentError, match=f"`{parameter}`"):
        function(**{**needed, parameter: value})


@pytest.mark.contract
@pytest.mark.parametrize("boundaries, values, name", [
    ([5], [0.1, math.inf], "values"), ([5], [math.nan, 0.1], "values"),
    ([math.inf], [0.1, 0.1], "boundaries"), ([5], [0.1], "values"), (5, [0.1, 0.1], "boundaries"),
    ([5], 0.1, "values"), ([5], ["fast", 0.1], "values")])
def test_piecewise_constant_rates(boundaries, values, name):
    with pytest.raises(errors.InvalidArgumentError, match=f"`{name}`"):
        optimizers.piecewise_constant(boundaries, values)
    schedule = optimizers.piecewise_constant([5], [0.1, 0.01])
    np.testing.assert_allclose([schedule(5), schedule(6)], [0.1, 0.01], rtol=1e-6)
    assert isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule)
