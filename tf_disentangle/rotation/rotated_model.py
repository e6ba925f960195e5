"""A model whose codes are another model's codes, rotated."""
import keras
import numpy as np

from tf_disentangle import errors
from tf_disentangle.rotation import layers

__all__ = ["rotate_model", "rotation_of", "turn", "with_layers", "with_rotation"]

# How far R'R of a matrix in float32 may be from the identity.
_ORTHOGONAL = 1e-4


def rotate_model(model, rotation):
    """A model of the same class whose codes are those of `model`, times `rotation`.

    Two untrained layers carry the rotation: one after the encoder, one before the decoder. (The
    log-variances of the rotated codes are not a linear function of the old ones, so no change of
    weights could replace the first layer. With both kept separate, trainable weights keep their
    coordinates, and the optimizer its moments.) Rotating a rotated model composes the rotations.

    Everything else is copied, including the optimizer and its state. A discriminator is copied
    unchanged, so it has to learn what the rotated codes look like.

    Args:
        model: a built `BaseVAE` with a normal posterior; it is not changed.
        rotation: `[num_latent, num_latent]` orthogonal matrix R.
    Returns:
        a built model of the same class, which decodes z @ R as `model` decodes z.
    Raises:
        InvalidArgumentError: the matrix has another shape or is not orthogonal.
    """
    rotation = _checked(rotation, model.num_latent)
    turned = with_rotation(model)
    turn(turned, rotation)
    return turned


def turn(model, rotation):
    """Rotates a model further, in place: only two untrained variables change.

    Args:
        model: a built `BaseVAE` with the layers of a rotation; see `with_rotation`.
        rotation: `[num_latent, num_latent]` orthogonal matrix.
    """
    if not _is_rotatable(model):
        raise errors.InvalidArgumentError(
            "model", "a model with the layers of a rotation", type(model).__name__,
            "rotate_model and with_rotation return one.")
    # The orthogonal matrix nearest to the product, so that rounding errors do not add up.
    left, _, right = np.linalg.svd(rotation_of(model) @ _checked(rotation, model.num_latent))
    matrix = left @ right
    model.encoder.layers[-1].rotation.assign(matrix)
    model.decoder.get_layer("turning_back").kernel.assign(matrix.T)


def rotation_of(model):
    """The rotation that a model carries, `[num_latent, num_latent]` float64.

    It is the identity for a model that was never rotated.
    """
    if not _is_rotatable(model):
        return np.eye(model.num_latent)
    return np.asarray(model.encoder.layers[-1].rotation, np.float64)


def with_rotation(model):
    """A copy of a model with the layers of a rotation, which is the identity if they are new."""
    encoder, decoder = _copy(model.encoder), _copy(model.decoder)
    if not _is_rotatable(model):
        encoder, decoder = with_layers(encoder, decoder)
    made = type(model).from_config({
        **model.get_config(), "encoder": keras.saving.serialize_keras_object(encoder),
        "decoder": keras.saving.serialize_keras_object(decoder)})
    made.build([None, *model.observation_shape])
    _assign_all(made.encoder.variables, encoder.variables)
    _assign_all(made.decoder.variables, decoder.variables)
    _assign_all(_of_others(made), _of_others(model))
    if model.compiled:
        made.compile_from_config(model.get_compile_config())
    for name, optimizer in _optimizers(model).items():
        if optimizer.built:
            _assign_all(getattr(made, name).variables, optimizer.variables)
    return made


def with_layers(encoder, decoder):
    """An encoder and a decoder with the layers of a rotation, which is the identity.

    Args:
        encoder: model from images to means and log_var; the new encoder shares its layers.
        decoder: model from codes to logits; the new decoder shares its layers.
    """
    images, codes = encoder.inputs[0], decoder.inputs[0]
    means, log_var = encoder(images)
    outputs = layers.PosteriorRotation(name="rotation", dtype=means.dtype)(means, log_var)
    turned = layers.turning_back(codes.shape[-1], means.dtype)(codes)
    return (keras.Model(images, outputs, name="encoder"),
            keras.Model(codes, decoder(turned), name="decoder"))


def _checked(rotation, num_latent):
    rotation = np.asarray(rotation, np.float64)
    if rotation.shape != (num_latent, num_latent):
        raise errors.InvalidArgumentError(
            "rotation", f"a matrix of shape [{num_latent}, {num_latent}]", rotation.shape)
    distance = np.abs(rotation.T @ rotation - np.eye(num_latent)).max()
    if not distance < _ORTHOGONAL:
        raise errors.InvalidArgumentError(
            "rotation", "an orthogonal matrix R", f"R'R at {distance:.2g} from the identity")
    return rotation


def _is_rotatable(model):
    return isinstance(model.encoder.layers[-1], layers.PosteriorRotation)


def _copy(part):
    made = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(part))
    _assign_all(made.variables, part.variables)
    return made


def _assign_all(variables, values):
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _of_others(model):
    """Variables that belong to neither the encoder nor the decoder, in the order of creation."""
    parts = {id(variable) for part in (model.encoder, model.decoder)
             for variable in part.variables}
    return [variable for variable in model.variables if id(variable) not in parts]


def _optimizers(model):
    return {name: value for name, value in vars(model).items()
            if isinstance(value, keras.optimizers.Optimizer)}
