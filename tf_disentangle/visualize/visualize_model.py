"""All pictures of a model, which is in memory or that of a finished run in a directory."""
import pathlib
import warnings

from tf_disentangle import errors, trained
from tf_disentangle.runs import directory as directory_lib
from tf_disentangle.runs import figures, links
from tf_disentangle.visualize import (
    columns_side_by_side,
    drawing,
    local_scores,
    loss_curves,
    model_images,
)

__all__ = ["draw_all", "visualize", "visualize_side_by_side"]

# With this seed the dots do not overlap in the first images of three dots.
_SEED = 4083


def visualize(model_dir, output_dir=None, overwrite=False, num_examples=16, num_frames=20,
              fps=10, random_seed=_SEED, ground_truth_data=None, trust_modules=False,
              num_animations=5, num_points_irs=10000):
    """Draws the model of a finished run, and what the run has logged and been scored.

    Besides the files of `draw_all`:
        losses.png: every term of the loss against the steps.
        local_scores.png: local scores against rho, if the run has been scored so.
    Beside each plot is a CSV file of the same name, with the numbers that it shows.

    Args:
        model_dir: directory of the run.
        output_dir: directory for the pictures; `figures` in `model_dir` if None.
        overwrite: disentanglement_lib's argument. Pictures of an earlier call are replaced
            either way, and no other file is touched.
        num_examples, num_frames, fps, random_seed: see `draw_all`.
        ground_truth_data: `GroundTruthData`; the data set that the run was trained on if
            None.
        trust_modules: see `trained.load_model`.
        num_animations, num_points_irs: see `draw_all`; here, all is drawn unless they are 0.
    Returns:
        dictionary: file name -> path, see `draw_all`.
    Raises:
        UserError: the run has no finished model, or its data set is not known.
    """
    del overwrite
    model = trained.load_model(model_dir, trust_modules)
    if ground_truth_data is None:
        ground_truth_data = trained.load_data(model_dir)
    given = (num_examples, num_frames, fps, random_seed, num_animations, num_points_irs)
    own = directory_lib.ModelDirectory(model_dir).figures
    output_dir = pathlib.Path(output_dir or own)
    for folder in ("", *figures.FOLDERS):
        links.refuse_on_the_way(model_dir, output_dir / folder)
    is_own = output_dir.absolute() == own.absolute()
    if is_own:
        figures.begin(model_dir)
    paths = {**draw_all(model, ground_truth_data, output_dir, *given),
             **_of_files(model_dir, output_dir)}
    if is_own:
        figures.note(model_dir, paths)
    return paths


def _of_files(model_dir, output_dir):
    """Plots of what the run has logged and been scored; damaged results are a warning."""
    paths = loss_curves.draw_losses(model_dir, output_dir)
    try:
        paths += local_scores.draw_local_scores(model_dir, output_dir)
    except errors.UserError as error:
        warnings.warn(f"local_scores.png is not drawn: {error}", stacklevel=3)
    return {path.name: str(path) for path in paths}


def visualize_side_by_side(model_dirs, output_dir, most_columns=None, random_seed=_SEED,
                           trust_modules=False, ground_truth_data=None):
    """Draws the Jacobian columns of several finished runs beside each other.

    Args:
        model_dirs: list of their directories, whose names are the titles.
        output_dir: directory for `columns_side_by_side.png`.
        most_columns, random_seed: see `columns_side_by_side.draw_side_by_side`.
        trust_modules: see `trained.load_model`.
        ground_truth_data: `GroundTruthData` with the image at which the columns are taken; the data
            set that the first run was trained on if None.
    Returns:
        path of the picture, a string.
    Raises:
        UserError: see `visualize`; InvalidArgumentError: images of different shapes.
    """
    models = [(pathlib.Path(path).name, trained.load_model(path, trust_modules))
              for path in model_dirs]
    if ground_truth_data is None:
        ground_truth_data = trained.load_data(model_dirs[0])
    return columns_side_by_side.draw_side_by_side(
        models, ground_truth_data, output_dir, most_columns, random_seed)


def draw_all(model, ground_truth_data, output_dir, num_examples=16, num_frames=20, fps=10,
             random_seed=_SEED, num_animations=0, num_points_irs=0):
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
    For data with factors:
        factor_information.png: how much each latent tells about each factor.
        interventional_effects/interventional_effect.png: what each factor does to each latent; if
            `num_points_irs` is above 0.
    For a model of images, if `num_animations` is above 0:
        animated_traversals/<kind>_cycle<i>.gif: see `animated_traversals`.
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
        num_frames: length of an animation, at least 2.
        fps: its frames per second, at most 50.
        random_seed: seed for choosing the images and drawing the samples.
        num_animations: from how many images animations of each kind begin.
        num_points_irs: of how many observations the interventional effects are.
    Returns:
        dictionary: file name -> path, as strings. Beside each plot is a CSV file of the same name,
        with the numbers that it shows.
    """
    num_examples = errors.whole_number("num_examples", num_examples)
    errors.whole_number("num_frames", num_frames, minimum=2)
    errors.number("fps", fps, above=0, maximum=50)
    errors.whole_number("random_seed", random_seed, 0, 2**32 - 1)
    errors.whole_number("num_animations", num_animations, 0)
    errors.whole_number("num_points_irs", num_points_irs, 0)
    model_images.check_shapes(model, ground_truth_data)
    drawn = drawing.Drawing(model, ground_truth_data, output_dir, num_examples, random_seed)
    drawn.factors()
    if model_images.is_image(model.observation_shape):
        drawn.images_of_model(num_frames, fps)
        drawn.animations(num_animations, num_frames, fps)
    else:
        drawn.vectors()
    if num_points_irs:
        drawn.interventions(num_points_irs)
    drawn.of_codes()
    return drawn.paths
