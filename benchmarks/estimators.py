"""Which estimator trains best in the same time: docs/experiments/which_estimator.md.

    python benchmarks/estimators.py --beta_vae_steps 2500 --seeds 0 1 --out estimators.jsonl
    python benchmarks/estimators.py --out estimators.jsonl --table

Each run gets as many steps as fit into the time of the given number of beta-VAE steps. The ratios
are measured first, on one thread, with all variants taking turns. Every run appends a line to the
output file, so an interrupted study continues where it stopped.
"""
import argparse
import functools
import io
import json
import pathlib
import time

import keras
import numpy as np
import tensorflow as tf

from tf_disentangle import data, jacobian, models, networks, penalties, training
from tf_disentangle.data import tf_data
from tf_disentangle.evaluation.metrics import mig, modularity_explicitness
from tf_disentangle.evaluation.metrics.common import local_sampling
from tf_disentangle.training import train as train_lib

OBSERVATION_SHAPE = [64, 64, 1]
ESTIMATORS = {
    "finite difference 1e-3": lambda: jacobian.FiniteDifference(1e-3),
    "finite difference 0.1": lambda: jacobian.FiniteDifference(0.1),
    "forward mode exact": lambda: jacobian.ForwardMode(),
    "forward mode smoothed 100": lambda: jacobian.ForwardMode(100.0),
}
SAMPLINGS = {"direction": {"num_directions": 1}, "columns": {"num_columns": 16}}
VARIANTS = {"beta-VAE": None} | {
    f"{name}, {'z detached' if detach else 'z not detached'}, 1 direction":
        (make, detach, "direction")
    for name, make in ESTIMATORS.items() for detach in (True, False)
} | {
    f"{name}, z not detached, 16 columns": (make, False, "columns")
    for name, make in ESTIMATORS.items()
} | {
    "forward mode smoothed 100, z detached, 16 columns":
        (ESTIMATORS["forward mode smoothed 100"], True, "columns"),
}


def make_model(variant, annealing_steps=0, beta=4.0, gamma=0.1):
    """A beta-VAE with the paper's networks and the penalty of a variant."""
    terms = []
    if VARIANTS[variant] is not None:
        make, detach, sampling = VARIANTS[variant]
        terms = [penalties.JacobianL1(
            gamma, jacobian.Sampled(make(), **SAMPLINGS[sampling]), detach_codes=detach,
            annealing_steps=annealing_steps)]
    encoder = networks.make_gaussian_encoder(
        OBSERVATION_SHAPE, encoder_fn=networks.conv4x4_encoder, logvar_offset=-3.0)
    return models.VAE(beta, annealing_steps, penalties=terms, encoder=encoder)


def milliseconds_per_step(variants, rounds=12):
    """Medians over rounds in which the variants take turns, at batch size 64."""
    images = tf.constant(data.ThreeDots().sample_observations(64, np.random.RandomState(0)))
    steps = {}
    for variant in variants:
        model = make_model(variant)
        train_lib.prepare_model(model, OBSERVATION_SHAPE,
                                optimizer=keras.optimizers.Adam(1e-4))
        steps[variant] = tf.function(model.update)
    times = {variant: [] for variant in variants}
    for round_number in range(rounds + 2):
        for variant, step in steps.items():
            started = time.perf_counter()
            step(images)["loss"].numpy()
            if round_number >= 2:
                times[variant].append(time.perf_counter() - started)
    return {variant: 1000 * float(np.median(seconds)) for variant, seconds in times.items()}


def recorded_times(path):
    """Milliseconds per step from a file; what is missing there is measured and added, on the
    scale of the file's beta-VAE.
    """
    times = json.loads(path.read_text()) if path and path.exists() else {}
    missing = [variant for variant in VARIANTS if variant not in times]
    if missing:
        measured = milliseconds_per_step(list(dict.fromkeys(["beta-VAE", *missing])))
        scale = times.get("beta-VAE", measured["beta-VAE"]) / measured["beta-VAE"]
        times |= {variant: scale * measured[variant] for variant in missing}
        if path:
            path.write_text(json.dumps(times, indent=2))
    return times


