"""Local scores on three dots against minutes of training: docs/experiments/quality_per_minute.md.

    bin/study quality_per_minute.gin --num_cpus 1
    python benchmarks/quality.py --study studies/quality_per_minute
    python benchmarks/quality.py

The second command adds the scores and training times of the study to those in benchmarks/recorded,
so that the study may be carried out in parts. Both print the page's table and draw its figure from
what is kept there. Minutes are those of the fastest run of a setting, which other programs on the
machine have disturbed least.
"""
import argparse
import csv
import pathlib

import numpy as np

from tf_disentangle.studies import statistics

ROOT = pathlib.Path(__file__).resolve().parents[1]
RECORDED = ROOT / "benchmarks" / "recorded" / "quality_per_minute.csv"
FIGURE = ROOT / "docs" / "experiments" / "quality_per_minute.png"
COLUMNS = ("method", "STEPS", "seed", "train_seconds", "local_mig", "local_modularity",
           "reconstruction")
SCORES = {"local_scores.local_mig(rho=0.1)": "local_mig",
          "local_scores.local_modularity(rho=0.1)": "local_modularity",
          "train.reconstruction_loss": "reconstruction"}
NAMES = {"rotated_beta_vae": "beta-VAE, rotated", "jl1": "JL1-VAE, rotated before the penalty"}
# The paper's medians of ten seeds after 300 000 steps, of its JL1-VAE and its beta-VAE.
PUBLISHED = {"local_mig": (0.123, 0.062), "local_modularity": (0.942, 0.897)}
# M. A. Petroff (2021), "Accessible Color Sequences for Data Visualization".
COLOURS = ("#3f90da", "#bd1f01", "#832db6", "#ffa90e")
MARKERS = "os^D"


def recorded():
    """The rows that are kept."""
    with open(RECORDED, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def keep(study):
    """Writes the scores and times of a study's finished runs, instead of those of the same runs."""
    rows = {}
    with open(study / "runs.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["state"] == "finished":
                rows[row["run"]] = row
    with open(study / "scores.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["score"] in SCORES and row["run"] in rows:
                rows[row["run"]][SCORES[row["score"]]] = row["value"]
    kept = {_key(row): row for row in (*recorded(), *rows.values())}
    with open(RECORDED, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept[key] for key in sorted(kept))


def _key(row):
    return list(NAMES).index(row["method"]), int(row["STEPS"]), int(row["seed"])


def settings():
    """`{(method, steps): {column: array over seeds}}` of what is kept, with minutes."""
    found = {}
    for row in recorded():
        columns = found.setdefault((row["method"], int(row["STEPS"])), {})
        for column in COLUMNS[3:]:
            columns.setdefault(column, []).append(float(row[column]))
    return {setting: {**{column: np.array(values) for column, values in columns.items()},
                      "minutes": min(columns["train_seconds"]) / 60}
            for setting, columns in found.items()}


def print_table(found):
    print("| model | steps | minutes | local MIG | best seed | local modularity "
          "| reconstruction (nats) |")
    print("|---|---|---|---|---|---|---|")
    for (method, steps), columns in found.items():
        print(f"| {NAMES[method]} | {steps} | {columns['minutes']:.1f} "
              f"| {_mean(columns['local_mig'])} | {columns['local_mig'].max():.3f} "
              f"| {_mean(columns['local_modularity'])} | {columns['reconstruction'].mean():.0f} |")


def _mean(values):
    if len(values) == 1:
        return f"{values[0]:.3f} (one seed)"
    return f"{values.mean():.3f} ± {values.std(ddof=1):.3f}"


def draw(found):
    """Means with 95% intervals over seeds, against minutes; one seed has no interval."""
    from matplotlib import figure

    page = figure.Figure((9, 3.8), dpi=100, facecolor="white", layout="constrained")
    methods = list(dict.fromkeys(method for method, _ in found))
    for axes, (score, published) in zip(page.subplots(1, 2), PUBLISHED.items()):
        for method, colour, marker in zip(methods, COLOURS, MARKERS):
            points = [columns for (name, _), columns in found.items() if name == method]
            minutes = [columns["minutes"] for columns in points]
            means = [columns[score].mean() for columns in points]
            bounds = np.transpose(
                [statistics.interval(columns[score])[1:] for columns in points])
            axes.errorbar(minutes, means, np.abs(bounds - means), color=colour, marker=marker,
                          capsize=3, label=NAMES[method])
        for value, name in zip(published, ("the paper's JL1-VAE", "the paper's beta-VAE")):
            axes.axhline(value, color="#717581", linestyle="--", linewidth=1)
            axes.annotate(name, (1, value), xycoords=("axes fraction", "data"), fontsize=8,
                          ha="right", va="bottom", color="#555555")
        axes.set_xscale("log")
        ticks = (3, 5, 10, 20, 50, 100)
        axes.set_xticks(ticks, ticks)
        axes.minorticks_off()
        axes.set_xlabel("minutes of training on one core")
        axes.set_title(score.replace("_mig", " MIG").replace("_", " ") + ", rho 0.1", fontsize=10)
        axes.grid(alpha=0.3)
    page.axes[0].legend(fontsize=8, loc="lower right", bbox_to_anchor=(1, 0.12))
    page.savefig(FIGURE, metadata={"Software": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--study", type=pathlib.Path, help="folder of a carried-out study")
    study = parser.parse_args().study
    if study:
        keep(study)
    found = settings()
    print_table(found)
    draw(found)


if __name__ == "__main__":
    main()
