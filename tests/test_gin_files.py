"""Every file in gin_configs parses, and does what it is for with little data."""
import io
import pathlib
import re

import numpy as np
import pytest
import tensorflow as tf
from helpers import tiny_run
from sklearn import ensemble

from tf_disentangle import (
    errors,
    models,
    optimizers,
    studies,  # noqa: F401, so that pages of studies parse
    training,
)
from tf_disentangle.configuration import parsing, registry
from tf_disentangle.data import files, named_data
from tf_disentangle.evaluation import (
    catalog,
    evaluate,
    metrics,  # noqa: F401, so that their names are known
    validate,
)
from tf_disentangle.training import options

FOLDER = pathlib.Path(__file__).parent.parent / "gin_configs"
FILES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.gin"))

# Enough for a metric to be computed.
SMALL = {"num_train": 100, "num_test": 60, "num_eval": 60, "num_local_clusters": 2,
         "num_variance_estimate": 60, "num_samples": 4, "num_data_points": 40, "num_votes": 50,
         "num_test_points_per_class": 5, "n_experiment": 1}

pytestmark = pytest.mark.smoke


def is_include(name):
    return "common" in pathlib.PurePath(name).parts


def bound(name, key):
    """The value that a file binds to `key`, its includes counted in; None if it binds none."""
    with parsing.parsed([name]):
        return parsing.bound_value(key)


KEYS = ("model.model", "evaluation.evaluation_fn", "validation.validation_fn",
        "postprocess.postprocess_fn")


def files_by_key():
    """The files that bind each of `KEYS`; every file is parsed once."""
    found = {key: [] for key in KEYS}
    for name in FILES:
        if not is_include(name):
            with parsing.parsed([name]):
                for key in KEYS:
                    if parsing.bound_value(key) is not None:
                        found[key].append(name)
    return found.values()


TRAINING, EVALUATION, VALIDATION, POSTPROCESSING = files_by_key()
# Pages of studies, which tests/studies/test_written_studies.py is about.
STUDIES = [name for name in FILES if re.fullmatch(r"study/\w+\.gin", name)]


def test_every_file_is_tested():
    tested = sorted(TRAINING + EVALUATION + VALIDATION + POSTPROCESSING + STUDIES)
    assert tested == [name for name in FILES if not is_include(name)]
    assert {"jl1.gin", "beta_vae.gin"} <= set(TRAINING) and len(TRAINING) >= 19
    # Other tests of this process may have declared metrics of their own.
    own = [metric for metric in catalog.METRICS
           if metric.compute.__module__.startswith("tf_disentangle.")]
    assert {f"metric/{metric.name}.gin" for metric in own
            if not metric.by_name_only} <= set(EVALUATION)


@pytest.mark.parametrize("name", [name for name in FILES if is_include(name)])
def test_includes_have_no_bad_line(name):
    # An include may use a macro that only the file which includes it sets.
    macros = ["ANNEALING_STEPS = 1"] if "%ANNEALING_STEPS" in (FOLDER / name).read_text() else []
    with parsing.parsed([name], macros):
        assert parsing.current_config()


