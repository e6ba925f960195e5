"""Weights, codes, images and noise behind the recorded numbers `jl1_*`.

Every function takes the `inputs` of a recorded file. Images are `[batch, height, width, channels]`;
kernels are laid out as Keras does: convolutions `[height, width, in, out]`, transposed convolutions
`[height, width, out, in]`, dense layers `[in, out]`.
"""
import math

import numpy as np

# (layer, shape of its kernel) by architecture, that is by the side of the image.
_KERNELS = {
    "64": lambda channels, latents: [
        ("enc_conv1", (4, 4, channels, 32)), ("enc_conv2", (4, 4, 32, 32)),
        ("enc_conv3", (4, 4, 32, 64)), ("enc_conv4", (4, 4, 64, 64)),
        ("enc_dense", (256, 256)), ("enc_mean", (256, latents)), ("enc_logvar", (256, latents)),
        ("dec_dense1", (latents, 256)), ("dec_dense2", (256, 1024)),
        ("dec_deconv1", (4, 4, 64, 64)), ("dec_deconv2", (4, 4, 32, 64)),
        ("dec_deconv3", (4, 4, 32, 32)), ("dec_deconv4", (4, 4, channels, 32))],
    "16": lambda channels, latents: [
        ("enc_conv1", (3, 3, channels, 64)), ("enc_conv2", (3, 3, 64, 128)),
        ("enc_dense", (1152, 128)), ("enc_mean", (128, latents)), ("enc_logvar", (128, latents)),
        ("dec_dense1", (latents, 128)), ("dec_dense2", (128, 1024)),
        ("dec_deconv1", (3, 3, 64, 64)), ("dec_deconv2", (3, 3, 32, 64)),
        ("dec_deconv3", (3, 3, channels, 32))],
}


def tensor_shapes(case):
    """`{"layer/kernel" or "layer/bias": shape}` in the order in which the tensors are numbered."""
    shapes = {}
    for layer, shape in _KERNELS[case["arch"]](case["channels"], case["latent"]):
        shapes[f"{layer}/kernel"] = shape
        shapes[f"{layer}/bias"] = (shape[2 if "deconv" in layer else -1],)
    return shapes


def make_weights(case):
    """Float32 weights of encoder and decoder by name; tensor number k has seed `base` + k."""
    weights = {}
    for k, (name, shape) in enumerate(tensor_shapes(case).items()):
        limit = case["bias_amp"]
        if name.endswith("/kernel"):
            limit = case["gain"] * np.sqrt(6 / (math.prod(shape[:-2]) * (shape[-1] + shape[-2])))
        random_state = np.random.RandomState(case["base"] + k)
        weights[name] = random_state.uniform(-limit, limit, shape).astype(np.float32)
    weights["enc_logvar/bias"] -= np.float32(3)  # posteriors narrower than the prior
    return weights


def make_codes(case):
    """`[batch, latent]` codes for a decoder."""
    return np.random.RandomState(case["z_seed"]).normal(size=(case["batch"], case["latent"]))


def make_images_and_noise(case):
    """Float32 images `[steps, batch, side, side, channels]`, noise `[steps, batch, latent]`."""
    batches, side = (case["steps"], case["batch"]), int(case["arch"])
    images = np.random.RandomState(case["x_seed"]).uniform(
        size=(*batches, side, side, case["channels"]))
    noise = np.random.RandomState(case["noise_seed"]).normal(size=(*batches, case["latent"]))
    return images.astype(np.float32), noise.astype(np.float32)
