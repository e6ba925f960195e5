"""Pictures of a data set: what each of its factors changes, and a sheet of examples."""
import pathlib

import numpy as np

from tf_disentangle import data, errors
from tf_disentangle.data import in_words
from tf_disentangle.visualize import (
    animation,
    channels,
    classes,
    factor_walks,
    files,
    points,
    sheet,
    vectors,
)
from tf_disentangle.visualize import page as page_lib

__all__ = ["draw_dataset", "visualize_dataset"]

_NUM_EXAMPLES, _NUM_VECTORS = 64, 1000
_MOST_FACTORS, _MOST_VALUES = 24, 11
_NUM_STARTS, _MOST_OF_FACTOR = 4, 8
_LONGEST_NAME, _LONGEST_LIST = 240, 2500   # pixels


def visualize_dataset(name, path="dataset_visualizations", num_animations=5, num_frames=20, fps=10,
                      random_seed=0):
    """Draws a data set by its name, into `<path>/<name>`.

    Args:
        name: see `data.get_named_ground_truth_data`; its parameters are those of gin.
        path: directory; created if necessary.
        num_animations, num_frames, fps, random_seed: see `draw_dataset`.
    Returns:
        dictionary: file name -> path, as strings.
    Raises:
        UserError: there is no such data set, its files are missing, or the directory cannot be
            written.
    """
    ground_truth_data = data.get_named_ground_truth_data(name)
    folder = pathlib.Path(path, str(name).replace("/", "_"))
    return draw_dataset(ground_truth_data, folder, name, num_animations, num_frames, fps,
                        random_seed)


def draw_dataset(ground_truth_data, output_dir, name="the data set", num_animations=5,
                 num_frames=20, fps=10, random_seed=0):
    """Draws a data set that is in memory.

    Files of the same names are replaced, others are left alone. For images:
        examples.png: 64 random ones.
        factors.png: a row for each factor that varies, a column for each of up to 11 values.
        variations_of_factor<i>.png: factor i at up to 8 values, from four different images.
        animation<j>.gif: every factor moves through its values, side by side, from image j.
    For vectors:
        examples.png: points in the plane, or how the columns of rows are spread.
        variations_of_factor<i>.png: the same by the values of factor i, if there are up to 20.

    Args:
        ground_truth_data: `GroundTruthData` of images with 1 to 4 channels, or of vectors.
        output_dir: directory; created if necessary.
        name: for titles.
        num_animations: from how many images animations begin.
        num_frames: length of an animation, at least 2.
        fps: its frames per second, at most 50.
        random_seed: seed for choosing the observations.
    Returns:
        dictionary: file name -> path, as strings.
    """
    errors.whole_number("num_animations", num_animations, 0)
    errors.whole_number("num_frames", num_frames, minimum=2)
    errors.number("fps", fps, above=0, maximum=50)
    errors.whole_number("random_seed", random_seed, 0, 2**32 - 1)
    shape = list(ground_truth_data.observation_shape)
    if not channels.is_image(shape) and len(shape) != 1:
        raise errors.InvalidArgumentError(
            "ground_truth_data", "images [height, width, 1 to 4] or vectors, to draw them", shape)
    directory = files.picture_directory(output_dir)
    drawn = _DatasetDrawing(ground_truth_data, directory, str(name), random_seed)
    if len(shape) == 1:
        drawn.vectors()
        return drawn.paths
    drawn.examples()
    drawn.factors()
    for number in range(num_animations if drawn.varying else 0):
        drawn.animation(number, num_frames, fps)
    return drawn.paths


