"""A run without TensorFlow: it counts, and saves where it is, as training does.

`python -m studies.stand_in train|score MODEL_DIR SEED` is what a task of it runs. A run of a seed
above 100 is one that is wrong.
"""
import dataclasses
import pathlib
import random
import sys
import time

from studies import made_up

from tf_disentangle import atomic, errors
from tf_disentangle.runs import lock
from tf_disentangle.studies import on_ray, running, tasks

STEPS, WRONG = 25, 101


def study(seeds):
    """A study of such runs."""
    return made_up.make(sweep={}, seeds=seeds)


def use():
    """From now on tasks of this process are those of stand-ins."""
    real_train, real_score = tasks.train, tasks.score

    def command(task, run):
        return dataclasses.replace(task, commands=((
            sys.executable, "-m", "studies.stand_in", task.kind, task.model_dir, str(run.seed)),))
    tasks.train = lambda directory, run: command(real_train(directory, run), run)
    tasks.score = lambda made, directory, run: command(real_score(made, directory, run), run)


def value_of(seed):
    """What a run that nothing disturbs ends with."""
    generator = random.Random(seed)
    total = 0.0
    for _ in range(STEPS):
        total = 0.9 * total + generator.random()
    return total


def train(model_dir, seed):
    """Goes on from the newest checkpoint, each of which holds the step and the total."""
    if seed >= WRONG:
        sys.exit("Error: The learning rate is wrong.")
    saved = pathlib.Path(model_dir, "checkpoint")
    with lock.locked(model_dir):
        step, total = restored(saved)
        generator = random.Random(seed)
        for _ in range(step):
            generator.random()
        print(f"from step {step}", flush=True)
        while step < STEPS:
            total, step = 0.9 * total + generator.random(), step + 1
            for path in (saved, saved.with_suffix(".before")):
                atomic.write(path, f"{step} {total!r} end")
            time.sleep(0.1)
        made_up.write_run(model_dir, loss=total)


def restored(saved):
    """Step and total of the newest checkpoint that is intact."""
    for path in (saved, saved.with_suffix(".before")):
        words = path.read_text().split() if path.exists() else []
        if len(words) == 3:
            return int(words[0]), float(words[1])
    return 0, 0.0


def main():
    """A task, or `python -m studies.stand_in study FOLDER SEED...`, a whole study on Ray."""
    kind, folder, *seeds = sys.argv[1:]
    if kind == tasks.TRAIN:
        train(folder, int(seeds[0]))
    elif kind == tasks.SCORE:
        made_up.write_scores(folder, discrete_mig=value_of(int(seeds[0])))
    else:
        use()
        try:
            result = running.run(study(list(map(int, seeds))), folder, check=lambda made: None,
                                 scheduler=on_ray.OnRay())
        except errors.UserError as error:
            sys.exit(f"Error: {error}")
        print(result.counts, flush=True)


if __name__ == "__main__":
    main()
