"""A study on Ray that is disturbed at random, against the same one left alone.

    python benchmarks/study_faults.py --seed 0

Twelve short runs, and one whose configuration is wrong. At random times one of these is killed: a
run, a worker of Ray's, its raylet, its server (GCS), the process that speaks with it, the study
itself. Once the newest checkpoint of a run is damaged, and once the disk seems full for a while
(the processes may write no more). The study is started again until nothing is left. Prints how
often each happened, and whether every good run was finished exactly once with the weights and
scores of the undisturbed study, bit for bit. Linux only.
"""
import argparse
import collections
import os
import pathlib
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
import zipfile

import h5py

from tf_disentangle.studies import collect, journal, page
from tf_disentangle.studies import directory as directory_lib

ROOT = pathlib.Path(__file__).parents[1]
PAGE = """
study.base = "beta_vae.gin"
study.bindings = ["model.training_steps = 300", "cosine_decay.decay_steps = 300",
                  "model.batch_size = 8", "model.eval_steps = 1", "train.steps_per_call = 10",
                  "train.log_every = 50", "train.checkpoint_every = 50"]
study.methods = [{"method": "good", "vae.beta": [1, 2, 4]}, {"method": "wrong", "vae.beta": -1,
                  "seeds": 1}]
study.seeds = 4
study.metrics = "mig"
study.metric_bindings = ["mig.num_train = 200"]
"""
# What is killed -> its command.
KILLED = {"run": r"cli\.(train|evaluate)", "worker": r"ray::", "raylet": r"raylet/raylet",
          "server": r"gcs/gcs_server", "bridge": r"studies\.ray_bridge", "study": None}
DAMAGE, FULL = "damaged checkpoint", "full disk"
MOST_STARTS = 40


