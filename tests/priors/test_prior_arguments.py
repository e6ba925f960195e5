"""Priors from gin files, and arguments that are wrong."""
import gin
import pytest
from priors import prior_cases as cases

from tf_disentangle import priors


@pytest.mark.contract
@pytest.mark.parametrize("reference, bindings, expected", [
    ("isotropic_normal_prior", ["variance = 0.4"], priors.IsotropicNormalPrior(0.4)),
    ("diagonal_normal_prior", ["variances = [0.5, 1.0, 4.0]", "learned = True",
                               "mean_variance = 0.3"],
     priors.DiagonalNormalPrior([0.5, 1.0, 4.0], 0.3, True)),
    ("student_t_prior", ["df = 7", "kl_mode = 'monte_carlo'", "num_samples = 3"],
     priors.StudentTPrior(7.0, kl_mode="monte_carlo", num_samples=3)),
    ("laplace_prior", ["scale = 2.0"], priors.LaplacePrior(2.0)),
    ("gaussian_mixture_prior", ["means = [[0.0, 1.0]]", "variance = 1.0"],
     priors.GaussianMixturePrior([[0.0, 1.0]], variance=1.0)),
    ("sparse_prior", ["gamma = 0.5", "off_stddev = 0.05"],
     priors.SparsePrior(0.5, off_stddev=0.05)),
    ("vamp_prior", ["num_components = 5"], priors.VampPrior(5)),
    ("standard_normal", ["num_samples = 2"], priors.StandardNormal(num_samples=2)),
])
def test_gin_makes_the_same_prior_as_python(reference, bindings, expected):
    gin.parse_config([f"test_prior_holder.prior = @{reference}()",
                      *(f"{reference}.{binding}" for binding in bindings)])
    ours, theirs = held().get_config(), expected.get_config()
    assert ours.pop("name") and theirs.pop("name")
    assert ours == theirs


@gin.configurable("test_prior_holder", module="tests")
def held(prior=None):
    return prior


@pytest.mark.contract
@pytest.mark.parametrize("make, sentence", [
    (lambda: priors.StudentTPrior(df=0.0), "`df`. Expected a number greater than 0. "
                                           "Received: df=0.0."),
    (lambda: priors.StudentTPrior(df=[9.0, -1.0]), "Received: df=-1.0."),
    (lambda: priors.StudentTPrior(df=float("inf")), "Expected a finite number greater than 0."),
    (lambda: priors.StudentTPrior(df=0.01, learned_df=True), "greater than 0.01 where it is"),
    (lambda: cases.built(priors.StudentTPrior(df=[9.0, 1.0])),
     "Expected one number, or 3 of them, one per latent. Received: df=[9.0, 1.0]."),
    (lambda: cases.built(priors.StudentTPrior(scale=[1.0])), "Received: scale=[1.0]."),
    (lambda: priors.SparsePrior(gamma=1.5), "`gamma`. Expected a number of at least 0 and at "
                                            "most 1. Received: gamma=1.5."),
    (lambda: priors.SparsePrior(gamma=-0.1), "Received: gamma=-0.1."),
    (lambda: priors.SparsePrior(off_variance=0.05, off_stddev=0.05),
     "Expected None beside off_stddev=0.05. Received: off_variance=0.05. Give one of the two: "
     "off_variance is off_stddev**2."),
    (lambda: priors.SparsePrior(off_stddev=0.0), "Received: off_stddev=0.0."),
    (lambda: cases.built(priors.GaussianMixturePrior([[0.0, 1.0], [1.0, 0.0]])),
     "`means`. Expected points with 3 coordinates, one per latent. Received: "
     "means=[[0.0, 1.0], [1.0, 0.0]]."),
    (lambda: priors.GaussianMixturePrior([[0.0], [1.0, 2.0]]), "Expected a list of points"),
    (lambda: priors.GaussianMixturePrior(weights=[1.0]), "Expected 4 numbers, one per component"),
    (lambda: priors.GaussianMixturePrior(variance=0), "Received: variance=0."),
    (lambda: priors.DiagonalNormalPrior([1.0, 0.0]), "Received: variances=0.0."),
    (lambda: cases.built(priors.DiagonalNormalPrior([1.0, 2.0])), "one number, or 3 of them"),
    (lambda: priors.DiagonalNormalPrior(learned=1), "Expected True or False. Received: learned=1"),
    (lambda: priors.LaplacePrior(-1.0), "Received: scale=-1.0."),
    (lambda: priors.IsotropicNormalPrior("x"), "Received: variance='x'."),
    (lambda: priors.VampPrior(0), "Received: num_components=0."),
    (lambda: priors.VampPrior(seed=2**31), "at most 2147483647. Received: seed=2147483648."),
    (lambda: priors.VampPrior(seed=-1), "Received: seed=-1."),
    (lambda: priors.VampPrior(low=1.0, high=1.0), "Received: high=1.0."),
    (lambda: cases.built(priors.VampPrior()), "Expected a VampPrior that is the `prior` of a "
                                              "model, whose encoder it needs."),
    (lambda: priors.StandardNormal(kl_mode="exact"), "Expected one of 'closed_form', "
                                                     "'monte_carlo'. Received: kl_mode='exact'."),
    (lambda: priors.StandardNormal(num_samples=0), "Received: num_samples=0."),
    (lambda: cases.built(priors.StandardNormal()).build([4]),
     "Expected 3, which the prior was built for. Received: num_latent=4."),
])
def test_wrong_arguments(make, sentence):
    with pytest.raises(ValueError) as error:
        make()
    assert sentence in str(error.value)


@pytest.mark.contract
def test_the_largest_seed_is_taken():
    assert priors.VampPrior(seed=2**31 - 1).get_config()["seed"] == 2**31 - 1
