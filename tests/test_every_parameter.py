"""Every parameter that a gin file may bind, given what it cannot be.

Each value is bound by gin, and what it is bound to is made and used once: a prior and a penalty in
a model of 16x16 images, an optimizer for one step, a metric on a few points. It may take the value,
or refuse it by a `UserError` of one line that names the parameter or its binding. Anything else is
a fault: another class of exception, several lines, a long wait, a file.

A seeded generator draws some of the cases; FUZZ_CASES in the environment says how many (a large
number stands for all), FUZZ_SEED which. Data sets have a test of their own,
`data/test_bad_arguments.py`.
"""
import collections
import contextlib
import os
import random
import shutil
import signal
import typing

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers import small_vae, tiny_run

from tf_disentangle import errors, models, networks, parts, penalties, priors
from tf_disentangle.configuration import gin_errors, parsing, registry
from tf_disentangle.evaluation import evaluate, validate
from tf_disentangle.factors import binning
from tf_disentangle.training import options, train

NUM_CASES = int(os.environ.get("FUZZ_CASES", 500))
LONGEST = 30                                # seconds that one value may take

VALUES = [
    "None", "True", "-1", "0", "1", "2", "-0.5", "0.5", "1e-300", "1e300", "-1e300", "1e999",
    "-1e999", "1" + "0" * 30, "1" + "0" * 400, "2147483648", "''", "'x'", "'nan'", "'\\0'",
    "'a\\nb'", "[]", "[0]", "[-1.0, 'x']", "[None]", "[[1, 2], [3]]", "[1e999]", "()", "{}",
    "{'a': -1}", "b'x'", "%NAN", "%OBJECT", "%ARRAY",
    # References of every kind, with brackets and without.
    *(f"@{name}{brackets}" for brackets in ("", "()") for name in (
        "vae", "standard_normal", "jacobian_l1", "finite_difference", "bernoulli_loss", "l2_loss",
        "AdamOptimizer", "SGD", "warmup", "normal_posterior", "histogram_discretizer", "dummy_data",
        "conv16_encoder", "mig", "mean_representation", "hist_gradient_boosting_classifier")),
    "[@jacobian_l1]", "[@standard_normal()]"]

NETWORKS = ["encoder.encoder_fn = @conv16_encoder", "decoder.decoder_fn = @deconv16_decoder",
            "encoder.num_latent = 3", "discriminator.discriminator_fn = @tiny_discriminator",
            "AdamOptimizer.learning_rate = 0.01"]
IMAGES = tf.constant(small_vae.images())


def gin_constants():
    import gin
    with contextlib.suppress(ValueError):
        gin.constant("NAN", float("nan"))
        gin.constant("OBJECT", object())
        gin.constant("ARRAY", np.zeros((2, 3)))


def one_loss(**parts_of_model):
    """A loss of a model with some parts of its own, as the first step of training computes it."""
    model = models.VAE(encoder=networks.make_gaussian_encoder(small_vae.SHAPE, 3,
                                                              networks.conv16_encoder),
                       decoder=networks.make_decoder(3, small_vae.SHAPE, networks.deconv16_decoder),
                       **parts_of_model)
    model.build([None, *small_vae.SHAPE])
    model.loss_terms(IMAGES)


def use_model(name):
    model = registry.configured(name)()
    if isinstance(model, models.LinearModel):
        model.build([None, 4])
        return
    model.build([None, *small_vae.SHAPE])
    model.compile(keras.optimizers.SGD(1e-3))
    model.loss_terms(IMAGES)


def use_optimizer(name):
    made = registry.configured(name)()
    variable = keras.Variable(np.ones(2, np.float32))
    made.build([variable])
    made.apply([tf.ones(2)], [variable])


def use_schedule(name):
    made = registry.configured(name)()
    float(made(0))


def representation(images):
    return np.reshape(images, [len(images), -1])[:, :4].astype(np.float64)


def use_metric(name):
    ground_truth_data = tiny_run.TinyData()
    registry.configured(name)(ground_truth_data, representation,
                              np.random.RandomState(0))


def use_validation(name):
    ground_truth_data = tiny_run.TinyData()
    labels, observations = ground_truth_data.sample(40, np.random.RandomState(0))
    registry.configured(name)(observations, labels.T, representation)


class Use(typing.NamedTuple):
    """How what is registered under some names is used once.

    Args:
        function: takes the name.
        bindings: that hold beside the value.
    """
    function: typing.Callable
    bindings: typing.Sequence[str] = ()


SMALL = ("num_train = 40", "num_test = 30", "num_eval = 10", "batch_size = 8", "num_jobs = 1",
         "num_variance_estimate = 40", "num_local_clusters = 2", "num_votes = 10",
         "num_test_points_per_class = 10", "max_points = 40", "num_trees = 2", "max_iter = 5",
         "n_experiment = 2")


