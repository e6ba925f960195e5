"""How many latents are active, and the warnings if there are too few."""
import numpy as np

from tf_disentangle.evaluation.metrics.common import notes

__all__ = ["KEY", "LEAST_KL", "of_codes", "of_divergences", "warn"]

# The key of this number in the results of an evaluation.
KEY = "num_active_latents"

# A latent that carries fewer nats is not active: the threshold of the model ranking (`udr`).
LEAST_KL = 0.01


def of_codes(codes):
    """How many codes `[num_points, num_codes]` vary at all."""
    return int(np.count_nonzero(np.min(codes, axis=0) < np.max(codes, axis=0)))


def of_divergences(divergences):
    """How many latents carry more than `LEAST_KL` on average: `[num_codes]`, nats."""
    return int(np.count_nonzero(np.asarray(divergences) > LEAST_KL))


def warn(num_active, num_factors=0):
    """Adds the note that scores need if there are no active latents, or fewer than factors.

    Args:
        num_active: number of active latents.
        num_factors: number of factors that vary, 0 if there are none.
    """
    if not num_active:
        notes.add("warning: no latent is active, so scores say nothing about the representation")
    elif num_active < num_factors:
        latents = "latent is active" if num_active == 1 else "latents are active"
        notes.add(f"warning: {num_active} {latents} for {num_factors} factors, so that not every "
                  "factor can have a latent of its own")
