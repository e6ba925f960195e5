"""Whether the tests notice a mistake: makes small changes to the code and runs the tests on each.

    python benchmarks/mutations.py tf_disentangle/losses --tests tests/losses --most 20
    python benchmarks/mutations.py tf_disentangle/losses/mmd.py --tests tests/losses/test_mmd.py

A mutation changes one operator, number, comparison, boolean or argument in the body of one
function. The seed decides which ones are tried. Of the given tests, those in files that mention the
mutated module or its public names are run, most mentions first, until one fails; if no file does,
all of them. Each mutation is printed as a line with file, place, change and outcome.

The tests are imported once, and functions are changed in memory: files stay as they are, and tests
that start other programs run the unchanged code.
"""
import argparse
import ast
import collections
import contextlib
import copy
import functools
import gc
import linecache
import pathlib
import random
import re
import signal
import sys
import types
import typing
from unittest import mock

import pytest
from _pytest import runner

ROOT = pathlib.Path(__file__).resolve().parents[1]

OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
             ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.MatMult: ast.Mult,
             ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd}
COMPARISONS = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
               ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
               ast.In: ast.NotIn, ast.NotIn: ast.In}

# Calls whose arguments are wording, not arithmetic.
WORDING = {"add", "say", "print", "warn", "warning", "info", "InvalidArgumentError", "UserError"}


class Mutation(typing.NamedTuple):
    """A change: its file, line and description, and the changed source of the whole file."""
    path: pathlib.Path
    line: int
    text: str
    source: str

    def __str__(self):
        return f"{self.path.relative_to(ROOT)}:{self.line}: {self.text}"


def changes_of(node):
    """(description, function that changes the node in place) for each mutation of a node."""
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        new = OPERATORS[type(node.op)]
        yield (f"{type(node.op).__name__} -> {new.__name__}",
               lambda n: setattr(n, "op", new()))
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        new_comparison = COMPARISONS[type(node.ops[0])]
        yield (f"{type(node.ops[0]).__name__} -> {new_comparison.__name__}",
               lambda n: n.ops.__setitem__(0, new_comparison()))
    if isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield (f"{type(node.op).__name__} -> {other.__name__}",
               lambda n: setattr(n, "op", other()))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "-x -> +x", lambda n: setattr(n, "op", ast.UAdd())
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield (f"{node.value} -> {node.value + 1}",
               lambda n: setattr(n, "value", n.value + 1))
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield (f"{node.value} -> {not node.value}",
               lambda n: setattr(n, "value", not n.value))


def is_wording(node):
    if isinstance(node, ast.Call):
        function = node.func
        return (function.attr if isinstance(function, ast.Attribute)
                else getattr(function, "id", "")) in WORDING
    return isinstance(node, (ast.JoinedStr, ast.Raise))


def mutations(path):
    """Every `Mutation` of the functions in a file."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    inside = {id(node) for function in ast.walk(tree) if isinstance(function, ast.FunctionDef)
              for statement in function.body for node in ast.walk(statement)}
    words = {id(node) for parent in ast.walk(tree) if is_wording(parent)
             for node in ast.walk(parent)}
    for node in ast.walk(tree):
        if id(node) not in inside or id(node) in words:
            continue
        for text, change in changes_of(node):
            changed = copy.deepcopy(node)
            change(changed)
            yield Mutation(path, node.lineno, text, replaced(source, node, ast.unparse(changed)))
        if isinstance(node, ast.If):
            yield Mutation(path, node.lineno, "if x -> if not x", replaced(
                source, node.test, f"not ({ast.unparse(node.test)})"))


def replaced(source, node, text):
    """The source with other text in place of an expression; all lines keep their numbers."""
    lines = source.encode().split(b"\n")
    first, last = node.lineno - 1, node.end_lineno - 1
    lines[first:last + 1] = [lines[first][:node.col_offset] + f"({text}".encode()
                             + b"\n" * (last - first) + b")" + lines[last][node.end_col_offset:]]
    return b"\n".join(lines).decode()


def codes_of(code):
    """(name, line) -> code object, of all functions in compiled code."""
    found = {(code.co_name, code.co_firstlineno): code}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found.update(codes_of(constant))
    return found


@contextlib.contextmanager
def applied(mutation):
    """A context in which the functions of a file are the changed ones; gives how many changed."""
    name = str(mutation.path)
    new = codes_of(compile(mutation.source, name, "exec", dont_inherit=True))
    functions = [(function, function.__code__) for function in gc.get_objects()
                 if isinstance(function, types.FunctionType)
                 and function.__code__.co_filename == name]
    before = linecache.cache.get(name)
    lines = mutation.source.splitlines(keepends=True)
    linecache.cache[name] = (len(mutation.source), None, lines, name)
    read = linecache.updatecache
    changed = 0
    try:
        for function, code in functions:
            found = new.get((code.co_name, code.co_firstlineno), code)
            changed += found != code
            function.__code__ = found
        # TensorFlow reads the source of what it traces, and first asks for the file to be read.
        with mock.patch.object(linecache, "updatecache", lambda path, *rest: (
                lines if path == name else read(path, *rest))):
            yield changed
    finally:
        for function, code in functions:
            function.__code__ = code
        linecache.cache.pop(name)
        if before:
            linecache.cache[name] = before


def forget():
    """Empties the caches of the package and the tests' helpers, which hold what was made before."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in ("helpers", "tf_disentangle"):
            for value in vars(module).values():
                if isinstance(value, functools._lru_cache_wrapper):
                    value.cache_clear()


