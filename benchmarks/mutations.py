"""Whether the tests notice a mistake: makes small changes to the code and runs the tests on each.

    python benchmarks/mutations.py tf_disentangle/losses --tests tests/losses --most 20
    python benchmarks/mutations.py tf_disentangle/losses/mmd.py --tests tests/losses/test_mmd.py

A mutation changes one operator, number, comparison, boolean or argument in the body of one
function. The seed decides which ones are tried. The mutated package is a copy, so the clone is not
changed. Each survivor is printed as a line with file, place and change.
"""
import argparse
import ast
import copy
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]

OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
             ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.MatMult: ast.Mult,
             ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd}
COMPARISONS = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
               ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
               ast.In: ast.NotIn, ast.NotIn: ast.In}


def mutations_of(node):
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
    if isinstance(node, ast.If):
        yield "if x -> if not x", lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))


def candidates(path):
    """(index of the node, index of the mutation, place, description) in the functions of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {id(node) for function in ast.walk(tree) if isinstance(function, ast.FunctionDef)
              for statement in function.body for node in ast.walk(statement)}
    # Constants in f-strings and in raised errors are wording, not arithmetic.
    words = {id(node) for parent in ast.walk(tree) if isinstance(parent, (ast.JoinedStr, ast.Raise))
             for node in ast.walk(parent)}
    for index, node in enumerate(ast.walk(tree)):
        if id(node) in inside and id(node) not in words:
            for which, (text, _) in enumerate(mutations_of(node)):
                yield index, which, node.lineno, text


def mutated(path, index, which):
    """The source of a file with one mutation."""
    tree = copy.deepcopy(ast.parse(path.read_text(encoding="utf-8")))
    node = list(ast.walk(tree))[index]
    list(mutations_of(node))[which][1](node)
    return ast.unparse(ast.fix_missing_locations(tree))


def survives(copy_root, relative, source, tests, seconds):
    """Whether the tests pass in time with `source` in place of a file."""
    target = copy_root / relative
    kept = target.read_text(encoding="utf-8")
    target.write_text(source, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(copy_root), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests],
            cwd=copy_root, env=environment, capture_output=True, timeout=seconds, check=False)
        return done.returncode == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        target.write_text(kept, encoding="utf-8")


def main():
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=pathlib.Path, help="a file or folder of the package")
    parser.add_argument("--tests", nargs="+", required=True)
    parser.add_argument("--most", type=int, default=20, help="mutations tried")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=300, help="a test run's limit")
    flags = parser.parse_args()
    base = flags.path.resolve()
    files = sorted(base.rglob("*.py")) if base.is_dir() else [base]
    found = [(path, *candidate) for path in files for candidate in candidates(path)]
    chosen = random.Random(flags.seed).sample(found, min(flags.most, len(found)))
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:
        copy_root = pathlib.Path(folder, "clone")
        shutil.copytree(ROOT, copy_root, ignore=shutil.ignore_patterns(
            ".git", ".venv", "runs", "__pycache__", ".pytest_cache"))
        first = files[0].relative_to(ROOT)
        if not survives(copy_root, first, files[0].read_text(encoding="utf-8"), flags.tests,
                        flags.seconds):
            sys.exit("The tests fail, or take too long, without any mutation.")
        for path, index, which, line, text in chosen:
            relative = path.relative_to(ROOT)
            if survives(copy_root, relative, mutated(path, index, which), flags.tests,
                        flags.seconds):
                survivors += 1
                print(f"{relative}:{line}: {text}", flush=True)
    print(f"{len(chosen)} of {len(found)} mutations tried, {survivors} survived")


if __name__ == "__main__":
    main()
