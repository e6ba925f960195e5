"""What Ctrl-C and SIGTERM do to a program: one line and exit code 130 or 143, no traceback.

A signal ends the program at once while libraries load. Later the main thread first unwinds, so
that unfinished files are deleted, for at most `GRACE` seconds: a thread waits for the signals,
because the main one may be deep in a library. Inside `polite`, as in training, the first signal is
only noted. A second one ends the program at once, wherever it is.

Nothing here imports a library: the programs install it before anything else.
"""
import contextlib
import os
import signal
import sys
import threading

__all__ = ["GRACE", "Interrupted", "at_once", "end", "install", "installed", "polite", "received",
           "unwinding"]

GRACE = 3.0
_NAMES = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}
_NUDGE = signal.SIGURG                      # which does nothing by itself
_ENDING = threading.Lock()
_AT_ONCE, _UNWIND, _POLITE = "at once", "unwind", "polite"


class Interrupted(KeyboardInterrupt):
    """Ctrl-C or SIGTERM; `number` is the signal's."""

    def __init__(self, number=signal.SIGINT):
        super().__init__(_NAMES[number])
        self.number = number


class _State:
    installed = False
    mode = _AT_ONCE
    signals = []                            # numbers of those that came
    asked = []                              # those that `polite` notes
    stderr = 2                              # where the line goes, whatever becomes of fd 2


def install():
    """Takes over both signals, in the main thread of a program; once."""
    if _State.installed or threading.current_thread() is not threading.main_thread():
        return
    _State.installed, _State.stderr = True, os.dup(2)
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in _NAMES:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, _handle)
    sys.unraisablehook = _unraisable
    # Otherwise joblib's cleanup process would warn about what the others have left.
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, [
        os.environ.get("PYTHONWARNINGS"), "ignore:resource_tracker:UserWarning"]))
    threading.Thread(target=_watch, args=(reader,), daemon=True, name="interrupts").start()
    # Ctrl-C goes to all processes of a terminal. Those in which joblib computes inherit what the
    # main thread blocks, so they print nothing when this one ends them.
    signal.signal(_NUDGE, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    signal.pthread_sigmask = _keeping_ctrl_c_blocked


_pthread_sigmask = signal.pthread_sigmask


def _keeping_ctrl_c_blocked(how, mask):
    """`signal.pthread_sigmask`, for joblib, which unblocks signals that it has not blocked."""
    return _pthread_sigmask(how, set(mask) - {signal.SIGINT}
                            if how == signal.SIG_UNBLOCK else mask)


def installed():
    """Whether a program of ours has taken over both signals, and this is its main thread."""
    return _State.installed and threading.current_thread() is threading.main_thread()


def received():
    """The number of the signal that ends the program, or None."""
    return _State.signals[0] if _State.signals and _State.mode != _POLITE else None


def end(number):
    """Says that the program was interrupted, and ends it at once."""
    if not _ENDING.acquire(blocking=False):
        threading.Event().wait()            # the other thread is doing it
    _kill_children()
    with contextlib.suppress(OSError):
        os.write(_State.stderr, f"Interrupted by {_NAMES[number]}.\n".encode())
    os._exit(128 + number)


@contextlib.contextmanager
def _in_mode(mode):
    before, _State.mode = _State.mode, mode
    try:
        yield
    finally:
        _State.mode = before


def at_once():
    """A context in which there is nothing to tidy up after a signal."""
    return _in_mode(_AT_ONCE)


def unwinding():
    """A context in which a signal raises `Interrupted`, so that files are tidied up."""
    return _in_mode(_UNWIND)


@contextlib.contextmanager
def polite():
    """A context in which the first signal is only noted; gives the list that it is noted in."""
    _State.asked = asked = []
    with _in_mode(_POLITE):
        yield asked


def _watch(reader):
    while True:
        number = os.read(reader, 1)[0]
        if number not in _NAMES:
            continue
        _State.signals.append(number)
        # What the main thread waits for ends early, as it would if the signal had come to it.
        signal.pthread_kill(threading.main_thread().ident, _NUDGE)
        if _State.mode == _AT_ONCE or len(_State.signals) > 1:
            end(number)
        elif _State.mode == _UNWIND:
            _silence()
            threading.Thread(target=_end_later, args=(number,), daemon=True).start()


def _end_later(number):
    threading.Event().wait(GRACE)
    end(number)


def _handle(number, frame):
    """Called by Python in the main thread, as soon as that is not in a library's code."""
    del frame
    if _State.mode == _POLITE:
        _State.asked.append(number)
    elif _State.mode == _UNWIND:
        _silence()
        raise Interrupted(number)
    else:
        end(number)


def _silence():
    """Hides what libraries and workers print while they are torn down."""
    _kill_children()
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)


def _kill_children():
    """Ends the processes in which joblib computes: nothing needs their results any more."""
    processes = sys.modules.get("multiprocessing.process")
    for child in processes.active_children() if processes else ():
        with contextlib.suppress(Exception):
            child.kill()


def _unraisable(unraisable):
    """An exception that nobody can catch: ours ends the program all the same."""
    if isinstance(unraisable.exc_value, Interrupted):
        end(unraisable.exc_value.number)
    sys.__unraisablehook__(unraisable)
