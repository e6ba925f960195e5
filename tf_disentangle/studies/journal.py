"""The journal of a study: a line for each task that ended, in the order in which they did."""
import dataclasses
import json
import numbers
import os

from tf_disentangle import atomic, errors

__all__ = ["FAILED", "FINISHED", "STOPPED", "Entry", "Journal", "read"]

# The last stands for a task that was interrupted, and goes on with the next start.
FINISHED, FAILED, STOPPED = "finished", "failed", "stopped"

_MOST_SECONDS = 1e12                        # more is a damaged line, and so is NaN

@dataclasses.dataclass(frozen=True)
class Entry:
    """The end of a task.

    Args:
        run: name of the run.
        task: "train" or "score".
        state: `FINISHED`, `FAILED` or `STOPPED`.
        fingerprint: what identifies the files and bindings that the task was given.
        seconds: how long it took.
        error: the line that says why it failed, or "".
        metrics: the names of the metrics that it was to score.
    """
    run: str
    task: str
    state: str
    fingerprint: str
    seconds: float
    error: str = ""
    metrics: tuple = ()

    def __post_init__(self):
        object.__setattr__(self, "metrics", tuple(self.metrics))


def read(path):
    """The entries of a journal, a list; incomplete and damaged lines are passed over.

    Raises:
        UserError: the journal is a link, a folder or anything else but a file.
    """
    if os.path.lexists(path) and (path.is_symlink() or not path.is_file()):
        raise errors.UserError(f"{path} should be a file, but is a link or a folder. Move it away.")
    if not path.exists():
        return []
    entries = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            entry = Entry(**json.loads(line))
        except (ValueError, TypeError, RecursionError):
            continue
        if _is_valid(entry):
            entries.append(entry)
    return entries


def _is_valid(entry):
    strings = (entry.run, entry.task, entry.fingerprint, entry.error, *entry.metrics)
    return (all(isinstance(text, str) for text in strings)
            and entry.state in (FINISHED, FAILED, STOPPED)
            and isinstance(entry.seconds, numbers.Real) and abs(entry.seconds) < _MOST_SECONDS)


class Journal:
    """Entries, in memory and in a file.

    A full disk does not end a study: what cannot be written now is written with a later entry.

    Args:
        path: the file, which is created with the first entry.
        say: function that takes a line, for warnings.
    """

    def __init__(self, path, say=print):
        self._path, self._say = path, say
        self.entries = read(path)
        self._unwritten = []

    def add(self, entry):
        """Appends an entry."""
        self.entries.append(entry)
        self._unwritten.append(json.dumps(dataclasses.asdict(entry)))
        try:
            self.flush()
        except errors.UserError as error:
            self._say(f"Warning: {error} It is written later.")

    def flush(self):
        """Writes what has not been written yet, or raises a `UserError`."""
        if not self._unwritten:
            return
        text = "".join(f"{line}\n" for line in self._unwritten)
        with atomic.saying(self._path), open(self._path, "ab+") as stream:
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - 1))
            if stream.read(1) not in (b"", b"\n"):
                text = f"\n{text}"          # a kill has left half a line
            stream.write(text.encode())
            stream.flush()
            os.fsync(stream.fileno())
        self._unwritten.clear()
