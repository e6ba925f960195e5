"""A map of the average encoding magnitude of each class.

Figure 5, top, of Mathieu et al. (2019), https://arxiv.org/abs/1812.02833. Where codes are sparse,
classes light up in different latents.
"""
import numpy as np

from tf_disentangle.visualize import plots

__all__ = ["class_magnitudes_picture"]

_MOST_LATENTS = 100
_MOST_UPRIGHT = 15


def class_magnitudes_picture(magnitudes, names):
    """A picture with a row for each class and a column for each latent, largest magnitude first.

    At most the first 100 latents are shown.

    Args:
        magnitudes: `[num_classes, num_latent]`, see `classes.mean_magnitudes`. Rows of NaN are
            drawn grey.
        names: `num_classes` strings.
    Returns:
        `[height, width, 3]` uint8.
    """
    order = np.argsort(-np.nanmean(magnitudes, axis=0), kind="stable")
    shown = order[:_MOST_LATENTS]
    figure, axes = plots.plot(max(5.5, 2.6 + 0.22 * len(shown)), 1.6 + 0.3 * len(names))
    axes.set_facecolor("0.8")
    image = axes.imshow(magnitudes[:, shown], cmap="Blues", aspect="auto", vmin=0,
                        vmax=np.nanmax(magnitudes) or 1.0, interpolation="nearest")
    axes.set_yticks(range(len(names)))
    axes.set_yticklabels(names, parse_math=False)
    axes.set_xticks(range(len(shown)), [f"z{latent}" for latent in shown], fontsize=8,
                    rotation=90 if len(shown) > _MOST_UPRIGHT else 0)
    # Thin lines between the cells, so that the eye can follow rows and columns.
    axes.set_xticks(np.arange(len(shown)) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(names)) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=0.6)
    axes.tick_params(which="both", length=0)
    of = f" (the {len(shown)} largest of {len(order)})" * (len(shown) < len(order))
    axes.set(xlabel=f"latent, largest mean magnitude first{of}",
             title="Average encoding magnitude")
    figure.colorbar(image, ax=axes, label="mean |z_mean|")
    return plots.render(figure)
