"""The next block of images is drawn while the current one is encoded."""
import contextvars
from concurrent import futures

__all__ = ["ahead"]

_END = object()


def ahead(items):
    """The items of an iterable, each made in a thread while the one before it is used.

    One item is made at a time and at most one waits, so random numbers are read in order. Data sets
    can be drawn from in a thread; representation functions perhaps cannot be called in one, so
    the caller calls them.

    Args:
        items: iterable, usually a generator.
    Yields:
        its items.
    Raises:
        whatever the iterable raises.
    """
    iterator, context = iter(items), contextvars.copy_context()
    with futures.ThreadPoolExecutor(1) as thread:
        def start():
            return thread.submit(context.run, next, iterator, _END)

        following = start()
        while (item := following.result()) is not _END:
            following = start()
            yield item
