"""Penalties on codes: their values, where gradients flow, how they are saved and bound."""
import types

import gin
import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
from helpers import small_vae

from tf_disentangle import losses, models, penalties, priors

SEED = [1, 2]


def outputs():
    """Outputs of a model whose posteriors are neither all alike nor the prior."""
    random_state = np.random.RandomState(0)
    z_mean, z_logvar, z = (tf.constant(random_state.normal(size=(6, 3)), tf.float32)
                           for _ in range(3))
    return models.VAEOutputs(z_mean, z_logvar, z, logits=tf.zeros([6, 1]))


def value_of(penalty, posterior=None):
    model = types.SimpleNamespace(posterior=posterior or priors.NormalPosterior())
    return penalty.value(model, outputs(), SEED)


@pytest.mark.oracle
def test_code_l1_in_numpy():
    given = outputs()
    for codes, array in (("z_mean", given.z_mean), ("z", given.z)):
        np.testing.assert_allclose(value_of(penalties.CodeL1(codes=codes)),
                                   np.abs(array).sum(axis=1).mean(), rtol=1e-6)
    assert penalties.CodeL1().codes == "z_mean"


@pytest.mark.oracle
@pytest.mark.parametrize("arguments", [
    {}, {"estimator": "weighted", "dataset_size": 50},
    {"estimator": "stratified", "dataset_size": 50}])
def test_total_correlation_is_the_function(arguments):
    given = outputs()
    # A difference of terms near 5, by two ways in float32.
    np.testing.assert_allclose(
        value_of(penalties.TotalCorrelation(**arguments)),
        losses.total_correlation(given.z, given.z_mean, given.z_logvar, **arguments), atol=5e-6)


@pytest.mark.oracle
@pytest.mark.parametrize("dip_type", ["i", "ii"])
def test_dip_in_numpy(dip_type):
    given = outputs()
    covariance = np.cov(given.z_mean, rowvar=False, bias=True)
    if dip_type == "ii":
        covariance = covariance + np.diag(np.exp(given.z_logvar).mean(axis=0))
    variances = np.diag(covariance)
    expected = (2 * np.sum((covariance - np.diag(variances)) ** 2)
                + 7 * np.sum((variances - 1) ** 2)
                + 0.5 * float(losses.squared_third_moments(
                    given.z_mean, tf.exp(given.z_logvar), dip_type)))
    for arguments in ({"lambda_d": 7.0}, {"lambda_d_factor": 3.5}):
        penalty = penalties.DIP(lambda_od=2.0, dip_type=dip_type, lambda_3=0.5, **arguments)
        np.testing.assert_allclose(value_of(penalty), expected, rtol=1e-5)


@pytest.mark.oracle
def test_posteriors_of_another_family_count_as_what_they_are():
    given, posterior = outputs(), priors.StudentTPosterior(df=5.0)
    scales = np.exp(given.z_logvar / 2)
    log_pairs = scipy.stats.t(5, np.asarray(given.z_mean), scales).logpdf(
        np.asarray(given.z)[:, np.newaxis])
    joint = np.log(np.exp(log_pairs.sum(axis=2)).sum(axis=1))
    marginals = np.log(np.exp(log_pairs).sum(axis=1)).sum(axis=1)
    np.testing.assert_allclose(value_of(penalties.TotalCorrelation(), posterior),
                               np.mean(joint - marginals), rtol=1e-5)
    wider = given.z_logvar + np.log(5 / 3)
    np.testing.assert_allclose(
        value_of(penalties.DIP(dip_type="ii", lambda_3=1.0), posterior),
        penalties.DIP(dip_type="ii", lambda_3=1.0).of_codes(
            priors.NormalPosterior(), given.z_mean, wider), rtol=1e-5)
    # No variance is asked for where none is needed.
    value_of(penalties.DIP(lambda_3=1.0), priors.StudentTPosterior(df=1.0))


@pytest.mark.property
@pytest.mark.parametrize("dip_type, factor", [("i", 10), ("ii", 1)])
def test_weight_of_the_variances_that_is_not_given_is_the_paper_s(dip_type, factor):
    given, explicit = (value_of(penalties.DIP(lambda_od=2.0, dip_type=dip_type, lambda_d=number))
                       for number in (None, 2.0 * factor))
    assert float(given) == float(explicit)


PENALTIES = [
    penalties.CodeL1(0.1, codes="z", annealing_steps=5),
    penalties.TotalCorrelation(0.2, "stratified", 50, name="other"),
    penalties.DIP(0.3, 2.0, lambda_d=3.0, lambda_3=4.0),
    penalties.DIP(0.3, 2.0, lambda_d_factor=3.0, dip_type="ii", annealing_steps=5)]


