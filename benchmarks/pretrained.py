"""Makes the pretrained models again, or again keeps what was trained: docs/pretrained.md.

    python benchmarks/pretrained.py jl1_three_dots --runs runs
    python benchmarks/pretrained.py --runs runs              # all of them
    python benchmarks/pretrained.py --table                  # their scores
    python benchmarks/pretrained.py --precision --runs runs  # what packing has changed

A model is trained by gin_configs/pretrained/<name>.gin in `<runs>/<name>`, or rotated, unless it is
finished there, packed into tf_disentangle/pretrained/runs/<name>, and scored there as it will be
loaded.
"""
import argparse
import pathlib
import tempfile

import tf_disentangle
from tf_disentangle import json_files, pretrained
from tf_disentangle.evaluation.of_models import suite
from tf_disentangle.pretrained import library, packing
from tf_disentangle.rotation import run as rotation_run
from tf_disentangle.runs import directory, evaluations, results, settings
from tf_disentangle.runs import scores as scores_lib
from tf_disentangle.training import train

# What a model is, and the metrics that score it.
_LOCAL = ["local_scores", "reconstruction_error"]
_FACTORS = ["mig", "modularity_explicitness", "reconstruction_error"]
_CODES = ["hoyer", "reconstruction_error"]
MODELS = {
    "jl1_three_dots": ("JL1-VAE on three dots", _LOCAL),
    "beta_vae_three_dots": ("beta-VAE on three dots", _LOCAL),
    "rotated_beta_vae_three_dots": ("the same beta-VAE, its latents rotated", _LOCAL),
    "jl1_natural_images": ("JL1-VAE on 16x16 crops of photographs", _CODES),
    "beta_vae_natural_images": ("beta-VAE on 16x16 crops of photographs", _CODES),
    "beta_vae_sprites": ("beta-VAE on sprites", _FACTORS),
    "jl1_sprites": ("JL1-VAE on sprites", _FACTORS),
    "dip_vae_ii_sprites": ("DIP-VAE-II on sprites", _FACTORS),
    "factor_vae_sprites": ("FactorVAE on sprites", _FACTORS),
    "student_t_prior_sprites": ("VAE with a Student-t prior on sprites", _FACTORS),
    "sparse_prior_fashion_mnist": (
        "VAE with a sparse prior and MMD to it (weight 100) on Fashion-MNIST", _CODES),
    "sparse_codes_fashion_mnist": ("VAE with sparse codes, without MMD, on Fashion-MNIST", _CODES),
    "normal_prior_fashion_mnist": (
        "VAE with a normal prior and MMD to it (weight 100) on Fashion-MNIST", _CODES),
    "mixture_prior_pinwheel": ("VAE with a prior of four Gaussians on the pinwheel",
                               ["aggregate_posterior", "reconstruction_error"]),
}

# The pretrained models that others are rotations of, or whose weights they start from.
_ROTATIONS = {"rotated_beta_vae_three_dots": "beta_vae_three_dots"}
_STARTS = {name: "pretrained:beta_vae_sprites" for name in MODELS
           if name.endswith("_sprites") and name != "beta_vae_sprites"}

# The paper's rho alone; and so few images that a test can score them again.
_BINDINGS = ["local_scores.locality_proportions = [0.1]", "reconstruction_error.num_test = 1000"]


def make(name, runs):
    """Trains or rotates, packs and scores one model."""
    about, metrics = MODELS[name]
    model_dir, target = runs / name, library.FOLDER / name
    command = trained(name, model_dir)
    packing.pack_run(model_dir, target)
    final = json_files.load_object(results.results_path(model_dir, results.TRAIN))
    json_files.save({
        "about": about, "command": command,
        "seed": settings.settings_of(model_dir)["model.random_seed"],
        "steps": final["global_step"], "minutes": round(final["elapsed_time"] / 60, 1),
        "version": tf_disentangle.__version__, "sha256": library.sha256(target / "model.keras"),
        "scores": score(target, metrics, evaluations.folder_of(target))}, target / library.ABOUT)


def trained(name, model_dir):
    """Trains a model, or rotates one, unless it is finished; the command that does this."""
    if source := _ROTATIONS.get(name):
        if not directory.ModelDirectory(model_dir).train_results.is_file():
            rotation_run.rotate_run(library.folder_of(source), model_dir)
        return f"bin/rotate --model_dir pretrained:{source}"
    gin_file, init_from = f"pretrained/{name}.gin", _STARTS.get(name)
    train.train_with_gin(str(model_dir), gin_config_files=[gin_file], init_from=init_from)
    return f"bin/train --gin_file {gin_file}" + (f" --init_from {init_from}" if init_from else "")


def score(model_dir, metrics, output_dir):
    """The scores of a run, "<metric>.<score>" -> number."""
    files = suite.metric_files(metrics, _BINDINGS)
    rows, failures = suite.evaluate_suite(str(model_dir), files, _BINDINGS, output_dir,
                                          overwrite=True)
    if failures:
        raise SystemExit(f"{model_dir}: {failures}")
    values = {f"{row.metric}.{row.score}": row.value for row in rows}
    return {name: value for name, value in values.items()
            if scores_lib.only_scores({name.rpartition(".")[2]: value})}


def table():
    """Every score."""
    for name in pretrained.names():
        for key, value in pretrained.about(name)["scores"].items():
            print(f"{name:30} {key:45} {value:10.4f}")


def precision(name, runs):
    """The scores of a model as trained, beside those of the packed one."""
    with tempfile.TemporaryDirectory() as folder:
        before = score(runs / name, MODELS[name][1], pathlib.Path(folder))
    for key, value in pretrained.about(name)["scores"].items():
        print(f"{name:30} {key:45} {before[key]:10.4f} {value:10.4f}")


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MODELS))
    parser.add_argument("--runs", type=pathlib.Path, default=pathlib.Path("runs"))
    parser.add_argument("--table", action="store_true", help="make nothing")
    parser.add_argument("--precision", action="store_true", help="make nothing, but compare")
    flags = parser.parse_args()
    for name in [] if flags.table else flags.names or MODELS:
        (precision if flags.precision else make)(name, flags.runs)
    if not flags.precision:
        table()


if __name__ == "__main__":
    main()
