"""What encoding costs, and what its precision does to scores: a table in docs/benchmarks.md.

    python benchmarks/encoding.py --model_dir runs/jl1

Prints processor microseconds per image, on one thread, for drawing and for encoding in float32 and
in bfloat16 by batch size; how many images the three longest metrics encode, of how many they
draw; and, over seeds, the scores of both precisions on the same points. Other programs on the
machine hardly change processor time.
"""
import argparse
import time

import numpy as np
import tensorflow as tf

from tf_disentangle.evaluation import catalog
from tf_disentangle.evaluation.metrics import beta_vae, factor_vae, local_scores
from tf_disentangle.evaluation.metrics.common import sampling, shared_draws
from tf_disentangle.evaluation.of_models import subject as subject_lib

PRECISIONS = ("float32", "mixed_bfloat16")
BATCHES = (64, 128, 256, 512, 1024)
LONG = {"Z-diff": beta_vae.compute_beta_vae_sklearn,
        "FactorVAE score": factor_vae.compute_factor_vae,
        "local scores": local_scores.compute_local_scores}
SCORES = ("mig", "mig_sup", "dcimig", "dmig", "jemmig", "sap_score", "irs", "infomec", "mcc",
          "z_min_variance", "aam", "hoyer", "unsupervised", "dci_lasso", "beta_vae_sklearn",
          "factor_vae_metric")


def microseconds(function, number, rounds=5):
    """The median processor time of a call, divided by a number of images."""
    function()
    spent = []
    for _ in range(rounds):
        started = time.process_time()
        function()
        spent.append(time.process_time() - started)
    return 1e6 * np.median(spent) / number


def print_speed(judged, number=2048):
    data, random_state = judged.ground_truth_data(), np.random.RandomState(0)
    factors = data.sample_factors(number, random_state)

    def draw():
        return data.sample_observations_from_factors(factors, random_state)
    images = draw()
    print(f"| drawing | {microseconds(draw, number):.1f} | |")
    for batch in BATCHES:
        row = []
        for precision in PRECISIONS:
            judged.use_precision(precision)

            def encode(batch=batch):
                for start in range(0, number, batch):
                    judged.model.representation(images[start:start + batch])
            row.append(microseconds(encode, number))
        print(f"| batches of {batch} | {row[0]:.1f} | {row[1]:.1f} |", flush=True)


class Counted:
    """The data set with factors in the place of images, and a representation that counts them."""

    def __init__(self, data):
        self._data, self.number = data, 0

    def __getattr__(self, name):
        return getattr(self._data, name)

    def sample_observations_from_factors(self, factors, random_state):
        return np.asarray(factors, np.float32)

    def __call__(self, images):
        self.number += len(images)
        return images


def print_numbers(judged):
    counted = Counted(judged.ground_truth_data())
    shared = shared_draws.SharedDraws(counted)
    for name, metric in LONG.items():
        before = counted.number
        started = time.process_time()
        metric(counted, shared, np.random.RandomState(0))
        print(f"| {name} | {counted.number - before} images encoded | "
              f"{time.process_time() - started:.1f} s besides |", flush=True)


def print_scores(judged, seeds=4, number=9000):
    data = judged.ground_truth_data()
    found = {}
    for seed in range(seeds):
        for precision in PRECISIONS:
            judged.use_precision(precision)
            codes, factors = sampling.generate_batch_factor_code(
                data, judged.representation(data), number, np.random.RandomState(seed), 512)
            for metric in catalog.on_arrays(SCORES):
                for key, value in metric.score_arrays(codes, factors, 0).items():
                    if isinstance(value, float):
                        found.setdefault((metric.name, key), {}).setdefault(
                            precision, []).append(value)
    for (name, key), values in found.items():
        single, half = (np.array(values[precision]) for precision in PRECISIONS)
        print(f"| {name} | {key} | {single.mean():.5f} | {single.std(ddof=1):.5f} | "
              f"{np.abs(half - single).max():.5f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model_dir", required=True)
    parser.add_argument("--parts", nargs="+", choices=("speed", "numbers", "scores"),
                        default=("speed", "numbers", "scores"))
    flags = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    judged = subject_lib.Subject(flags.model_dir)
    if "speed" in flags.parts:
        print("\n| microseconds per image | float32 | mixed_bfloat16 |\n|---|---|---|")
        print_speed(judged)
    if "numbers" in flags.parts:
        print("\n| metric | images | seconds |\n|---|---|---|")
        print_numbers(judged)
    if "scores" in flags.parts:
        print("\n| metric | score | float32 | spread over seeds | most that bfloat16 differs |\n"
              "|---|---|---|---|---|")
        print_scores(judged)


if __name__ == "__main__":
    main()
