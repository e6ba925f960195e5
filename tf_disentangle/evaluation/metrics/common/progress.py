"""How much of a long metric is done, and how long the rest will take.

A long computation says how much it has to do, and counts what is done; a program decides whether
this is shown:

    with progress.shown():
        with progress.counting(1_920_000, "images"):
            ...  progress.advance(512, "images")
"""
import contextlib
import contextvars
import time

from tf_disentangle import progress_line

__all__ = ["advance", "counting", "shown"]

# A metric that ends sooner shows nothing.
_SECONDS_BEFORE_LINE = 3
_SECONDS_BETWEEN_LINES = 30

_display = contextvars.ContextVar("display", default=None)
_counter = contextvars.ContextVar("counter", default=None)


class _Display:
    def __init__(self, stream, clock):
        self._stream, self.clock = stream, clock

    def line(self):
        return progress_line.ProgressLine(self._stream, _SECONDS_BETWEEN_LINES, self.clock)


class _Counter:
    def __init__(self, display, total, unit):
        self.unit, self._total, self._done = unit, total, 0
        self._clock, self._line = display.clock, display.line()
        self._started, self._is_shown = self._clock(), False

    def advance(self, num):
        self._done += num
        seconds = self._clock() - self._started
        # On a busy machine seconds pass before anything is done.
        if seconds < _SECONDS_BEFORE_LINE or not 0 < self._done < self._total:
            return
        left = seconds * (self._total - self._done) / self._done
        total = f"{self._total:,}".replace(",", " ")
        self._line.show(f"  {self._done / self._total:.0%} of {total} {self.unit}, "
                        f"{progress_line.duration(left)} left")
        self._is_shown = True

    def close(self):
        if self._is_shown:
            self._line.clear()


@contextlib.contextmanager
def shown(stream=None, clock=time.monotonic):
    """A context in which long computations show a line, see `progress_line`.

    Args:
        stream: where to write; standard output if None.
        clock: returns seconds.
    """
    token = _display.set(_Display(stream, clock))
    try:
        yield
    finally:
        _display.reset(token)


@contextlib.contextmanager
def counting(total, unit):
    """A context in which `advance` counts towards a total; does nothing within another one.

    Args:
        total: number of things to do.
        unit: what they are, a plural such as "images"; `advance` counts only these.
    """
    display = _display.get()
    if display is None or _counter.get() is not None:
        yield
        return
    counter = _Counter(display, total, unit)
    token = _counter.set(counter)
    try:
        yield
    finally:
        _counter.reset(token)
        counter.close()


def advance(num, unit):
    """Counts things that are done; does nothing outside a context that counts them."""
    counter = _counter.get()
    if counter is not None and counter.unit == unit:
        counter.advance(num)
