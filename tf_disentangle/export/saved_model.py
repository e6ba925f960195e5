"""A SavedModel with disentanglement_lib's endpoints, which needs only TensorFlow to load."""
import pathlib

import tensorflow as tf

from tf_disentangle import atomic, errors
from tf_disentangle.configuration import registry

__all__ = ["export_saved_model"]


class _Endpoints(tf.Module):
    """The functions of a model that are exported."""

    def __init__(self, model):
        super().__init__()
        # These two hold every variable that the endpoints use.
        self.encoder, self.decoder = model.encoder, model.decoder
        self._model = model

    def signatures(self):
        """Dictionary from the name of an endpoint to its concrete function."""
        model = self._model
        images = tf.TensorSpec([None, *model.observation_shape], tf.float32, "images")
        codes = tf.TensorSpec([None, model.num_latent], tf.float32, "latent_vectors")

        def gaussian_encoder(images):
            mean, logvar = model.encode(images)
            return {"mean": mean, "logvar": logvar}

        def representation(images):
            return {"default": model.encode(images)[0]}

        def decoder(latent_vectors):
            return self._decoded(latent_vectors)

        def reconstructions(images):
            mean, logvar = model.encode(images)
            # Posteriors draw as functions of a seed, so every call needs a new one.
            seed = tf.random.uniform([2], maxval=2**31 - 1, dtype=tf.int32)
            return self._decoded(model.posterior.sample(mean, logvar, seed))

        taking_images = (gaussian_encoder, representation, reconstructions)
        functions = {function.__name__: _concrete(function, images) for function in taking_images}
        return {**functions, "decoder": _concrete(decoder, codes)}

    def _decoded(self, codes):
        logits = self._model.decode(codes)
        if self._model.table_columns is None:
            return {"images": logits}
        return {"images": logits, "means": self._model.mean_image(logits)}


def _concrete(function, specification):
    # Without AutoGraph, which would take seconds to find that it has nothing to convert.
    return tf.function(function, autograph=False).get_concrete_function(specification)


@registry.slot("export_as_tf_hub", denylist=("model", "directory"))
def export_saved_model(model, directory, drop_collections=None):
    """Writes a SavedModel; once complete, it replaces an earlier one at `directory`.

    Endpoints: `gaussian_encoder` (images -> mean, logvar), `representation` (images ->
    default, the mean code), `decoder` (latent_vectors -> images) and `reconstructions`
    (images -> images, through a sample from the posterior). As in disentanglement_lib, the last
    two return logits: apply the output function to get pixels. A model of a table takes rows in the
    table's own units; its last two endpoints also return `means`, rows in these units.

    Args:
        model: a built `LatentVariableModel`.
        directory: path of a SavedModel, of an empty directory, or of nothing yet.
        drop_collections: accepted for old gin files, but ignored.
    Raises:
        UserError: there is something else at `directory`, or it cannot be written; what was there
            is unchanged.
    """
    del drop_collections
    _refuse_to_replace(pathlib.Path(directory))
    endpoints = _Endpoints(model)
    with atomic.directory(directory) as aside, atomic.saying(directory):
        tf.saved_model.save(endpoints, str(aside), signatures=endpoints.signatures())


def _refuse_to_replace(directory):
    """Raises an error if there is anything but a SavedModel, which is all that may be deleted."""
    if directory.is_symlink() or not directory.exists():    # a link goes, not what it leads to
        return
    if not directory.is_dir():
        raise errors.UserError(
            f"There is a file at {directory}. Give a directory that is empty or does not exist.")
    if any(directory.iterdir()) and not (directory / "saved_model.pb").is_file():
        raise errors.UserError(
            f"The directory {directory} holds files, but no SavedModel that could be replaced. "
            f"Give another one, such as {directory / 'saved_model'}.")
