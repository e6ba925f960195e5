"""The pictures of a model, drawn one kind after another into a directory."""
import pathlib

import numpy as np

from tf_disentangle.visualize import (
    animated_traversals,
    captions,
    factor_information,
    files,
    interventional_effects,
    jacobian_columns,
    latent_pictures,
    model_images,
    points,
    reconstructions,
    samples,
    traversals,
    vector_tables,
    vectors,
)

__all__ = ["Drawing"]

_NUM_OBSERVATIONS = 256
_NUM_SAMPLES = 64
_NUM_POINTS = 256
_NUM_POINTS_OF_FACTORS = 5000
_MOST_JACOBIANS = 4
_NUM_TOP_COLUMNS = 6
_INTERVAL = (-2.0, 2.0)
_NUM_VALUES = 11
_NUM_VALUES_OF_VECTORS = 5
_NUM_JACOBIANS_OF_VECTORS = 64


class Drawing:
    """A model, the observations that show it, and the directory for its pictures.

    Args:
        model, ground_truth_data, output_dir, num_examples, random_seed: see
            `visualize_model.draw_all`.

    Attributes:
        paths: dictionary: file name -> path, as strings, of what is drawn so far.
    """

    def __init__(self, model, ground_truth_data, output_dir, num_examples, random_seed):
        self.directory = files.picture_directory(output_dir)
        self.model, self.paths = model, {}
        self.data, self.random_seed = ground_truth_data, random_seed
        observations = np.asarray(ground_truth_data.sample_observations(
            max(num_examples, _NUM_OBSERVATIONS), np.random.RandomState(random_seed)),
            np.float32)
        self.z_mean, self.z_logvar = model_images.encode(model, observations)
        self.observations, self.images = observations, observations[:num_examples]
        self.kl, self.reference = model_images.kl_of_latents(model, self.z_mean, self.z_logvar)
        self.names = None

    def _path(self, name):
        path = pathlib.Path(self.directory, name)
        self.paths[name] = str(path)
        return path

    def _save(self, page, name):
        self._save_pixels(page.render(), name)

    def _save_pixels(self, pixels, name):
        files.save_png(pixels, self._path(name))

    def _save_plot(self, pixels, table, name):
        for path in files.save_plot(pixels, *table, self._path(name)):
            self._path(path.relative_to(self.directory).as_posix())

    def factors(self):
        """Which latent follows which factor, if there are factors."""
        found = factor_information.codes_and_factors(
            self.model, self.data, _NUM_POINTS_OF_FACTORS, self.random_seed)
        if found is None:
            return
        shares = factor_information.factor_information(*found)
        self.names = shares.followed(self.kl)
        self._save_plot(factor_information.factor_information_picture(shares),
                        factor_information.table(shares), "factor_information.png")

    def images_of_model(self, num_frames, fps):
        """Reconstructions, samples, traversals and Jacobian columns, for a model of images."""
        decoded = model_images.decode_images(self.model, self.z_mean)
        share = captions.explained_share(self.observations, decoded)
        self._save(reconstructions.reconstructions_page(
            self.images, decoded[:len(self.images)], captions.of_reconstructions(share)),
            "reconstructions.png")
        sampled = samples.sample_images(self.model, _NUM_SAMPLES, self.random_seed)
        self._save(samples.samples_page(sampled, caption=captions.of_samples(share)),
                   "samples.png")
        self._save(traversals.traversals_page(
            self.model, self.z_mean[0], np.linspace(*_INTERVAL, _NUM_VALUES), self.kl,
            self.reference, self.names, captions.of_traversals(share, any(self.names or ()))),
            "traversals.png")
        values = traversals.cycle(*_INTERVAL, num_frames)
        files.save_gif(traversals.traversal_frames(self.model, self.z_mean[0], values, self.kl,
                                                   self.names),
                       self._path("traversals.gif"), fps)
        self._jacobians()

    def animations(self, num_animations, num_frames, fps):
        """Traversals of each kind, as animations that begin at different images."""
        ranges = animated_traversals.ranges_of(self.z_mean, self.z_logvar)
        for number, code in enumerate(self.z_mean[:num_animations]):
            for kind in animated_traversals.KINDS:
                frames = animated_traversals.animated_frames(
                    self.model, kind, code, ranges, self.kl, num_frames, self.names)
                files.save_gif(frames, self._path(
                    f"animated_traversals/{kind}_cycle{number}.gif"), fps)

    def interventions(self, num_points):
        """What each factor does to each latent, if there are factors."""
        found = factor_information.codes_and_factors(
            self.model, self.data, num_points, self.random_seed)
        effects = found and interventional_effects.interventional_effects(*found)
        if effects:
            self._save_plot(interventional_effects.interventional_effects_picture(effects),
                            interventional_effects.table(effects),
                            "interventional_effects/interventional_effect.png")

    def _jacobians(self):
        images = self.images[:_MOST_JACOBIANS]
        columns = jacobian_columns.jacobian_columns(self.model, self.z_mean[:len(images)])
        for most, name in ((None, "jacobian_columns.png"),
                           (_NUM_TOP_COLUMNS, "jacobian_columns_top6.png")):
            self._save(jacobian_columns.jacobian_columns_page(images, columns, most), name)

    def vectors(self):
        """Reconstructions, samples, traversals and the Jacobian, for a model of vectors."""
        columns = vectors.columns_of(self.model)
        if vectors.are_points(self.model):
            self._points(columns)
        else:
            self._rows(columns)
        self._traversals_of_vectors(columns)
        if jacobian_columns.has_columns(self.model):
            columns_at = jacobian_columns.jacobian_columns(
                self.model, self.z_mean[:_NUM_JACOBIANS_OF_VECTORS])
            self._save_plot(vectors.jacobian_picture(columns_at, columns),
                            vector_tables.jacobian(columns_at, columns.names),
                            "jacobian_columns.png")

    def _points(self, columns):
        decoded = model_images.decode_images(self.model, self.z_mean)
        sampled = samples.sample_images(self.model, _NUM_POINTS, self.random_seed)
        self._save_vectors(
            points.point_reconstructions_picture(self.observations, decoded),
            points.point_samples_picture(self.observations, sampled),
            (self.observations, decoded, self.observations, sampled), columns)

    def _save_vectors(self, reconstructed, of_samples, parts, columns):
        rows, decoded, observations, sampled = parts
        self._save_plot(reconstructed, vector_tables.reconstructions(
            rows, decoded, columns.names), "reconstructions.png")
        self._save_plot(of_samples, vector_tables.samples(
            observations, sampled, columns.names), "samples.png")

    def _rows(self, columns):
        decoded = model_images.decode_images(self.model, self.z_mean[:len(self.images)])
        sampled = samples.sample_images(
            self.model, len(self.observations), self.random_seed)
        parts = [np.asarray(self.model.standardised(part)) for part in (
            self.images, decoded, self.observations, sampled)]
        self._save_vectors(vectors.reconstructions_picture(*parts[:2], columns),
                           vectors.samples_picture(*parts[2:], columns), parts, columns)

    def _traversals_of_vectors(self, columns):
        values = np.linspace(*_INTERVAL, _NUM_VALUES_OF_VECTORS)
        means = model_images.decode_images(
            self.model, traversals.traversal_codes(self.z_mean[0], values))
        means = np.asarray(self.model.standardised(means))
        self._save_plot(vectors.traversals_picture(
            means, values, self.kl, self.reference, columns, self.names),
            vector_tables.traversals(means, values, columns.names), "traversals.png")

    def of_codes(self):
        """Pictures of many codes at once, see `latent_pictures`."""
        pictures = latent_pictures.latent_pictures(self.model, self.data, self.random_seed)
        for name, (pixels, table) in pictures.items():
            if table is None:
                self._save_pixels(pixels, name)
            else:
                self._save_plot(pixels, table, name)
