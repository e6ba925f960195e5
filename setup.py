"""Builds and installs tf_disentangle."""
import pathlib
import shutil

import setuptools
from setuptools.command import build_py

_ROOT = pathlib.Path(__file__).parent

# The lower bounds are the oldest versions that the tests were run with, on Python 3.10.
# TensorFlow Probability needs tf-keras, each version of which takes one version of TensorFlow.
_REQUIREMENTS = [
    "absl-py>=2.1",
    "gin-config>=0.5",
    "joblib>=1.4",
    "keras>=3.12",
    "matplotlib>=3.9.4",
    "numpy>=2.0.2",
    "pillow>=10.4",
    "scikit-learn>=1.5.2",
    "scipy>=1.13.1",
    "tensorboard>=2.19",
    "tensorflow>=2.21",
    "tensorflow-probability>=0.25",
    "tf-keras>=2.21",
    "threadpoolctl>=3.5",
]


class _BuildWithGinConfigs(build_py.build_py):
    """Copies gin_configs into the package, unless the install is editable and finds them here."""

    def run(self):
        super().run()
        if not getattr(self, "editable_mode", False):
            target = pathlib.Path(self.build_lib, "tf_disentangle", "gin_configs")
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(_ROOT / "gin_configs", target,
                            ignore=shutil.ignore_patterns("__pycache__", ".*"))


setuptools.setup(
    name="tf_disentangle",
    version="0.1.0",
    description="Disentangled representation learning with Keras 3 and TensorFlow",
    python_requires=">=3.10",
    packages=setuptools.find_packages(include=["tf_disentangle", "tf_disentangle.*"]),
    cmdclass={"build_py": _BuildWithGinConfigs},
    install_requires=_REQUIREMENTS,
    extras_require={
        "gpu": ["tensorflow[and-cuda]"],
        "test": ["pytest>=8", "pytest-xdist>=3.6"],
        "tfds": ["tensorflow-datasets>=4.9.7"],
    },
    entry_points={
        "console_scripts": [
            "tf_disentangle_train = tf_disentangle.cli.train:main",
            "tf_disentangle_evaluate = tf_disentangle.cli.evaluate:main",
            "tf_disentangle_prepare_data = tf_disentangle.cli.prepare_data:main",
            "tf_disentangle_rotate = tf_disentangle.cli.rotate:main",
            "tf_disentangle_visualize = tf_disentangle.cli.visualize:main",
        ],
    },
)
