"""All pictures of a model, which is in memory or that of a finished run in a directory."""
import pathlib

import numpy as np

from tf_disentangle import errors
from tf_disentangle.runs import directory as directory_lib
from tf_disentangle.runs import figures, links
from tf_disentangle.runs import model as model_lib
from tf_disentangle.visualize import (
    columns_side_by_side,
    files,
    jacobian_columns,
    latent_pictures,
    model_images,
    points,
    reconstructions,
    samples,
    traversals,
    vectors,
)

__all__ = ["draw_all", "visualize", "visualize_side_by_side"]

_NUM_OBSERVATIONS = 256
_NUM_SAMPLES = 64
_NUM_POINTS = 256
_MOST_JACOBIANS = 4
_NUM_TOP_COLUMNS = 6
_INTERVAL = (-2.0, 2.0)
_NUM_VALUES = 11
_NUM_VALUES_OF_VECTORS = 5
_NUM_JACOBIANS_OF_VECTORS = 64
# With this seed the dots do not overlap in the first images of three dots.
_SEED = 4083


def visualize(model_dir, output_dir=None, overwrite=False, num_examples=16, num_frames=20,
              fps=10, random_seed=_SEED, ground_truth_data=None, trust_modules=False):
    """Draws the model of a finished run.

    Args:
        model_dir: directory of the run.
        output_dir: directory for the pictures; `figures` in `model_dir` if None.
        overwrite: disentanglement_lib's argument. Pictures of an earlier call are replaced
            either way, and no other file is touched.
        num_examples, num_frames, fps, random_seed: see `draw_all`.
        ground_truth_data: `GroundTruthData`; the data set that the run was trained on if
            None.
        trust_modules: see `runs.model.load_model`.
    Returns:
        dictionary: file name -> path, see `draw_all`.
    Raises:
        UserError: the run has no finished model, or its data set is not known.
    """
    del overwrite
    model = model_lib.load_model(model_dir, trust_modules)
    if ground_truth_data is None:
        ground_truth_data = model_lib.load_data(model_dir)
    given = (num_examples, num_frames, fps, random_seed)
    own = directory_lib.ModelDirectory(model_dir).figures
    links.refuse_on_the_way(model_dir, output_dir or own)
    if output_dir and pathlib.Path(output_dir).absolute() != own.absolute():
        return draw_all(model, ground_truth_data, output_dir, *given)
    figures.begin(model_dir)
    paths = draw_all(model, ground_truth_data, own, *given)
    figures.note(model_dir, paths or ())
    return paths


def visualize_side_by_side(model_dirs, output_dir, most_columns=None, random_seed=_SEED,
                           trust_modules=False):
    """Draws the Jacobian columns of several finished runs beside each other.

    Args:
        model_dirs: list of their directories, whose names are the titles.
        output_dir: directory for `columns_side_by_side.png`.
        most_columns, random_seed: see `columns_side_by_side.draw_side_by_side`. The image is
            one of the data set that the first run was trained on.
        trust_modules: see `runs.model.load_model`.
    Returns:
        path of the picture, a string.
    Raises:
        UserError: see `visualize`; InvalidArgumentError: images of different shapes.
    """
    models = [(pathlib.Path(path).name, model_lib.load_model(path, trust_modules))
              for path in model_dirs]
    return columns_side_by_side.draw_side_by_side(
        models, model_lib.load_data(model_dirs[0]), output_dir, most_columns, random_seed)


def draw_all(model, ground_truth_data, output_dir, num_examples=16, num_frames=20, fps=10,
             random_seed=_SEED):
    """Draws a model that is in memory.

    Files of the same names are replaced, others are left alone. For a model of images:
        reconstructions.png: images and their reconstructions from the mean code.
        samples.png: 64 images decoded from the model's own prior.
        traversals.png: each latent at 11 values from -2 to 2, for the first example.
        traversals.gif: the same as an animation, the latents side by side.
        jacobian_columns.png: the decoder's Jacobian at the first (up to four) examples.
        jacobian_columns_top6.png: the six columns of largest L2 norm of each.
    For a model of vectors, such as the rows of a table:
        reconstructions.png, samples.png: the same, with the names of the columns; for points in
            the plane, 256 of them in the plane.
        traversals.png: each latent at 5 values from -2 to 2, for the first example.
        jacobian_columns.png: the decoder's Jacobian as bars, averaged over 64 examples; not for a
            decoder with two outputs per value.
    For a model with two latents:
        aggregate_posterior.png: density of the mean of q(z | x), and lines for the prior.
        posteriors.png: mean and standard deviation of each q(z | x), coloured by class.
    For data with classes (see `classes.class_factor`):
        class_magnitudes.png: how far from 0 the codes of each class are in each latent.
        class_traversals.png: an image of each class, with its most active latents moved.

    Args:
        model: a built `BaseVAE` of images with 1 to 4 channels, or of vectors `[length]`.
        ground_truth_data: `GroundTruthData` of such images or vectors.
        output_dir: directory; created if necessary.
        num_examples: number of images to reconstruct.
        num_frames: length of the animation, at least 2.
        fps: its frames per second, at most 50.
        random_seed: seed for choosing the images and drawing the samples.
    Returns:
        dictionary: file name -> path, as strings.
    """
    num_examples = errors.whole_number("num_examples", num_examples)
    errors.whole_number("num_frames", num_frames, minimum=2)
    errors.number("fps", fps, above=0, maximum=50)
    errors.whole_number("random_seed", random_seed, 0, 2**32 - 1)
    model_images.check_shapes(model, ground_truth_data)
    drawing = _Drawing(model, ground_truth_data, output_dir, num_examples, random_seed)
    if model_images.is_image(model.observation_shape):
        drawing.reconstructions()
        drawing.samples(random_seed)
        drawing.traversals(num_frames, fps)
        drawing.jacobians()
    else:
        drawing.vectors(random_seed)
    drawing.of_codes(ground_truth_data, random_seed)
    return drawing.paths


