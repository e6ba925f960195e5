"""What a rotation of the latents does to scores: the tables of docs/experiments/rotation.md.

    python benchmarks/rotation.py three_dots --seeds 0 1 2 3 4 --runs runs/rotation
    python benchmarks/rotation.py sprites natural_crops fashion_mnist --runs runs/rotation
    python benchmarks/rotation.py --table

Each run goes through the package's programs, on one thread: trained, turned by each criterion with
`bin/rotate`, and scored. It leaves a line in benchmarks/recorded/rotation.jsonl and is not made
again while that is there, so an interrupted study goes on where it stopped.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[1]
RECORDED = ROOT / "benchmarks" / "recorded" / "rotation.jsonl"
CRITERIA = ("l1", "varimax")

# For each data set: gin files to train (True if the model is rotated afterwards), bindings, gin
# files of metrics with their bindings, and the scores of the table.
LOCAL = ("local_scores", ["local_scores.locality_proportions = [0.1, 1.0]"])
STUDIES = {
    "three_dots": (
        {"beta_vae": True, "jl1": False}, [], [LOCAL],
        ["local_mig(rho=0.1)", "local_modularity(rho=0.1)", "local_mig(rho=1.0)",
         "local_modularity(rho=1.0)"]),
    "sprites": (
        {"paper/decomposition/figure_2_isotropic_quick": True},
        ["vae.beta = 4.0", "model.training_steps = 4000"],
        [("mig", []), ("factor_vae_metric", ["factor_vae_score.num_train = 5000",
                                             "factor_vae_score.num_eval = 2000"])],
        ["discrete_mig", "eval_accuracy"]),
    "natural_crops": (
        {"paper/jl1_vae/natural_beta_vae_10_quick": True, "natural_images": False}, [],
        [("hoyer", []), ("reconstruction_error", [])],
        ["hoyer", "mean_squared_error"]),
    "fashion_mnist": (
        {"paper/decomposition/figure_4_gaussian_quick": True}, [],
        [("hoyer", []), ("mig", [])], ["hoyer", "discrete_mig"]),
}
REPORTED = ("criterion_before", "criterion_after", "elbo_before", "elbo_after")


def call(program, *arguments):
    """One of the package's programs."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_NUM_INTRAOP_THREADS": "1",
                   "TF_NUM_INTEROP_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    subprocess.run([sys.executable, "-m", f"tf_disentangle.cli.{program}", *arguments], check=True,
                   env=environment, stdout=subprocess.DEVNULL)


def bound(bindings):
    """Bindings as flags."""
    return [word for binding in bindings for word in ("--gin_bindings", binding)]


def results(folder, step):
    """Results of a step in the directory of a run or an evaluation."""
    path = folder / "results" / "json" / f"{step}_results.json"
    return json.loads(path.read_text(encoding="utf-8"))


def scores(run, evaluations):
    """Everything that a run is scored by."""
    found = {}
    for metric, bindings in evaluations:
        call("evaluate", "--gin_file", f"{metric}.gin", "--model_dir", str(run), "--overwrite",
             *bound(bindings))
        found.update(results(run / "evaluation" / metric, "evaluation"))
    return found


def record(**row):
    """Appends a line."""
    with open(RECORDED, "a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    print(row, flush=True)


def recorded():
    """All lines."""
    text = RECORDED.read_text(encoding="utf-8") if RECORDED.is_file() else ""
    return [json.loads(line) for line in text.splitlines()]


def study(name, seed, runs):
    """Trains, turns and scores what is not recorded yet."""
    gin_files, bindings, evaluations, names = STUDIES[name]
    done = {(row["data"], row["model"], row["criterion"], row["seed"]) for row in recorded()}
    for gin_file, is_turned in gin_files.items():
        model = pathlib.Path(gin_file).stem
        run = runs / f"{name}_{model}_{seed}"
        for criterion in [None, *(CRITERIA if is_turned else ())]:
            if (name, model, criterion, seed) in done:
                continue
            started, report, judged = time.monotonic(), {}, run
            call("train", "--gin_file", f"{gin_file}.gin", "--model_dir", str(run), "--nofigures",
                 *bound([*bindings, f"model.random_seed = {seed}"]))
            if criterion:
                judged = run.with_name(f"{run.name}_{criterion}")
                call("rotate", "--model_dir", str(run), "--output_dir", str(judged),
                     "--criterion", criterion, "--random_seed", str(seed), "--overwrite")
                report = results(judged, "rotate")
            seconds = time.monotonic() - started
            values = scores(judged, evaluations)
            trained = results(run, "train")
            record(data=name, model=model, criterion=criterion, seed=seed,
                   steps=trained["global_step"], seconds=seconds,
                   reconstruction=trained["reconstruction_loss"], kl=trained["kl_loss"],
                   **{key: report[key] for key in REPORTED if key in report},
                   **{key: values[key] for key in names})


def table():
    """Means over seeds, with standard deviations where there are several."""
    rows = recorded()
    for name, (_, _, _, names) in STUDIES.items():
        groups = {}
        for row in rows:
            if row["data"] == name:
                groups.setdefault((row["model"], row["criterion"]), []).append(row)
        if not groups:
            continue
        columns = [*names, "reconstruction", "kl"]
        print(f"\n{name}\n\n| model | rotated | seeds | " + " | ".join(columns) + " |")
        print("|---" * (len(columns) + 3) + "|")
        for (model, criterion), group in groups.items():
            cells = []
            for column in columns:
                values = np.array([row[column] for row in group])
                spread = f" ± {values.std(ddof=1):.2g}" if len(values) > 1 else ""
                cells.append(f"{values.mean():.4g}{spread}")
            print(f"| {model} | {criterion or 'no'} | {len(group)} | " + " | ".join(cells) + " |")


def main():
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="*", choices=[*STUDIES, []])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--runs", type=pathlib.Path, default=pathlib.Path("runs", "rotation"))
    parser.add_argument("--table", action="store_true")
    flags = parser.parse_args()
    for name in flags.data:
        for seed in flags.seeds:
            study(name, seed, flags.runs)
    if flags.table:
        table()


if __name__ == "__main__":
    main()
