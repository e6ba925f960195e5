"""The next block of images is drawn while the current one is encoded."""
import contextvars
from concurrent import futures

__all__ = ["ahead"]

_END = object()


def ahead(items):
    """The items of an iterable, each made in a thread while the one before it is used.

    One item is made at a time and no more than one waits, so that whatever is random in them is
    read in order. Drawing in a thread is what data sets allow; representation functions, which
    may not allow it, are called by the caller.

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
