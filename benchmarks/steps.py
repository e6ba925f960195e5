"""How long a training step takes: the tables in docs/benchmarks.md.

    python benchmarks/steps.py

Prints, for beta-VAE and JL1-VAE with each estimator, the median milliseconds of a training
step on 64x64 images in batches of 64, each also as a ratio to beta-VAE in the same run; how
the step grows with the latents; images per second of the renderer; peak memory. The variants
of a table take turns, so that a machine whose speed drifts slows all of them alike.
"""
import argparse
import os
import resource
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
import timing

from tf_disentangle import data, jacobian, models, penalties


def _sampled(**selection):
    return lambda: jacobian.Sampled(jacobian.ForwardMode(), **selection)


ESTIMATORS = {
    "beta-VAE": None,
    "full, finite difference": jacobian.FiniteDifference,
    "full, forward mode": jacobian.ForwardMode,
    "1 direction": _sampled(num_directions=1),
    "2 directions": _sampled(num_directions=2),
    "16 columns a batch": _sampled(num_columns=16),
}


def make_step(estimator, num_latent=10, mixed_precision="float32", detach=False):
    """A traced training step of the paper's networks."""
    terms = [] if estimator is None else [
        penalties.JacobianL1(0.1, estimator(), detach_codes=detach)]
    return timing.training_step(
        lambda encoder: models.VAE(beta=4.0, penalties=terms, encoder=encoder), num_latent,
        mixed_precision)


def print_step_table(rounds):
    """Milliseconds and ratios of every estimator in both precisions."""
    names = {(name, policy, detach): make_step(make, 10, policy, detach)
             for name, make in ESTIMATORS.items()
             for policy in ("float32", "mixed_bfloat16")
             for detach in ((False,) if make is None else (False, True))}
    times = timing.medians(names, rounds)
    base = times["beta-VAE", "float32", False]
    print("| step | codes | float32 ms | ratio | mixed_bfloat16 ms | ratio to float32 beta-VAE |")
    print("|---|---|---|---|---|---|")
    for name, policy, detach in times:
        if policy == "float32":
            half = times[name, "mixed_bfloat16", detach]
            full = times[name, policy, detach]
            codes = "" if name == "beta-VAE" else "detached" if detach else "not detached"
            print(f"| {name} | {codes} | {full:.0f} | {full / base:.2f} | {half:.0f} "
                  f"| {half / base:.2f} |")


def print_latent_table(rounds):
    """How the step grows with the number of latents."""
    latents = (5, 10, 25, 50, 100)
    for name in ("1 direction", "full, forward mode"):
        steps = {count: make_step(ESTIMATORS[name], count) for count in latents}
        times = timing.medians(steps, max(2, rounds // 2) if name.startswith("full") else rounds)
        print(f"\n| latents ({name}) | " + " | ".join(map(str, latents)) + " |")
        print("|---" * (len(latents) + 1) + "|")
        print("| ms | " + " | ".join(f"{times[count]:.0f}" for count in latents) + " |")
        print("| relative to 10 latents | "
              + " | ".join(f"{times[count] / times[10]:.2f}" for count in latents) + " |")


def print_renderer():
    """Images per second of the three-dots renderer, batches of 64, two threads."""
    from concurrent import futures

    dots = data.ThreeDots()
    factors = dots.sample_factors(64, np.random.RandomState(0))

    def render(count):
        for _ in range(count):
            dots.sample_observations_from_factors(factors, np.random.RandomState(0))

    render(10)
    rates = []
    for _ in range(5):
        started = time.perf_counter()
        with futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(render, [200, 200]))
        rates.append(400 * 64 / (time.perf_counter() - started))
    print(f"\nthree_dots: {np.median(rates):.0f} images/s on two threads")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    flags = parser.parse_args()
    tf.get_logger().setLevel("ERROR")  # each step is a new function, which is not retracing
    print(f"TensorFlow {tf.__version__}, {os.cpu_count()} cores")
    print_step_table(flags.rounds)
    print_latent_table(flags.rounds)
    print_renderer()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process: {peak:.0f} MiB")


if __name__ == "__main__":
    main()
