"""Data sets from arrays of images or of the rows of a table."""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.data import image_set, image_values, table_columns

__all__ = ["as_ground_truth_data"]


def as_ground_truth_data(images):
    """A data set from an array of images or rows; a data set is returned as it is.

    Args:
        images: `[num_images, height, width, channels]` or `[num_images, height, width]` array,
            uint8 from 0 to 255, bool, or floats in [0, 1]; the rows of a table, a
            `[num_rows, num_columns]` array of numbers or a pandas.DataFrame; or an object with the
            members of a `GroundTruthData`.
    Returns:
        ground_truth_data: an `ImageSet` without factors, or the given data set.
    Raises:
        InvalidArgumentError: something else, or an array that does not hold images.
    """
    is_class = isinstance(images, type)
    members = ("sample_observations", "observation_shape")
    if not is_class and all(hasattr(images, member) for member in members):
        return images
    if is_class or not (hasattr(images, "__array__") or isinstance(images, (list, tuple))):
        raise errors.InvalidArgumentError(
            "ground_truth_data", "a GroundTruthData object or an array of images [num_images, "
            "height, width, channels] or rows [num_rows, num_columns]", images,
            "Names are for data.get_named_ground_truth_data." * isinstance(images, str))
    if _is_table(images):
        names = [str(name) for name in images.columns] if hasattr(images, "columns") else None
        rows = table_columns.as_table(images, "ground_truth_data")
        return image_set.ImageSet(
            rows.astype(np.float32), description=f"An array of {len(rows)} rows.",
            columns=table_columns.TableColumns.of(rows, names))
    images = image_values.as_image_array(images, "ground_truth_data")
    return image_set.ImageSet(images, description=f"An array of {len(images)} images.",
                              checked=True)


def _is_table(images):
    try:
        return table_columns.is_table(np.asarray(images))
    except ValueError:                      # rows of different lengths
        return False
