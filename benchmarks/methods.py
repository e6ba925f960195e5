"""How long a training step of each method takes, relative to a beta-VAE's.

    python benchmarks/methods.py

The methods take turns, so that a machine whose speed drifts slows all of them alike. Images are
64x64 in batches of 64, with 10 latents and the JL1-VAE paper's networks. The perceptual loss uses
VGG16 with random weights, which take as long as trained ones and need no download, with the
settings of sparse_perceptual.gin and of the paper's files; and a network with an eighth of VGG16's
channels.
"""
import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import timing

from tf_disentangle import models, penalties, reconstruction


def small_network():
    """The first two blocks of VGG16 with an eighth of the channels."""
    images = keras.Input((None, None, 3))
    features = images
    for block, filters in ((1, 8), (2, 16)):
        for layer in (1, 2):
            features = keras.layers.Conv2D(filters, 3, padding="same", activation="relu",
                                           name=f"block{block}_conv{layer}")(features)
        features = keras.layers.MaxPooling2D(2)(features)
    return keras.Model(images, features)


def _perceptual(**arguments):
    """A function from an encoder to a beta-VAE with this loss."""
    return lambda encoder: models.VAE(
        4.0, encoder=encoder, reconstruction_loss=reconstruction.PerceptualLoss(
            content_weight=0.01, style_weight=1e-6, **arguments))


_TWO_BLOCKS = ["block1_conv2", "block2_conv2"]

METHODS = {
    "beta-VAE": lambda encoder: models.VAE(4.0, encoder=encoder),
    "AnnealedVAE": lambda encoder: models.AnnealedVAE(
        1000.0, c_max=25.0, iteration_threshold=1000, encoder=encoder),
    "DIP-VAE-I": lambda encoder: models.DIPVAE(10.0, lambda_d_factor=10.0, encoder=encoder),
    "DIP-VAE-II": lambda encoder: models.DIPVAE(
        10.0, lambda_d_factor=1.0, dip_type="ii", encoder=encoder),
    "beta-TCVAE": lambda encoder: models.BetaTCVAE(6.0, encoder=encoder),
    "FactorVAE": lambda encoder: models.FactorVAE(40.0, encoder=encoder),
    "L1 on the codes": lambda encoder: models.VAE(
        4.0, penalties=[penalties.CodeL1(0.1)], encoder=encoder),
    "perceptual loss, small network": _perceptual(
        network=small_network, content_layers=_TWO_BLOCKS),
    "perceptual loss, VGG16, 2 blocks of 32x32 images": _perceptual(
        weights="random", content_layers=_TWO_BLOCKS, image_size=32),
    "perceptual loss, VGG16, 4 blocks of 64x64 images": _perceptual(
        weights="random", content_layers=["block3_conv3"],
        style_layers=[*_TWO_BLOCKS, "block3_conv3", "block4_conv3"]),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    steps = {name: timing.training_step(make) for name, make in METHODS.items()}
    times = timing.medians(steps, rounds)
    print("| method | ms | ratio to beta-VAE |")
    print("|---|---|---|")
    for name, milliseconds in times.items():
        print(f"| {name} | {milliseconds:.0f} | {milliseconds / times['beta-VAE']:.2f} |")


if __name__ == "__main__":
    main()
