"""Runs tasks on this machine, one after another, each in a process of its own.

A scheduler has these methods; another one can have its tasks run elsewhere.

    has_room()      whether a task that is submitted now would start soon
    submit(task)    takes over a `tasks.Task`
    wait(seconds)   a list of `tasks.Outcome`, as soon as there are any, or empty after that time
    close()         ends what still runs, after it has saved its progress
"""

from tf_disentangle.studies import processes

__all__ = ["Here"]

_SECONDS_TO_SAVE = 60.0


class Here:
    """A scheduler for this machine: one task at a time, with all its processors."""

    def __init__(self):
        self._running = None

    def has_room(self):
        """Whether nothing runs."""
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
