"""The pictures of a model in the page: reconstructions, samples, columns, traversals."""
import numpy as np

from tf_disentangle.report import curves, pixels
from tf_disentangle.report import subject as subject_lib
from tf_disentangle.visualize import jacobian_columns, samples

__all__ = ["pictures"]

_NUM_SAMPLES, _NUM_RECONSTRUCTIONS, _MOST_JACOBIANS = 64, 16, 4
_TRAVERSAL = np.linspace(-2, 2, 11)


def pictures(subject, ordered):
    """The pictures of a model, as data addresses or SVG.

    Args:
        subject: `Subject`.
        ordered: list of `Latent`.
    Returns:
        dictionary: `reconstructions` (pairs), `samples`, `columns` (rows of an image and its
        columns), `traversals` (latent, picture) for images; `point_reconstructions` and
        `point_samples` (SVG) for points.
    """
    if subject.is_points:
        return _of_points(subject)
    if not subject.is_image:
        return {}
    found = {"samples": pixels.of_images(samples.sample_images(
        subject.model, _NUM_SAMPLES, subject_lib.SEED))}
    images = subject.observations[:_NUM_RECONSTRUCTIONS]
    if len(images):
        decoded = subject.decoded(subject.z_mean[:len(images)])
        found["reconstructions"] = list(zip(pixels.of_images(images), pixels.of_images(decoded)))
    found["traversals"] = [(latent, pixels.strip(subject.decoded(_moved(subject.middle, latent))))
                           for latent in ordered if latent.active]
    return {**found, "columns": _columns(subject, ordered)}


def _moved(code, latent):
    codes = np.tile(code, (len(_TRAVERSAL), 1))
    codes[:, latent.index] = _TRAVERSAL
    return codes


def _columns(subject, ordered):
    """For each of up to four codes: the picture, and each active latent's column and norm."""
    count = 1 if subject.is_linear else _MOST_JACOBIANS
    codes = subject.z_mean[:count] if len(subject.z_mean) else subject.middle[None]
    columns = jacobian_columns.jacobian_columns(subject.model, codes)
    maps = jacobian_columns.signed_maps(columns)
    limit = jacobian_columns.colour_limit(maps)
    norms = np.sqrt(np.square(columns.astype(np.float64)).sum(axis=(2, 3, 4)))
    shown = [latent for latent in ordered if latent.active]
    rows = []
    for image, row, lengths in zip(pixels.of_images(subject.decoded(codes)), maps, norms):
        addresses = pixels.of_maps(row[[latent.index for latent in shown]], limit)
        rows.append((image, [(latent.index, _two_digits(lengths[latent.index]), picture)
                             for latent, picture in zip(shown, addresses)]))
    return {"rows": rows, "limit": float(limit)}


def _two_digits(number):
    return f"{float(f'{number:.2g}'):g}"


def _of_points(subject):
    observed, sampled = subject.observations, subject.decoded(subject.prior_codes)
    found = {"point_samples": curves.scatter(
        {"data": observed, "samples": sampled}, "samples")}
    if len(observed):
        found["point_reconstructions"] = curves.scatter(
            {"data": observed, "reconstructions": subject.decoded(subject.z_mean[:len(observed)])},
            "reconstructions")
    return found