@pytest.mark.contract
@pytest.mark.parametrize("penalty", PENALTIES)
def test_survives_serialization(penalty):
    config = keras.saving.serialize_keras_object(penalty)
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is type(penalty)
    assert keras.saving.serialize_keras_object(again) == config
    assert float(again.weight_at(3)) == float(penalty.weight_at(3)) > 0
    assert float(value_of(again)) == float(value_of(penalty))


@pytest.mark.contract
def test_every_one_goes_with_a_model_and_moves_its_encoder():
    # One has the name of another, "other"; two have the same by default.
    penalties_of_model = [*PENALTIES[:3], penalties.DIP(0.3, dip_type="ii", name="dip_ii")]
    model = small_vae.make(penalties=penalties_of_model)
    terms = model.loss_terms(small_vae.images(6))
    weighted = sum(float(penalty.weight_at(0) * terms[penalty.name])
                   for penalty in penalties_of_model)
    np.testing.assert_allclose(terms["regularizer"], terms["kl_loss"] + weighted, rtol=1e-5)
    for penalty in penalties_of_model:
        gradients = small_vae.gradients(
            model, lambda name=penalty.name: model.loss_terms(small_vae.images(6))[name],
            model.encoder.trainable_variables)
        assert all(np.isfinite(gradient).all() for gradient in gradients)
        assert np.abs(gradients[0]).max() > 0, penalty.name


@pytest.mark.contract
def test_gin_binds_them():
    @gin.configurable("code_penalties_holder", module="tests")
    def hold(values=()):
        return values
    gin.parse_config("""
        code_penalties_holder.values = [@dip(), @total_correlation(), @code_l1()]
        dip.lambda_od = 2.0
        dip.lambda_d_factor = 3.0
        dip.dip_type = "ii"
        dip.lambda_3 = 200
        total_correlation.weight = 5
        total_correlation.estimator = "stratified"
        total_correlation.dataset_size = 737280
        code_l1.codes = "z"
        code_l1.annealing_steps = 10
    """)
    assert [value.get_config() for value in hold()] == [value.get_config() for value in (
        penalties.DIP(1.0, 2.0, None, 3.0, "ii", 200),
        penalties.TotalCorrelation(5, "stratified", 737280),
        penalties.CodeL1(1.0, "z", 10))]


def test_weights_of_dip_may_be_any_number_from_0():
    for name in ("lambda_od", "lambda_d", "lambda_d_factor", "lambda_3"):
        for value in (0.0, 0.5):
            assert penalties.DIP(**{name: value}).get_config()[name] == value


@pytest.mark.contract
@pytest.mark.parametrize("make, sentence", [
    (lambda: penalties.DIP(lambda_d=50.0, lambda_d_factor=10.0),
     "Invalid value for argument `lambda_d`. Expected None beside lambda_d_factor=10.0. "
     "Received: lambda_d=50.0. Give one of the two: lambda_d is lambda_d_factor * lambda_od."),
    (lambda: penalties.DIP(dip_type="I"), "Expected one of 'i', 'ii'. Received: dip_type='I'."),
    (lambda: penalties.DIP(lambda_od=-1), "Received: lambda_od=-1."),
    (lambda: penalties.DIP(lambda_d=-1), "Received: lambda_d=-1."),
    (lambda: penalties.DIP(lambda_d_factor=-1), "Received: lambda_d_factor=-1."),
    (lambda: penalties.DIP(lambda_3=-1), "Received: lambda_3=-1."),
    (lambda: penalties.TotalCorrelation(estimator="mss"), "Received: estimator='mss'."),
    (lambda: penalties.TotalCorrelation(estimator="weighted"),
     "Expected the number of images in the data set for the estimator 'weighted'. Received: "
     "dataset_size=None. 'disentanglement_lib' does without."),
    (lambda: penalties.TotalCorrelation(dataset_size=0), "Received: dataset_size=0."),
    (lambda: value_of(penalties.TotalCorrelation(), types.SimpleNamespace(
        distribution=lambda mean, logvar: "a joint")),
     "Expected a tfd.Independent distribution, whose marginals are known. Received: "
     "posterior='a joint'."),
    (lambda: penalties.CodeL1(codes="mean"),
     "Expected one of 'z_mean', 'z'. Received: codes='mean'. Did you mean 'z_mean'?"),
])
def test_wrong_arguments(make, sentence):
    with pytest.raises(ValueError) as error:
        make()
    assert sentence in str(error.value)
