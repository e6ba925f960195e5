"""What docs/scoring.md uses of PyTorch, and a model in it, made of NumPy."""
import numpy as np

_WEIGHTS = np.random.RandomState(0).standard_normal((64 * 64, 5)).astype(np.float32)


class _Tensor:
    """An array that, as PyTorch's, is no NumPy array."""

    def __init__(self, values):
        self._values = values

    def permute(self, *axes):
        return _Tensor(self._values.transpose(axes))

    def numpy(self):
        return self._values


def from_numpy(values):
    assert type(values) is np.ndarray  # as PyTorch insists
    return _Tensor(values)


def no_grad():
    return lambda function: function


def encoder(images):
    """A linear map of images `[n, 1, 64, 64]`."""
    values = images.numpy()
    assert values.shape[1:] == (1, 64, 64)
    return _Tensor(values.reshape(len(values), -1) @ _WEIGHTS)
