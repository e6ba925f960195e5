"""The figures of the page: scores along noise and rotation, and all shifts at a glance."""
import numpy as np

from judging import representations, verdicts

__all__ = ["draw"]

# Well-known scores whose lines can be told apart.
LINES = ("mig", "dcimig", "sap_continuous", "z_min_variance", "beta_vae_sklearn", "irs",
         "mcc: pearson", "r2_linear")
MARKERS = "os^vDPX*"
# M. A. Petroff (2021), "Accessible Color Sequences for Data Visualization"; and orange to purple.
# Colour-blind readers can tell both apart.
LINE_COLOURS = ("#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300",
                "#717581")
SHIFT_COLOURS = "PuOr"


def draw(judged, folder):
    """Writes curves.png and shifts.png.

    Args:
        judged: `{name: (table.Score, summaries, Verdict)}`.
        folder: where to.
    """
    _save(_curves(judged), folder / "curves.png")
    _save(_shifts(judged), folder / "shifts.png")


def _save(figure, path):
    figure.savefig(path, format="png", metadata={"Software": None})


def _curves(judged):
    from matplotlib import figure

    page = figure.Figure((9, 4.2), dpi=80, facecolor="white", layout="constrained")
    panels = page.subplots(1, 2, sharey=True)
    for axes, series, label in zip(panels, (representations.NOISES, representations.ROTATIONS), (
            "share of noise in every code", "rotation of two of eight codes, in degrees")):
        for number, name in enumerate(name for name in LINES if name in judged):
            found = judged[name][1]
            steps = [step for step in series if series[step] in found]
            means = [found[series[step]].mean for step in steps]
            spreads = [found[series[step]].spread for step in steps]
            axes.errorbar(steps, means, spreads, color=LINE_COLOURS[number], capsize=2,
                          marker=MARKERS[number], label=name,
                          linestyle=("-", "--")[number % 2])
        axes.set_xlabel(label)
        axes.set_ylim(-0.05, 1.05)
        axes.grid(alpha=0.3)
    panels[0].set_ylabel("score: 1 is best")
    panels[1].legend(fontsize=9, loc="upper left", bbox_to_anchor=(1.02, 1), borderaxespad=0)
    return page


def _shifts(judged):
    from matplotlib import figure

    cases = [case.name for case in verdicts.JUDGED]
    shares = np.array([[verdict.shifts.get(case, np.nan) for case in cases]
                       for _, _, verdict in judged.values()]).reshape(-1, len(cases))
    page = figure.Figure((8, 2.2 + 0.19 * len(judged)), dpi=90, facecolor="white",
                         layout="constrained")
    axes = page.add_subplot()
    axes.set_facecolor("#cccccc")
    image = axes.imshow(100 * shares, cmap=SHIFT_COLOURS, vmin=-100, vmax=100, aspect="auto")
    axes.set_xticks(range(len(cases)), cases, rotation=45, ha="left", fontsize=8)
    axes.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False)
    axes.set_yticks(range(len(judged)), list(judged), fontsize=8)
    defects = sum(case.kind == representations.DEFECT for case in verdicts.JUDGED)
    axes.axvline(defects - 0.5, color="black", linewidth=1.5)
    bar = page.colorbar(image, ax=axes, location="bottom", aspect=50, pad=0.01)
    bar.set_label("shift in percent of the score's unit: purple looks worse, orange looks better, "
                  "grey is refused or missing", fontsize=8)
    return page
