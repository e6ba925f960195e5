"""Data sets with known factors of variation, and batches drawn from them.

Everything here is NumPy. Only `tf_disentangle.data.tf_data`, which has to be imported by
its own name, needs TensorFlow.
"""
# Importing a module that holds data sets registers their names.
from tf_disentangle.data import dummy_data, named_data, sampling, three_dots, util
from tf_disentangle.data.ground_truth_data import GroundTruthData
from tf_disentangle.data.named_data import get_named_ground_truth_data, register_dataset
from tf_disentangle.data.sampling import sample_batch
from tf_disentangle.data.three_dots import ThreeDots, ThreeDotsTrainingSet

__all__ = [
    "GroundTruthData", "ThreeDots", "ThreeDotsTrainingSet", "dummy_data",
    "get_named_ground_truth_data", "named_data", "register_dataset", "sample_batch",
    "sampling", "three_dots", "util",
]
