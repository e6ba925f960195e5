"""Whether a long run traces anything anew or takes more and more memory: docs/benchmarks.md.

    python benchmarks/long_run.py

Trains a model of a few hundred weights for 300 000 steps as `bin/train` would, with logs,
checkpoints and an average of the weights, and prints at every tenth of the run how many graphs
TensorFlow has made and how much memory the process has.
"""
import argparse
import os
import pathlib
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from tf_disentangle import models, networks, training

_SHAPE = [8, 8, 1]
_made = []


def _encoder(input_tensor, num_latent, is_training=False):
    """Linear means and log variances."""
    features = keras.layers.Flatten()(input_tensor)
    return keras.layers.Dense(num_latent)(features), keras.layers.Dense(num_latent)(features)


def _decoder(latent_tensor, output_shape, is_training=False):
    """Linear logits."""
    return keras.layers.Reshape(output_shape)(keras.layers.Dense(64)(latent_tensor))


class Watch(training.Hook):
    """Prints the step, the number of graphs and the resident memory."""

    def __init__(self, every_steps):
        super().__init__(every_steps)
        self._started = time.monotonic()

    def __call__(self, step, logs):
        pages = int(pathlib.Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        memory = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
        print(f"| {step} | {len(_made)} | {memory:.1f} | {time.process_time():.0f} "
              f"| {time.monotonic() - self._started:.0f} |", flush=True)


def count_graphs():
    """Counts from now on the graphs that TensorFlow makes."""
    make = tf.__internal__.FuncGraph.__init__

    def made(self, *arguments, **named):
        _made.append(1)
        make(self, *arguments, **named)

    tf.__internal__.FuncGraph.__init__ = made


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=300000)
    flags = parser.parse_args()
    count_graphs()
    every = max(1, flags.steps // 10)
    images = np.random.RandomState(0).uniform(size=(200, *_SHAPE)).astype(np.float32)
    model = models.VAE(
        annealing_steps=flags.steps // 2, encoder=networks.make_gaussian_encoder(
            _SHAPE, 2, _encoder), decoder=networks.make_decoder(2, _SHAPE, _decoder))
    print("| step | graphs | MiB | processor seconds | seconds |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        training.train_model(
            model, images, flags.steps, batch_size=4, eval_steps=1, model_dir=f"{folder}/run",
            stream=open(os.devnull, "w", encoding="utf-8"), options=training.RunOptions(
                ema=0.999, log_every=1000, checkpoint_every=10000,
                hooks=[Watch(every)]))


if __name__ == "__main__":
    main()