def offered(path):
    """The names under which tests know a module: its own and those in `__all__`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign)
             and getattr(node.targets[0], "id", "") == "__all__"]
    return {path.stem, *(names[0] if names else ())}


class Mutator:
    """A plugin of pytest that runs the collected tests once for each mutation.

    Args:
        chosen: list of `Mutation`.
        seconds: the limit of one test; one that takes longer has failed.
        most_files: most files of tests for a mutation.
    """

    def __init__(self, chosen, seconds, most_files):
        self._chosen, self._seconds, self._most_files = chosen, seconds, most_files
        self._sound, self.counts = {}, collections.Counter()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        if session.testsfailed:             # files that could not be imported
            raise session.Interrupted("tests could not be collected")
        gc.unfreeze()                       # what tests/conftest.py froze is not searched
        for mutation in self._chosen:
            outcome = self._outcome(mutation, self._items(session.items, mutation))
            self.counts[outcome.partition(" by ")[0]] += 1
            print(f"{mutation}: {outcome}", flush=True)
        return True

    def _outcome(self, mutation, items):
        """What became of a mutation."""
        while True:
            with applied(mutation) as changed:
                if not (changed and items):
                    return "not tried"
                failed = self._failed(items)
            if failed is None:
                return "survived"
            if failed not in self._sound:
                self._sound[failed] = self._failed([failed]) is None
            if self._sound[failed]:
                return f"killed by {failed.nodeid}"
            items = [item for item in items if item is not failed]

    def _items(self, items, mutation):
        names = re.compile(rf"\b({'|'.join(map(re.escape, offered(mutation.path)))})\b")
        mentions = {path: len(names.findall(path.read_text(encoding="utf-8")))
                    + 1000 * (path.stem == f"test_{mutation.path.stem}")
                    for path in {item.path for item in items}}
        files = sorted((path for path in mentions if mentions[path]), key=mentions.get,
                       reverse=True)[:self._most_files] or list(mentions)
        return sorted((item for item in items if item.path in files),
                      key=lambda item: files.index(item.path))

    def _failed(self, items):
        """The first test that fails, or None."""
        forget()
        for item, following in zip(items, [*items[1:], None]):
            signal.alarm(self._seconds)
            try:
                reports = runner.runtestprotocol(item, log=False, nextitem=following)
            finally:
                signal.alarm(0)
            if any(report.failed for report in reports):
                item.session._setupstate.teardown_exact(None)
                return item
        return None


def _late(signum, frame):
    raise TimeoutError("the test takes too long")


def main():
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", type=pathlib.Path, metavar="path",
                        help="files or folders of the package")
    parser.add_argument("--tests", nargs="+", required=True)
    parser.add_argument("--most", type=int, default=20, help="mutations tried")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=int, default=60, help="a test's limit")
    parser.add_argument("--files", type=int, default=3, help="most files of tests for a mutation")
    flags = parser.parse_args()
    files = [file for path in map(pathlib.Path.resolve, flags.paths)
             for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]
    found = [mutation for file in files for mutation in mutations(file)]
    chosen = random.Random(flags.seed).sample(found, min(flags.most, len(found)))
    signal.signal(signal.SIGALRM, _late)
    mutator = Mutator(chosen, flags.seconds, flags.files)
    # The folder of this program has modules that are called like folders of tests.
    sys.path[:] = [path for path in sys.path if pathlib.Path(path).resolve() != ROOT / "benchmarks"]
    code = pytest.main(["-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", *flags.tests],
                       plugins=[mutator])
    print(f"{len(chosen)} of {len(found)} mutations: {dict(mutator.counts)}")
    return code


if __name__ == "__main__":
    sys.exit(main())
