"""One line about an encoder and a decoder: what a run trains."""
import keras

__all__ = ["description"]


def description(encoder, decoder):
    """A sentence about two networks: their layers, sizes and number of weights.

    Args:
        encoder, decoder: `keras.Model`s from images to codes, and back.
    """
    weights = encoder.count_params() + decoder.count_params()
    return (f"Networks for {_kind(encoder.inputs[0].shape)}: encoder with "
            f"{_layers(encoder, keras.layers.Conv2D)}; decoder with "
            f"{_layers(decoder, keras.layers.Conv2DTranspose)}; {weights:,} weights.")


def _kind(shape):
    """What observations of a shape are."""
    return f"vectors of {shape[1]} numbers" if len(shape) == 2 else f"images of {_size(shape)}"


def _size(shape):
    return "x".join(map(str, shape[1:]))


def _layers(network, kind):
    """The layers of a kind and their sizes, or else the number of dense layers."""
    found = [layer for layer in network.layers if type(layer) is kind]
    if not found:
        dense = sum(type(layer) is keras.layers.Dense for layer in network.layers)
        return f"{dense} dense layers"
    sizes = [_size(layer.output.shape) for layer in found]
    plural = "s" * (len(found) > 1)
    return f"{len(found)} {'transposed ' * (kind is keras.layers.Conv2DTranspose)}convolution" \
           f"{plural}, to {', '.join(sizes)}"