@pytest.fixture
def without_tracing():
    """Functions run as plain Python: tracing a step takes longer than three steps of it."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


# The settings of the paper differ in numbers; these have one of each kind.
TRACED = {"jl1.gin", "beta_vae.gin", "paper/jl1_vae/three_dots_jl1_0.1.gin"}


def one_of_each_kind(names):
    """The first of the files that differ in nothing but numbers."""
    found = {}
    for name in sorted(names, key=lambda name: name not in TRACED):
        with parsing.parsed([name]):
            found.setdefault(re.sub(r"(?<!\w)-?\d[\d.e+-]*", "", parsing.current_config()), name)
    return sorted(found.values())


# The study's files differ in one number each; test_study_files.py trains one of a kind.
OF_RUNS = [name for name in TRAINING if not name.startswith("study/")]
TRAINED = one_of_each_kind(OF_RUNS)


@pytest.mark.parametrize("name", TRAINED)
def test_training_file_runs(name, request):
    if name not in TRACED:
        request.getfixturevalue("without_tracing")
    dataset = bound(name, "dataset.name")
    if dataset not in named_data.dataset_names():
        pytest.skip(f"the data set {dataset} is not available")
    # A linear model needs more images than latents.
    batch_size = 40 if bound(name, "encoder.num_latent") == 100 else 4
    bindings = ["model.training_steps = 3", f"model.batch_size = {batch_size}",
                "model.eval_steps = 1"]
    if bound(name, "perceptual_loss.network") is not None:
        bindings.append('perceptual_loss.weights = "random"')  # no download
    if bound(name, "jacobian_l1.start_step") is not None:
        bindings.append("jacobian_l1.start_step = 1")
    try:
        results = training.train_with_gin(None, gin_config_files=[name], stream=io.StringIO(),
                                          gin_bindings=bindings)
    except files.DataFileError as error:
        pytest.skip(str(error))
    assert results["global_step"] == 3 and np.isfinite(results["loss"])
    penalties = [key for key in results if key.startswith("jacobian")]
    assert len(penalties) == ("jacobian" in str(bound(name, "vae.penalties")))
    assert all(results[key] > 0 for key in penalties)


@pytest.mark.parametrize("name", sorted(set(OF_RUNS) - set(TRAINED)))
def test_numbers_of_the_other_training_files_fit(name):
    with parsing.parsed([name]):
        model = str(parsing.bound_value("model.model")).lstrip("@").rstrip("()")
        assert isinstance(registry.configured(model)(), models.LatentVariableModel)
        options.make_run_options()
        optimizers.make_vae_optimizer()


@pytest.mark.parametrize("name", TRAINING)
def test_training_file_has_no_binding_without_effect(name):
    # What is bound is bound of something that the file's model refers to: a misnamed macro or
    # a left-over line would be of no effect and nobody would know.
    with parsing.parsed([name]):
        text = parsing.current_config()
    names = {line.split(".")[0].split("/")[-1] for line in text.splitlines()
             if " = " in line and not line.startswith("#") and "." in line.split(" = ")[0]}
    entry_points = {"dataset", "model", "encoder", "decoder", "reconstruction_loss",
                    "vae_optimizer", "discriminator", "discriminator_optimizer", "train",
                    bound(name, "dataset.name")}
    assert [used for used in names - entry_points
            if not re.search(rf"@(\w+/)*{used}\b", text)] == []


# Metrics that the tiny data cannot be judged by, and what is said then.
NOT_FOR_TINY = {"metric/attribute_classification.gin": "0 or 1",
                "metric/image_similarity.gin": "at least 11"}


@pytest.fixture
def few_trees(monkeypatch):
    """Three stages of boosted trees in place of a hundred."""
    whole = ensemble.GradientBoostingClassifier
    monkeypatch.setattr(ensemble, "GradientBoostingClassifier",
                        lambda **kwargs: whole(**{**kwargs, "n_estimators": 3}))


@pytest.mark.parametrize("name", EVALUATION)
def test_evaluation_file_scores(name, tmp_path, few_trees):
    with parsing.parsed([name]):
        metric = str(parsing.bound_value("evaluation.evaluation_fn")).lstrip("@")
        bindings = [f"{metric}.{key} = {value}" for key, value in SMALL.items()
                    if (before := parsing.bound_value(f"{metric}.{key}")) is not None
                    and type(before) is type(value)]
        if isinstance(parsing.bound_value(f"{metric}.num_train"), list):
            bindings.append(f"{metric}.num_train = [20, 60]")
        if "@hist_gradient_boosting_classifier" in parsing.current_config():
            bindings.append("hist_gradient_boosting_classifier.max_iter = 3")
    run = tiny_run.finished_run()

    def score():
        return evaluate.evaluate_with_gin(
            [run, run] if metric.startswith("udr") else run, tmp_path / "out",
            gin_config_files=[name], gin_bindings=bindings)
    if name in NOT_FOR_TINY:
        with pytest.raises(errors.UserError, match=NOT_FOR_TINY[name]):
            score()
    else:
        assert set(score()) - {"elapsed_time"}


@pytest.mark.parametrize("name", VALIDATION)
def test_validation_file_scores(name, tmp_path):
    scores = validate.validate_with_gin(
        tiny_run.finished_run(), tmp_path / "out", gin_config_files=[name],
        gin_bindings=["validation.num_labelled_samples = 200"])
    assert 0 <= scores["discrete_mig"] <= 1
    assert (tmp_path / "out/results/json/validation_results.json").exists()
