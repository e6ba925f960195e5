"""Data sets, with and without known factors of variation, and batches drawn from them.

Everything here is NumPy. Only `tf_disentangle.data.tf_data` needs TensorFlow, and it has to be
imported explicitly.
"""
# Importing a module that defines data sets registers their names.
from tf_disentangle.data import dummy_data, named_data, sampling, tfds_grids, three_dots, util
from tf_disentangle.data.arrays import as_ground_truth_data
from tf_disentangle.data.cars3d import Cars3D
from tf_disentangle.data.celeba import make_celeba
from tf_disentangle.data.chairs import make_chairs3d
from tf_disentangle.data.dsprites import DSprites
from tf_disentangle.data.dsprites_rendered import RenderedSprites
from tf_disentangle.data.dsprites_variants import (
    AbstractDSprites,
    ColorDSprites,
    NoisyDSprites,
    ScreamDSprites,
)
from tf_disentangle.data.files import DataFileError
from tf_disentangle.data.ground_truth_data import GroundTruthData
from tf_disentangle.data.image_folder import make_image_folder
from tf_disentangle.data.image_set import ImageSet
from tf_disentangle.data.image_values import DataWarning
from tf_disentangle.data.mnist import make_fashion_mnist, make_mnist
from tf_disentangle.data.mpi3d import MPI3D
from tf_disentangle.data.mpi3d_multi import MPI3DMulti
from tf_disentangle.data.named_data import get_named_ground_truth_data, register_dataset
from tf_disentangle.data.natural_images import make_natural_images
from tf_disentangle.data.npz import make_npz
from tf_disentangle.data.pinwheel import Pinwheel
from tf_disentangle.data.sampling import sample_batch
from tf_disentangle.data.shapes3d import Shapes3D
from tf_disentangle.data.smallnorb import SmallNORB
from tf_disentangle.data.table import make_table
from tf_disentangle.data.table_columns import TableColumns
from tf_disentangle.data.three_dots import ThreeDots, ThreeDotsTrainingSet

__all__ = [
    "MPI3D", "AbstractDSprites", "Cars3D", "ColorDSprites", "DSprites", "DataFileError",
    "DataWarning",
    "GroundTruthData", "ImageSet", "MPI3DMulti", "NoisyDSprites", "Pinwheel", "RenderedSprites",
    "ScreamDSprites", "Shapes3D", "SmallNORB", "TableColumns", "ThreeDots", "ThreeDotsTrainingSet",
    "as_ground_truth_data", "dummy_data", "get_named_ground_truth_data", "make_celeba",
    "make_chairs3d", "make_fashion_mnist", "make_image_folder", "make_mnist",
    "make_natural_images", "make_npz", "make_table", "named_data",
    "register_dataset", "sample_batch", "sampling", "tfds_grids", "three_dots", "util",
]
