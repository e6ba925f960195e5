"""The scores of all runs of a study, as a tidy table: a row for each run and score."""



from tf_disentangle import json_files
from tf_disentangle.runs import evaluations, results
from tf_disentangle.runs import scores as scores_lib
from tf_disentangle.studies import scoring

__all__ = ["scores_of"]


def scores_of(study, directory, run):
    """The scores of a run that are there.

    Args:
        study: `Study`.
        directory: its `StudyDirectory`.
        run: `Run`.
    Returns:
        dictionary: "<evaluation>.<score>" such as "mig.discrete_mig", or
        "<representation>/<evaluation>.<score>" if the study has several representations, and
        "train.<term>" for the final losses -> float.
    """
    model_dir = directory.model_dir(run)
    found = {}
    path = results.results_path(model_dir, results.TRAIN)
    if path.is_file():
        found[results.TRAIN] = scores_lib.only_scores(json_files.load_object(path))
    for representation in scoring.representations(study):
        folder = evaluations.folder_of(model_dir, representation)
        prefix = f"{representation}/" if representation else ""
        for name, evaluation in evaluations.find_evaluations(folder).items():
            found[f"{prefix}{name}"] = scores_lib.only_scores(
                json_files.load_object(results.results_path(evaluation, results.EVALUATION)))
    return results.namespaced_dict(**found)
