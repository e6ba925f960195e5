"""Scoring a trained model with one metric: the entry points, with and without gin."""
import inspect
import pathlib
import time

import numpy as np

from tf_disentangle import atomic, errors, parts
from tf_disentangle.configuration import registry
from tf_disentangle.evaluation import catalog, uncertainty
from tf_disentangle.evaluation import scores as table
from tf_disentangle.evaluation.metrics import mig
from tf_disentangle.evaluation.metrics.common import activity, notes
from tf_disentangle.evaluation.of_models import output
from tf_disentangle.evaluation.of_models import subject as subject_lib
from tf_disentangle.runs import evaluations, results
from tf_disentangle.runs import scores as scores_lib

__all__ = ["default_output_dir", "evaluate", "evaluate_with_gin", "parameters_of",
           "warn_of_few_latents"]


@registry.slot("evaluation", denylist=("model_dir", "output_dir", "overwrite", "subject",
                                         "trust_modules", "config_text"))
def evaluate(model_dir, output_dir, overwrite=False, evaluation_fn=mig.compute_mig,
             random_seed=0, name="", num_repeats=1, encoder_precision="as_trained", subject=None,
             trust_modules=False, config_text=None):
    """Scores the model of a run with one metric.

    Args:
        model_dir: directory of a finished run; a list of them for a metric that compares
            models, such as `@udr_sklearn`.
        output_dir: where results go, together with the (first) run's own configuration.
        overwrite: replace an earlier evaluation in `output_dir`.
        evaluation_fn: metric `(ground_truth_data, representation_function, random_state,
            artifact_dir=None) -> {name: number}`; artifact_dir may be left out. A parameter
            `model_functions`, if the metric has one, is filled too. Where the second argument
            is called `representation_functions`, it is a list of functions from images to
            (means, KL of each latent).
        random_seed: seed of the random state that the metric gets.
        name: a tag that is saved with the configuration.
        num_repeats: how many seeds, functions of `random_seed`, the metric runs with; scores
            are means, and with more than one `<score>:standard_error` stands beside each.
        encoder_precision: in which precision images are encoded: "as_trained", "float32",
            "mixed_bfloat16", or "auto" for bfloat16 where the machine has instructions for it.
        subject: the `Subject` of `model_dir`, if that is loaded already.
        trust_modules: see `trained.load_model`.
        config_text: what was bound, gin text that is kept beside the results; None keeps nothing.
    Returns:
        dictionary of scores, with `elapsed_time` (seconds), `num_active_latents` for a single model
        (see `metrics.common.activity`) and, if there are any, `notes` (a list of strings). A score
        that is not defined is None.
    Raises:
        UserError: there is no model, its images have another shape, or output_dir is in use.
    """
    del name
    seed = errors.whole_number("random_seed", random_seed, 0, 2**32 - 1)
    num_repeats = errors.whole_number("num_repeats", num_repeats)
    errors.function("evaluation_fn", evaluation_fn)
    model_dirs = list(model_dir) if isinstance(model_dir, (list, tuple)) else [model_dir]
    subjects = [subject] if subject else [subject_lib.Subject(path, trust_modules)
                                         for path in model_dirs]
    for each in subjects:
        each.use_precision(encoder_precision)
    with output.replaced(output_dir, results.EVALUATION, overwrite, model_dirs) as folder:
        metric = _metric_of(evaluation_fn, subjects, str(folder / "artifacts"))
        started = time.monotonic()
        data_ = subjects[0].ground_truth_data()
        with notes.collected(getattr(data_, "factor_names", None)) as found:
            active = warn_of_few_latents(subjects, data_)
            if num_repeats == 1:
                scores = dict(metric(np.random.RandomState(seed)))
            else:
                scores = _with_standard_errors(metric, num_repeats, seed)
        scores = table.without_undefined(notes.join({**scores, **active}, found))
        scores["elapsed_time"] = time.monotonic() - started
        description = getattr(data_, "description", "")
        output.write(folder, results.EVALUATION, {
            **scores, **({"data_description": description} if description else {})},
            model_dirs[0])
        if config_text is not None:
            atomic.write(folder / evaluations.CONFIG, config_text)
    return scores


def _metric_of(evaluation_fn, subjects, artifact_dir):
    """The metric as a function of the random state alone."""
    taken = parameters_of(evaluation_fn, "evaluation_fn", "data, representation, random_state")
    ground_truth_data = subjects[0].ground_truth_data()
    if ground_truth_data.num_factors == 0:
        catalog.check_without_factors(evaluation_fn)
    if "representation_functions" in taken:
        judged = [subject.functions.representation_with_kl for subject in subjects]
    elif len(subjects) > 1:
        raise errors.InvalidArgumentError(
            "evaluation_fn", "a metric of several models, such as @udr_sklearn", evaluation_fn)
    else:
        judged = subjects[0].representation(ground_truth_data)
    keywords = {}
    if "artifact_dir" in taken:
        keywords["artifact_dir"] = artifact_dir
    if "model_functions" in taken:
        keywords["model_functions"] = subjects[0].functions
    return lambda random_state: evaluation_fn(
        ground_truth_data, judged, random_state, **keywords)


def parameters_of(function, argument, takes):
    """The parameters of a metric that can be called with what an evaluation gives it.

    Args:
        function: the metric.
        argument: what to call it in messages.
        takes: what it is given, names separated by ", ".
    Returns:
        mapping from names to `inspect.Parameter`.
    Raises:
        InvalidArgumentError: it cannot be called with that many arguments.
    """
    try:
        signature = inspect.signature(function)
        signature.bind(*takes.split(", "))
    except (TypeError, ValueError) as error:
        raise errors.InvalidArgumentError(argument, f"a metric, a function of ({takes})",
                                          function) from error
    return signature.parameters


def warn_of_few_latents(subjects, ground_truth_data):
    """The result entry for a single model's active latents, with a note if there are few."""
    if len(subjects) > 1:
        return {}
    number = subjects[0].num_active_latents(ground_truth_data)
    sizes = ground_truth_data.factors_num_values
    activity.warn(number, sum(size > 1 for size in sizes))
    return {activity.KEY: number}


def _with_standard_errors(metric, num_repeats, seed):
    means, standard_errors = uncertainty.repeat(metric, num_repeats, seed)
    return {**means, **{name + scores_lib.STANDARD_ERROR: value
                        for name, value in standard_errors.items()}, "num_repeats": num_repeats}


def default_output_dir(model_dir, gin_config_files):
    """The default directory: `<model_dir>/evaluation/<stem of the first gin file>`."""
    stem = pathlib.Path(gin_config_files[0]).stem if gin_config_files else results.EVALUATION
    return evaluations.folder_of(model_dir, stem)


def evaluate_with_gin(model_dir, output_dir=None, overwrite=False, gin_config_files=None,
                      gin_bindings=None, subject=None, trust_modules=False):
    """`evaluate`, configured by gin files and bindings; later ones win.

    If `dataset.name` is "auto" or not bound, the data set is the one the model was trained on.

    Args:
        model_dir, overwrite, subject, trust_modules: see `evaluate`.
        output_dir: where results go; `default_output_dir` if None.
        gin_config_files: paths, or names of files in `gin_configs`.
        gin_bindings: strings such as "mig.num_train = 1000".
    Returns:
        dictionary of scores.
    """
    with parts.parsed(gin_config_files, gin_bindings):
        return evaluate(model_dir, output_dir or default_output_dir(
            model_dir, gin_config_files), overwrite, subject=subject, trust_modules=trust_modules)
