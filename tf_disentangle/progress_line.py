"""One live line on a terminal; elsewhere a plain line now and then."""
import shutil
import sys
import time

from tf_disentangle import atomic

__all__ = ["ProgressLine", "duration"]


def duration(seconds):
    """Seconds as a string with at most two units: 9s, 1m05s, 2h03m."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes:02d}m"
    return f"{minutes}m{seconds:02d}s" if minutes else f"{seconds}s"


class ProgressLine:
    """Where progress is shown.

    Args:
        stream: where to write; standard output if None.
        seconds_between_lines: how often a plain line is written.
        clock: returns seconds.
    """

    def __init__(self, stream=None, seconds_between_lines=15, clock=time.monotonic):
        self._stream = sys.stdout if stream is None else stream
        self.is_live = self._stream.isatty()
        self._seconds_between_lines = seconds_between_lines
        self._clock = clock
        self._written = clock()

    def show(self, line, is_last=False):
        """Shows a line in the place of the one before; the last one always, and it stays."""
        now = self._clock()
        with atomic.saying("the progress to the output stream"):
            if self.is_live:
                self._overwrite(line, "\n" if is_last else "")
            elif is_last or now - self._written >= self._seconds_between_lines:
                self._stream.write(line + "\n")
                self._written = now
            self._stream.flush()

    def clear(self):
        """Removes the live line."""
        if self.is_live:
            with atomic.saying("the progress to the output stream"):
                self._overwrite("", "\r")
                self._stream.flush()

    def _overwrite(self, line, end):
        width = shutil.get_terminal_size().columns - 1
        self._stream.write("\r" + line[:width].ljust(width) + end)
