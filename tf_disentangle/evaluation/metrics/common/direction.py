"""Which way a score is better, as the text about the scores of its metric says.

A metric declares a text such as "jemmig: 0 to 1, higher; jemmig_nats: from 0, lower". Each part,
up to a semicolon, says of the scores that it names which way they are better: "higher", "lower" or
"neither".

A word names every score whose name has it as a whole, between underscores or other marks:
"informativeness" names `informativeness_test`, and "accuracy" names `10:mean_test_accuracy`. If
several words name a score, the longest one counts. A score that counts something, `num_...`, has no
better side. Of any other score that no word names, all parts hold if they agree.
"""
import re

__all__ = ["HIGHER", "LOWER", "NEITHER", "better", "name_of", "names"]

HIGHER, LOWER, NEITHER = "higher", "lower", "neither"

_COUNT = "num_"


def better(text, score):
    """Which way a score is better: `HIGHER`, `LOWER` or `NEITHER`.

    Args:
        text: what the metric declares about its scores. Where it says nothing, higher is better.
        score: name of a score.
    """
    if score.startswith(_COUNT):
        return NEITHER
    said = _said(text)
    name = name_of(text, score)
    if name is not None:
        return said[name]
    every = set(map(_way, text.split(";")))
    return every.pop() if len(every) == 1 else NEITHER


def name_of(text, score):
    """The word of the text that names a score, or None.

    Args:
        text, score: see `better`.
    """
    found = [word for word in _said(text)
             if re.search(rf"(?<![A-Za-z0-9]){word}(?![A-Za-z0-9])", score)]
    return max(found, key=len, default=None)


def names(text):
    """The scores that a text names, a list: single words before their ranges.

    Args:
        text: see `better`.
    """
    pieces = [piece.partition(":")[0].strip() for piece in re.split("[,;]", text)]
    return [piece for piece in pieces if re.fullmatch(r"[A-Za-z_]\w*", piece)
            and piece not in (HIGHER, LOWER, NEITHER)]


def _said(text):
    """Every word of the text -> what its part says."""
    return {word: _way(part) for part in text.split(";") for word in _words(part)}


def _words(part):
    return re.findall(r"[A-Za-z_]\w*", part)


def _way(part):
    return next((word for word in _words(part) if word in (LOWER, NEITHER)), HIGHER)
