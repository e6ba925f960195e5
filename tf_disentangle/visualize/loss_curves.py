"""The losses of a run against its steps, a panel for each term."""
import warnings

from tf_disentangle.runs import directory as directory_lib
from tf_disentangle.runs import losses as losses_lib
from tf_disentangle.runs import scores as scores_lib
from tf_disentangle.visualize import files, plots

__all__ = ["draw_losses", "loss_curves_picture"]

_IN_LINE = 3
_SIZE = (3.4, 2.5)
_SPAN_OF_LOGARITHMS = 30
_TITLES = {
    "loss": "loss: what training minimizes",
    "reconstruction_loss": "reconstruction_loss, nats per example",
    "kl_loss": "kl_loss, nats per example",
    "regularizer": "regularizer: loss - reconstruction_loss",
    "elbo": "elbo: evidence lower bound, nats",
}


def draw_losses(model_dir, output_dir):
    """Draws `losses.png`, with `losses.csv`, for a run that has logged any.

    Args:
        model_dir: directory of a run, finished or not.
        output_dir: directory; created if necessary.
    Returns:
        list of paths, empty if nothing finite is logged; a warning counts damaged lines.
    """
    run = directory_lib.ModelDirectory(model_dir)
    (training, damaged), (held_out, damaged_too) = map(
        losses_lib.read, (run.losses, run.validation))
    if num := damaged + damaged_too:
        warnings.warn(f"{num} damaged lines of losses in {run.path} are left out of losses.png.",
                      stacklevel=2)
    training, held_out = map(_finite, (training, held_out))
    if not training:
        return []
    rows = [[term, step, kind, value]
            for kind, terms in (("training", training), ("held out", held_out))
            for term, points in terms.items() for step, value in points]
    path = files.picture_directory(output_dir) / "losses.png"
    return list(files.save_plot(loss_curves_picture(training, held_out),
                                ["term", "step", "images", "value"], rows, path))


def _finite(terms):
    kept = {term: [point for point in points if scores_lib.is_plausible(point[1])]
            for term, points in terms.items()}
    return {term: points for term, points in kept.items() if points}


def loss_curves_picture(training, held_out=None):
    """A picture with a panel for each term of the loss.

    The axis of a term is logarithmic if all values are above 0 and the largest is at least 30 times
    the smallest.

    Args:
        training: dictionary, term -> list of (step, value), at least one.
        held_out: the same of held-out images, if there are any.
    Returns:
        `[height, width, 3]` uint8.
    """
    held_out = held_out or {}
    figure, panels = plots.panels(len(training), min(_IN_LINE, max(2, len(training))), *_SIZE)
    for axes, (term, points) in zip(panels, training.items()):
        for number, (name, line) in enumerate((("training", points),
                                               ("held out", held_out.get(term)))):
            if line:
                axes.plot(*zip(*line), color=plots.style(number)[0], linewidth=1.5, label=name,
                          marker="o" if len(line) < 3 else None, linestyle=("-", "--")[number])
        values = [value for _, value in [*points, *held_out.get(term, [])]]
        if min(values) > 0 and max(values) >= _SPAN_OF_LOGARITHMS * min(values):
            axes.set_yscale("log")
        axes.set_title(_TITLES.get(term, f"{term}, unweighted"), fontsize=9, parse_math=False)
        axes.set_xlabel("step", fontsize=8)
        axes.tick_params(labelsize=8)
        axes.grid(color="0.9")
    if any(term in held_out for term in training):
        panels[0].legend(fontsize=8)
    figure.suptitle("Losses", fontsize=10)
    plots.caption(figure, "Means over the steps since the point before. The run has settled where "
                  "the curves are flat; a kl_loss near 0 means that the codes say nothing.")
    return plots.render(figure)
