"""Every part of the package: importing this module makes all of them known to gin and to Keras.

Entry points parse gin files and load models through here, so that none of the names in them
depends on what else was imported.
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
)
from tf_disentangle.configuration import parsing
from tf_disentangle.evaluation import metrics
from tf_disentangle.training import options

__all__ = ["PACKAGES", "load_model", "parsed"]

# Where parts are declared.
PACKAGES = (data, jacobian, metrics, models, networks, optimizers, options, penalties,
            postprocessing, priors, reconstruction)


def parsed(files=None, bindings=None):
    """The context `configuration.parsing.parsed`, with the names of all parts known."""
    return parsing.parsed(files, bindings)


def load_model(path):
    """The model in a `.keras` file, whichever of the package's parts it is made of."""
    return keras_files.load(path)
