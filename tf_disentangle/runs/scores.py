"""The final numbers of runs and of their evaluations."""
import numbers
import re

from tf_disentangle import errors, json_files
from tf_disentangle.runs import evaluations, results

__all__ = ["STANDARD_ERROR", "is_plausible", "numbered", "only_scores", "scores_of",
           "warnings_in", "warnings_of"]

_NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"

# What a results file holds besides scores or losses.
_NOT_SCORES = {"best_step", "data_description", "elapsed_time", "global_step",
               "num_active_latents", "num_repeats", "uuid"}

# A number of at least this size is a damaged one, or that of a failed computation; neither the axes
# of a plot nor a mean can hold it.
_LARGEST = 1e100

# The suffix that turns a score's key into that of its standard error.
STANDARD_ERROR = ":standard_error"


def numbered(y):
    """A compiled pattern of the scores' names that have a number in the place of *.

    Args:
        y: a name with one *, such as "local_mig(rho=*)". The number is the pattern's only group.
    Raises:
        UserError: there are several *.
    """
    if y.count("*") > 1:
        raise errors.UserError(f"There is more than one * in the score '{y}'. Give numbers for all "
                               "but one, which is then x.")
    return re.compile(_NUMBER.join(map(re.escape, y.split("*"))))


def is_plausible(value):
    """Whether a number can be drawn and averaged: finite, and not huge."""
    return abs(value) < _LARGEST


def only_scores(values):
    """The scores or losses among the results of a metric, an evaluation or a run.

    Args:
        values: dictionary of results.
    Returns:
        dictionary: the numbers among them that are neither standard errors nor about the
        computation itself, such as its time.
    """
    return {name: value for name, value in values.items() if _is_number(value)
            and name not in _NOT_SCORES and not name.endswith(STANDARD_ERROR)}


def scores_of(model_dir):
    """All final numbers of a run and its evaluations, including times and counts.

    Args:
        model_dir: directory of a finished run.
    Returns:
        dictionary: "train.<name>" for final losses, "<evaluation>.<name>" for the scores in
        `<model_dir>/evaluation/<evaluation>`, and "<representation>/<evaluation>.<name>" for those
        of a study of several representations -> float. Evaluations of an earlier model are left
        out, with a warning.
    """
    found = {results.TRAIN: json_files.load_object(results.results_path(model_dir, results.TRAIN))}
    for name, folder in evaluations.of_model(model_dir).items():
        found[name] = json_files.load_object(results.results_path(folder, results.EVALUATION))
    return {name: float(value) for name, value in results.namespaced_dict(**found).items()
            if _is_number(value)}


def warnings_of(evaluation_dir):
    """The warnings among the notes of an evaluation, a list of strings.

    Args:
        evaluation_dir: directory of one evaluation; if it has no results, the list is empty.
    """
    path = results.results_path(evaluation_dir, results.EVALUATION)
    return warnings_in(json_files.load(path)) if path.is_file() else []


def warnings_in(values):
    """The warnings among the notes in the results of an evaluation, a list of strings."""
    return [note.partition(": ")[2] for note in values.get("notes") or []
            if str(note).startswith("warning: ")]


def _is_number(value):
    return isinstance(value, numbers.Real) and not isinstance(value, bool)
