"""Graceful stopping: on SIGTERM or Ctrl-C the current steps finish and a checkpoint is saved."""
import contextlib
import signal
import threading

__all__ = ["stop_on_signals"]


@contextlib.contextmanager
def stop_on_signals():
    """A context that yields a function: whether a stop has been requested inside it.

    A second signal has its usual effect. Outside the main thread, where no handler can be
    set, the function always returns False.
    """
    asked = []
    before = {}

    def note(number, frame):
        del frame
        asked.append(number)
        signal.signal(number, before[number])

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            before[number] = signal.signal(number, note)
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
