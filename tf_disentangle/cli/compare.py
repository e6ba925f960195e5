"""`bin/compare`: do two models score differently? Each has several runs.

    bin/compare runs/a_* --with runs/b_*
    bin/compare 'runs/a_*' --with 'runs/b_*' --output_dir a_against_b
    bin/compare a_scores.csv --with b_scores.csv

Names are directories of evaluated runs, folders that bin/evaluate wrote, files of scores, or
tables with a row for each run. For every score it prints the means, their difference with its 95 %
interval, Hedges' g as effect size, and the p value of Welch's test, before and after Holm's
correction.
"""
import os
import pathlib
import sys

from absl import flags

from tf_disentangle import patterns
from tf_disentangle.cli import program, runs

__all__ = ["main"]

program.define_output_dir()
flags.DEFINE_multi_string("with", [], "Runs of the other model, one or more.")


def main():
    """The program."""
    sys.argv[1:] = _repeated(sys.argv[1:])
    program.run(_compare, __doc__, takes_names=True, needs_tensorflow=False)


def _repeated(words):
    """The command's words, with the flag before each name that a shell put after --with."""
    found, after = [], False
    for word in words:
        if word.startswith("-"):
            flag, equals, _ = word.partition("=")
            after = flag.lstrip("-") == "with"
            found += [] if after and not equals else [word]
        else:
            found.append(f"--with={word}" if after else word)
    return found


def _compare(names):
    # Imported late, so that --help and errors about flags appear at once.
    from tf_disentangle import errors
    from tf_disentangle.evaluation import comparison

    flags_ = program.FLAGS
    program.refuse_idle_flags(
        ["gin_file", "gin_config", "gin_bindings", "model_dir", "overwrite"],
        "here. Name the runs: bin/compare runs/a_* --with runs/b_*")
    for side, where in ((names, "before --with"), (flags_["with"].value, "after --with")):
        if not side:
            raise errors.UserError(f"There are no runs {where}. Name runs of both models: "
                                   "bin/compare runs/a_* --with runs/b_*")
    program.check_output_dir()
    sides = [_found(names), _found(flags_["with"].value)]
    if both := sorted({*sides[0]} & {*sides[1]}):
        raise errors.UserError(f"{sides[0][both[0]]} is both before and after --with. Leave it out "
                               "of one.")
    found = comparison.compare(*map(list, sides), strict=False,
                               names=[_label(list(side.values())) for side in sides])
    program.say(str(found), "The difference is that of the means, first minus second; p by Welch's "
                "test.")
    if flags_.output_dir:
        program.say(*(f"Results   {path}" for path in _write(found, flags_.output_dir)))


def _found(names):
    """The paths that names and patterns stand for: a dictionary, path -> what to call it."""
    from tf_disentangle import errors
    from tf_disentangle.pretrained import library

    paths = {}
    for name in names:
        if library.name_in(name) is not None:
            paths[os.path.normpath(runs.scored(name))] = name
            continue
        matching = patterns.matching(name)
        if not matching:
            raise errors.UserError(f"Nothing matches '{name}'. Give runs, such as runs/a_*, or "
                                   "files of scores.")
        paths.update((path, path) for path in map(os.path.normpath, matching))
    return paths


def _label(names):
    """A short name for a side: its only name, or what all its names begin with."""
    return names[0] if len(names) == 1 else f"{os.path.commonprefix(names)}*"


def _write(found, folder):
    """Writes comparison.csv and comparison.json, each completely or not at all; their paths."""
    from tf_disentangle import atomic, json_files
    from tf_disentangle.evaluation import comparison
    from tf_disentangle.evaluation import scores as scores_lib

    folder = pathlib.Path(folder)
    text = scores_lib.as_csv(["score", *comparison.Row._fields],
                             [[key, *row] for key, row in found.rows.items()])
    json_files.save({
        "names": found.names, "num_runs": found.num_runs,
        "scores": [{"score": key, **row._asdict()} for key, row in found.rows.items()],
        "notes": found.remarks()}, folder / "comparison.json")
    atomic.write(folder / "comparison.csv", text)
    return folder / "comparison.csv", folder / "comparison.json"


if __name__ == "__main__":
    main()
