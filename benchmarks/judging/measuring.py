"""Scores each representation with each metric, and records it, so that a study can go on later."""
import json
import time
import warnings

import numpy as np

from judging import representations, table

__all__ = ["measure", "read"]

NUM_CLASSES = 10


def measure(path, metrics, num_seeds, num_points=None, say=print):
    """Appends what is not recorded yet to a file of JSON lines.

    Seed after seed, so that a study that is stopped has all representations for its first seeds.

    Args:
        path: file, made if need be: lines of a case, a seed, scores, and processor seconds.
        metrics: list of `table.Metric`.
        num_seeds: largest number of seeds; a slow metric has its own, smaller one.
        num_points: largest number of points; a slow metric has its own, smaller one.
        say: called with each line of progress.
    """
    done = {(row["case"], row["seed"], name) for row in read(path) for name in row["seconds"]}
    for seed in range(num_seeds):
        for case in representations.CASES:
            missing = [metric for metric in metrics
                       if seed < metric.seeds and (case, seed, metric.name) not in done
                       and (metric.series or case not in representations.STEPS)]
            if not missing:
                continue
            row = _scored(case, seed, missing, num_points)
            with open(path, "a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            say(f"{case}, seed {seed}: {sum(row['seconds'].values()):.1f} s")


def read(path):
    """The recorded lines, as dictionaries."""
    return ([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            if path.is_file() else [])


def _scored(case, seed, metrics, num_points):
    """One line: scores by "metric.key", None if refused, and each metric's seconds."""
    import threadpoolctl

    scores, seconds = {}, {}
    most = max(metric.points for metric in metrics)
    codes, factors = representations.make(case, seed, min(most, num_points or most))
    classes = np.floor(factors * NUM_CLASSES).astype(int)
    for metric in metrics:
        # The first of some points are a sample of them.
        rows = slice(metric.points)
        given = classes if metric.needs_classes else factors
        started = time.process_time()
        with warnings.catch_warnings(), threadpoolctl.threadpool_limits(1):
            warnings.simplefilter("ignore")
            found = _found(metric, codes[rows], given[rows], seed)
        seconds[metric.name] = round(time.process_time() - started, 3)
        scores.update({f"{metric.name}.{key}": _rounded(metric.value(found, key))
                       for key in metric.keys})
    return {"case": case, "seed": seed, "scores": scores, "seconds": seconds}


def _found(metric, codes, factors, seed):
    """The metric's dictionary; empty if it refuses the points, as some do when there are few."""
    try:
        return table.declared(metric).score_arrays(codes, factors, seed, **metric.settings)
    except ValueError:
        return {}


def _rounded(value):
    return None if value is None or not np.isfinite(value) else float(f"{value:.4g}")
