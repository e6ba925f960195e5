"""The data of the latent explorer, which runs the decoder in the page."""
import numpy as np

from tf_disentangle.report import decoder, pixels
from tf_disentangle.visualize import vectors

__all__ = ["explorer"]

_NUM_STARTS, _NUM_SAMPLES = 12, 64
_SMALLEST_LIMIT, _TAIL = 2.5, 0.999
_DIGITS = 6                                 # whatever the unit, of codes and points
_MOST_COLUMNS = 80                          # of a table: more would not fit on a screen


def explorer(subject, ordered, column_limit):
    """The data of the explorer.

    Args:
        subject: `Subject`.
        ordered: list of `Latent`.
        column_limit: the magnitude at the ends of the colours of a column.
    Returns:
        dictionary for JSON; its `reason` is "" or says why the page does not run the decoder.
    """
    if subject.is_table and subject.shape[0] > _MOST_COLUMNS:
        return {"reason": f"its {subject.shape[0]} columns would not fit on a screen"}
    try:
        network = decoder.carried_over(subject.model)
    except decoder.Unsupported as error:
        return {"reason": str(error)}
    starts = subject.z_mean[:_NUM_STARTS]
    limit = max(_SMALLEST_LIMIT, np.quantile(np.abs(subject.prior_codes), _TAIL),
                np.abs(starts).max(initial=0))
    return {
        "reason": "", "network": network, "shape": subject.shape,
        "latents": [latent.index for latent in ordered],
        "limit": float(np.ceil(10 * limit) / 10), "starts": _rounded(starts),
        "pictures": pixels.of_images(subject.observations[:len(starts)]) if (
            subject.is_image) else [],
        "samples": _rounded(subject.prior_codes[:_NUM_SAMPLES]), "colours": pixels.colours(),
        "columnLimit": column_limit,
        "differenceLimit": 1.0 if subject.model.reconstruction_loss.is_bounded else min(
            1.0, 2 * column_limit),
        "codes": _rounded(subject.z_mean) if subject.model.num_latent == 2 else [],
        "observations": _rounded(subject.observations) if subject.is_points else [],
        "columns": _columns(subject) if subject.is_table else []}


def _columns(subject):
    """The columns of a table: their names, and the ends of their axes."""
    shown = np.concatenate([subject.observations, subject.decoded(subject.prior_codes)])
    lowest, highest = shown.min(axis=0), shown.max(axis=0)
    return [{"name": name, "low": float(low), "high": float(high if high > low else low + 1)}
            for name, low, high in zip(vectors.columns_of(subject.model).names, lowest, highest)]


def _rounded(values):
    return [[float(f"{value:.{_DIGITS}g}") for value in row] for row in values]
