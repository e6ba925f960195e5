"""Runs tasks with Ray, as many at once as there are processors and GPUs for: the other scheduler.

Ray runs on this machine alone, without its dashboard and without reporting usage, or is a cluster
that exists already. Only the process of `ray_bridge` imports it; see there for why.
"""
import contextlib
import dataclasses
import importlib.util
import multiprocessing
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time

from tf_disentangle import errors
from tf_disentangle.studies import processes, ray_bridge, ray_connection, tasks

__all__ = ["OnRay", "is_installed"]

_SECONDS_TO_ANSWER = 10.0
_SECONDS_TO_JOIN = 60.0                     # a cluster that has answered; it takes a second or so
_SECONDS_TO_IMPORT = _SECONDS_TO_START = 180.0
_MOST_DEATHS = 5                            # of Ray's processes, without a task that ends between
_LONGEST_TEMP_DIR = 40                      # Ray's sockets lie in it; their paths have up to 107
_POLL = 0.2


def is_installed():
    """Whether Ray can be imported."""
    return importlib.util.find_spec("ray") is not None


class OnRay:
    """A scheduler on Ray; see `here` for its methods.

    Args:
        num_cpus: processors of each task, and so the threads of TensorFlow; less than 1 has
            several tasks share one.
        num_gpus: GPUs of each training task, or a fraction of one; None for one if there
            is any. Scoring uses none.
        address: of an existing cluster, as `ray.init` takes it; None for Ray on this machine.
    Raises:
        UserError: a number is out of range, or Ray is not installed.
    """

    def __init__(self, num_cpus=1.0, num_gpus=None, address=None):
        if not is_installed():
            raise errors.UserError("Ray is not installed: pip install 'tf_disentangle[study]'.")
        num_cpus = errors.number("num_cpus", num_cpus, above=0)
        if num_gpus is not None:
            num_gpus = errors.number("num_gpus", num_gpus, minimum=0)
        self._asked = dict(num_cpus=num_cpus, num_gpus=num_gpus, address=address)
        self._bridge, self._path = None, None
        self._capacity, self._running = {}, {}  # kind -> how many; number -> task
        self._submitted = self._deaths = 0

    def start(self):
        """Starts Ray, or connects to the cluster.

        Raises:
            UserError: the cluster does not answer, or no machine has what a task needs.
        """
        self._bridge = _Bridge(ray_bridge.Settings(**self._asked))
        try:
            self._capacity = self._bridge.start()
        except BaseException:
            self._bridge.kill()
            self._bridge = None
            raise

    def check(self, path):
        """Raises a `UserError` if a machine of the cluster cannot see a file."""
        self._path = os.path.abspath(path)
        self._bridge.send(ray_bridge.CHECK, self._path)
        self._bridge.wait_for(ray_bridge.CHECKED, _SECONDS_TO_START)

    def has_room(self, kind):
        """Whether a task of that kind would start at once."""
        num_training = sum(task.kind == tasks.TRAIN for task in self._running.values())
        return len(self._running) < self._capacity.get(tasks.SCORE, 0) and (
            kind != tasks.TRAIN or num_training < self._capacity[tasks.TRAIN])

    def submit(self, task):
        """Hands a task to Ray."""
        self._submitted += 1
        self._running[self._submitted] = task
        self._bridge.send(ray_bridge.SUBMIT, (self._submitted, task))

    def wait(self, seconds):
        """The outcomes of tasks that have ended, a list; empty after that many seconds."""
        outcomes = []
        try:
            message = self._bridge.receive(seconds)
            while message is not None:
                kind, value = message
                if kind == ray_bridge.CAPACITY:
                    self._capacity = value
                elif kind == ray_bridge.OUTCOME:
                    self._running.pop(value[0])
                    outcomes.append(value[1])
                    self._deaths = 0
                message = self._bridge.receive(0.0)
        except EOFError:
            self._start_again()
        return outcomes

    def close(self):
        """Has what still runs save its progress, and ends Ray on this machine."""
        if self._bridge is not None:
            self._bridge.close()
            self._bridge = None
        self._running.clear()

    def _start_again(self):
        """Starts Ray again after one of its processes died; tasks go on from what they saved."""
        while True:
            self._deaths += 1
            said = self._bridge.last_line()
            self._bridge.kill()
            if self._deaths > _MOST_DEATHS:
                self._bridge = None
                raise errors.UserError(f"Ray ended {self._deaths} times in a row. It said: {said}")
            try:
                self._bridge = _Bridge(ray_bridge.Settings(**self._asked))
                self._capacity = self._bridge.start()
                if self._path is not None:
                    self.check(self._path)
                break
            except errors.UserError:
                if self._asked["address"] is not None:
                    raise
        for number, task in self._running.items():
            self._bridge.send(ray_bridge.SUBMIT, (number, task))


