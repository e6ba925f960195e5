"""The precision in which a trained model encodes images for its scores."""
import keras

from tf_disentangle.training import precision

__all__ = ["AS_TRAINED", "PRECISIONS", "EncoderPrecision"]

AS_TRAINED = "as_trained"
PRECISIONS = (AS_TRAINED, "float32", "mixed_bfloat16", "auto")


class EncoderPrecision:
    """Switches the precision of a model's encoder; its weights are always float32.

    The layers that give the posterior's mean and log-variance stay as they are, as in training, and
    so does what follows them, such as a rotation.

    Args:
        model: a built model.
    """

    def __init__(self, model):
        self._model = model
        kept = {id(operation) for output in model.encoder.outputs for operation in _end(output)}
        self._as_trained = [(layer, layer.dtype_policy) for layer in _without_parts(model.encoder)
                            if id(layer) not in kept]
        self.name = AS_TRAINED

    def switch(self, name):
        """Makes the encoder compute in the named precision from now on.

        Args:
            name: one of `PRECISIONS`; "auto" is `training.precision.best()`.
        Returns:
            whether the precision has changed.
        """
        name = precision.best() if name == "auto" else name
        if name == self.name:
            return False
        self.name = name
        for layer, policy in self._as_trained:
            layer.dtype_policy = policy if name == AS_TRAINED else name
        self._model.forget_traces()
        return True


def _end(tensor):
    """Yields the operations from the last layer with trained weights up to a tensor."""
    history = tensor._keras_history
    if isinstance(history.operation, keras.Model):
        yield from _end(history.operation.outputs[history.tensor_index])
        return
    yield history.operation
    if not getattr(history.operation, "trainable_weights", []):
        for each in history.operation._inbound_nodes[history.node_index].input_tensors:
            yield from _end(each)


def _without_parts(layer):
    """A list of the layer, or of the layers that it consists of."""
    if not isinstance(layer, keras.Model):
        return [layer]
    return [part for each in layer.layers for part in _without_parts(each)
            if not isinstance(part, keras.layers.InputLayer)]