class _DatasetDrawing:
    """A data set, and the directory for its pictures."""

    def __init__(self, ground_truth_data, directory, name, random_seed):
        self._data, self._directory = ground_truth_data, directory
        self._name = page_lib.shortened(name, _LONGEST_NAME)
        self._seed, self.paths = random_seed, {}
        starts = _walker(ground_truth_data, random_seed, 0)
        self.varying = starts.varying[:_MOST_FACTORS]

    def _path(self, name):
        self.paths[name] = str(self._directory / name)
        return self._directory / name

    def _save(self, page, name):
        files.save_png(page.render(), self._path(name))

    def examples(self):
        images = self._data.sample_observations(_NUM_EXAMPLES, np.random.RandomState(self._seed))
        factors = page_lib.shortened(in_words.factors(self._data), _LONGEST_LIST)
        self._save(sheet.sheet_page(np.asarray(images), f"Examples of {self._name}",
                                    caption=f"Factors: {factors}."), "examples.png")

    def factors(self):
        """The sheets that show factors one by one."""
        if not self.varying:
            return
        walkers = [_walker(self._data, self._seed, start) for start in range(_NUM_STARTS)]
        self._save(sheet.rows_page(
            [walkers[0].walk(factor, _MOST_VALUES) for factor in self.varying],
            f"Factors of {self._name}",
            f"Each row varies one factor. {_others(self._data)}"), "factors.png")
        for factor in self.varying:
            walks = [walker.walk(factor, _MOST_OF_FACTOR) for walker in walkers]
            self._save(sheet.rows_page(
                [walk._replace(name=f"from image {number}") for number, walk in enumerate(walks)],
                f"{walks[0].name}, a factor of {self._name}, from four images",
                _others(self._data)), f"variations_of_factor{factor}.png")

    def animation(self, number, num_frames, fps):
        """Every factor moves, from another image than in the other animations."""
        walker = _walker(self._data, self._seed, number)
        starts = np.array([walker.start(factor) for factor in self.varying])
        shares = animation.cycle(starts, num_frames)
        walks = [walker.at(factor, shares[:, place])
                 for place, factor in enumerate(self.varying)]
        images = channels.to_pixels(np.stack([walk.observations for walk in walks], axis=1))
        files.save_gif(animation.frames(
            images, [walk.name for walk in walks],
            f"{self._name}: each picture moves one factor", shares),
            self._path(f"animation{number}.gif"), fps)

    def vectors(self):
        """Points in the plane, or the spread of columns; then by the values of each factor."""
        factors, rows = self._data.sample(_NUM_VECTORS, np.random.RandomState(self._seed))
        drawn = [("examples.png", f"Examples of {self._name}", None, [])]
        for factor in self.varying:
            if self._data.factors_num_values[factor] <= classes.MOST_CLASSES:
                drawn.append((
                    f"variations_of_factor{factor}.png",
                    f"{self._data.factor_names[factor]}, a factor of {self._name}",
                    np.asarray(factors)[:, factor], classes.class_names(self._data, factor)))
        for name, title, values, names in drawn:
            files.save_png(self._of_groups(np.asarray(rows), values, names, title),
                           self._path(name))

    def _of_groups(self, rows, values, names, title):
        groups = {"": rows} if values is None else {
            names[int(value)]: rows[values == value]
            for value in np.unique(values[~np.isnan(values)])}
        if vectors.are_points(self._data):
            return points.groups_picture(groups, title)
        return vectors.groups_picture(groups, vectors.columns_of_data(self._data), title)


def _walker(ground_truth_data, seed, start):
    return factor_walks.Walker(ground_truth_data, np.random.RandomState((seed + start) % 2**32))


def _others(ground_truth_data):
    if not factor_walks.is_complete(ground_truth_data):
        return ("The data set does not have every combination: these are its images with that "
                "value that are otherwise most alike.")
    chance = "" if _is_determined(ground_truth_data) else (
        "; what no factor sets is drawn at random")
    return f"The others stay as they are{chance}."


def _is_determined(ground_truth_data):
    """Whether equal factors give equal observations."""
    number = getattr(ground_truth_data, "num_observations", None)
    return getattr(ground_truth_data, "factors_determine_observations", False) or (
        number is not None and number == getattr(ground_truth_data, "num_combinations", None))
