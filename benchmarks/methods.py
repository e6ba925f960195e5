"""How long a training step of each method takes, relative to a beta-VAE's.

    python benchmarks/methods.py

The methods take turns, so that a machine whose speed drifts slows all of them alike. 64x64
images in batches of 64, 10 latents, the JL1-VAE paper's networks.
"""
import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import timing

from tf_disentangle import models
from tf_disentangle import penalties

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
