"""The perceptual reconstruction loss.

Johnson et al. (2016), "Perceptual Losses for Real-Time Style Transfer and
Super-Resolution", https://arxiv.org/abs/1603.08155; as the reconstruction of a variational
auto-encoder in Cristovao et al. (2020), "Sparsity enforcement on latent variables for
better disentanglement in VAE", section 3.2.
"""
import tensorflow as tf

from tf_disentangle import errors, losses
from tf_disentangle.configuration import registry
from tf_disentangle.reconstruction import features as features_lib
from tf_disentangle.reconstruction import loss as loss_lib

__all__ = ["PerceptualLoss"]


@registry.part("perceptual_loss", denylist=("digest",))
class PerceptualLoss(loss_lib.ReconstructionLoss):
    """Distances between features of images and of their reconstructions.

    sum{ content_weight[j] * content_distance(f_j(x), f_j(y)) : content layers j }
    + sum{ style_weight[k] * style_distance(f_k(x), f_k(y)) : style layers k }
    + pixel_weight * sum{ (x - y) ** 2 }

    with f_j the output of layer j of a fixed network, x an image, y its reconstruction. It does
    not correspond to a likelihood, so `elbo` is not in nats. The network computes in float32, and a
    saved model holds its name and files, not its weights.

    Args:
        activation: "logits" or "tanh"; see `losses.output_function`.
        network: "vgg16" or "vgg19" (Keras', without the layers after the last pooling), the
            path of a .keras or .h5 file with a whole model, a `keras.Model`, or a function
            without arguments that returns one. A saved model cannot keep a `keras.Model` without
            a file of `weights`, nor a function without a name.
        weights: path of a .weights.h5, .h5 or .keras file with weights of this network;
            for a name also "imagenet" (downloaded where needed, 60 to 80 MB) or "random".
            None means "imagenet" for a name, otherwise the network's own weights.
        preprocess: conversion from RGB in [0, 1] to the network's input: "caffe" (BGR in 0 to 255
            without ImageNet's mean colour, for VGG), "tf" ([-1, 1]), "torch" (ImageNet's
            mean and deviation), "none", or a function; None for "caffe" if the network has
            a name, else "none". A single channel is repeated if the network needs more.
        content_layers, style_layers: names of layers; distances are measured after their
            activation.
        content_weight, style_weight: a number of at least 0, or one for each layer.
        pixel_weight: weight of the squared error summed over pixels and channels; 1 is
            `L2Loss`.
        image_size: images are resized (bilinearly) to this many pixels in height and width before
            the network; not resized if None.
        digest: for saved models: a checksum of the network's weights. The network is then created
            when the loss is first computed, so that codes and images are available even without
            the network.
    Raises:
        InvalidArgumentError: no term has a weight, or a layer does not exist.
        UserError: weights are not available.
    """

    def __init__(self, activation="logits", network="vgg16", weights=None, preprocess=None,
                 content_layers=("block2_conv2",), style_layers=(), content_weight=1.0,
                 style_weight=1.0, pixel_weight=0.0, image_size=None, digest=None):
        super().__init__(activation)
        self.content_layers = _names("content_layers", content_layers)
        self.style_layers = _names("style_layers", style_layers)
        self.content_weight, self.style_weight = content_weight, style_weight
        self.pixel_weight = errors.number("pixel_weight", pixel_weight, minimum=0)
        self._content = _weighted("content_weight", content_weight, self.content_layers)
        self._style = _weighted("style_weight", style_weight, self.style_layers)
        self._features = None
        if self._content or self._style:
            self._features = features_lib.FeatureNetwork(
                network, weights, preprocess, image_size, digest=digest,
                layers={"content_layers": self._content, "style_layers": self._style})
        else:
            raise errors.InvalidArgumentError(
                "content_layers", "at least one layer with a weight above 0 here or in "
                "style_layers", self.content_layers, "Without one, use l2_loss.")

    def __call__(self, images, outputs):
        """`[batch]` losses; both arguments are `[batch, height, width, channels]`."""
        images = tf.convert_to_tensor(images)
        mean_images = self.mean_image(outputs)
        true_features = tf.nest.map_structure(tf.stop_gradient, self._features(images))
        features = self._features(mean_images)
        loss = sum(weight * losses.content_distance(true_features[name], features[name])
                   for name, weight in self._content.items())
        loss += sum(weight * losses.style_distance(true_features[name], features[name])
                    for name, weight in self._style.items())
        loss = tf.cast(loss, images.dtype)
        if self.pixel_weight:
            loss += self.pixel_weight * losses.l2_loss(images, outputs, self.activation)
        return loss

    def get_config(self):
        return {**super().get_config(), **self._features.get_config(),
                "content_layers": self.content_layers, "style_layers": self.style_layers,
                "content_weight": self.content_weight, "style_weight": self.style_weight,
                "pixel_weight": self.pixel_weight, "digest": self._features.digest}


def _names(argument, names):
    if not isinstance(names, (list, tuple)) or not all(isinstance(n, str) for n in names):
        raise errors.InvalidArgumentError(argument, "a list of names of layers", names)
    return list(names)


def _weighted(argument, weights, layers):
    """Dictionary, layer -> weight, of the layers whose weight is not 0."""
    if not isinstance(weights, (list, tuple)):
        weights = [weights] * len(layers)
    if len(weights) != len(layers):
        raise errors.InvalidArgumentError(
            argument, f"a number, or a list of {len(layers)}, one for each layer", weights)
    pairs = [(name, errors.number(argument, weight, minimum=0))
             for name, weight in zip(layers, weights)]
    return {name: weight for name, weight in pairs if weight}
