"""3D Chairs: pictures of 1393 models of chairs, all around and from two heights.

Reads the folder of the public archive, as it unpacks:

    rendered_chairs/<model>/renders/image_001_p020_t011_r096.png ...      62 pictures a model

Reading all the pictures takes minutes; `bin/prepare_data chairs3d` does so once and for all.

References: Aubry et al. (2014), "Seeing 3D chairs"; the data:
https://www.di.ens.fr/willow/research/seeing3Dchairs/
"""
import re

import numpy as np

from tf_disentangle import errors
from tf_disentangle.data import files, image_set, named_data, pictures

__all__ = ["make_chairs3d"]

_FACTOR_SIZES = {"elevation": 2, "azimuth": 31}
_NUM_MODELS = 1393
_FOLDER = "rendered_chairs"
_PAGE = "https://www.di.ens.fr/willow/research/seeing3Dchairs/"
_VIEW = re.compile(r"image_\d+_p(\d+)_t(\d+)_r\d+\.png")


@named_data.register_dataset("chairs3d", denylist=("cache",))
def make_chairs3d(split="train", masks=True, size=64, crop=400, train_fraction=0.8, models=None,
                  cache=False):
    """3D Chairs; the factors are elevation (2 values) and azimuth (31), but not the model.

    The first 80 percent of the models, by name, are for training and the rest for testing, as in
    Kumar et al. (2018), section 4. They drop near-duplicates and keep 809 models; the list of
    those is not part of the data.

    Args:
        split: "train", "test" or "all".
        masks: whether images are masks, 1 where there is a chair and 0 elsewhere; if not, they
            are grey pictures on white.
        size: side of the images in pixels.
        crop: side of the square that is cut out of the middle of 600x600 pixels; None for the
            whole picture.
        train_fraction: share of the models that are for training.
        models: text file that lists models by the names of their folders, one per line; None
            for all of them.
        cache: write the pixels to a file and read them from there.
    Returns:
        ground_truth_data: `ImageSet` of `[size, size, 1]` float32 images in [0, 1].
    Raises:
        DataFileError: files are missing or are not the published ones.
    """
    size = errors.whole_number("size", size, 1, pictures.MOST_PIXELS)
    errors.boolean("masks", masks)
    errors.boolean("cache", cache)
    image_set.split_rows(_NUM_MODELS, split, train_fraction)        # before files are looked for
    models = models if models is None else errors.path("models", models)
    crop = crop if crop is None else errors.whole_number("crop", crop, 1, 600)
    folder = files.data_folder() / _FOLDER
    names = _models(folder, models)
    views = [_views(folder / name / "renders") for name in names]
    some = image_set.split_rows(len(names), split, train_fraction)
    per_model = len(views[0][0])
    rows = slice(*(edge * per_model for edge in some.indices(len(names))[:2]))
    paths = [path for found, _ in views for path in found]
    form = pictures.Form(size, size, 1, crop, errors.boolean("masks", masks))
    if cache:
        pictures.write_cache(paths, form, folder, _PAGE)
    factors = np.concatenate([found for _, found in views])[rows]
    return image_set.ImageSet(pictures.read(paths, form, folder, rows, _PAGE), factors,
                              _FACTOR_SIZES)


def _models(folder, models):
    """Sorted names of the models' folders."""
    there = sorted(path.parent.name for path in folder.glob("*/renders"))
    if len(there) != _NUM_MODELS and models is None or not there:
        raise files.DataFileError(
            f"3D Chairs: there should be {_NUM_MODELS} folders <model>/renders in the folder "
            f"{folder}, but there are {len(there)}. Get them from {_PAGE} "
            "(rendered_chairs.tar, 2.8 GB), or set DISENTANGLEMENT_LIB_DATA to the folder that "
            f"holds {_FOLDER}/.")
    if models is None:
        return there
    with files.reading(models, "where it came from"):
        if models.exists() and not models.is_file():    # reading a named pipe would block
            raise ValueError("it should be a text file")
        wanted = models.read_text(encoding="utf-8").split()
    unknown = sorted(set(wanted) - set(there))
    if unknown or not wanted:
        raise errors.InvalidArgumentError(
            "models", f"a file with names of folders in {folder}", unknown[0] if unknown else "")
    return sorted(set(wanted))


def _views(folder):
    """(paths of the pictures of a model, `[num, 2]` factors), by elevation, then azimuth."""
    found = sorted((int(view[1]), int(view[2]), path) for path in folder.iterdir()
                   if (view := _VIEW.fullmatch(path.name)))
    angles = [sorted({view[i] for view in found}) for i in range(2)]
    sizes = list(_FACTOR_SIZES.values())
    if [len(values) for values in angles] != sizes or len(found) != np.prod(sizes):
        raise files.DataFileError(
            f"3D Chairs: there should be {np.prod(sizes)} pictures image_*_p*_t*_r*.png, "
            f"{sizes[0]} by {sizes[1]} angles, in {folder}, but there are {len(found)}. Get "
            f"them again from {_PAGE}.")
    factors = [[angles[i].index(view[i]) for i in range(2)] for view in found]
    return [path for _, _, path in found], np.array(factors, np.uint8)
