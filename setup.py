"""Builds and installs tf_disentangle."""
import pathlib
import re

import setuptools

_INIT = pathlib.Path(__file__).parent / "tf_disentangle" / "__init__.py"
_VERSION = re.search(r'^__version__ = "(.+)"$', _INIT.read_text(encoding="utf-8"), re.M)[1]

# The lower bounds are the oldest versions that the tests were run with, on Python 3.10.
# TensorFlow Probability needs tf-keras, each version of which takes one version of TensorFlow.
_REQUIREMENTS = [
    "absl-py>=2.1",
    "gin-config>=0.5",
    "jinja2>=3.1",
    "joblib>=1.4",
    "keras>=3.12",
    "matplotlib>=3.9.4",
    "numpy>=2.0.2",
    "pandas>=2.2",
    "pillow>=10.4",
    "scikit-learn>=1.5.2",
    "scipy>=1.13.1",
    "tensorboard>=2.19",
    "tensorflow>=2.21",
    "tensorflow-probability>=0.25",
    "tf-keras>=2.21",
    "threadpoolctl>=3.5",
]

setuptools.setup(
    name="tf_disentangle",
    version=_VERSION,
    description="Disentangled representation learning with Keras 3 and TensorFlow",
    license="Apache-2.0",
    classifiers=["Operating System :: POSIX :: Linux"],
    python_requires=">=3.10",
    # gin_configs lies at the top of a clone, and within the package where it is installed.
    packages=[*setuptools.find_packages(include=["tf_disentangle", "tf_disentangle.*"]),
              "tf_disentangle.gin_configs"],
    package_dir={"tf_disentangle.gin_configs": "gin_configs"},
    package_data={"tf_disentangle.gin_configs": ["**/*.gin"],
                  "tf_disentangle.pretrained": ["runs/**/*"],
                  "tf_disentangle.report": ["templates/*"]},
    install_requires=_REQUIREMENTS,
    extras_require={
        "gpu": ["tensorflow[and-cuda]"],
        "mlflow": ["mlflow>=3.17"],
        "test": ["pytest>=8", "pytest-xdist>=3.6", "ruff>=0.9", "setuptools>=64"],
        # Ray changes what the study relies on between versions: this one was tried.
        "study": ["pyarrow>=17", "ray>=2.60,<2.61"],
        "tables": ["pyarrow>=17"],
        "tfds": ["tensorflow-datasets>=4.9.7"],
    },
    entry_points={
        "console_scripts": [
            "tf_disentangle_train = tf_disentangle.cli.train:main",
            "tf_disentangle_compare = tf_disentangle.cli.compare:main",
            "tf_disentangle_evaluate = tf_disentangle.cli.evaluate:main",
            "tf_disentangle_prepare_data = tf_disentangle.cli.prepare_data:main",
            "tf_disentangle_report = tf_disentangle.cli.report:main",
            "tf_disentangle_rotate = tf_disentangle.cli.rotate:main",
            "tf_disentangle_study = tf_disentangle.cli.study:main",
            "tf_disentangle_visualize = tf_disentangle.cli.visualize:main",
            "tf_disentangle_visualize_dataset = tf_disentangle.cli.visualize_dataset:main",
        ],
    },
)
