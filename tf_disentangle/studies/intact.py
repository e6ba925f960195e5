"""Whether what tasks leave is there and can be read.

After a full disk or a power loss, files of results can be there and be empty or cut short.
"""
import zipfile

from tf_disentangle import errors, json_files
from tf_disentangle.runs import directory as run_directory
from tf_disentangle.runs import evaluations, results

__all__ = ["ABSENT", "DAMAGED", "THERE", "evaluation", "is_trained"]

# What can be said of an evaluation; one of an earlier model counts as absent.
ABSENT, DAMAGED, THERE = "absent", "damaged", "there"


def is_trained(model_dir):
    """Whether a run has its results and its model, neither of them damaged.

    Args:
        model_dir: directory of the run. Training makes again what is missing or damaged there.
    """
    run = run_directory.ModelDirectory(model_dir)
    try:
        json_files.load_object(run.train_results, global_step=int)
    except errors.UserError:
        return False
    return zipfile.is_zipfile(run.model)


def evaluation(folder, model_dir):
    """What can be said of an evaluation: `ABSENT`, `DAMAGED` or `THERE`.

    Args:
        folder: directory of the evaluation.
        model_dir: directory of its run, which is trained.
    """
    path = results.results_path(folder, results.EVALUATION)
    if not path.is_file():
        return ABSENT
    try:
        json_files.load_object(path, elapsed_time=(int, float))
        return ABSENT if evaluations.is_of_earlier(folder, model_dir) else THERE
    except errors.UserError:
        return DAMAGED
