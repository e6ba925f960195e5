"""What a large study costs its driver: listing and summarizing 12 600 runs of 20 scores.

    python benchmarks/study.py --runs 12600 --scores 20

The runs are made up. Prints the seconds of `bin/study --list` without its check of names, of
`--summarize`, and the largest memory of each process.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np

from tf_disentangle import atomic, json_files
from tf_disentangle.runs import results
from tf_disentangle.studies import directory as directory_lib
from tf_disentangle.studies import fingerprints, journal, tasks
from tf_disentangle.studies import study as study_lib

METRICS = ("mig", "sap_score", "dci", "modularity_explicitness")


def made_up_study(num_runs):
    """A study like the large-scale one: data sets, settings, and seeds."""
    return study_lib.Study(
        "large", base="beta_vae.gin", sweep={"dataset.name": [f"data_{i}" for i in range(7)]},
        methods=[{"method": f"method_{i}", "vae.beta": [1, 2, 4, 6, 8, 16]} for i in range(6)],
        seeds=max(1, num_runs // (7 * 36)), metrics=METRICS, within="dataset.name",
        compare_with=["method = method_0", "vae.beta = 1"])


def write_runs(study, directory, num_scores):
    """Writes what finished runs leave behind."""
    random = np.random.default_rng(0)
    each = num_scores // len(METRICS)
    lines = []
    for run in study.runs:
        model_dir = directory.model_dir(run)
        write_results(model_dir, results.TRAIN, {"loss": 1.0, "global_step": 300000})
        (model_dir / "model.keras").touch()
        for metric in METRICS:
            folder = model_dir / "evaluation" / metric
            write_results(folder, results.EVALUATION, {
                f"score_{i}": float(value) for i, value in enumerate(random.uniform(size=each))})
        for kind, fingerprint in ((tasks.TRAIN, fingerprints.training(run)),
                                  (tasks.SCORE, fingerprints.scoring(study, run))):
            lines.append(json.dumps(vars(journal.Entry(
                run.name, kind, journal.FINISHED, fingerprint, 60.0))))
    json_files.save(study.as_dict(), directory.study)
    atomic.write(directory.journal, "\n".join([*lines, ""]))


def write_results(folder, step, values):
    values = {**values, "elapsed_time": 1.0, "uuid": "made up"}
    for path, content in ((results.results_path(folder, step), values),
                          (folder / "results" / "aggregate" / f"{step}.json",
                           results.namespaced_dict(**{f"{step}_results": values}))):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))


def measured(code, folder):
    """Seconds, and largest memory in MB, of a Python program in a process of its own."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True,
                   stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


LIST = """
import resource, sys
from tf_disentangle.studies import directory, running
there = directory.StudyDirectory(sys.argv[1])
study = there.read()
left = list(running.left(study, there))
runs = [run.name + "; ".join(run.bindings) for run in study.runs]
print(len(runs), len(left), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "MB",
      file=sys.stderr)
"""
SUMMARIZE = """
import resource, sys
from tf_disentangle.studies import directory, summary
there = directory.StudyDirectory(sys.argv[1])
summary.summarize(there.read(), there)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "MB", file=sys.stderr)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=12600)
    parser.add_argument("--scores", type=int, default=20)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        directory = directory_lib.StudyDirectory(pathlib.Path(folder, "study"))
        study = made_up_study(arguments.runs)
        write_runs(study, directory, arguments.scores)
        print(f"{len(study.runs)} runs of {arguments.scores} scores")
        print(f"list       {measured(LIST, directory.path):6.1f} s")
        print(f"summarize  {measured(SUMMARIZE, directory.path):6.1f} s")


if __name__ == "__main__":
    main()
