"""Priors and divergences against the numbers of the decomposition paper's code."""
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp
from helpers import decomposition_inputs, fixtures, recorded

from tf_disentangle import losses, priors, reconstruction

tfd = tfp.distributions

RTOL = 1e-5

pytestmark = pytest.mark.oracle


@pytest.fixture
def golden():
    with fixtures.computing_in("float64"):
        yield recorded.golden("d2_decomposition")


def built(prior, num_latent):
    prior.build([num_latent])
    return prior


def mixture4(case):
    return built(priors.GaussianMixturePrior(variance=case["mix_s"]), 2)


def student_t(df, num_latent=5, scale=1.0):
    return built(priors.StudentTPrior(df, scale), num_latent)


def sparse(num_latent=5, **off):
    return built(priors.SparsePrior(0.8, **off), num_latent)


def test_scales_of_normal_priors(golden):
    case = golden["inputs"]
    for mean_variance in case["scales"]:
        for num_latent in case["dims"]:
            leading = np.square(case["singular_values"][:num_latent])
            key = f"s={mean_variance:g},D={num_latent}"
            for name, prior in (
                    ("iso", priors.IsotropicNormalPrior(mean_variance)),
                    ("iso", priors.DiagonalNormalPrior(mean_variance=mean_variance)),
                    ("pca", priors.DiagonalNormalPrior(leading, mean_variance)),
                    ("pca", priors.DiagonalNormalPrior(leading, mean_variance, True))):
                np.testing.assert_allclose(np.sqrt(built(prior, num_latent).variance()),
                                           golden["prior_scale"][f"{name},{key}"], rtol=RTOL)


def test_scales_of_a_learned_prior_and_their_gradient(golden):
    case, expected = golden["inputs"], golden["prior_scale"]
    prior = built(priors.DiagonalNormalPrior(mean_variance=case["scales"][-1], learned=True),
                  case["logit_dim"])
    prior.logits.assign(decomposition_inputs.learned_logits(case))
    with tf.GradientTape() as tape:
        scale = prior.distribution().distribution.scale
        total = tf.reduce_sum(scale)
    np.testing.assert_allclose(scale, expected["learned,s=0.03"], rtol=RTOL)
    np.testing.assert_allclose(tape.gradient(total, prior.logits.value),
                               expected["learned,grad of sum(scale) wrt logits"], rtol=RTOL)


def test_log_densities(golden):
    case, expected = golden["inputs"], golden["log_prob"]
    z, z_of_mixture = decomposition_inputs.log_prob_points(case)
    for prior, key in ((student_t(9.0), "student_t,df=9,loc=0,scale=1"),
                       (student_t(2.5), "student_t,df=2.5,loc=0,scale=1"),
                       (student_t(9.0, scale=case["st_scale"]),
                        "student_t,df=9,loc=0,scale=st_scale"),
                       (sparse(off_stddev=0.05), "sparse,gamma=0.8,sd=0.05"),
                       (sparse(off_variance=0.05), "sparse,gamma=0.8,variance=0.05")):
        each = np.array(expected[key])
        np.testing.assert_allclose(prior.distribution().distribution.log_prob(z), each,
                                   rtol=RTOL, err_msg=key)
        np.testing.assert_allclose(prior.distribution().log_prob(z), each.sum(axis=-1),
                                   rtol=RTOL, err_msg=key)
    np.testing.assert_allclose(mixture4(case).distribution().log_prob(z_of_mixture),
                               expected["mixture4,s=0.03"], rtol=RTOL)


def test_kl(golden):
    case, expected = golden["inputs"], golden["kl"]
    (mean, stddev, z), _ = decomposition_inputs.kl_inputs(case)
    num_latent = mean.shape[1]
    posterior = priors.diagonal_gaussian(mean, 2 * np.log(stddev))
    normal = priors.DistributionPrior(lambda n: tfd.Normal(
        tf.fill([n], tf.constant(case["kl_prior_mean"], "float64")),
        tf.constant(case["kl_prior_sd"], "float64")))
    for prior, key in ((built(normal, num_latent), "normal_analytic[B,D]"),
                       (built(priors.StandardNormal(), num_latent),
                        "normal_analytic_standard[B,D]")):
        np.testing.assert_allclose(prior.kl(posterior, None),
                                   np.sum(expected[key], axis=1), rtol=RTOL)
    for prior, key in ((student_t(9.0), "mc_student_t,df=9[B,D]"),
                       (student_t(2.5), "mc_student_t,df=2.5[B,D]"),
                       (sparse(off_stddev=0.05), "mc_sparse,gamma=0.8,sd=0.05[B,D]"),
                       (sparse(off_variance=0.05), "mc_sparse,gamma=0.8,variance=0.05[B,D]")):
        np.testing.assert_allclose(
            priors.monte_carlo_kl(posterior, prior.distribution(), z),
            np.sum(expected[key], axis=1), rtol=RTOL, err_msg=key)


