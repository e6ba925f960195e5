"""The state of the random generators in a network's layers, such as those of dropout.

Keras saves no generators with a model, so a checkpoint keeps them beside it.
"""
import keras
import numpy as np

__all__ = ["restore", "states"]


def _of(model):
    return [value for layer in model._flatten_layers() for value in vars(layer).values()
            if isinstance(value, keras.random.SeedGenerator)]


def states(model):
    """`[num_generators, 2]` array of the states, in the order of the layers."""
    found = [generator.state.numpy() for generator in _of(model)]
    return np.stack(found) if found else np.zeros((0, 2), np.uint32)


def restore(model, values):
    """Gives the generators of a model the states that `states` returned for it."""
    for generator, value in zip(_of(model), values):
        generator.state.assign(value)
