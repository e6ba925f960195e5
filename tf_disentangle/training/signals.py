"""A polite end: SIGTERM and Ctrl-C let the current steps finish and a checkpoint be saved."""
import contextlib
import signal
import threading

__all__ = ["stop_on_signals"]


@contextlib.contextmanager
def stop_on_signals():
    """Gives a function that tells whether a stop was asked for inside the context.

    A second signal has its usual effect. Outside the main thread, where no handler can be
    set, the function is always false.
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
