"""Names of files as a user writes them: as they are, as patterns, or as lists.

Brackets, stars and commas may be part of a name, so what is there by that very name comes first.
"""
import glob
import os
import re

__all__ = ["matching", "split"]


def matching(pattern):
    """The paths that a pattern matches.

    A name that is there is itself; so is a folder that the pattern begins with, and, as long as
    that finds anything, a bracket. What is left is read as the shell reads it.

    Args:
        pattern: such as "runs/*/" or "runs/run [1]"; `**` stands for any number of directories.
    Returns:
        sorted list of strings, empty if nothing matches.
    """
    there, rest = _literal(os.fspath(pattern))
    if not rest:
        return [there] if there else []
    for taken_as in (rest.replace("[", "[[]"), rest):
        if found := glob.glob(glob.escape(there) + taken_as, recursive=True):
            return sorted(found)
    return []


def _literal(pattern):
    """The longest beginning of a pattern that is there as it is, and the rest of it."""
    # Each ends with its separators, so that their lengths add up.
    parts = re.findall(r"[^/]*/+|[^/]+$", pattern)
    there = ""
    for part in parts:
        if not os.path.lexists(there + part):
            break
        there += part
    return there, pattern[len(there):]


def split(text):
    """The names in a list with commas between them.

    Args:
        text: such as "runs/a,runs/b". Where a name with commas is there, it stays whole: the
            longest one counts.
    Returns:
        list of strings, without spaces around them and without empty ones.
    """
    pieces, names = text.split(","), []
    while pieces:
        longest = next((length for length in range(len(pieces), 1, -1)
                        if os.path.lexists(",".join(pieces[:length]).strip())), 1)
        names.append(",".join(pieces[:longest]).strip())
        pieces = pieces[longest:]
    return [name for name in names if name]
