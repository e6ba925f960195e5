"""A task in processes of its own, which never outlive the one that started them."""
import ctypes
import os
import pathlib
import signal
import subprocess
import sys
import time

import tf_disentangle
from tf_disentangle import atomic, errors
from tf_disentangle.runs import lock
from tf_disentangle.studies import tasks

__all__ = ["Running", "environment"]

_ROOT = str(pathlib.Path(tf_disentangle.__file__).parents[1])
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1                       # from Linux' sys/prctl.h
_SECONDS_FOR_THE_LAST_ONE = 120.0
_POLL = 0.2


class Running:
    """A task that has been started.

    Args:
        task: `tasks.Task`.
    """

    def __init__(self, task):
        self._task, self._left = task, list(task.commands)
        self._started = time.monotonic()
        self._log = pathlib.Path(task.log)
        self._begin = self._log.stat().st_size if self._log.exists() else 0
        self._process = None

    def wait(self, seconds):
        """The outcome, or None if the task still runs after that time.

        Args:
            seconds: float.
        """
        until = time.monotonic() + seconds
        while True:
            if self._process is None:
                try:
                    has_started = self._start_next()
                except errors.UserError as error:   # a full disk, say: the task has failed
                    return tasks.Outcome(self._task, 1, self._seconds(), str(error))
                if not has_started:
                    if time.monotonic() > until:
                        return None
                    time.sleep(_POLL)
                    continue
            try:
                code = self._process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                return None
            self._process = None
            if code or not self._left:
                return self._outcome(code)

    def stop(self, seconds):
        """Sends SIGTERM, upon which programs save their progress, and waits for the end.

        Args:
            seconds: how long to wait before the process is killed.
        """
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start_next(self):
        """Starts the next command, unless one from before a crash still uses the directory."""
        if lock.is_locked(self._task.model_dir) and self._seconds() < _SECONDS_FOR_THE_LAST_ONE:
            return False
        command = self._left.pop(0)
        with atomic.saying(self._log):
            self._log.parent.mkdir(parents=True, exist_ok=True)
            stream = open(self._log, "ab")
        with stream:
            # A session of its own: Ctrl-C in the terminal reaches the study alone.
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT,
                env=environment(self._task.num_cpus, self._task.num_gpus), start_new_session=True,
                preexec_fn=_end_with_parent if _LIBC else None)
        return True

    def _outcome(self, code):
        error = _error_in(self._log, self._begin, code) if code else ""
        return tasks.Outcome(self._task, code, self._seconds(), error)

    def _seconds(self):
        return time.monotonic() - self._started


def environment(num_cpus=None, num_gpus=None):
    """The environment of a process that finds this package.

    Args:
        num_cpus: how many threads it has, at least one; None for as many as it likes.
        num_gpus: 0 hides all GPUs; a process with a part of one takes memory only as it needs it.
    """
    path = os.environ.get("PYTHONPATH")
    added = {"PYTHONPATH": f"{_ROOT}{os.pathsep}{path}" if path else _ROOT}
    if num_cpus is not None:
        threads = str(max(1, int(num_cpus)))
        added.update({name: threads for name in (
            "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")})
    if num_gpus == 0:
        added["CUDA_VISIBLE_DEVICES"] = ""
    elif num_gpus is not None and num_gpus < 1:
        added["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"
    return {**os.environ, **added}


def _end_with_parent():
    """The process gets SIGTERM when the one that started it is gone, however that ended."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _error_in(path, begin, code):
    """The line that says what went wrong, in what a command has printed."""
    with open(path, "rb") as stream:
        stream.seek(begin)
        lines = stream.read().decode(errors="replace").splitlines()
    lines = [line.strip() for line in lines if line.strip()]
    said = [line.removeprefix("Error: ") for line in lines if line.startswith("Error: ")]
    if said:
        return said[-1]
    if code < 0:
        return f"ended by {signal.Signals(-code).name}"
    return lines[-1] if lines else f"exit code {code}"
