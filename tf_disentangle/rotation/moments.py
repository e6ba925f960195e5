"""What an optimizer remembers of past gradients, which rotates with the weights."""
import keras

from tf_disentangle import errors

__all__ = ["moments_of"]

# Keras has no public names for these lists. Averages and sums of gradients rotate as gradients do;
# those of squared gradients by the squares of the rotation's entries, as variances would.
_OF_GRADIENTS = ("_momentums", "momentums", "_accumulated_gradients")
_OF_SQUARES = ("_velocities", "_velocity_hats", "_accumulators", "_accumulated_grads",
               "_accumulated_delta_vars")
# Not moments: the weights, all variables, and the average of the weights, left to the caller.
_OTHERS = ("_trainable_variables", "_variables", "_model_variables_moving_average")

_OPTIMIZERS = tuple(getattr(keras.optimizers, name) for name in (
    "Adam", "Nadam", "Lamb", "Lion", "SGD", "RMSprop", "Adagrad", "Adadelta"))


def moments_of(optimizer):
    """The moments that an optimizer keeps.

    Args:
        optimizer: a built Keras optimizer.
    Returns:
        list of pairs: a list with a variable for each trained one, in their order, and whether
        it holds squares.
    Raises:
        InvalidArgumentError: the optimizer keeps something that cannot be rotated, such as
            Adamax' largest gradients.
    """
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer = optimizer.inner_optimizer
    kept = {name: values for name, values in vars(optimizer).items()
            if isinstance(values, list) and values and name not in _OTHERS
            and all(isinstance(value, keras.Variable) for value in values)}
    unknown = sorted(set(kept) - {*_OF_GRADIENTS, *_OF_SQUARES})
    if unknown or not isinstance(optimizer, _OPTIMIZERS):
        raise errors.InvalidArgumentError(
            "optimizer", "one whose moments can be rotated with the weights: Adam, AdamW, Nadam, "
            "Lamb, Lion, SGD, Adagrad, Adadelta, or RMSprop without `centered`",
            type(optimizer).__name__, "bin/rotate can rotate any model after training.")
    return [(values, name in _OF_SQUARES) for name, values in kept.items()]