class _Drawing:
    """A model, the images used to show it, and the directory for its pictures."""

    def __init__(self, model, ground_truth_data, output_dir, num_examples, random_seed):
        self.directory = files.picture_directory(output_dir)
        self.model, self.paths = model, {}
        observations = np.asarray(ground_truth_data.sample_observations(
            max(num_examples, _NUM_OBSERVATIONS), np.random.RandomState(random_seed)),
            np.float32)
        self.z_mean, self.z_logvar = model_images.encode(model, observations)
        self.observations, self.images = observations, observations[:num_examples]

    def _path(self, name):
        path = pathlib.Path(self.directory, name)
        self.paths[name] = str(path)
        return path

    def _save(self, page, name):
        self._save_pixels(page.render(), name)

    def _save_pixels(self, pixels, name):
        files.save_png(pixels, self._path(name))

    def reconstructions(self):
        decoded = model_images.decode_images(self.model, self.z_mean[:len(self.images)])
        self._save(reconstructions.reconstructions_page(self.images, decoded),
                   "reconstructions.png")

    def samples(self, random_seed):
        images = samples.sample_images(self.model, _NUM_SAMPLES, random_seed)
        self._save(samples.samples_page(images), "samples.png")

    def traversals(self, num_frames, fps):
        kl, reference = model_images.kl_of_latents(self.model, self.z_mean, self.z_logvar)
        code = self.z_mean[0]
        self._save(traversals.traversals_page(
            self.model, code, np.linspace(*_INTERVAL, _NUM_VALUES), kl, reference),
            "traversals.png")
        values = traversals.cycle(*_INTERVAL, num_frames)
        files.save_gif(traversals.traversal_frames(self.model, code, values, kl),
                       self._path("traversals.gif"), fps)

    def jacobians(self):
        images = self.images[:_MOST_JACOBIANS]
        columns = jacobian_columns.jacobian_columns(self.model, self.z_mean[:len(images)])
        for most, name in ((None, "jacobian_columns.png"),
                           (_NUM_TOP_COLUMNS, "jacobian_columns_top6.png")):
            self._save(jacobian_columns.jacobian_columns_page(images, columns, most), name)

    def vectors(self, random_seed):
        columns = vectors.columns_of(self.model)
        if self.model.observation_shape == [2]:
            self._points(random_seed)
        else:
            self._rows(columns, random_seed)
        self._traversals_of_vectors(columns)
        if jacobian_columns.has_columns(self.model):
            columns_at = jacobian_columns.jacobian_columns(
                self.model, self.z_mean[:_NUM_JACOBIANS_OF_VECTORS])
            self._save_pixels(vectors.jacobian_picture(columns_at, columns),
                              "jacobian_columns.png")

    def _points(self, random_seed):
        self._save_pixels(points.point_reconstructions_picture(
            self.observations, model_images.decode_images(self.model, self.z_mean)),
            "reconstructions.png")
        sampled = samples.sample_images(self.model, _NUM_POINTS, random_seed)
        self._save_pixels(points.point_samples_picture(self.observations, sampled),
                          "samples.png")

    def _rows(self, columns, random_seed):
        decoded = model_images.decode_images(self.model, self.z_mean[:len(self.images)])
        sampled = samples.sample_images(self.model, len(self.observations), random_seed)
        rows, decoded, sampled, observations = (self.model.standardised(part) for part in (
            self.images, decoded, sampled, self.observations))
        self._save_pixels(vectors.reconstructions_picture(rows, decoded, columns),
                          "reconstructions.png")
        self._save_pixels(vectors.samples_picture(observations, sampled, columns), "samples.png")

    def _traversals_of_vectors(self, columns):
        kl, reference = model_images.kl_of_latents(self.model, self.z_mean, self.z_logvar)
        values = np.linspace(*_INTERVAL, _NUM_VALUES_OF_VECTORS)
        means = model_images.decode_images(
            self.model, traversals.traversal_codes(self.z_mean[0], values))
        self._save_pixels(vectors.traversals_picture(
            self.model.standardised(means), values, kl, reference, columns), "traversals.png")

    def of_codes(self, ground_truth_data, random_seed):
        pictures = latent_pictures.latent_pictures(self.model, ground_truth_data, random_seed)
        for name, pixels in pictures.items():
            self._save_pixels(pixels, name)