def test_kl_of_the_mixture_counts_the_prior_once(golden):
    case, expected = golden["inputs"], golden["kl"]
    _, (mean, stddev, z) = decomposition_inputs.kl_inputs(case)
    prior, posterior = mixture4(case).distribution(), priors.diagonal_gaussian(
        mean, 2 * np.log(stddev))
    ours = priors.monte_carlo_kl(posterior, prior, z)
    np.testing.assert_allclose(ours, expected["mc_mixture4_intended[B]"], rtol=RTOL)
    np.testing.assert_allclose(
        ours - tf.reduce_mean(prior.log_prob(z), axis=0),
        expected["mc_mixture4_official_as_written(sum over last axis)[B]"], rtol=RTOL)


def prior_of(name, case, num_latent):
    if name == "mixture4":
        return mixture4(case)
    return student_t(case["dfs"][0], num_latent) if name == "student_t" else built(
        priors.StandardNormal(), num_latent)


@pytest.mark.parametrize("index", range(3))
def test_inclusive_kl(golden, index):
    case, expected = golden["inputs"], golden["kld_inc"][index]
    mean, stddev, samples = decomposition_inputs.inclusive_kl_inputs(
        expected, case["mix_s"])
    prior = prior_of(expected["prior"], case, expected["D"]).distribution()
    mean, stddev = tf.Variable(mean), tf.Variable(stddev)
    with tf.GradientTape() as tape:
        posterior = priors.diagonal_gaussian(mean, 2 * tf.math.log(stddev))
        value = losses.inclusive_kl(prior.log_prob(samples),
                                    posterior.log_prob(samples[:, None]))
    np.testing.assert_allclose(value, expected["value"], rtol=RTOL)
    for gradient, name in zip(tape.gradient(value, [mean, stddev]),
                              ("grad_mean_l2", "grad_sd_l2")):
        np.testing.assert_allclose(np.linalg.norm(gradient), expected[name], rtol=RTOL)


def objective_prior(case, mix_s):
    """The prior of a row of `objective`, with the KL as the paper's code has it."""
    makers = {
        "sparse": lambda: priors.SparsePrior(case["gamma"], off_stddev=0.05,
                                             kl_mode="monte_carlo"),
        "mixture4": lambda: priors.GaussianMixturePrior(variance=mix_s, kl_mode="monte_carlo"),
        "student_t": lambda: priors.StudentTPrior(case["df"], kl_mode="monte_carlo"),
        "normal": lambda: priors.DiagonalNormalPrior(np.square(case["prior_scale"])),
    }
    return built(makers[case["prior"]](), case["D"])


def terms_of(case, prior, inputs, weights):
    """Reconstruction, KL and divergence of the tiny model of `objective`, and its codes."""
    x, _, noise, samples = inputs
    dense = {name: x @ weights[f"W{name}"] + weights[f"b{name}"] for name in "es"}
    stddev = tf.math.softplus(dense["s"]) + 1e-6
    z = dense["e"] + stddev * noise[0]
    posterior = priors.diagonal_gaussian(dense["e"], 2 * tf.math.log(stddev))
    outputs = tf.tanh(z @ weights["Wd"] + weights["bd"])
    if case["likelihood"] == "laplace":
        loss = reconstruction.LaplaceLoss()(x, outputs)
    else:
        raw = z @ weights["Wp"] + weights["bp"]
        loss = reconstruction.NormalLoss(minimal_stddev=0.0)(x, tf.stack([outputs, raw], axis=-1))
    if case["regulariser_name"] == "mmd_dim":
        divergence = losses.mmd_dim(samples, z)
    elif case["regulariser_name"] == "kld_inc":
        divergence = losses.inclusive_kl(prior.distribution().log_prob(samples),
                                         posterior.log_prob(samples[:, None]))
    else:
        divergence = tf.zeros([], tf.float64)
    return loss, prior.kl(posterior, z), divergence, z


@pytest.mark.parametrize("index", range(5))
def test_objective(golden, index):
    case, mix_s = golden["objective"][index], golden["inputs"]["mix_s"]
    inputs = decomposition_inputs.objective_inputs(case, mix_s)
    weights = {name: tf.Variable(value) for name, value in inputs[1].items()}
    prior = objective_prior(case, mix_s)
    with tf.GradientTape() as tape:
        loss, kl, divergence, z = terms_of(case, prior, inputs, weights)
        # The code sums over the batch, so that alpha counts once for each example.
        ours = -tf.reduce_sum(loss + case["beta"] * kl + case["alpha"] * divergence)
        # With the mixture it counts the prior twice.
        twice = tf.reduce_sum(prior.distribution().log_prob(z)) * (case["prior"] == "mixture4")
        theirs = ours + case["beta"] * twice
    np.testing.assert_allclose(-tf.reduce_sum(loss), case["recon_sum"], rtol=RTOL)
    np.testing.assert_allclose(tf.reduce_sum(kl), case.get("kl_sum_intended", case["kl_sum"]),
                               rtol=RTOL)
    np.testing.assert_allclose(divergence, case["regulariser"], rtol=RTOL)
    np.testing.assert_allclose(
        ours, case.get("objective_sum_with_intended_kl", case["objective_sum"]), rtol=RTOL)
    np.testing.assert_allclose(theirs, case["objective_sum"], rtol=RTOL)
    gradients = tape.gradient(theirs, weights)
    for name, norm in case["grad_l2"].items():
        np.testing.assert_allclose(np.linalg.norm(gradients[name]), norm, rtol=RTOL,
                                   err_msg=name)
