"""Weights, images and noise behind the recorded training steps of disentanglement_lib."""
import math

import numpy as np

BATCH, LATENT, STEPS = 8, 10, 5


def rule_weights(index, shape):
    """Float32 weights as large as Glorot's; `index` is the position in the model's list."""
    limit = (0.01 if len(shape) == 1 else
             np.sqrt(6 / (math.prod(shape[:-2]) * (shape[-1] + shape[-2]))))
    return np.random.RandomState(1000 + index).uniform(-limit, limit, shape).astype(np.float32)


def make_batch(channels=1):
    """Float32 images `[BATCH, 64, 64, channels]`."""
    return np.random.RandomState(5).uniform(size=(BATCH, 64, 64, channels)).astype(np.float32)


def make_eps():
    """Float32 noise `[BATCH, LATENT]` of the posterior's samples."""
    return np.random.RandomState(6).normal(size=(BATCH, LATENT)).astype(np.float32)
