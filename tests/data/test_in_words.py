"""What a data set has, in words."""
import numpy as np

from tf_disentangle import factors
from tf_disentangle.data import image_set, in_words, named_data

IMAGES = np.linspace(0, 1, 120 * 4).reshape(120, 2, 2, 1)


def test_discrete_continuous_and_missing_factors():
    age = np.linspace(0, 1, 120)
    age[:8] = np.nan
    found = factors.record({"shape": ["a", "b", "c"] * 40, "age": age, "site": ["x", "", "y"] * 40})
    made = image_set.ImageSet(IMAGES, found)
    assert in_words.factors(made) == (
        "shape (3), age (continuous, 8 missing), site (2, 40 missing)")


def test_plain_factors_and_none():
    assert in_words.factors(image_set.ImageSet(IMAGES)) == "none"
    sprites = named_data.get_named_ground_truth_data("identity")
    names = in_words.factors(sprites).split(", ")
    assert len(names) == sprites.num_factors and all(name.endswith(")") for name in names)
