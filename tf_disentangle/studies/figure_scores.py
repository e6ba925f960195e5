"""The scores that the figures of a study ask for: which can exist, and which no run has."""
import difflib

from tf_disentangle import errors
from tf_disentangle.evaluation import catalog
from tf_disentangle.evaluation.metrics.common import direction
from tf_disentangle.runs import results, score_names
from tf_disentangle.runs import scores as scores_lib
from tf_disentangle.studies import scoring

__all__ = ["asked", "check", "why_absent"]

_MOST_NAMES = 3


def asked(study):
    """The scores that figures ask for, a list of (argument, name)."""
    found = []
    for argument in ("curves", "boxes"):
        for entry in getattr(study, argument):
            found += [(f"study.{argument}", name) for name in _scores_of(study, entry)]
    return found


def _scores_of(study, entry):
    """The score of a figure, and the x of a curve if that is a score, too."""
    x, y = entry.get("x"), entry["y"]
    return [y] if x is None or "*" in y or x in study.columns else [x, y]


def check(names, metrics, representations, columns=()):
    """Raises an error if a score belongs to no evaluation that the study makes.

    Args:
        names: list of (argument, name), see `asked`.
        metrics: names of the evaluations, such as "mig".
        representations: see `scoring.representations`.
        columns: those of the study, which may be meant where a name is not a score.
    Raises:
        InvalidArgumentError: the part before the score is neither "train" nor an evaluation, or
            there are several *.
    """
    valid = [results.TRAIN, *(f"{part}/{name}" if part else name
                              for part in representations for name in metrics)]
    for argument, name in names:
        if name.count("*") > 1:
            raise errors.InvalidArgumentError(argument, "a score with one * at most", name)
        evaluation, score = score_names.split(name, valid)
        if evaluation not in valid or not score:
            meant = _meant(name, valid, columns)
            raise errors.InvalidArgumentError(
                argument, "scores such as train.loss or mig.discrete_mig, of a metric in "
                f"study.metrics ({', '.join(valid)})", name,
                f"Did you mean '{meant}'?" if meant else "")


def _meant(name, valid, columns):
    """The score of the study, or the column, that a name may stand for, or None."""
    evaluation, score = score_names.split(name, valid)
    declared = catalog.declaration.declared()
    said = {one: metric.scores if (metric := declared.get(one.rpartition("/")[2])) else ""
            for one in valid}
    known = {one: direction.names(text) for one, text in said.items()}
    wanted = score or evaluation
    sure = [f"{one}.{wanted}" for one in valid
            if direction.name_of(said[one], wanted) in known[one]]
    near = [one for one in valid if one.rpartition("/")[2] == evaluation] or (
        difflib.get_close_matches(evaluation, valid, n=1))
    # Of a metric that says nothing of its scores, as of training, any may exist.
    likely = [f"{one}.{_closest(score, known[one], 0.0) or score}" for one in near
              if known[one] or (score and not sure)]
    is_sure = sure or (likely and not score and evaluation in valid)
    return _closest(name, [*columns, *sure, *likely], 0.0 if is_sure else 0.6)


def _closest(name, others, least):
    """The name most similar to another, or None if none is similar enough."""
    return next(iter(difflib.get_close_matches(name, others, n=1, cutoff=least)), None)


def why_absent(study, entry, names):
    """Which score of a figure no run has, and the most similar ones that there are.

    Args:
        study: `Study`.
        entry: one of its `curves` or `boxes`.
        names: the scores that runs have.
    Returns:
        a sentence, or "" if there are runs with each score.
    """
    for wanted in _scores_of(study, entry):
        found = scores_lib.numbered(wanted).fullmatch if "*" in wanted else wanted.__eq__
        if not any(map(found, names)):
            return f"no run has the score {wanted}. {_similar(study, wanted, names)}".rstrip()
    return ""


def _similar(study, wanted, names):
    known = scoring.evaluations(study)
    same, score = score_names.split(wanted, known)
    close = difflib.get_close_matches(wanted, sorted(names), n=_MOST_NAMES, cutoff=0.6)
    if not close:
        close = sorted(name for name in names if score and name.endswith(f".{score}"))
    if not close:
        close = sorted(name for name in names if score_names.split(name, known)[0] == same)
    sentence = f"Similar scores: {', '.join(close[:_MOST_NAMES])}." if close else (
        f"All scores are in scores.csv, such as {min(names)}." if names else "")
    parts = scoring.representations(study)
    if parts[0] and "/" not in wanted and not wanted.startswith(f"{results.TRAIN}."):
        sentence += (" With study.postprocessing, the name of the representation comes first, as "
                     f"in {parts[0]}/mig.discrete_mig.")
    return sentence.strip()