RATE = "initial_learning_rate = 0.1"
REQUIRED = {
    "cosine_decay": [f"cosine_decay.{RATE}", "cosine_decay.decay_steps = 10"],
    "cosine_decay_restarts": [f"cosine_decay_restarts.{RATE}",
                              "cosine_decay_restarts.first_decay_steps = 10"],
    "polynomial_decay": [f"polynomial_decay.{RATE}", "polynomial_decay.decay_steps = 10"],
    "inverse_time_decay": [f"inverse_time_decay.{RATE}", "inverse_time_decay.decay_steps = 10",
                           "inverse_time_decay.decay_rate = 0.5"],
    "exponential_decay": ["exponential_decay.learning_rate = 0.1",
                          "exponential_decay.decay_steps = 10",
                          "exponential_decay.decay_rate = 0.5"],
    "piecewise_constant": ["piecewise_constant.boundaries = [3]",
                           "piecewise_constant.values = [0.1, 0.01]"],
    "sampled": ["sampled.num_directions = 1"],
    "distribution_prior": ["distribution_prior.distribution = @logistic_for_fuzzing",
                           "distribution_prior.kl_mode = 'monte_carlo'"],
}


@keras.saving.register_keras_serializable("tests")
def logistic_for_fuzzing(num_latent):
    from tensorflow_probability import distributions as tfd
    return tfd.Logistic(tf.zeros(num_latent), 1.0)


registry.register("logistic_for_fuzzing", denylist=("num_latent",))(logistic_for_fuzzing)


def uses():
    """Name -> `Use`, of everything registered that is looked at here."""
    import gin
    found = {}
    for selector, configurable in gin.config._REGISTRY.items():
        name = selector.split(".")[-1]
        module = getattr(configurable.wrapped, "__module__", "").removeprefix("tf_disentangle.")
        if not selector.startswith("tf_disentangle.") or name in found:
            continue
        if module.startswith("priors") and name not in ("pca_variances",):
            if "posterior" in name:
                # With a prior whose KL is known for any posterior.
                found[name] = Use(lambda name: one_loss(
                    posterior=registry.configured(name)(),
                    prior=priors.StandardNormal(kl_mode="monte_carlo")))
            else:
                found[name] = Use(lambda name: one_loss(prior=registry.configured(name)()),
                                  REQUIRED.get(name, [f"{name}.kl_mode = 'monte_carlo'"]))
        elif module.startswith("jacobian"):
            found[name] = Use(lambda name: one_loss(penalties=[
                penalties.JacobianL1(estimator=registry.configured(name)())]),
                              REQUIRED.get(name, ()))
        elif module.startswith("penalties"):
            found[name] = Use(lambda name: one_loss(penalties=[registry.configured(name)()]))
        elif module.startswith("reconstruction") and name not in ("reconstruction_loss",
                                                                  "perceptual_loss"):
            found[name] = Use(lambda name: one_loss(
                reconstruction_loss=registry.configured(name)()))
        elif module.startswith("models") and isinstance(configurable.wrapped, type):
            found[name] = Use(use_model, NETWORKS)
        elif module in ("optimizers.named", "optimizers.slots"):
            found[name] = Use(use_optimizer, NETWORKS)
        elif module == "optimizers.from_keras":
            found[name] = Use(use_schedule if name[0].islower() else use_optimizer,
                              REQUIRED.get(name, ()))
        elif module == "optimizers.schedules":
            found[name] = Use(use_schedule, REQUIRED.get(name, ()))
        elif module.startswith("evaluation.metrics.") and name not in SPECIAL:
            parameters = gin_errors._parameters(selector)
            small = [f"{name}.{text}" for text in SMALL if text.split(" ")[0] in parameters]
            if "downstream" in name:
                small.append(f"{name}.num_train = [40]")
            found[name] = Use(use_validation if "validation" in name else use_metric,
                              [*small, "discretizer.num_bins = 4"])
    found.update({
        "train": Use(lambda name: options.make_run_options()),
        "encoder": Use(lambda name: use_model("vae"), NETWORKS),
        "decoder": Use(lambda name: use_model("vae"), NETWORKS),
        "discriminator": Use(lambda name: use_model("factor_vae"), NETWORKS),
        "reconstruction_loss": Use(lambda name: use_model("vae"), NETWORKS),
        "discretizer": Use(lambda name: use_metric("mig"), ["mig.num_train = 40"]),
        "histogram_discretizer": Use(lambda name: use_metric("mig"), [
            "mig.num_train = 40", "discretizer.discretizer_fn = @histogram_discretizer"]),
        "factor_bins": Use(lambda name: binning.bin_factor(np.arange(120) / 7)),
        "predictor": Use(lambda name: use_metric("dci"), [
            "dci.num_train = 40", "dci.num_test = 30", "dci.num_jobs = 1"]),
        "hist_gradient_boosting_classifier": Use(lambda name: use_metric("dci"), [
            "dci.num_train = 40", "dci.num_test = 30", "dci.num_jobs = 1",
            "predictor.predictor_fn = @hist_gradient_boosting_classifier"]),
        "local_sample_factors": Use(lambda name: use_metric("local_mig"), [
            "local_mig.num_train = 40", "local_mig.num_local_clusters = 2"]),
        "model": Use(lambda name: train.train(None, ground_truth_data=tiny_run.TinyData(),
                                              stream=open(os.devnull, "w")),
                     [line for line in tiny_run.GIN.split("\n") if "=" in line]
                     + ["model.training_steps = 1", "model.eval_steps = 1"]),
        "evaluation": Use(lambda name: evaluate.evaluate(tiny_run.finished_run(), "out"),
                          ["evaluation.evaluation_fn = @hoyer", "hoyer.num_train = 20"]),
        "validation": Use(lambda name: validate.validate(tiny_run.finished_run(), "out"),
                          ["validation.num_labelled_samples = 40"]),
    })
    return found


