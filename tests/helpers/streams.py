"""Stand-ins for standard output."""
import io

__all__ = ["Stream"]


class Stream(io.StringIO):
    """A stream in memory that says whether it is a terminal.

    Args:
        is_live: what `isatty` returns.
    """

    def __init__(self, is_live):
        super().__init__()
        self.is_live = is_live

    def isatty(self):
        return self.is_live
