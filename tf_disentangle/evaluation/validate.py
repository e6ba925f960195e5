"""Scoring a trained model on a fixed labelled set, as semi-supervised studies choose models."""
import time

import numpy as np

from tf_disentangle import errors, parts
from tf_disentangle.configuration import parsing, registry
from tf_disentangle.evaluation import evaluate as evaluate_lib
from tf_disentangle.evaluation import scores as table
from tf_disentangle.evaluation.metrics import mig
from tf_disentangle.evaluation.metrics.common import factor_forms, finite, notes
from tf_disentangle.evaluation.of_models import output
from tf_disentangle.evaluation.of_models import subject as subject_lib
from tf_disentangle.runs import results

__all__ = ["is_configured", "validate", "validate_with_gin"]


@registry.slot("validation", denylist=("model_dir", "output_dir", "overwrite", "trust_modules"))
def validate(model_dir, output_dir, overwrite=False,
             validation_fn=mig.compute_mig_on_fixed_data, random_seed=0,
             num_labelled_samples=1000, name="", trust_modules=False):
    """Scores the model of a run with one metric on a labelled set that never changes.

    Args:
        model_dir: directory of a finished run.
        output_dir: where results go, together with the run's own configuration.
        overwrite: replace an earlier validation in `output_dir`.
        validation_fn: metric `(observations [num, ...], labels [num_factors, num],
            representation_function) -> {name: number}`, such as `@mig_validation`.
        random_seed: seed of the labelled set.
        num_labelled_samples: its size.
        name: a tag that is saved with the configuration.
        trust_modules: see `trained.load_model`.
    Returns:
        dictionary of scores, with `elapsed_time` (seconds).
    Raises:
        InvalidArgumentError: several runs.
    """
    del name
    if isinstance(model_dir, (list, tuple)):
        if len(model_dir) != 1:
            raise errors.InvalidArgumentError(
                "model_dir", "one run, because a validation does not compare several", model_dir,
                "Validate each on its own.")
        model_dir = model_dir[0]
    random_state = np.random.RandomState(
        errors.whole_number("random_seed", random_seed, 0, 2**32 - 1))
    errors.function("validation_fn", validation_fn)
    evaluate_lib.parameters_of(validation_fn, "validation_fn",
                               "observations, labels, representation_function")
    subject = subject_lib.Subject(model_dir, trust_modules)
    ground_truth_data = subject.ground_truth_data()
    num = errors.whole_number("num_labelled_samples", num_labelled_samples)
    metric = getattr(validation_fn, "metric", None)
    representation = subject.representation(ground_truth_data)
    with output.replaced(output_dir, results.VALIDATION, overwrite, [model_dir]) as folder:
        started = time.monotonic()
        with notes.collected(getattr(ground_truth_data, "factor_names", None)) as found:
            active = evaluate_lib.warn_of_few_latents([subject], ground_truth_data)
            if metric is not None:
                # Labels do not say which of them are continuous.
                ground_truth_data = factor_forms.of_data(
                    ground_truth_data, factor_forms.BINNED, metric.by_factor)
            labels, observations = _labelled_set(ground_truth_data, num, random_state)
            scores = dict(validation_fn(observations, labels.T, representation))
        scores = table.without_undefined(notes.join({**scores, **active}, found))
        scores["elapsed_time"] = time.monotonic() - started
        output.write(folder, results.VALIDATION, scores, model_dir)
    return scores


def _labelled_set(ground_truth_data, num, random_state):
    """Factors and observations, without repetition if the data set is finite."""
    if not finite.applies(ground_truth_data, num):
        return ground_truth_data.sample(num, random_state)
    draw, number = finite.sample(ground_truth_data, num, random_state)
    return draw(number)


def is_configured():
    """Whether gin is configured for a validation, not for an evaluation."""
    return parsing.bound_value("validation.validation_fn") is not None


def validate_with_gin(model_dir, output_dir=None, overwrite=False, gin_config_files=None,
                      gin_bindings=None, trust_modules=False):
    """`validate`, configured by gin files and bindings; later ones win.

    Args:
        model_dir, overwrite, trust_modules: see `validate`.
        output_dir: where results go; `evaluate.default_output_dir` if None.
        gin_config_files: paths, or names of files in `gin_configs`.
        gin_bindings: strings such as "validation.num_labelled_samples = 100".
    Returns:
        dictionary of scores.
    """
    with parts.parsed(gin_config_files, gin_bindings):
        return validate(model_dir, output_dir or evaluate_lib.default_output_dir(
            model_dir, gin_config_files), overwrite, trust_modules=trust_modules)
