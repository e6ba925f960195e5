"""Natural images: grey crops of photographs, as in figure 1 of the JL1-VAE paper.

The paper uses Olshausen and Field's ten whitened photographs, IMAGES.mat. Any folder of
photographs can stand in for them. Without either, the two photographs that scikit-learn ships
are used, so the experiment runs on any machine. Results say which images were used.

References: Rhodes and Lee (2021), https://arxiv.org/abs/2106.02923, appendix C; Olshausen and
Field (1997), https://doi.org/10.1016/S0042-6989(97)00169-7; the data:
http://www.rctn.org/bruno/sparsenet/
"""

import numpy as np
import PIL.Image
import scipy.io

from tf_disentangle import errors
from tf_disentangle.data import files, image_set, named_data, pictures, room

__all__ = ["Crops", "make_natural_images", "whitened"]

_SHAPE = (512, 512, 10)
_FILE = files.DataFile("Natural images", "natural_images", "IMAGES.mat", "21 MB",
                       "http://www.rctn.org/bruno/sparsenet/")
_LARGEST_SIDE = 512
_CUTOFF = 0.4                               # cycles per pixel: 200 of a picture of 512 pixels
_CROPS = {"train": 10000, "test": 1000}


@named_data.register_dataset("natural_images")
def make_natural_images(path=None, split="train", size=16, crops_per_image=None, seed=0,
                        whiten=True):
    """Random crops of whitened photographs, without factors.

    The values of all pictures together are mapped linearly to [0, 1], as in the paper's code.
    Crops are cut on demand.

    Args:
        path: a file IMAGES.mat, or a folder of photographs; None for natural_images/IMAGES.mat in
            the data folder or, without that file, scikit-learn's photographs.
        split: "train" or "test", which have different crops.
        size: side of the crops in pixels.
        crops_per_image: number of crops from each picture; None for the paper's 10000 in training
            and 1000 in testing.
        seed: int from 0 to 2**32 - 1, seed of the crops' places.
        whiten: whether photographs are filtered as those in IMAGES.mat are; see `whitened`.
    Returns:
        ground_truth_data: `ImageSet` of `[size, size, 1]` float32 images in [0, 1].
    Raises:
        DataFileError: the file or a photograph is missing or cannot be read.
    """
    errors.one_of("split", split, list(_CROPS))
    count = _CROPS[split] if crops_per_image is None else crops_per_image
    count = errors.whole_number("crops_per_image", count)
    # A corner and a width of eight bytes each, and the random numbers behind them.
    room.check_memory("crops_per_image", count, 32 * count, "The places of crops in an image")
    size = errors.whole_number("size", size)
    seed = errors.whole_number("seed", seed, 0, 2**32 - 1)
    found, source = _pictures(path, errors.boolean("whiten", whiten))
    smallest = min(min(picture.shape) for picture in found)
    size = errors.whole_number("size", size, 1, smallest)
    room.check_memory("crops_per_image", count, 32 * count * len(found), "The places of crops")
    crops = Crops(found, size, count, [seed, list(_CROPS).index(split)])
    return image_set.ImageSet(crops, description=f"Crops of {source}")


def whitened(picture):
    """A grey picture after Olshausen and Field's filter, with mean 0 and variance 1.

    The filter is |f| * exp(-(|f| / 0.4)**4) in Fourier space, f in cycles per pixel. It flattens
    the spectrum of natural images except at high frequencies, which are mostly noise. They define
    the cut-off as 200 cycles per picture of 512 pixels.

    Args:
        picture: `[height, width]` float array.
    Returns:
        filtered: `[height, width]` float32 array.
    """
    height, width = picture.shape
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width))
    gain = frequency * np.exp(-(frequency / _CUTOFF)**4)
    filtered = np.fft.irfft2(np.fft.rfft2(picture) * gain, picture.shape)
    deviation = filtered.std()
    # Rounding leaves a uniformly grey picture a little variance.
    return np.float32(filtered / deviation if deviation > 1e-9 else np.zeros_like(filtered))


class Crops:
    """Square crops at random places of pictures, cut on demand.

    Args:
        found: list of `[height, width]` float arrays, with sides of at least `size` pixels.
        size: side of the crops.
        count: number of crops from each picture.
        seed: seed of their places; an int, or a list of ints.
    """

    def __init__(self, found, size, count, seed):
        low = min(picture.min() for picture in found)
        span = max(picture.max() for picture in found) - low
        flat = np.concatenate([picture.ravel() for picture in found])
        self._flat = np.float32((flat - low) / (span if span > 0 else 1)).clip(0, 1)
        random_state = np.random.RandomState(np.random.PCG64(np.random.SeedSequence(seed)))
        start, corners, self._widths = 0, [], []
        for picture in found:
            height, width = picture.shape
            rows = random_state.randint(height - size + 1, size=count)
            columns = random_state.randint(width - size + 1, size=count)
            corners.append(start + rows * width + columns)
            self._widths.append(np.full(count, width))
            start += height * width
        self._corners, self._widths = np.concatenate(corners), np.concatenate(self._widths)
        self._steps = np.arange(size)
        self.shape = (len(self._corners), size, size, 1)

    def __getitem__(self, rows):
        """`[num, size, size, 1]` float32 crops with the given numbers."""
        lines = self._corners[rows, None] + self._widths[rows, None] * self._steps
        return self._flat[lines[..., None] + self._steps][..., None]


def _pictures(path, whiten):
    """(list of `[height, width]` pictures, what results should say about them)."""
    path = path if path is None else errors.path("path", path)
    if path is None and _FILE.path.is_file():
        path = _FILE.path
    if path is not None and path.suffix.lower() == ".mat":
        return _olshausen(path), f"Olshausen and Field's whitened photographs ({path.name})."
    kind = "whitened" if whiten else "grey"
    if path is None:
        found, source = _shipped(), (
            "that scikit-learn ships (china.jpg and flower.jpg), not of the paper's IMAGES.mat")
    else:
        found = [pictures.grey(file) for file in pictures.find(path)]
        source = f"in the folder {path}, not of the paper's IMAGES.mat"
    found = [_smaller(picture) for picture in found]
    return ([whitened(picture) for picture in found] if whiten else found,
            f"{len(found)} {kind} photographs {source}.")


def _shipped():
    import sklearn.datasets

    luma = np.array([0.299, 0.587, 0.114], np.float32) / 255
    return [image @ luma for image in sklearn.datasets.load_sample_images().images]


def _smaller(picture):
    """The picture, its shorter side reduced to at most 512 pixels, as in IMAGES.mat."""
    scale = _LARGEST_SIDE / min(picture.shape)
    if scale >= 1:
        return picture
    size = [round(side * scale) for side in picture.shape[::-1]]
    return np.asarray(PIL.Image.fromarray(np.float32(picture)).resize(
        size, PIL.Image.Resampling.LANCZOS))


def _olshausen(path):
    if not path.is_file():
        raise files.DataFileError(f"There is no file {path}. Get IMAGES.mat from {_FILE.page}.")
    with files.reading(path, _FILE.page):
        images = scipy.io.loadmat(path, variable_names=["IMAGES"]).get("IMAGES")
        if images is None or images.shape != _SHAPE or images.dtype.kind != "f":
            found = "none" if images is None else f"{images.dtype} of shape {list(images.shape)}"
            raise files.DataFileError(f"The file {path} should have an array 'IMAGES', floats of "
                                      f"shape {list(_SHAPE)}, but has {found}.")
        if not np.isfinite(images).all():
            raise ValueError("the array 'IMAGES' holds values that are not finite")
    return list(np.moveaxis(images, 2, 0))
