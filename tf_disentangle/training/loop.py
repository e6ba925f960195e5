"""The training loop: several steps per call of one traced function, then the hooks."""
import abc

import numpy as np
import tensorflow as tf

from tf_disentangle import errors
from tf_disentangle.training import placement as placement_lib

__all__ = ["Hook", "NonFiniteLossError", "StepRunner", "run_steps"]

NonFiniteLossError = errors.NonFiniteLossError


class Hook(abc.ABC):
    """Something that happens once every `every_steps` steps, and after the last one.

    A hook may change the weights. A run that was killed or stopped still ends with the same bits
    as one that was not, provided that what the hook does depends only on the step, the model and
    the spec, and that `when_stopped` is False. The user's hooks run before a step's checkpoint.

    Args:
        every_steps: period.
    """

    # Whether it is also called when a run ends or is stopped in the middle of a period. A hook
    # that changes the model sets this to False, since an uninterrupted run has no such call.
    when_stopped = True

    # Whether the run is to end at this step. The hooks after this one are then called for the last
    # time.
    is_over = False

    def __init__(self, every_steps):
        self.every_steps = errors.whole_number("every_steps", every_steps)

    def begin(self, run, directory):
        """Called once before the first step, for hooks that need more than the loss terms.

        Args:
            run: `Run`; its model, the one being trained, is built, compiled and restored.
            directory: `pathlib.Path` of the run, or None if it writes no files.
        """
        del run, directory

    @abc.abstractmethod
    def __call__(self, step, logs):
        """Called with the number of steps made, and the mean terms since the last call."""

    def end(self, results):
        """Called once after `begin`, when the run ends.

        Args:
            results: dictionary of the final losses, as `train_model` returns it; without losses if
                the run was stopped and can be resumed; None if it failed.
        """
        del results


class StepRunner:
    """Runs training steps of a compiled model on batches, many per call of one traced function.

    Args:
        model: a `BaseVAE`, built and compiled.
        batches: `tf.data.Dataset` of images.
        jit_compile: see `placement.OneDevice`.
        placement: `Placement`; `OneDevice` with `jit_compile` if None.
    """

    def __init__(self, model, batches, jit_compile=None, placement=None):
        self.num_traces = 0
        self.names = []
        self._placement = placement or placement_lib.OneDevice(jit_compile=jit_compile)
        self._batches = self._placement.feed(batches)
        self._step = self._placement.compiled(model.update)
        self._run = tf.function(self._steps)

    def __call__(self, num_steps):
        """Makes `num_steps` updates.

        Returns:
            `[num_steps, num_terms]` array of the loss terms, in the order of `names`.
        """
        try:
            return self._run(self._batches, tf.constant(num_steps)).numpy()
        except Exception as error:
            # During tracing, TensorFlow replaces an error by one of its own.
            found = _user_error(error)
            if found is None:
                raise
        raise found

    def _steps(self, batches, num_steps):
        self.num_traces += 1
        rows = tf.TensorArray(tf.float32, size=num_steps, infer_shape=False)
        for index in tf.range(num_steps):
            rows = rows.write(index, self._row(next(batches)))
        return rows.stack()

    def _row(self, images):
        terms = self._placement.reduced(self._step(images))
        self.names = list(terms)
        return tf.stack([tf.cast(value, tf.float32) for value in terms.values()])


def _user_error(error):
    """The `UserError` that caused an error, or None."""
    while error is not None and not isinstance(error, errors.UserError):
        error = error.__cause__ or error.__context__
    return error


def run_steps(runner, start_step, last_step, hooks, steps_per_call=20, should_stop=None,
              pending=None):
    """Trains from one step to another.

    Args:
        runner: `StepRunner`, or a function from a number of steps to an array of terms
            with an attribute `names`.
        start_step: steps made before.
        last_step: step to stop at.
        hooks: `Hook` objects, called in order.
        steps_per_call: most steps to make before checking which hooks are due.
        should_stop: called after every call; true ends the run early.
        pending: dictionary, hook -> list of arrays of terms, `[num_steps, num_terms]`: those of
            the steps since the hook's last period, as an earlier start left them. It is kept up to
            date, so that a later hook finds in it what earlier hooks have not been given yet.
    Returns:
        the step that was reached.
    Raises:
        NonFiniteLossError: names the first step and term that were not finite; the hooks
            are not called for it, so no checkpoint holds its result.
    """
    step, pending = start_step, {} if pending is None else pending
    for hook in hooks:
        pending.setdefault(hook, [])
    while step < last_step:
        until = min([last_step, step + steps_per_call] + [
            (step // hook.every_steps + 1) * hook.every_steps for hook in hooks])
        rows = runner(until - step)
        _check_finite(rows, runner.names, step)
        step = until
        stopping = step == last_step or (should_stop is not None and should_stop())
        for hook in hooks:
            pending[hook].append(rows)
            is_due = step % hook.every_steps == 0
            if is_due or (stopping and hook.when_stopped):
                means = np.concatenate(pending[hook]).astype(np.float64).mean(axis=0)
                if is_due:  # otherwise kept: a resumed run averages over the whole period
                    pending[hook] = []
                hook(step, dict(zip(runner.names, means.tolist())))
                stopping = stopping or hook.is_over
        if stopping:
            break
    return step


def _check_finite(rows, names, start_step):
    bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    if len(bad):
        first = bad[0]
        raise errors.non_finite_loss(dict(zip(names, rows[first].tolist())),
                                     start_step + first + 1)
