"""Sentences about single results, with the recorded numbers in them."""

from judging import representations

__all__ = ["sentences"]

NOISE = representations.PURE_NOISE


def sentences(found):
    """The sentences whose claims the recorded numbers bear out.

    Args:
        found: `{name: (table.Score, summaries, Verdict)}`.
    """
    means = {(name, case): summary.mean for name, (_, summaries, _) in found.items()
             for case, summary in summaries.items()}
    blind = [f"`{name}`" for name, (_, _, verdict) in found.items() if NOISE in verdict.ignores]
    told = []
    for claim in (_noise, _shape, _few_points, _single):
        for holds, sentence in claim(_Means(means)):
            if holds:
                told.append(sentence)
    if blind:
        told.insert(0, f"Codes of pure noise are as good as perfect ones to {', '.join(blind)}.")
    return told


class _Means:
    """Means by score and case; a comparison with one that is not recorded is false."""

    def __init__(self, means):
        self._means = means

    def __call__(self, score, case):
        return self._means.get((score, case), float("nan"))

    def said(self, score, *cases):
        return ", ".join(f"{self(score, case):.2f}" for case in cases)


def _noise(mean):
    yield (mean("beta_vae_sklearn", "noise 0.5") > 0.9
           and mean("factor_vae_metric", "noise 0.5") > 0.9,
           "Half of every code can be noise, and the Z-diff score (`beta_vae_sklearn`) is still "
           f"{mean.said('beta_vae_sklearn', 'noise 0.5')}, the FactorVAE score "
           f"{mean.said('factor_vae_metric', 'noise 0.5')}. MIG is then "
           f"{mean.said('mig', 'noise 0.5')}: equal numbers of different scores do not "
           "mean the same.")
    yield (mean("dci_lasso: disentanglement", "noise 0.5") > 0.9,
           "DCI's disentanglement looks at the ratios of weights, which noise leaves as they are: "
           f"{mean.said('dci_lasso: disentanglement', 'noise 0.5')} with lasso and half noise. "
           "Read it beside its informativeness "
           f"({mean.said('dci_lasso: informativeness', 'noise 0.5')}).")
    yield (mean("infomec: infom", NOISE) > 0.2,
           "Codes that know nothing do not score 0 everywhere: for pure noise InfoM is "
           f"{mean.said('infomec: infom', NOISE)} and modularity "
           f"{mean.said('modularity_explicitness: modularity', NOISE)}.")


def _shape(mean):
    yield (mean("mig", "curve") < 0.9 < mean("mig_continuous", "curve"),
           "The third power of a factor is as good a code as the factor, but in bins of equal "
           f"width MIG falls from {mean.said('mig', 'perfect', 'curve').replace(', ', ' to ')}. "
           f"`mig_continuous` ({mean.said('mig_continuous', 'curve')}) and Spearman's MCC "
           f"({mean.said('mcc: spearman', 'curve')}) do not care.")
    yield (mean("monotonicity", "mixture") > 0.9,
           f"Monotonicity is {mean.said('monotonicity', 'mixture')} for codes that are random "
           "mixtures: it asks about a code that was chosen for a factor, not about the others.")
    yield (mean("mig", "correlation") < 0.9 < mean("dmig", "correlation"),
           f"Perfect codes of correlated factors get {mean.said('mig', 'correlation')} from MIG "
           f"and {mean.said('dmig', 'correlation')} from DMIG.")
    yield (mean("factor_vae_metric", "units") < 0.9,
           "Codes in units from 0.01 to 100 take the FactorVAE score from "
           f"{mean.said('factor_vae_metric', 'perfect', 'units').replace(', ', ' to ')}: it leaves "
           "out codes that vary less than a twentieth of the largest, as inactive, and so do "
           "Z-min variance and InfoMEC. Standardise codes first.")


def _few_points(mean):
    yield (mean("mig", "100 points") < 0.9 and mean("mcc: pearson", "noise, 100 points") > 0.1,
           f"With 100 points MIG of perfect codes is {mean.said('mig', '100 points')}, and "
           f"Pearson's MCC of pure noise is {mean.said('mcc: pearson', 'noise, 100 points')}.")


def _single(mean):
    yield (mean("sap_score", "perfect") < 0.5,
           f"SAP by support vector machines gives perfect codes {mean.said('sap_score', 'perfect')}"
           ": a line on one code cannot single out a class in the middle. For ordered factors use "
           f"`sap_continuous` ({mean.said('sap_continuous', 'perfect')}).")
    yield (mean("irs", "perfect") < 0.95,
           f"IRS of perfect codes is {mean.said('irs', 'perfect')}, since a code still varies "
           "within each of the ten classes.")
