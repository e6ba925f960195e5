"""Graceful stopping: on SIGTERM or Ctrl-C the current steps finish and a checkpoint is saved."""
import contextlib
import signal
import threading

from tf_disentangle import interrupts

__all__ = ["stop_on_signals", "taken"]

_asked = []


def taken():
    """The number of the signal that the last `stop_on_signals` has noted, or None; only once."""
    number = _asked[0] if _asked else None
    _asked.clear()
    return number


@contextlib.contextmanager
def stop_on_signals():
    """A context that yields a function: whether a stop has been requested inside it.

    A second signal has its usual effect; it ends a program of ours at once. Outside the main
    thread, where no handler can be set, the function is always false.
    """
    _asked.clear()
    with interrupts.polite() if interrupts.installed() else _own_handlers() as asked:
        try:
            yield lambda: bool(asked)
        finally:
            _asked.extend(asked)


@contextlib.contextmanager
def _own_handlers():
    asked, before = [], {}

    def note(number, frame):
        del frame
        asked.append(number)
        signal.signal(number, before[number])

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            before[number] = signal.signal(number, note)
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
