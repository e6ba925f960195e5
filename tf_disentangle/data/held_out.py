"""Images of a finite data set that are held out from training, the same ones in every run."""
import numpy as np

from tf_disentangle import errors

__all__ = ["Part", "split"]

_MOST_OBSERVATIONS = 2**27                  # their order takes 1 GB


class Part:
    """Some observations of a data set, with the members that training needs.

    Args:
        ground_truth_data: `GroundTruthData` with `num_observations`.
        rows: `[num]` ints, the numbers of the observations.
    """

    def __init__(self, ground_truth_data, rows):
        self._whole, self._rows = ground_truth_data, rows
        self.observation_shape = ground_truth_data.observation_shape
        self.num_observations = len(rows)

    def observations_at(self, indices, random_state):
        """`[num, *observation_shape]` observations with given numbers, counted in this part."""
        return self._whole.observations_at(self._rows[np.asarray(indices)], random_state)

    def sample_observations(self, num, random_state):
        """`[num, *observation_shape]` observations, drawn with replacement."""
        return self.observations_at(
            random_state.randint(self.num_observations, size=num), random_state)


def split(ground_truth_data, validation_fraction):
    """Two random parts of a data set, which depend only on its size and the fraction.

    Args:
        ground_truth_data: `GroundTruthData` with `num_observations`, 2 to 2**27.
        validation_fraction: share of the observations that are held out, above 0 and below 1.
    Returns:
        training, held_out: a `Part` each.
    Raises:
        InvalidArgumentError: the data set is unlimited or too large, or one part would be empty.
    """
    number = getattr(ground_truth_data, "num_observations", None)
    if number is None or number > _MOST_OBSERVATIONS:
        raise errors.InvalidArgumentError(
            "validation_fraction", "None for a data set that is unlimited or has more than 2**27 "
            "observations, because its batches hardly ever repeat an image", validation_fraction)
    num_held_out = round(number * validation_fraction)
    if not 0 < num_held_out < number:
        raise errors.InvalidArgumentError(
            "validation_fraction", f"a share that leaves at least one of the {number} images for "
            "training and one for validation", validation_fraction)
    rows = np.random.RandomState(0).permutation(number)
    return Part(ground_truth_data, rows[num_held_out:]), Part(ground_truth_data,
                                                              rows[:num_held_out])