class _Bridge:
    """The process of `ray_bridge`.

    Args:
        settings: `ray_bridge.Settings` without a folder.
    """

    def __init__(self, settings):
        self._settings = settings
        self._folder = None if settings.address else _temp_dir()
        self._connection, theirs = multiprocessing.Pipe()
        self._log = tempfile.TemporaryFile()
        environment = {**processes.environment(), "RAY_USAGE_STATS_ENABLED": "0",
                       "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
        if settings.address is None:
            # Ray listens on the network. A token for this start alone keeps others out, and keeps
            # Ray from writing one into the user's home.
            self.token = secrets.token_hex(32)
            environment.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=self.token)
        # A session of its own: Ctrl-C in the terminal reaches the study alone.
        self._process = subprocess.Popen(
            [sys.executable, "-m", ray_bridge.__name__, str(theirs.fileno())], env=environment,
            pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=self._log,
            stderr=subprocess.STDOUT, start_new_session=True)
        theirs.close()
        self._connection.send(dataclasses.replace(settings, temp_dir=self._folder))

    def start(self):
        """Waits until Ray is there; returns how many tasks fit, kind -> number."""
        address = self._settings.address
        if address is None:
            too_late = ("Ray does not start on this machine. Without it, --no_ray runs one task "
                        "after another.")
        else:
            too_late = (f"No Ray cluster answers at the ray_address {address}. "
                        f"{ray_connection.WHAT_TO_DO}")
        self.wait_for(ray_bridge.LOADED, _SECONDS_TO_IMPORT)
        self.wait_for(ray_bridge.ANSWERED, _SECONDS_TO_ANSWER, too_late)
        return self.wait_for(ray_bridge.READY, _SECONDS_TO_START if address is None else
                             _SECONDS_TO_JOIN, too_late)

    def send(self, kind, value):
        """Sends a message. If the process is gone, `receive` notices."""
        with contextlib.suppress(OSError):
            self._connection.send((kind, value))

    def receive(self, seconds):
        """The next message, (kind, value), or None after that many seconds; EOFError at the end."""
        try:
            if not self._connection.poll(seconds):
                return None
            kind, value = self._connection.recv()
        except OSError:
            raise EOFError from None
        if kind == ray_bridge.REFUSED:
            raise errors.UserError(value)
        return kind, value

    def wait_for(self, kind, seconds, too_late="Ray does not answer."):
        """The value of the next message of a kind, or a `UserError` after that many seconds."""
        until = time.monotonic() + seconds
        try:
            while (left := until - time.monotonic()) > 0:
                message = self.receive(min(left, _POLL))
                if message and message[0] == kind:
                    return message[1]
        except EOFError:
            raise errors.UserError(f"{too_late} It said: {self.last_line()}") from None
        raise errors.UserError(too_late)

    def last_line(self):
        """The last line that the process has printed, or a dot."""
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else "."

    def close(self):
        """Has the process end after everything was saved."""
        self.send(ray_bridge.CLOSE, None)
        try:
            self._process.wait(ray_bridge.SECONDS_TO_SAVE + _SECONDS_TO_ANSWER)
        except subprocess.TimeoutExpired:
            pass
        self.kill()

    def kill(self):
        """Ends the process; Ray's own on this machine end with it, and so do those of tasks."""
        self._process.kill()
        self._process.wait()
        self._connection.close()
        self._log.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _temp_dir():
    """A new folder for Ray's files, on a short path."""
    parent = tempfile.gettempdir()
    return tempfile.mkdtemp(prefix="study_", dir=None if len(parent) <= _LONGEST_TEMP_DIR
                            else os.path.join(os.sep, "tmp"))
