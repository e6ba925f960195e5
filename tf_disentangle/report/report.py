"""The report of a run: one HTML file that works from disk, without a network."""
import pathlib
import platform

import tensorflow as tf

import tf_disentangle
from tf_disentangle import atomic, errors, trained
from tf_disentangle.configuration import gin_errors
from tf_disentangle.report import curves, explorer, facts, html, latents, pictures, scores
from tf_disentangle.report import subject as subject_lib
from tf_disentangle.runs import directory as directory_lib
from tf_disentangle.runs import figures, links

__all__ = ["write_report"]

# Pictures of `bin/visualize` that the page shows as they are: file, title, how to read it.
_FIGURES = [
    ("aggregate_posterior.png", "Aggregate posterior",
     "Where the codes of the data lie; the lines go around 50% and 90% of the prior. In a model "
     "whose samples look like data, the two agree."),
    ("posteriors.png", "Posteriors",
     "A dot for the code of each observation, and an ellipse for how uncertain it is."),
    ("class_magnitudes.png", "Codes of the classes",
     "How far from 0 each latent is for each class, on average. A sparse code has few latents "
     "that matter for a class."),
    ("class_traversals.png", "Traversals of the classes",
     "An image of each class, and what its most active latents change.")]

# Those of a model of vectors: the rows of a table, or points in the plane.
_FIGURES_OF_VECTORS = [
    ("reconstructions.png", "Reconstructions",
     "Rows of the data and what the model makes of their codes."),
    ("samples.png", "Samples", "Values decoded from random codes of the model's own prior."),
    ("traversals.png", "Traversals",
     "One latent moves from -2 to 2, and the others stay at the code of one row."),
    ("jacobian_columns.png", "Jacobian columns",
     "How much each value changes when a latent grows. A sparse column is a latent that changes "
     "one thing.")]

_OLD_FIGURES = "Figures that are older than the model are left out; bin/visualize draws new ones."


def write_report(model_dir, output_dir=None, trust_modules=False, ground_truth_data=None):
    """Writes `report.html` about a run, finished or not; a file of that name is replaced.

    Nothing is trained or scored: losses and scores are those that the run has.

    Args:
        model_dir: directory of the run.
        output_dir: where the page goes; `model_dir` if None.
        trust_modules: see `trained.load_model`.
        ground_truth_data: the data set; the one that the run was trained on if None.
    Returns:
        path of the page, and what is missing in it, a list of sentences.
    Raises:
        UserError: there is no run, or the page cannot be written.
    """
    directory_lib.recover(model_dir)
    directory = directory_lib.ModelDirectory(model_dir)
    path = pathlib.Path(output_dir, directory.report.name) if output_dir else directory.report
    links.refuse_on_the_way(model_dir, path)
    page = _Page(model_dir, facts.facts_of(model_dir))
    html.check_writable(path)
    if directory.model.is_file():
        page.load(trust_modules, ground_truth_data)
    atomic.write(path, page.html())
    return path, page.missing


class _Page:
    """What the template needs, collected step by step."""

    def __init__(self, model_dir, found):
        self._model_dir, self.missing = model_dir, list(found.missing)
        found = found._replace(rows=[*found.rows, ("Page made with", _versions())])
        self._context = {
            "facts": found, "model_dir": str(model_dir), "pictures": {}, "explorer": None,
            "curves": curves.loss_curves(found.losses, found.terms, found.held_out),
            "score_curves": curves.score_curves(found.scored),
            "scores": scores.read_scores(model_dir, self.missing, found.data_set),
            "figures": self._figures(_FIGURES)}

    def load(self, trust_modules, ground_truth_data):
        """Adds what the model shows; if it cannot be loaded, the page says why."""
        try:
            model = trained.load_model(self._model_dir, trust_modules)
        except errors.UserError as error:
            self.missing.append("There are no pictures of the model: "
                                + gin_errors.explain(error))
            return
        try:
            data = ground_truth_data or trained.load_data(self._model_dir)
            subject = subject_lib.Subject(model, data)
        except errors.UserError as error:
            self.missing.append("Pictures of the data are left out: "
                                + gin_errors.explain(error))
            subject = subject_lib.Subject(model, None)
        self._show(subject)

    def _show(self, subject):
        heat_map = latents.heat_map(subject)
        ordered, order_by = latents.latents(subject, heat_map)
        shown = pictures.pictures(subject, ordered)
        limit = shown["columns"]["limit"] if "columns" in shown else 1.0
        data = explorer.explorer(subject, ordered, limit)
        if not subject.is_image:
            drawn = _FIGURES_OF_VECTORS[2 * subject.is_points:]  # the page draws points itself
            self._context["figures"] += self._figures(drawn)
        self._context.update(
            pictures=shown, latents=ordered, order_by=order_by, heat_map=heat_map,
            explorer=data, start_pictures=data.pop("pictures", []),
            is_image=subject.is_image, is_table=subject.is_table, is_linear=subject.is_linear)

    def _figures(self, names):
        """Pictures of the model that is here now; a sentence says if there are older ones."""
        folder, found = directory_lib.ModelDirectory(self._model_dir).figures, []
        for name, title, text in names:
            picture = html.png_of_file(folder / name)
            if picture and figures.is_of_model(self._model_dir, name):
                found.append((picture, title, text))
            elif picture and _OLD_FIGURES not in self.missing:
                self.missing.append(_OLD_FIGURES)
        return found

    def html(self):
        """The page."""
        scripts = {f"{name}_script": html.own(f"{name}.js")
                   for name in ("network", "explorer", "curves")}
        return html.render("report.html", **self._context, **scripts, missing=self.missing,
                           sections=self._sections())

    def _sections(self):
        shown = self._context["pictures"]
        there = [("explore", "Explorer", self._context["explorer"]),
                 ("traversals", "Traversals", shown.get("traversals")),
                 ("columns", "Columns", shown.get("columns")),
                 ("pictures", "Reconstructions and samples",
                  shown.get("samples") or shown.get("point_samples")),
                 ("codes", "Figures", self._context["figures"]),
                 ("factors", "Factors", self._context.get("heat_map")),
                 ("scores", "Scores", True), ("losses", "Losses", True),
                 ("run", "What was trained", True)]
        return [(address, name) for address, name, is_there in there if is_there]


def _versions():
    return (f"tf_disentangle {tf_disentangle.__version__}, TensorFlow {tf.__version__}, "
            f"Python {platform.python_version()}")
