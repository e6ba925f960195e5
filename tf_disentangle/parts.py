"""Every part of the package: importing this module registers all of them with gin and Keras.

Entry points parse gin files and load models through here, so the names in them never depend on
what else was imported.
"""
from tf_disentangle import (
    data,
    jacobian,
    keras_files,
    models,
    networks,
    optimizers,
    penalties,
    postprocessing,
    priors,
    reconstruction,
    rotation,
)
from tf_disentangle.configuration import parsing
from tf_disentangle.evaluation import metrics
from tf_disentangle.training import options, rotate_codes, trackers

__all__ = ["PACKAGES", "load_model", "parsed"]

# Where parts are declared.
PACKAGES = (data, jacobian, metrics, models, networks, optimizers, options, penalties,
            postprocessing, priors, reconstruction, rotate_codes, rotation, trackers)


def parsed(files=None, bindings=None):
    """The context `configuration.parsing.parsed`, with all parts registered."""
    return parsing.parsed(files, bindings)


def load_model(path):
    """The model in a `.keras` file, which can have any of the package's parts."""
    return keras_files.load(path)
