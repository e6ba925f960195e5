"""One attempt to start or continue a run; an attempt that achieves nothing leaves no trace."""
import os
import pathlib
import stat

from tf_disentangle import atomic

__all__ = ["Attempt"]


class Attempt:
    """A record of what was in the directory of a run before an attempt.

    Args:
        model_dir: the directory, locked.
        small: names of small files that an attempt replaces when it starts.
        progress: names of files and folders that change once there is progress to keep.
        names: all names that belong to a run.
    """

    def __init__(self, model_dir, small, progress, names):
        self._folder, self._names = pathlib.Path(model_dir), names
        self._small = {name: self._content(name) for name in small}
        self._progress = progress
        self._before, self._state = set(self._paths(names)), self._signatures()

    def came_to_something(self):
        """Whether there is progress to keep."""
        return self._signatures() != self._state

    def take_back(self):
        """Removes what was not there before and restores the small files."""
        for path in sorted(set(self._paths(self._names)) - self._before, reverse=True):
            atomic.remove(self._folder / path)
        for name, content in self._small.items():
            if content is None:
                atomic.remove(self._folder / name)
            elif content != self._content(name):
                atomic.write(self._folder / name, content)

    def _content(self, name):
        path = self._folder / name
        return path.read_bytes() if path.is_file() else None

    def _paths(self, names):
        """Relative paths of everything that exists under these names."""
        for name in names:
            path = self._folder / name
            if os.path.lexists(path):
                yield name
            if path.is_dir() and not path.is_symlink():
                yield from (str(inner.relative_to(self._folder)) for inner in path.rglob("*"))

    def _signatures(self):
        found = {}
        for path in self._paths(self._progress):
            state = os.lstat(self._folder / path)
            # A folder changes whenever its contents do, and those are checked separately.
            found[path] = stat.S_ISDIR(state.st_mode) or (
                state.st_ino, state.st_size, state.st_mtime_ns)
        return found
