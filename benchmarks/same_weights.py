"""Whether a change to the code leaves training the same to the last bit.

    python benchmarks/same_weights.py before        # at one commit
    python benchmarks/same_weights.py after         # at another
    python benchmarks/same_weights.py before after  # how far apart the weights are

With one folder, every file in `gin_configs` is trained into it for some steps. With two, the
weights and optimizer variables of their runs are compared. Files that need downloads are trained
with random features.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import h5py
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[1]
SPECIAL = {"sparse_perceptual": ["perceptual_loss.weights = 'random'"]}


def train(name, folder, steps):
    """Trains one gin file into `folder/name`."""
    bindings = [f"model.training_steps = {steps}", "model.eval_steps = 1", *SPECIAL.get(name, [])]
    arguments = [argument for binding in bindings for argument in ("--gin_bindings", binding)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_NUM_INTRAOP_THREADS": "1"}
    subprocess.run(
        [sys.executable, "-m", "tf_disentangle.cli.train", "--gin_file", f"{name}.gin",
         "--model_dir", str(folder / name), "--overwrite", "--nofigures", *arguments],
        cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def arrays_of(run):
    """Every array of a run's last checkpoint, or of its model where there are no checkpoints."""
    path = max(run.glob("checkpoints/step_*.keras"), default=run / "model.keras")
    arrays = {}
    with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
        with h5py.File(archive.extract("model.weights.h5", folder)) as file:
            file.visititems(lambda key, item: arrays.update(
                {key: item[()]} if isinstance(item, h5py.Dataset) else {}))
    return arrays


def difference(before, after):
    """The largest absolute difference between the arrays of two runs; infinite if shapes differ.

    Arrays are paired by order within groups of equal shape, since layers may have new names.
    """
    first, second = (sorted(arrays_of(run).values(), key=lambda a: (a.shape, a.tobytes()))
                     for run in (before, after))
    if [a.shape for a in first] != [a.shape for a in second]:
        return np.inf
    return max(float(np.max(np.abs(a.astype(np.float64) - b), initial=0))
               for a, b in zip(first, second))


def main():
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--names", nargs="*", default=sorted(
        path.stem for path in (ROOT / "gin_configs").glob("*.gin")))
    flags = parser.parse_args()
    for name in flags.names:
        if len(flags.folders) == 1:
            train(name, flags.folders[0].resolve(), flags.steps)
            print(name, flush=True)
        else:
            before, after = (folder / name for folder in flags.folders)
            print(f"{name:24} {difference(before, after):.3g}", flush=True)


if __name__ == "__main__":
    main()
