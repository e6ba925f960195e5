"""What all tests share: global settings are left as they were found."""
import gc
import os
import sys

# Where the tests run in several processes, each has one thread and one core: threads that wait for
# each other and pools of processes would only take the cores from the other tests.
if "PYTEST_XDIST_WORKER" in os.environ:
    for _name in ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
                  "LOKY_MAX_CPU_COUNT"):
        os.environ.setdefault(_name, "1")

import gin
import pytest
from helpers import declared

gc.set_threshold(20_000, 10, 10)  # imports and traces make many objects that stay

KINDS = {
    "oracle": "a closed form, another library, recorded numbers or a second estimator",
    "property": "what must hold for any input",
    "convergence": "the slope of an error, or the bias of an estimator",
    "contract": "what every part of its kind must be able to do",
    "smoke": "it runs",
}


def pytest_configure(config):
    for kind, meaning in KINDS.items():
        config.addinivalue_line("markers", f"{kind}: {meaning}")


def pytest_collection_finish():
    """Python need not search the million objects of the imported libraries for garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def settings_restored():
    """After every test gin is empty, Keras computes as before, and no new metric is known."""
    keras = sys.modules.get("keras")  # not imported for tests that go without TensorFlow
    before = keras and (keras.config.floatx(), keras.config.dtype_policy())
    gin.clear_config()
    with declared.restored():
        yield
    gin.clear_config()
    if before:
        keras.config.set_floatx(before[0])
        keras.config.set_dtype_policy(before[1])
