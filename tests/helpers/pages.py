"""README.md and the pages of docs/: their text, code and commands."""
import importlib
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parents[2]
PAGES = ["README.md", *sorted(path.relative_to(ROOT).as_posix()
                              for path in ROOT.joinpath("docs").rglob("*.md"))]

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FILE_NAME = re.compile(r"# (\w+\.(?:py|gin))\n")


def text(page):
    """All of a page."""
    return ROOT.joinpath(page).read_text(encoding="utf-8")


def blocks(page, language):
    """What stands between the fences of a language."""
    return [code for found, code in _FENCED.findall(text(page)) if found == language]


def prose(page):
    """A page without its fenced blocks."""
    return _FENCED.sub("", text(page))


def code_spans(page):
    """What stands between single backquotes in the prose."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose(page))]


def commands(page):
    """Shell text of a page that calls programs: whole blocks, and commands in the prose."""
    spans = [span for span in code_spans(page) if re.match(r"bin/\w+( |$)|python |pip ", span)]
    return blocks(page, "sh") + spans


def write_files(folder):
    """Writes the blocks whose first line names a file; imports the Python files among them.

    A module is imported once in a process, because names of parts are registered once.
    """
    for page in PAGES:
        for code in blocks(page, "python") + blocks(page, "gin"):
            name = _FILE_NAME.match(code)
            if name:
                folder.joinpath(name[1]).write_text(code, encoding="utf-8")
    sys.path.insert(0, str(folder))
    try:
        for path in folder.glob("*.py"):
            importlib.import_module(path.stem)
    finally:
        sys.path.remove(str(folder))
