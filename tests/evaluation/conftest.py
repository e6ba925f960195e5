"""What the tests of the metrics share: recorded numbers, and gin left as it was found."""
import gin
import numpy as np
import pytest
from helpers import recorded
from helpers import toy_problem as toy_problem_module


@pytest.fixture(scope="session")
def toy_problem():
    return toy_problem_module


@pytest.fixture(scope="session")
def metrics_oracle():
    return recorded.metrics_oracle()


@pytest.fixture(autouse=True)
def clean_gin():
    gin.clear_config()
    yield
    gin.clear_config()


class GridData:
    """Factors of given sizes; an observation is the vector of factors, `[n, K, 1, 1]`."""

    def __init__(self, sizes, noise=False):
        self.factors_num_values = list(sizes)
        self.num_factors = len(sizes)
        self.observation_shape = [len(sizes), 1, 1]
        self.noise = noise

    def sample_factors(self, num, random_state):
        return np.stack([random_state.randint(n, size=num)
                         for n in self.factors_num_values], axis=1)

    def sample_observations_from_factors(self, factors, random_state):
        images = factors.astype(np.float32)[:, :, None, None]
        if self.noise:
            images = images + random_state.uniform(size=images.shape)
        return images

    def sample(self, num, random_state):
        factors = self.sample_factors(num, random_state)
        return factors, self.sample_observations_from_factors(factors, random_state)


@pytest.fixture
def grid_data():
    return GridData


@pytest.fixture
def identity():
    """The representation function whose codes are the observation itself."""
    return lambda images: np.asarray(images)[:, :, 0, 0]
