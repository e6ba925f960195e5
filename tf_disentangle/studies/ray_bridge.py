"""The program that speaks with Ray, for a study that hands it tasks through a pipe.

It is a process of its own because Ray ends a process that is connected to it when one of Ray's own
processes is gone, takes over signals, and may wait long for a cluster that does not answer.
The study starts it again. When the study is gone, however that ended, it has the runs save their
progress and ends.

Each task is a Ray core task. Ray starts it again when the worker that it is on dies; the run then
goes on from its newest checkpoint.

    from the study      SUBMIT (number, task)  CHECK path  CLOSE None
    to the study        LOADED None  ANSWERED None  READY capacity  CAPACITY capacity
                        OUTCOME (number, outcome)  CHECKED None  REFUSED line
"""
import collections
import contextlib
import dataclasses
import multiprocessing.connection
import os
import pathlib
import shutil
import signal
import sys
import time

from tf_disentangle import errors
from tf_disentangle.studies import processes, ray_connection, tasks

__all__ = ["ANSWERED", "CAPACITY", "CHECK", "CHECKED", "CLOSE", "LOADED", "OUTCOME", "READY",
           "REFUSED", "SECONDS_TO_SAVE", "SUBMIT", "Settings", "capacity", "carry_out",
           "main"]

SUBMIT, CHECK, CLOSE = "submit", "check", "close"
LOADED, ANSWERED, READY, CAPACITY, OUTCOME, CHECKED, REFUSED = (
    "loaded", "answered", "ready", "capacity", "outcome", "checked", "refused")
SECONDS_TO_SAVE = 60.0
_MOST_RETRIES = 5                           # of a task whose worker dies
_SECONDS_FOR_ALL_MACHINES = 60.0
_SECONDS_BETWEEN_CAPACITIES = 5.0
_POLL = 0.2


@dataclasses.dataclass(frozen=True)
class Settings:
    """What is asked of Ray.

    Args:
        num_cpus: processors of a task.
        num_gpus: GPUs of a training task; None for one if there is any.
        address: of a cluster; None to start Ray on this machine.
        temp_dir: where Ray on this machine keeps its files.
    """
    num_cpus: float = 1.0
    num_gpus: float | None = None
    address: str | None = None
    temp_dir: str | None = None


def main():
    """The program; its argument is the number of an open pipe."""
    connection = multiprocessing.connection.Connection(int(sys.argv[1]))
    settings = connection.recv()
    try:
        _Bridge(settings, connection).serve()
    except errors.UserError as error:
        with contextlib.suppress(OSError):
            connection.send((REFUSED, str(error)))
    except Exception as error:              # Ray is gone; a normal exit would wait for it
        print(_last_line(error), flush=True)
    if settings.temp_dir:
        shutil.rmtree(settings.temp_dir, ignore_errors=True)
    os._exit(0)


