"""Checks, before anything runs, that every name that a study binds and every metric exists.

This needs all parts of the package, and so TensorFlow, which the program of a study does not load.
It therefore runs in a process of its own, `python -m tf_disentangle.studies.check`.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

from tf_disentangle import errors
from tf_disentangle.studies import figure_scores, processes, scoring

__all__ = ["check", "main", "probes"]


def check(study):
    """Raises a `UserError` if gin would refuse a run of the study, or a metric is unknown.

    So it does if a figure needs a score of something that is not evaluated.
    """
    asked = {
        "runs": probes(study), "bindings": list(study.metric_bindings),
        "metrics": sorted({scoring.file_of(name) for setting in study.settings
                           for name in setting.metrics}),
        "postprocessing": list(map(scoring.postprocessing_file, study.postprocessing)),
        "own": list(scoring.own_files(study).values()),
        "figures": [figure_scores.asked(study), scoring.representations(study), study.columns]}
    done = subprocess.run([sys.executable, "-m", __name__], input=json.dumps(asked), text=True,
                          capture_output=True, env=processes.environment())
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise errors.UserError(lines[-1].removeprefix("Error: ") if lines else
                               "The study cannot be checked.")


def probes(study):
    """Files and bindings to check: one run stands for all that differ only in plain values.

    Returns:
        list of [files, bindings].
    """
    found = {}
    for run in study.runs.first_of_each():
        names = tuple(binding if _has_reference(binding) else binding.partition("=")[0].strip()
                      for binding in run.bindings)
        found.setdefault((run.setting.files, names),
                         [list(run.setting.files), list(run.bindings)])
    return list(found.values())


def _has_reference(binding):
    return "@" in binding or "%" in binding


def main():
    """Reads what to check from standard input, and prints a mistake to standard error."""
    from tf_disentangle import parts
    from tf_disentangle.configuration import gin_errors
    from tf_disentangle.evaluation.of_models import suite
    from tf_disentangle.runs import user_folders

    asked = json.load(sys.stdin)
    user_folders.add_for([path for files, _ in asked["runs"] for path in files] + asked["metrics"])
    try:
        for files, bindings in asked["runs"]:
            with parts.parsed(files, bindings):
                pass
        metrics = suite.metric_files(asked["metrics"])
        for path in metrics + suite.metric_files(asked["postprocessing"]):
            if path.suffix == ".gin":
                with parts.parsed([path], asked["bindings"]):
                    suite.refuse_validation(path)
        _check_own(asked["own"], asked["bindings"])
        names, representations, columns = asked["figures"]
        figure_scores.check(names, [pathlib.Path(path).stem for path in metrics],
                            representations, columns)
    except errors.UserError as error:
        print(f"Error: {gin_errors.explain(error)}", file=sys.stderr)
        sys.exit(1)


def _check_own(files, bindings):
    """Raises a `UserError` if gin would refuse what is to be a file of a metric."""
    from tf_disentangle import parts

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "metric.gin")
        for text in files:
            path.write_text(text, encoding="utf-8")
            with parts.parsed([path], bindings):
                pass


if __name__ == "__main__":
    main()
