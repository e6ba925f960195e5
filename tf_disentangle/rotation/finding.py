"""Rotating a trained model from start to finish, with a report."""
import time
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.rotation import (
    collection,
    criteria,
    requirements,
    rotated_model,
    solver,
)

__all__ = ["Rotation", "find_rotation", "rotate"]

_BATCH = 64


class Rotation(NamedTuple):
    """A rotation of a model's latents.

    Attributes:
        matrix: `[num_latent, num_latent]` float64, orthogonal; it leaves inactive latents as they
            are.
        report: dictionary for JSON: criterion, criterion_before, criterion_after,
            active_latents, kl_of_latents (nats), rotation, num_images, num_rows,
            collection_seconds, solving_seconds.
    """
    matrix: np.ndarray
    report: dict


@registry.register("find_rotation", denylist=("model", "images"))
def find_rotation(model, images, criterion="l1", num_starts=8, seed=0, least_kl=0.1,
                  num_rows=200_000, tolerance=1e-6):
    """The rotation of a trained model's latents that makes its decoder's Jacobian sparsest.

    With an isotropic normal prior, the ELBO hardly depends on the directions of the latents
    (Mathieu et al. 2019, theorem 2, https://arxiv.org/abs/1812.02833: it is invariant except for
    the posterior's diagonal covariance). So we are free to choose them. This function chooses
    directions in which each pixel depends on few latents, as the penalty of Rhodes and Lee (2021),
    https://arxiv.org/abs/2106.02923, does in training, and varimax does in factor analysis.

    Args:
        model: a built `BaseVAE` with a fixed, isotropic normal prior.
        images: `[num_images, *observation_shape]`; the Jacobians are taken at their mean codes.
            256 to 512 images are enough.
        criterion, num_starts, tolerance: see `solver.solve`.
        seed: seed of the solver and of the choice of rows.
        least_kl: see `requirements.active_latents`; inactive latents are left alone.
        num_rows: see `collection.jacobian_rows`.
    Returns:
        `Rotation`.
    Raises:
        InvalidArgumentError: the model cannot be rotated; see `requirements`.
    """
    variance = requirements.check_rotatable(model)
    criteria.criterion(criterion)
    started = time.monotonic()
    posterior = _posterior(model, images)
    active, kl = requirements.active_latents(**posterior, variance=variance, least_kl=least_kl)
    rows = collection.jacobian_rows(model, posterior["z_mean"], num_rows, seed)
    collected = time.monotonic()
    solution = solver.solve(rows if active.all() else rows[:, active], criterion, num_starts, seed,
                            tolerance)
    matrix = np.eye(model.num_latent)
    matrix[np.ix_(active, active)] = solution.rotation
    return Rotation(matrix, {
        "criterion": criterion, "criterion_before": solution.before,
        "criterion_after": solution.after, "active_latents": np.flatnonzero(active).tolist(),
        "kl_of_latents": kl.tolist(), "rotation": matrix.tolist(), "num_images": len(images),
        "num_rows": len(rows), "collection_seconds": collected - started,
        "solving_seconds": time.monotonic() - collected})


def rotate(model, images, criterion="l1", **kwargs):
    """A model with its latents rotated to a sparse Jacobian, and a report.

    Args:
        model, images, criterion, **kwargs: see `find_rotation`. The model is not changed.
    Returns:
        the rotated model, see `rotated_model.rotate_model`, and the report of `find_rotation`,
        extended by reconstruction_loss, kl_loss and elbo (nats, means over the images), each
        `_before` and `_after`. They differ a little, because the posterior stays diagonal.
    """
    found = find_rotation(model, images, criterion, **kwargs)
    rotated = rotated_model.rotate_model(model, found.matrix)
    report = dict(found.report)
    for when, judged in (("before", model), ("after", rotated)):
        report.update({f"{name}_{when}": value for name, value in _elbo(judged, images).items()})
    return rotated, report


def _posterior(model, images):
    images = np.asarray(images)
    if images.ndim < 2 or not len(images) or list(images.shape[1:]) != model.observation_shape:
        raise errors.InvalidArgumentError(
            "images.shape", f"[num_images, {', '.join(map(str, model.observation_shape))}]",
            list(images.shape))
    parts = [model.gaussian_encoder(images[start:start + _BATCH])
             for start in range(0, len(images), _BATCH)]
    return {"z_mean": np.concatenate([part["mean"] for part in parts]),
            "z_logvar": np.concatenate([part["logvar"] for part in parts])}


def _elbo(model, images):
    """The ELBO and its terms, estimated with one code per image."""
    totals = np.zeros(2)
    for start in range(0, len(images), _BATCH):
        batch = model.as_images(images[start:start + _BATCH])
        seed = tf.constant([0, start])
        outputs = model(batch, seed=seed)
        posterior = model.posterior.distribution(outputs.z_mean, outputs.z_logvar)
        totals += [np.sum(model.reconstruction_losses(batch, outputs.logits)),
                   np.sum(model.prior.kl(posterior, outputs.z, seed))]
    reconstruction, kl = (totals / len(images)).tolist()
    return {"reconstruction_loss": reconstruction, "kl_loss": kl,
            "elbo": -(reconstruction + kl)}