class _Bridge:
    def __init__(self, settings, connection):
        import ray  # which takes seconds, in this process alone

        self._ray, self._connection, self._settings = ray, connection, settings
        connection.send((LOADED, None))
        if settings.address is not None:
            ray_connection.wait_for_answer(settings.address)
        connection.send((ANSWERED, None))
        ray_connection.connect(ray, settings)
        num_gpus = settings.num_gpus
        if num_gpus is None:
            num_gpus = float(any(node.get("GPU", 0) >= 1 for node in self._machines()))
        self._settings = dataclasses.replace(settings, num_gpus=num_gpus)
        self._refuse_too_much()
        self._remote = ray.remote(max_retries=_MOST_RETRIES)(carry_out)
        self._numbers, self._begun = {}, {}     # reference -> number; number -> (task, time)
        self._seen = None                       # a file that tasks must see
        self._next_capacity = 0.0

    def serve(self):
        """Does what the study asks for, until it asks for the end or is gone."""
        self._connection.send((READY, self._capacity()))
        try:
            while self._listen():
                self._tell()
        except (EOFError, OSError):         # the study is gone
            pass
        self._close()

    def _listen(self):
        """Takes the messages that are there; false after the last one."""
        wait = _POLL
        while self._connection.poll(wait):
            kind, value = self._connection.recv()
            if kind == CLOSE:
                return False
            if kind == CHECK:
                self._check(value)
            else:
                self._submit(*value)
            wait = 0.0
        return True

    def _submit(self, number, task):
        num_gpus = self._settings.num_gpus if task.kind == tasks.TRAIN else 0.0
        task = dataclasses.replace(task, num_cpus=self._settings.num_cpus, num_gpus=num_gpus)
        remote = self._remote.options(num_cpus=task.num_cpus, num_gpus=task.num_gpus)
        reference = remote.remote(task, sys.executable, os.getcwd(), self._seen)
        self._numbers[reference] = number
        self._begun[number] = task, time.monotonic()

    def _tell(self):
        """Tells the study what has ended, and now and then how much fits."""
        if self._numbers:
            ended, _ = self._ray.wait(list(self._numbers), num_returns=len(self._numbers),
                                      timeout=0.0)
            for reference in ended:
                number = self._numbers.pop(reference)
                outcome = self._outcome(reference, *self._begun.pop(number))
                self._connection.send((OUTCOME, (number, outcome)))
        if time.monotonic() >= self._next_capacity:
            if self._settings.address is None and not self._machines():
                # Ray ends this process only while it has a task, and nothing would run again.
                raise RuntimeError("Ray's raylet has ended.")
            self._connection.send((CAPACITY, self._capacity()))
            self._next_capacity = time.monotonic() + _SECONDS_BETWEEN_CAPACITIES

    def _outcome(self, reference, task, begun):
        try:
            return self._ray.get(reference)
        except self._ray.exceptions.RayTaskError as error:
            code, line = 1, _last_line(error)
        except (self._ray.exceptions.WorkerCrashedError, self._ray.exceptions.NodeDiedError,
                self._ray.exceptions.OutOfMemoryError) as error:    # once too often
            code, line = -signal.SIGKILL, ray_connection.first_line(error)
        return tasks.Outcome(task, code, time.monotonic() - begun, line)

    def _close(self):
        """Has what still runs save its progress, and leaves Ray."""
        for reference in self._numbers:
            self._ray.cancel(reference, force=False)
        if self._numbers:
            self._ray.wait(list(self._numbers), num_returns=len(self._numbers),
                           timeout=SECONDS_TO_SAVE)
        self._ray.shutdown()

    def _machines(self):
        return [node["Resources"] for node in self._ray.nodes() if node["Alive"]]

    def _capacity(self):
        return capacity(self._machines(), self._settings.num_cpus, self._settings.num_gpus)

    def _refuse_too_much(self):
        """Raises a `UserError` if no machine has what a task needs."""
        if self._capacity()[tasks.TRAIN]:
            return
        where = "of the Ray cluster" if self._settings.address else "here"
        for name, resource in (("num_cpus", "CPU"), ("num_gpus", "GPU")):
            most = max((node.get(resource, 0.0) for node in self._machines()), default=0.0)
            asked = getattr(self._settings, name)
            if asked > most:
                raise errors.UserError(f"{name}: expected at most {most:g}, what the largest "
                                       f"machine {where} has, got {asked:g}.")
        raise errors.UserError(f"No machine {where} has both {self._settings.num_cpus:g} CPUs and "
                               f"{self._settings.num_gpus:g} GPUs. Ask for less.")

    def _check(self, path):
        """Checks whether every machine can read a file, and tells the study."""
        self._seen = path
        refused = self._unseen(path) if self._settings.address else None
        self._connection.send((REFUSED, refused) if refused else (CHECKED, None))

    def _unseen(self, path):
        """A line about a machine that cannot read the file, or None."""
        from ray.util import scheduling_strategies

        look = self._ray.remote(max_retries=_MOST_RETRIES, num_cpus=0)(_see)
        asked = {}
        for node in self._ray.nodes():
            if node["Alive"]:
                there = scheduling_strategies.NodeAffinitySchedulingStrategy(node["NodeID"], False)
                asked[node["NodeManagerHostname"]] = look.options(
                    scheduling_strategy=there).remote(path, pathlib.Path(path).read_bytes())
        for machine, reference in asked.items():
            try:
                self._ray.get(reference, timeout=_SECONDS_FOR_ALL_MACHINES)
            except self._ray.exceptions.GetTimeoutError:
                return f"The machine {machine} of the Ray cluster does not start a task."
            except self._ray.exceptions.RayError as error:
                if isinstance(getattr(error, "cause", None), errors.UserError):
                    return str(error.cause)
                return (f"The machine {machine} of the Ray cluster cannot run tasks of a study: "
                        f"{_last_line(error)} (tf_disentangle must be installed there, too)")
        return None


def carry_out(task, python, folder, seen):
    """The Ray task: runs a `tasks.Task` in processes of its own, and returns its outcome.

    Args:
        task: `tasks.Task`.
        python: the interpreter in its commands, which this machine's replaces.
        folder: working folder, if it exists here.
        seen: path of a file that this machine must see, or None.
    """
    if seen is not None:
        _see(seen)
    if os.path.isdir(folder):
        os.chdir(folder)
    commands = tuple((sys.executable if command[0] == python else command[0], *command[1:])
                     for command in task.commands)
    running = processes.Running(dataclasses.replace(task, commands=commands))
    try:
        while (outcome := running.wait(1.0)) is None:
            pass
    except KeyboardInterrupt:               # the study is stopped
        running.stop(SECONDS_TO_SAVE)
        raise
    return dataclasses.replace(outcome, task=task)


def capacity(machines, num_cpus, num_gpus):
    """How many tasks fit on machines.

    Args:
        machines: list of dictionaries, "CPU" and "GPU" -> how many a machine has.
        num_cpus: processors of a task.
        num_gpus: GPUs of a training task.
    Returns:
        dictionary: `tasks.TRAIN` -> how many training tasks, `tasks.SCORE` -> how many of any
        kind, which is how many processors allow.
    """
    found = collections.Counter({tasks.TRAIN: 0, tasks.SCORE: 0})
    for machine in machines:
        fitting = int(machine.get("CPU", 0.0) // num_cpus)
        found[tasks.SCORE] += fitting
        on_gpus = int(machine.get("GPU", 0.0) / num_gpus + 1e-6) if num_gpus else fitting
        found[tasks.TRAIN] += min(fitting, on_gpus)
    return dict(found)


def _see(path, content=None):
    """Raises a `UserError` if this machine cannot read a file, or finds another one there."""
    path = pathlib.Path(path)
    with contextlib.suppress(OSError):
        if path.read_bytes() == content or content is None:
            return
    raise errors.UserError(
        f"The machine {os.uname().nodename} of the Ray cluster cannot see the output_dir "
        f"{path.parent}. Give one on a path that all machines share.")


def _last_line(error):
    """What an error of a task says, without the traceback that Ray puts before it."""
    cause = getattr(error, "cause", None)
    if isinstance(cause, errors.UserError):
        return str(cause)
    lines = str(error).strip().splitlines()
    return lines[-1] if lines else type(error).__name__


if __name__ == "__main__":
    # Under its proper name, by which the workers import it.
    from tf_disentangle.studies import ray_bridge
    ray_bridge.main()
