"""What happens alongside training: the progress line, logs, checkpoints."""
import json
import os
import time

import tensorflow as tf

from tf_disentangle import atomic, errors, progress_line
from tf_disentangle.training import loop

__all__ = ["CheckpointHook", "LossLog", "Pause", "Progress", "TensorBoardHook", "describe_terms",
           "why"]


def describe_terms(logs):
    """Loss terms as one short line of text."""
    shown = {name.removesuffix("_loss"): value for name, value in logs.items()
             if name not in ("elbo", "regularizer")}
    return "  ".join(f"{name} {value:.4g}" for name, value in shown.items())


def why(error):
    """An exception as one line, without the full stop at its end."""
    reason = atomic.reason(error) or errors.first_line(error)
    return reason.rstrip(".")


class Progress(loop.Hook):
    """One live line on a terminal; elsewhere a plain line now and then.

    Args:
        every_steps: period.
        start_step, last_step: the steps at which this run starts and ends.
        stream: where to write.
        seconds_between_lines: how often a plain line is written.
        clock: returns seconds.
    """

    def __init__(self, every_steps, start_step, last_step, stream=None,
                 seconds_between_lines=15, clock=time.monotonic):
        super().__init__(every_steps)
        self.last_step = last_step
        self._line = progress_line.ProgressLine(stream, seconds_between_lines, clock)
        self._clock = clock
        self._seen = clock()
        self._seen_step, self._rate = start_step, None

    def __call__(self, step, logs):
        now = self._clock()
        rate = (step - self._seen_step) / max(now - self._seen, 1e-9)
        # Smoothed, so that the time left does not jump around; the first call, which
        # includes tracing, is forgotten fastest.
        self._rate = rate if self._rate is None else 0.7 * self._rate + 0.3 * rate
        self._seen, self._seen_step = now, step
        left = progress_line.duration((self.last_step - step) / self._rate)
        self._line.show(f"step {step}/{self.last_step}  {self._rate:.1f} steps/s  {left} left  "
                        f"{describe_terms(logs)}", is_last=step == self.last_step)


class LossLog(loop.Hook):
    """Mean loss terms as one JSON object per line, with the key `step`.

    Args:
        every_steps: period.
        path: file; lines of steps after `start_step`, which a resumed run makes again,
            are dropped from it before the first line is added.
        start_step: step that the run resumes from.
    """

    def __init__(self, every_steps, path, start_step=0):
        super().__init__(every_steps)
        self._path, self._start_step, self._is_trimmed = path, start_step, False

    def trim(self):
        """Drops, once, the lines that will be written again; called as soon as a step counts.

        A line at `start_step` is dropped, too, if the run was stopped there before the end of
        a period.
        """
        if not self._is_trimmed:
            start = self._start_step
            _drop_lines_after(self._path, start - 1 if start % self.every_steps else start)
            self._is_trimmed = True

    def __call__(self, step, logs):
        self.trim()
        try:
            with open(self._path, "a", encoding="utf-8") as file:
                file.write(json.dumps({"step": step, **logs}) + "\n")
        except OSError as error:
            raise errors.UserError(f"Cannot write {self._path}: {error.strerror}.") from error


def _drop_lines_after(path, step):
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8", errors="replace") as file:
        kept = [line for line in file if _step_of(line) <= step]
    # Rewritten even if all lines are kept: a copy of the run may share the file by a hard link.
    atomic.write(path, "".join(kept))


def _step_of(line):
    """The step of a line; a line cut short by a kill belongs to no step."""
    try:
        step = json.loads(line)["step"]
    except (ValueError, KeyError, TypeError):
        return float("inf")
    return step if isinstance(step, int) and line.endswith("\n") else float("inf")


class TensorBoardHook(loop.Hook):
    """Mean loss terms as TensorBoard scalars; if they cannot be written, the run continues.

    Args:
        every_steps: period.
        directory: where the event files go.
        report: called with a line if they cannot be written.
    """

    def __init__(self, every_steps, directory, report=print):
        super().__init__(every_steps)
        self._directory, self._report = directory, report
        self._writer = self._trying(lambda: tf.summary.create_file_writer(str(directory)))

    def __call__(self, step, logs):
        if self._writer is not None:
            self._trying(lambda: self._write(step, logs))

    def _write(self, step, logs):
        with self._writer.as_default(step):
            for name, value in logs.items():
                tf.summary.scalar(name, value)
        self._writer.flush()

    def _trying(self, function):
        try:
            return function()
        except Exception as error:  # an optional log is not worth losing the run
            self._report(f"Warning: the TensorBoard logs end here. Cannot write {self._directory}: "
                         f"{why(error)}.")
            self._writer = None
            return None


class CheckpointHook(loop.Hook):
    """Writes checkpoints.

    Args:
        every_steps: period.
        checkpoints: `Checkpoints`.
        model: the model being trained.
        unlogged: function without arguments that returns the terms of the steps not yet logged,
            a list of arrays `[num_steps, num_terms]`, which go into the checkpoint; or None.
        beside: function without arguments that returns a dictionary of arrays, which go into the
            checkpoint, too; or None.
        before, after: functions without arguments, called before and after each.
    """

    def __init__(self, every_steps, checkpoints, model, unlogged=None, before=None, after=None,
                 beside=None):
        super().__init__(every_steps)
        self._checkpoints, self._model, self._unlogged = checkpoints, model, unlogged
        self._before, self._after, self._beside = before, after, beside

    def __call__(self, step, logs):
        if self._before is not None:
            self._before()
        self._checkpoints.save(self._model, step, self._unlogged() if self._unlogged else (),
                               self._beside() if self._beside else None)
        if self._after is not None:
            self._after()


class Pause(loop.Hook):
    """Does nothing; it makes the loop pause as often as a hook of another process does."""

    def __call__(self, step, logs):
        del step, logs
