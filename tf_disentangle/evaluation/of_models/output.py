"""The directory that an evaluation or validation writes to."""
import contextlib
import pathlib

from tf_disentangle import atomic, errors
from tf_disentangle.configuration import parsing
from tf_disentangle.runs import links, results

__all__ = ["replaced", "write"]


@contextlib.contextmanager
def replaced(output_dir, step, overwrite, model_dirs=()):
    """A new directory that replaces `output_dir` when the context ends without an exception.

    Args:
        output_dir: path.
        step: `results.EVALUATION` or `results.VALIDATION`.
        overwrite: whether the files of an earlier run of the step may be deleted.
        model_dirs: directories of the runs that are judged.
    Yields:
        `pathlib.Path` next to `output_dir`, a directory to create and fill; after an exception
        it is deleted, and `output_dir` is unchanged.
    Raises:
        UserError: `output_dir` exists without `overwrite`, or holds files other than the step's, a
            link leads there from inside a run, or the disk is full.
    """
    output_dir = pathlib.Path(output_dir)
    for model_dir in model_dirs:
        links.refuse_on_the_way(model_dir, output_dir)
    if output_dir.exists():
        if not overwrite:
            raise errors.UserError(
                f"The output_dir {output_dir} already exists. Give --overwrite, or another one.")
        if not output_dir.is_dir() or any(output_dir.iterdir()) and not (
                results.results_path(output_dir, step).exists()):
            raise errors.UserError(f"The output_dir {output_dir} holds files other than those of "
                                   f"the step {step}; it is left alone. Give another one.")
    with atomic.directory(output_dir) as aside, atomic.saying(output_dir, always=False):
        yield aside


def write(output_dir, step, scores, model_dir):
    """Writes the scores and the current configuration, together with the run's own results."""
    with atomic.saying(output_dir):
        results.update_result_directory(
            output_dir / results.FOLDER, step, scores, gin_text=parsing.operative_config(),
            old_result_dir=pathlib.Path(model_dir) / results.FOLDER)
