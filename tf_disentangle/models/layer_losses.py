"""What a network's layers add to the loss by themselves, in Keras' way: regularizers of weights."""
import tensorflow as tf

from tf_disentangle import errors

__all__ = ["TERM", "check_layers", "weight_regularization"]

# The name of the term.
TERM = "weight_regularization"


def weight_regularization(variables):
    """The sum of the values of the variables' regularizers.

    Args:
        variables: Keras variables; most have no regularizer.
    Returns:
        a scalar, or None if no variable has one.
    """
    values = [variable.regularizer(variable) for variable in variables
              if variable.regularizer is not None]
    return tf.add_n(values) if values else None


def check_layers(network, name):
    """Raises an error for a network that has called `add_loss`, or regularizes activations.

    Such terms belong to one call of a layer. In a step, a network is called several times, for a
    Jacobian also by rules that pass its layers by, so there is not one value to add.

    Args:
        network: a Keras model that was called.
        name: what to call it.
    """
    # Keras lists the values of the last call, and those of the weights' regularizers.
    own = sum(variable.regularizer is not None for variable in network.trainable_variables)
    regularized = [layer.name for layer in network._flatten_layers()
                   if layer.activity_regularizer is not None]
    if regularized or len(network.losses) > own:
        raise errors.InvalidArgumentError(
            name, "a network without add_loss and activity regularizers",
            f"the layer {regularized[0]}" if regularized else "a layer that calls add_loss",
            "Write a penalty instead; regularizers of weights are taken over.")
