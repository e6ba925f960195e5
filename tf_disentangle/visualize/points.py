"""Pictures of a model of points in the plane: data, reconstructions, samples."""
from tf_disentangle.visualize import plots

__all__ = ["point_reconstructions_picture", "point_samples_picture"]


def point_reconstructions_picture(points, reconstructions):
    """Points, their reconstructions, and a line from each to its own.

    Args:
        points: `[num, 2]`.
        reconstructions: `[num, 2]`.
    Returns:
        `[height, width, 3]` uint8.
    """
    figure, axes = _points_plot("Reconstructions from the mean code")
    for point, reconstruction in zip(points, reconstructions):
        axes.plot(*zip(point, reconstruction), color="0.75", linewidth=0.8, zorder=1)
    _dots(axes, points, 0, "points of the data set")
    _dots(axes, reconstructions, 1, "reconstructions")
    plots.legend_below(axes)
    return plots.render(figure)


def point_samples_picture(points, samples):
    """Points of the data set and those that the model makes.

    Args:
        points: `[num, 2]`.
        samples: `[num_samples, 2]`, decoded from codes of the prior.
    Returns:
        `[height, width, 3]` uint8.
    """
    figure, axes = _points_plot("Samples: mean points of codes from the prior")
    _dots(axes, points, 0, "points of the data set")
    _dots(axes, samples, 1, "samples")
    plots.legend_below(axes)
    return plots.render(figure)


def _points_plot(title):
    figure, axes = plots.plot(6.5, 6.5)
    axes.set(aspect="equal", title=title, xlabel="x0", ylabel="x1")
    return figure, axes


def _dots(axes, points, number, name):
    colour, _ = plots.style(number)
    axes.plot(*points.T, "o^"[number], color=colour, markersize=4, label=name, zorder=2)
