"""What a run leaves once it has made all its steps: losses, the model, exports, results."""
import numpy as np
import tensorflow as tf

from tf_disentangle import atomic, errors, export
from tf_disentangle.configuration import parsing
from tf_disentangle.data import tf_data
from tf_disentangle.runs import origin
from tf_disentangle.runs import results as results_lib

__all__ = ["final_losses", "finish", "save_model"]


def final_losses(run, step):
    """Mean losses over fresh batches, with `global_step` and `elapsed_time` (seconds)."""
    spec = run.spec
    batches = tf_data.training_batches(run.training_data, spec.batch_size, spec.eval_seed)
    evaluate = tf.function(run.model.loss_terms)
    rows = [evaluate(images, draw=tf.constant(draw, tf.int64))
            for draw, images in enumerate(batches.take(spec.eval_steps))]
    means = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    return {**means, "global_step": step, "elapsed_time": run.elapsed()}


def finish(run, directory, step, more=()):
    """Writes the model, its export and the results; returns the results.

    Args:
        run: `Run`.
        directory: `ModelDirectory`.
        step: number of steps made.
        more: dictionary of results besides the final losses.
    """
    if unused := parsing.unused_bindings():
        run.say(f"These bindings had no effect: {', '.join(unused)}.")
    final = {**final_losses(run, step), **dict(more)}
    save_model(run, directory)
    _export(run, directory)
    if description := getattr(run.ground_truth_data, "description", ""):
        final["data_description"] = description
    if initial := origin.initial_of(directory.path):
        final.update(init_from=run.initial.name, init_from_sha256=initial["sha256"])
    results_lib.update_result_directory(str(directory.results), "train", final,
                                        gin_text=parsing.operative_config())
    return final


def save_model(run, directory):
    """Writes the model of a run; on failure leaves the old file and raises a `UserError`."""
    with atomic.file(directory.model) as aside:
        run.model.save(aside)


def _export(run, directory):
    """Writes the SavedModel; it is optional, so the run does not fail if it cannot be written."""
    try:
        export.export_saved_model(run.model, directory.saved_model)
    except Exception as error:
        there = "; the existing one is an earlier model's" if directory.saved_model.exists() else ""
        run.say(f"Warning: there is no SavedModel of this run{there}. "
                f"{errors.first_line(error)}")