class Study:
    """`bin/study` in a process of its own.

    Args:
        path: the page.
        folder: directory of the study, beside which its output is kept.
    """

    def __init__(self, path, folder):
        self._command = [sys.executable, "-m", "tf_disentangle.cli.study", str(path),
                         "--output_dir", str(folder)]
        self.folder, self.starts = folder, 0
        self.start()

    def start(self):
        self.starts += 1
        with open(self.folder.with_suffix(".txt"), "ab") as log:
            self.process = subprocess.Popen(self._command, cwd=ROOT, stdout=log, stderr=log)

    def below(self):
        """Number -> command of each process that the study has started, and those of these."""
        said = subprocess.run(["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True,
                              text=True, check=True).stdout
        children, commands = collections.defaultdict(list), {}
        for line in said.splitlines():
            number, parent, command = line.split(maxsplit=2)
            children[int(parent)].append(int(number))
            commands[int(number)] = command
        found, left = {}, [self.process.pid]
        while left:
            more = children[left.pop()]
            found.update({number: commands[number] for number in more})
            left += more
        return found

    def matching(self, pattern):
        """Numbers of its processes, by their command."""
        return [number for number, command in self.below().items() if re.search(pattern, command)]

    def runs(self):
        """Number of the process -> directory, of runs that train and have a checkpoint."""
        found = {}
        for number, command in self.below().items():
            folder = re.search(r"cli\.train .*--model_dir (\S+)", command)
            if folder and checkpoints(folder[1]):
                found[number] = pathlib.Path(folder[1])
        return found


def checkpoints(model_dir):
    """The checkpoints of a run, the newest last."""
    return sorted(pathlib.Path(model_dir, "checkpoints").glob("*.keras"),
                  key=lambda path: path.stat().st_mtime)


def disturb(study, kind, generator):
    """Causes one fault, if there is something to disturb; returns whether it did."""
    if kind == "study":
        study.process.kill()
        study.process.wait()
        return True
    if kind == DAMAGE:
        return damage(study, generator)
    if kind == FULL:
        return fill(study)
    found = study.matching(KILLED[kind])
    return bool(found) and kill(generator.choice(found))


def kill(number):
    """Kills a process; returns whether it was there."""
    try:
        os.kill(number, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def damage(study, generator):
    """Cuts the newest checkpoint of a run in half, and kills the run."""
    runs = study.runs()
    if not runs:
        return False
    number, model_dir = generator.choice(sorted(runs.items()))
    os.kill(number, signal.SIGSTOP)
    newest = checkpoints(model_dir)[-1]
    os.truncate(newest, newest.stat().st_size // 2)
    return kill(number)


def fill(study, seconds=10.0):
    """For a while the study and its runs can write nothing, as if the disk were full."""
    if not study.runs():
        return False
    until = time.monotonic() + seconds
    seen = set()
    while time.monotonic() < until:
        for number in {study.process.pid, *study.matching(KILLED["run"])} - seen:
            if limit(number, 0):
                seen.add(number)
        time.sleep(0.2)
    for number in seen:
        limit(number, resource.RLIM_INFINITY)
    return True


def limit(number, size):
    """Sets the largest file that a process may write; returns whether it is there."""
    try:
        resource.prlimit(number, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    except ProcessLookupError:
        return False
    return True


def disturbed(path, folder, num_faults, generator):
    """Carries out the study, disturbed; returns it and how often each thing happened."""
    kinds = [DAMAGE, FULL, *KILLED]
    left = [kinds[i % len(kinds)] for i in range(num_faults)]
    generator.shuffle(left)
    study, happened = Study(path, folder), collections.Counter()
    next_fault = time.monotonic() + generator.uniform(5.0, 30.0)
    while study.process.poll() is None or (left_to_do(path, folder)
                                           and study.starts < MOST_STARTS):
        if study.process.poll() is not None:
            study.start()
        if left and time.monotonic() > next_fault and study.matching(KILLED["run"]):
            if disturb(study, left[0], generator):
                happened[left.pop(0)] += 1
                next_fault = time.monotonic() + generator.uniform(2.0, 15.0)
        time.sleep(0.2)
    return study, happened


def left_to_do(path, folder):
    """Whether a good run is not finished."""
    ended = ends(folder)
    return any(not ended[run.name, "score", journal.FINISHED] for run in good(page.read(path)))


def good(study):
    return [run for run in study.runs if run.values["method"] == "good"]


def ends(folder):
    """(run, task, state) -> how often a task ended like this."""
    entries = journal.read(pathlib.Path(folder, "journal.jsonl"))
    return collections.Counter((entry.run, entry.task, entry.state) for entry in entries)


def weights(model_dir):
    """Every array of a saved model, by its path."""
    found = {}
    with zipfile.ZipFile(model_dir / "model.keras") as archive:
        with archive.open("model.weights.h5") as stream, h5py.File(stream) as file:
            file.visititems(lambda name, item: found.update(
                {name: item[()].tobytes()}) if isinstance(item, h5py.Dataset) else None)
    return found


def results_of(study, folder, run):
    """Weights and scores of a run."""
    directory = directory_lib.StudyDirectory(folder)
    scores = {name: value for name, value in collect.scores_of(study, directory, run).items()
              if not re.search("time|uuid|seconds", name)}
    return weights(directory.model_dir(run)), scores


def report(path, study, happened, calm):
    """Prints the counts; returns whether all is as it should be."""
    made, ended = page.read(path), ends(study.folder)
    once = equal = 0
    for run in good(made):
        once += all(ended[run.name, kind, journal.FINISHED] == 1 for kind in ("train", "score"))
        equal += (results_of(made, study.folder, run) == results_of(made, calm, run))
    bad = [run for run in made.runs if run.values["method"] == "wrong"]
    reported = sum(bool(ended[run.name, "train", journal.FAILED]) for run in bad)
    for kind, number in sorted(happened.items()):
        print(f"{kind:20} {number}")
    print(f"{'starts':20} {study.starts}")
    print(f"finished exactly once, of {len(good(made))} good runs: {once}")
    print(f"weights and scores equal to the undisturbed study's: {equal}")
    print(f"reported, of {len(bad)} wrong ones: {reported}")
    return once == equal == len(good(made)) and reported == len(bad)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--faults", type=int, default=16)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "faults.gin")
        path.write_text(PAGE, encoding="utf-8")
        calm = Study(path, pathlib.Path(folder, "calm"))
        calm.process.wait()
        study, happened = disturbed(path, pathlib.Path(folder, "disturbed"), arguments.faults,
                                    random.Random(arguments.seed))
        all_is_well = report(path, study, happened, calm.folder)
    sys.exit(0 if all_is_well else 1)


if __name__ == "__main__":
    main()
