"""The table of metrics as Markdown, generated from their declarations.

    python -m tf_disentangle.evaluation.metrics_table
    python -m tf_disentangle.evaluation.metrics_table my_module
    python -m tf_disentangle.evaluation.metrics_table --write docs/metrics_table.md

Modules named as arguments are imported first, so that their metrics have rows, too. With --write,
the table replaces the part of a file between the two lines that mark it.
"""
import importlib
import pathlib
import sys

from tf_disentangle import atomic, errors
from tf_disentangle.evaluation import catalog

__all__ = ["END", "START", "lines", "main", "replaced"]

START, END = "<!-- table of metrics -->", "<!-- end of table -->"


def lines():
    """The table's lines: a heading, and a row for each metric of the catalogue."""
    rows = [(f"`{metric.name}`", metric.paper, metric.scores, metric.needs,
             _in_all(metric)) for metric in catalog.METRICS]
    return ["| metric | defined in | scores, range, which way is better | needs | in `all` |",
            "|---|---|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]


def _in_all(metric):
    if metric.by_name_only:
        return ""
    return "yes" if metric.is_quick else "(yes)"  # not in "quick"


def replaced(text):
    """A page whose text between the two marks is replaced by the current table.

    Raises:
        UserError: the page does not have the two marks.
    """
    before, start, rest = text.partition(f"{START}\n")
    _, end, after = rest.partition(END)
    if not (start and end):
        raise errors.UserError(f"The page has no lines {START} and {END} to put the table "
                               "between.")
    return "\n".join([before + START, *lines(), END]) + after


def main(arguments):
    """Runs the program with its command-line arguments, a list of strings."""
    if arguments[:1] == ["--write"]:
        path, *arguments = arguments[1:]
    else:
        path = None
    for module in arguments:
        importlib.import_module(module)
    if path is None:
        print("\n".join(lines()))
    else:
        page = pathlib.Path(path)
        atomic.write(page, replaced(page.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main(sys.argv[1:])
