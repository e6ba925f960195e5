"""What a large study costs its driver, and what a study costs beyond its runs.

    python benchmarks/study.py large --runs 12600 --scores 20
    python benchmarks/study.py overhead --runs 12 --steps 3000
    python benchmarks/study.py split --runs 4 --steps 3000

`large` makes runs up. It prints the seconds and the largest memory of `bin/study --list`, without
its check of names, and of `--summarize`. `overhead` compares a study's processor seconds, on Ray
and without, with those of the same runs by `bin/train`; the start-up of runs and of the study,
measured by a study whose run has a single step, is shown separately. `split` compares the time of
runs side by side, with a thread each, with one after another with all threads.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import zipfile

import numpy as np

from tf_disentangle import atomic, json_files
from tf_disentangle.runs import evaluations, results
from tf_disentangle.studies import directory as directory_lib
from tf_disentangle.studies import fingerprints, journal, tasks
from tf_disentangle.studies import study as study_lib

ROOT = pathlib.Path(__file__).parents[1]
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
        zipfile.ZipFile(model_dir / "model.keras", "w").close()
        for metric in METRICS:
            folder = evaluations.folder_of(model_dir, metric)
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
                          (results.aggregate_path(folder / results.FOLDER, step),
                           results.namespaced_dict(**{f"{step}_results": values}))):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))


def measured(code, folder):
    """Seconds of a Python program in a process of its own, which prints its largest memory."""
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


def large(folder, runs, scores):
    """Listing and summarizing runs that are made up."""
    directory = directory_lib.StudyDirectory(folder / "study")
    study = made_up_study(runs)
    write_runs(study, directory, scores)
    print(f"{len(study.runs)} runs of {scores} scores")
    print(f"list       {measured(LIST, directory.path):6.1f} s")
    print(f"summarize  {measured(SUMMARIZE, directory.path):6.1f} s")


def bindings(steps):
    return [f"model.training_steps = {steps}", f"cosine_decay.decay_steps = {steps}",
            "model.eval_steps = 1", f"train.checkpoint_every = {steps}"]


def carried_out(commands):
    """Seconds, and processor seconds, of commands with all processes below them."""
    started, spent = time.perf_counter(), 0.0
    for command in commands:
        process, seen = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL), {}
        while process.poll() is None:
            seen.update(processor_seconds(process.pid))
            time.sleep(0.25)
        if process.returncode:
            sys.exit(f"{' '.join(command)} failed.")
        spent += sum(seen.values())
    return time.perf_counter() - started, spent


def processor_seconds(top):
    """Number of a process, and of each below it -> its processor seconds so far."""
    parents, seconds = {}, {}
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:                     # it has ended
            continue
        number = int(path.parent.name)
        parents[number] = int(fields[1])
        seconds[number] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return {number: value for number, value in seconds.items() if is_below(number, top, parents)}


def is_below(number, top, parents):
    while number and number != top:
        number = parents.get(number)
    return number == top


def study_command(folder, name, runs, steps, *words):
    """The command of a study of beta-VAEs that are not scored."""
    page = folder / f"{name}.gin"
    page.write_text(f'study.base = "beta_vae.gin"\nstudy.seeds = {runs}\n'
                    f"study.bindings = {bindings(steps)}\n", encoding="utf-8")
    return [sys.executable, "-m", "tf_disentangle.cli.study", str(page), "--output_dir",
            str(folder / name), *words]


def train_commands(folder, name, runs, steps):
    """The same runs by `bin/train`."""
    return [[sys.executable, "-m", "tf_disentangle.cli.train", "--nofigures", "--gin_file",
             "beta_vae.gin", "--model_dir", str(folder / name / str(seed)),
             *(word for binding in [*bindings(steps), f"model.random_seed = {seed}"]
               for word in ("--gin_bindings", binding))] for seed in range(runs)]


def overhead(folder, runs, steps):
    """Processor seconds of a study over those of its runs, with start-up and beyond it."""
    _, plain = carried_out(train_commands(folder, "plain", runs, steps))
    _, start = carried_out(train_commands(folder, "plain_start", 1, 1))
    print(f"{runs} runs by bin/train: {plain:.0f} processor s, of which start-up "
          f"{runs * start:.0f} ({start:.1f} each)")
    for name, words in (("no_ray", ["--no_ray"]), ("ray", ["--num_cpus", str(os.cpu_count())])):
        _, whole = carried_out([study_command(folder, name, runs, steps, *words)])
        _, short = carried_out([study_command(folder, f"{name}_start", 1, 1, *words)])
        own = short - start                 # the study's start and end
        ratio = (whole - own - runs * start) / (plain - runs * start)
        print(f"study, {name}: {whole:.0f} processor s, of which its own start-up {own:.1f}; "
              f"over the runs {whole / plain:.3f}, beyond start-up {ratio:.3f}")


def split(folder, runs, steps):
    """Runs side by side against one after another, on all processors."""
    one, _ = carried_out([study_command(folder, "one", runs, steps, "--no_ray")])
    side, _ = carried_out([study_command(folder, "side", runs, steps, "--num_cpus", "1")])
    print(f"{runs} runs: one after another, all threads {one:.0f} s; side by side, a thread each "
          f"{side:.0f} s; throughput ratio {one / side:.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=["large", "overhead", "split"])
    parser.add_argument("--runs", type=int)
    parser.add_argument("--scores", type=int, default=20)
    parser.add_argument("--steps", type=int, default=3000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if arguments.part == "large":
            large(folder, arguments.runs or 12600, arguments.scores)
        elif arguments.part == "overhead":
            overhead(folder, arguments.runs or 12, arguments.steps)
        else:
            split(folder, arguments.runs or 4, arguments.steps)


if __name__ == "__main__":
    main()
