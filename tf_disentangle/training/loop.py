"""The training loop: several steps per call of one traced function, then the hooks."""
import abc

import numpy as np
import tensorflow as tf

from tf_disentangle import errors

__all__ = ["Hook", "NonFiniteLossError", "StepRunner", "run_steps"]


class NonFiniteLossError(errors.UserError):
    """A term of the loss became NaN or infinite."""


class Hook(abc.ABC):
    """Something that happens every so many steps, and after the last one.

    Args:
        every_steps: period.
    """

    def __init__(self, every_steps):
        self.every_steps = errors.whole_number("every_steps", every_steps)

    @abc.abstractmethod
    def __call__(self, step, logs):
        """Called with the number of steps made, and the mean terms since the last call."""


class StepRunner:
    """Runs training steps of a compiled model on batches, many per call, in one trace.

    Args:
        model: a `BaseVAE`, built and compiled.
        batches: `tf.data.Dataset` of images.
        jit_compile: whether XLA compiles the step; by default where there is a GPU. On a
            CPU it is slower than plain TensorFlow.
    """

    def __init__(self, model, batches, jit_compile=None):
        if jit_compile is None:
            jit_compile = bool(tf.config.list_physical_devices("GPU"))
        self.num_traces = 0
        self.names = []
        self._batches = iter(batches)
        self._step = tf.function(model.update, jit_compile=True) if jit_compile else (
            model.update)
        self._run = tf.function(self._steps)

    def __call__(self, num_steps):
        """Makes `num_steps` updates.

        Returns:
            `[num_steps, num_terms]` array of the loss terms, in the order of `names`.
        """
        try:
            return self._run(self._batches, tf.constant(num_steps)).numpy()
        except Exception as error:
            # While tracing, TensorFlow replaces an error by one of its own.
            raise _user_error(error) or error

    def _steps(self, batches, num_steps):
        self.num_traces += 1
        rows = tf.TensorArray(tf.float32, size=num_steps, infer_shape=False)
        for index in tf.range(num_steps):
            rows = rows.write(index, self._row(next(batches)))
        return rows.stack()

    def _row(self, images):
        terms = self._step(images)
        self.names = list(terms)
        return tf.stack([tf.cast(value, tf.float32) for value in terms.values()])


def _user_error(error):
    """The `UserError` that an error came of, or None."""
    while error is not None and not isinstance(error, errors.UserError):
        error = error.__cause__ or error.__context__
    return error


def run_steps(runner, start_step, last_step, hooks, steps_per_call=20, should_stop=None):
    """Trains from one step to another.

    Args:
        runner: `StepRunner`, or a function from a number of steps to an array of terms
            with an attribute `names`.
        start_step: steps made before.
        last_step: step to stop at.
        hooks: `Hook` objects, called in order.
        steps_per_call: at most so many steps are made between two looks at the hooks.
        should_stop: called after every call; true ends the run early.
    Returns:
        the step that was reached.
    Raises:
        NonFiniteLossError: names the first step and term that were not finite; the hooks
            are not called for it, so no checkpoint holds what came of it.
    """
    step, pending = start_step, {hook: [] for hook in hooks}
    while step < last_step:
        until = min([last_step, step + steps_per_call] + [
            (step // hook.every_steps + 1) * hook.every_steps for hook in hooks])
        rows = runner(until - step)
        _check_finite(rows, runner.names, step)
        step = until
        stopping = step == last_step or (should_stop is not None and should_stop())
        for hook in hooks:
            pending[hook].append(rows)
            if stopping or step % hook.every_steps == 0:
                means = np.concatenate(pending[hook]).astype(np.float64).mean(axis=0)
                pending[hook] = []
                hook(step, dict(zip(runner.names, means.tolist())))
        if stopping:
            break
    return step


def _check_finite(rows, names, start_step):
    bad = np.argwhere(~np.isfinite(rows))
    if len(bad):
        row = bad[0, 0]
        # The total is not finite because of one of its parts: name the part.
        terms = [names[column] for column in bad[bad[:, 0] == row][:, 1]]
        part = next((name for name in terms if name not in ("loss", "regularizer", "elbo")),
                    terms[0])
        value = rows[row, names.index(part)]
        raise NonFiniteLossError(
            f"The loss term `{part}` became {value} at step {start_step + row + 1}. "
            "Lower the learning rate or the weight of the term.")