# Metrics of trained models, and helpers of metrics, which are used by way of others.
SPECIAL = {
    "accuracy_svm_matrix", "aggregate_posterior", "discretizer", "factorwise_dci",
    "gradient_boosting_classifier", "hist_gradient_boosting_classifier", "histogram_discretizer",
    "image_similarity", "importance_gbt_matrix", "local_sample_factors", "log_likelihood",
    "logistic_regression_cv", "mutual_information_matrix", "predictor", "prune_dims",
    "reconstruction_error", "reduced_representation", "udr_sklearn"}

# What would rightly take a long time, or all the memory, with a large number.
COSTLY = {"num_train", "num_test", "num_eval", "batch_size", "num_latent", "num_samples",
          "num_votes", "num_components", "num_hidden", "base", "training_steps", "eval_steps",
          "num_trees", "max_iter", "num_local_clusters", "num_labelled_samples", "num_repeats",
          "num_jobs", "num_variance_estimate", "num_test_points_per_class", "max_points",
          "n_experiment", "num_bins", "depths", "max_depth", "num_columns", "num_directions"}
LARGE = {"1e300", "1" + "0" * 30, "1" + "0" * 400, "2147483648"}


# What else a message may name: another name that a parameter is passed on under, or a parameter
# that it conflicts with.
ALSO = {"random_seed": ["random_state"], "num_votes": ["num_train"],
        "num_train": ["num_points", "factors"],
        "train_percentage": ["factors"], "locality_proportions": ["locality_proportion"],
        "num_factor_bins": ["num_bins"], "prune_fn": ["threshold"], "low": ["high"],
        "minimal_stddev": ["decoder_fn"]}


# Parameters that are given instead of one that is bound for all others.
INSTEAD = {("sampled", "num_columns"): ()}


def cases():
    for name, general_use in sorted(uses().items()):
        for parameter in gin_errors._parameters(f"tf_disentangle.{name}"):
            use = general_use._replace(
                bindings=INSTEAD.get((name, parameter), general_use.bindings))
            for value in VALUES:
                if not (parameter in COSTLY and value in LARGE
                        or parameter == "num_jobs" and value in ("2", "None")):
                    yield name, parameter, value, use


def _late(signum, frame):
    raise TimeoutError(f"not done in {LONGEST} s")


def fault(name, parameter, value, use):
    """(outcome, what is wrong with it or None)."""
    binding = f"{name}.{parameter} = {value}"
    signal.signal(signal.SIGALRM, _late)
    signal.alarm(LONGEST)
    try:
        with parts.parsed(None, [*use.bindings, binding]):
            use.function(name)
        return "taken", None
    except errors.UserError as error:
        line = gin_errors.explain(error)
        if not line.isprintable() or len(line) > 1000:
            return "refused", f"not one line: {line[:200]!r}"
        names = (parameter, binding, value.strip("@()[]"), *ALSO.get(parameter, ()))
        if not any(part and part in line for part in names):
            return "refused", f"does not name it: {line[:200]}"
        return "refused", None
    except BaseException as error:
        first = str(error).strip().splitlines() or [""]
        return "fault", f"{type(error).__name__}: {first[0][:150]}"
    finally:
        signal.alarm(0)


@pytest.mark.contract
@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="no alarms here")
@pytest.mark.filterwarnings("ignore")
def test_every_parameter(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    gin_constants()
    tiny_run.finished_run()                 # trained before a case's time is counted
    drawn = list(cases())
    random.Random(int(os.environ.get("FUZZ_SEED", 0))).shuffle(drawn)
    counts, faults = collections.Counter(), []
    for case in drawn[:NUM_CASES]:
        outcome, wrong = fault(*case)
        counts[outcome] += 1
        if wrong:
            faults.append(f"{case[0]}.{case[1]} = {case[2][:40]}: {wrong}")
        if outcome != "taken" and os.listdir(tmp_path):
            faults.append(f"{case[:3]}: {os.listdir(tmp_path)} was written")
        for left in tmp_path.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    assert parsing.current_config().strip() == ""
    print(f"tried {sum(counts.values())} of {len(drawn)}: {dict(counts)}; faults {len(faults)}")
    assert not faults, "\n".join(sorted(faults))
