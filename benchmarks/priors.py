"""What priors and divergences cost: the tables in docs/benchmarks.md.

    python benchmarks/priors.py

Prints three tables: a training step with each prior, relative to one with N(0, I), on 64x64 images
in batches of 64 with 10 latents; a step with each divergence, relative to one without, with the
decomposition paper's networks for Fashion-MNIST, batches of 500 and 50 latents; and the peak
memory that mmd_dim with its gradient, and an image's importance-weighted log-likelihood, add to
their processes.
"""
import argparse
import os
import pathlib
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
import timing

from tf_disentangle import losses, models, networks, penalties, priors
from tf_disentangle.evaluation.metrics import log_likelihood
from tf_disentangle.evaluation.of_models import model_functions

_MONTE_CARLO = {"kl_mode": "monte_carlo"}
PRIORS = {
    "standard normal": priors.StandardNormal,
    "diagonal normal, learned": lambda: priors.DiagonalNormalPrior(learned=True),
    "Student-t": lambda: priors.StudentTPrior(**_MONTE_CARLO),
    "Student-t, learned df": lambda: priors.StudentTPrior(learned_df=True, **_MONTE_CARLO),
    "Laplace": lambda: priors.LaplacePrior(**_MONTE_CARLO),
    "sparse": lambda: priors.SparsePrior(off_variance=0.05, **_MONTE_CARLO),
    "mixture of 4": lambda: priors.GaussianMixturePrior(**_MONTE_CARLO),
    "VampPrior, 10": lambda: priors.VampPrior(**_MONTE_CARLO),
}
DIVERGENCES = {
    "none": lambda: [],
    "moment_matching": lambda: [penalties.MomentMatching()],
    "mmd_dim": lambda: [penalties.MMDDim()],
    "mmd": lambda: [penalties.MMD()],
    "inclusive_kl": lambda: [penalties.InclusiveKL()],
}
_SHAPE, _BATCH_SIZE, _NUM_LATENT = [32, 32, 1], 500, 50


def _with_prior(make):
    return timing.training_step(lambda encoder: models.VAE(prior=make(), encoder=encoder))


def _with_divergence(make):
    keras.backend.clear_session()
    return timing.compiled_step(models.VAE(
        penalties=make(), encoder=networks.make_gaussian_encoder(
            _SHAPE, _NUM_LATENT, networks.dcgan_encoder),
        decoder=networks.make_decoder(_NUM_LATENT, _SHAPE, networks.dcgan_decoder)), _SHAPE)


def _print_ratios(title, times):
    print(f"| {title} | ms | ratio |\n|---|---|---|")
    base = next(iter(times.values()))
    for name, milliseconds in times.items():
        print(f"| {name} | {milliseconds:.0f} | {milliseconds / base:.2f} |")
    print(flush=True)


def _peak_of(work):
    """MiB that a function adds to the process at its peak, as Linux reports it."""
    def status(entry):
        lines = pathlib.Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(entry)) / 1024
    pathlib.Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")   # the peak is now
    before = status("VmRSS")
    work()
    return status("VmHWM") - before


def mmd_dim_memory(num_scales):
    """MiB that the value and gradient of mmd_dim take in one traced call."""
    random = np.random.RandomState(0)
    samples, codes = (tf.constant(random.standard_normal((_BATCH_SIZE, _NUM_LATENT)), tf.float32)
                      for _ in range(2))

    @tf.function
    def gradient(samples, codes):
        with tf.GradientTape() as tape:
            tape.watch(codes)
            value = losses.mmd_dim(samples, codes, np.linspace(0.1, 5, num_scales).tolist())
        return tape.gradient(value, codes)
    gradient(samples[:2], codes[:2])          # tracing and the runtime's own memory are not counted
    return _peak_of(lambda: gradient(samples, codes))


def log_likelihood_memory(num_samples):
    """MiB that the bound for 16 images of 64x64 takes."""
    model = models.VAE(encoder=networks.make_gaussian_encoder(
        timing.SHAPE, 10, networks.conv4x4_encoder))
    model.build((None, *timing.SHAPE))
    images = np.random.RandomState(0).uniform(size=(16, *timing.SHAPE)).astype(np.float32)
    functions = model_functions.make_model_functions(model)
    log_likelihood.log_likelihood(images[:1], functions, 1)
    return _peak_of(lambda: log_likelihood.log_likelihood(images, functions, num_samples))


MEMORY = {
    "mmd_dim, 1 scale": lambda: mmd_dim_memory(1),
    "mmd_dim, 6 scales": lambda: mmd_dim_memory(6),
    "log-likelihood, 1000 samples": lambda: log_likelihood_memory(1000),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        print(MEMORY[chosen.measure]())
        return
    _print_ratios("prior", timing.medians(
        {name: _with_prior(make) for name, make in PRIORS.items()}, chosen.rounds))
    images = np.random.RandomState(0).uniform(size=(_BATCH_SIZE, *_SHAPE)).astype(np.float32)
    _print_ratios("divergence", timing.medians(
        {name: _with_divergence(make) for name, make in DIVERGENCES.items()}, chosen.rounds,
        images))
    print("| peak memory of | MiB |\n|---|---|")
    for name in MEMORY:
        done = subprocess.run([sys.executable, __file__, "--measure", name], check=True,
                              capture_output=True, text=True)
        print(f"| {name} | {float(done.stdout):.0f} |", flush=True)


if __name__ == "__main__":
    main()
