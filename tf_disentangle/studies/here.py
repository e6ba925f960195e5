"""Runs tasks on this machine, one after another, each in a process of its own.

A scheduler has these methods; another one can have its tasks run elsewhere.

    start()         gets ready, or raises a `UserError` before anything is written
    check(path)     raises a `UserError` if tasks could not see that file
    has_room(kind)  whether a task of that kind, submitted now, would start at once
    submit(task)    takes over a `tasks.Task`
    wait(seconds)   a list of `tasks.Outcome`, once there are any; empty if there are none by then
    close()         ends what still runs, after it has saved its progress
"""

from tf_disentangle.studies import processes

__all__ = ["Here"]

_SECONDS_TO_SAVE = 60.0


class Here:
    """A scheduler for this machine: one task at a time, with all its processors."""

    def __init__(self):
        self._running = None

    def start(self):
        """Does nothing: all is ready."""

    def check(self, path):
        """Does nothing: tasks see what this program sees."""

    def has_room(self, kind):
        """Whether nothing runs."""
        del kind
        return self._running is None

    def submit(self, task):
        """Starts a task."""
        self._running = processes.Running(task)

    def wait(self, seconds):
        """The outcome of the task, in a list, or an empty list if it still runs."""
        outcome = self._running.wait(seconds) if self._running else None
        if outcome is None:
            return []
        self._running = None
        return [outcome]

    def close(self):
        """Has the running task save its progress, and ends it."""
        if self._running is not None:
            self._running.stop(_SECONDS_TO_SAVE)
            self._running = None
