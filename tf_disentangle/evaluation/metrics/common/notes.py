"""What a result should say besides its numbers: what was left out, reduced or is trivial.

Code that computes calls `add`; code that returns a result collects. The outermost collector gets
all notes, so that a metric made of other metrics says everything only once:

    with notes.collected() as found:
        scores = metric(codes, factors)      # in it: notes.add("factor 2 has a single value ...")
    notes.join(scores, found)                # {..., "notes": ["factor 2 has a single value ..."]}

In a result, numbers stay numbers; the notes are a list of strings under the key "notes", which
exists only if there are any.
"""
import contextlib
import contextvars
import functools

__all__ = ["KEY", "add", "collected", "factor", "in_result", "join", "silenced", "taken_from"]

KEY = "notes"


class _Collector:
    def __init__(self, factor_names=()):
        self.strings = []
        self.factor_names = list(factor_names or ())


_collector = contextvars.ContextVar("collector", default=None)


def add(note):
    """Keeps a note for the result that is being computed; does nothing outside one."""
    note = note.replace("; ", ", ")     # joins notes in scores.csv, and may be in a factor's name
    collector = _collector.get()
    if collector is not None and note not in collector.strings:
        collector.strings.append(note)


@contextlib.contextmanager
def collected(factor_names=None):
    """Collects notes, unless an outer collector is active, which then gets them.

    Args:
        factor_names: strings, for `factor`.
    Yields:
        list of strings that grows; it stays empty if an outer collector is active.
    """
    outer = _collector.get()
    if outer is not None:
        outer.factor_names = outer.factor_names or list(factor_names or ())
        yield []
        return
    collector = _Collector(factor_names)
    token = _collector.set(collector)
    try:
        yield collector.strings
    finally:
        _collector.reset(token)


@contextlib.contextmanager
def silenced():
    """Drops notes, for parts of a computation whose limits do not concern the result."""
    token = _collector.set(_Collector())
    try:
        yield
    finally:
        _collector.reset(token)


def factor(index):
    """How notes refer to a factor: by its number, and by its name if that is known."""
    collector = _collector.get()
    names = collector.factor_names if collector else []
    named = index < len(names) and names[index] != f"factor_{index}"
    return f"factor {index}" + (f" ({names[index]})" if named else "")


def join(scores, strings):
    """A dictionary of results with notes added, each only once; anything else unchanged."""
    if not isinstance(scores, dict) or not strings:
        return scores
    return {**scores, KEY: list(dict.fromkeys([*taken_from(scores), *strings]))}


def taken_from(scores):
    """The notes in a dictionary of results, a list of strings."""
    found = scores.get(KEY, []) if isinstance(scores, dict) else []
    return [found] if isinstance(found, str) else [each for each in found if isinstance(each, str)]


def in_result(function):
    """The function, with the notes of its computation added to the dictionary that it returns."""
    if getattr(function, "has_notes", False):
        return function

    @functools.wraps(function)
    def noted(*args, **kwargs):
        with collected() as found:
            scores = function(*args, **kwargs)
        return join(scores, found)
    noted.has_notes = True
    return noted