def time_ratios(times):
    """Time of a step relative to a beta-VAE's; variants that differ in a number share it."""
    def kind(variant):
        if VARIANTS[variant] is None:
            return None
        make, detach, sampling = VARIANTS[variant]
        return type(make()), detach, sampling
    groups = {}
    for variant, time_ in times.items():
        groups.setdefault(kind(variant), []).append(time_)
    return {variant: float(np.mean(groups[kind(variant)]) / times["beta-VAE"])
            for variant in times}


def exact_penalty(model, num_batches=8):
    """The full exact penalty and the reconstruction loss on fresh images."""
    batches = tf_data.training_batches(data.ThreeDots(), 64, seed=12345)
    rows = []
    for draw, images in enumerate(batches.take(num_batches)):
        outputs = model(images, seed=(999, draw))
        columns = jacobian.ForwardMode()(model.decoder, outputs.z, model.mean_image)
        rows.append([float(jacobian.jacobian_l1(columns, 64)), float(tf.reduce_mean(
            model.reconstruction_loss(images, outputs.logits)))])
    return np.mean(rows, axis=0)


def local_scores(model, rho=0.1, num_points=4000):
    """Local MIG and local modularity of a model, both from the same images."""
    window = functools.partial(local_sampling.local_window, locality_proportion=rho)
    clusters = local_sampling.draw_clusters(
        data.ThreeDots(), model.representation, np.random.RandomState(0), num_points, 20, 16,
        window)
    scores = [(mig.mig(codes, factors, 5),
               modularity_explicitness.modularity(codes, factors, 5))
              for codes, factors in clusters]
    return dict(zip(("local_mig", "local_modularity"), np.mean(scores, axis=0).tolist()))


def run(variant, seed, steps, learning_rate, annealing_fraction, dataset):
    """Trains and scores one model."""
    keras.utils.set_random_seed(seed)
    model = make_model(variant, int(steps * annealing_fraction))
    started = time.monotonic()
    training.train_model(model, dataset, steps, random_seed=seed, eval_steps=1,
                         optimizer=keras.optimizers.Adam(learning_rate, epsilon=1e-8),
                         stream=io.StringIO())
    seconds = time.monotonic() - started
    penalty, reconstruction = exact_penalty(model)
    scores = local_scores(model)
    return {**scores, "reconstruction": reconstruction, "penalty": penalty,
            "seconds": seconds}


def finished(path):
    """Rows of the output file."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines()]


def print_table(rows):
    """Means over seeds, best local MIG first, as Markdown."""
    names = ["local_mig", "local_modularity", "reconstruction", "penalty"]
    print("| variant | steps | seeds | " + " | ".join(names) + " |")
    print("|---" * (len(names) + 3) + "|")
    groups = {}
    for row in rows:
        groups.setdefault((row["variant"], row["steps"], row["learning_rate"]), []).append(row)
    for (variant, steps, _), group in sorted(
            groups.items(), key=lambda item: -np.mean([r[names[0]] for r in item[1]])):
        values = [f"{np.mean([row[name] for row in group]):.4g}" for name in names]
        print(f"| {variant} | {steps} | {len(group)} | " + " | ".join(values) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--beta_vae_steps", type=int, default=2500)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--variants", nargs="+", default=list(VARIANTS))
    parser.add_argument("--steps", type=int, help="instead of what fits into the time")
    parser.add_argument("--learning_rate", type=float, default=5e-4)
    parser.add_argument("--annealing_fraction", type=float, default=1 / 3)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("estimators.jsonl"))
    parser.add_argument("--times", type=pathlib.Path,
                        help="file that keeps the milliseconds per step")
    parser.add_argument("--table", action="store_true", help="print the table of --out")
    flags = parser.parse_args()
    if flags.table:
        print_table(finished(flags.out))
        return
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    ratios = time_ratios(recorded_times(flags.times))
    dataset = data.ThreeDotsTrainingSet()
    for seed in flags.seeds:
        for variant in flags.variants:
            steps = flags.steps or int(flags.beta_vae_steps / ratios[variant])
            key = {"variant": variant, "seed": seed, "steps": steps,
                   "learning_rate": flags.learning_rate}
            if any(row.items() >= key.items() for row in finished(flags.out)):
                continue
            row = {**key, "time_ratio": ratios[variant], **run(
                variant, seed, steps, flags.learning_rate, flags.annealing_fraction, dataset)}
            with open(flags.out, "a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
