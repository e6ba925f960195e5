"""A program of the package, run within a test."""
import sys

from absl.testing import flagsaver

__all__ = ["run"]


def run(program, monkeypatch, captured, *arguments):
    """The program's exit code, output and errors.

    Args:
        program: a module of `tf_disentangle.cli`.
        monkeypatch, captured: pytest's fixtures; the latter is `capsys` or `capfd`.
        *arguments: of the command line.
    """
    monkeypatch.setattr(sys, "argv", ["program", *map(str, arguments)])
    monkeypatch.setattr(sys, "path", list(sys.path))
    code = 0
    with flagsaver.flagsaver():
        try:
            program.main()
        except SystemExit as stop:
            code = stop.code or 0
    return code, *captured.readouterr()
