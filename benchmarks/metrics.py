"""How long the metrics take: the table in docs/benchmarks.md.

    python benchmarks/metrics.py

Prints, for every metric at the settings of disentanglement_lib's study (10 000 training points,
5000 test points, batches of 64 for the Z-diff and FactorVAE scores), median seconds, the
processors' seconds (which other programs on the machine hardly change) and the peak memory;
then the core of some of them next to a plain loop of scikit-learn over codes and factors.
Points are vectors with the factors of dSprites and the representation is a cheap function of
them, so that only the metric is measured; a model adds the time of its encoder. Where
latte-metrics or latentverse is installed, its scores are measured next to those here.

Standard boosted trees, which take minutes to hours, run only with --slow.
"""
import argparse
import functools
import importlib
import os
import resource
import time
import warnings

import numpy as np
import sklearn
from joblib.externals import loky
from sklearn import ensemble, exceptions, metrics, svm

from tf_disentangle import data
from tf_disentangle.evaluation.metrics import utils
from tf_disentangle.evaluation.metrics.common import local_sampling, predictors

NUM_TRAIN, NUM_TEST, NUM_CODES, NUM_BINS = 10000, 5000, 10, 20

# A metric whose first round took more seconds than this has no second round.
_LONG = 60


class FactorVectors(data.GroundTruthData):
    """The factors of dSprites (shape, scale, orientation, x, y), which are also the observation."""

    @property
    def factors_num_values(self):
        return [3, 6, 40, 32, 32]

    @property
    def observation_shape(self):
        return [5]

    def sample_factors(self, num, random_state):
        """`[num, 5]` int64 array."""
        return np.stack([random_state.randint(size, size=num)
                         for size in self.factors_num_values], axis=1)

    def sample_observations_from_factors(self, factors, random_state):
        """`[num, 5]` float32, the factors scaled to 0 ... 1."""
        del random_state
        return (factors / (np.array(self.factors_num_values) - 1)).astype(np.float32)


class NoisyCodes:
    """Ten codes: each factor, distorted and noisy, and five mixtures of the factors."""

    def __init__(self):
        random_state = np.random.RandomState(0)
        self._mixing = np.concatenate([np.eye(5), random_state.normal(size=(5, 5))], axis=1)
        self._noise = 1e4 * random_state.normal(size=(5, NUM_CODES))

    def __call__(self, observations):
        clean = np.tanh(2 * observations @ self._mixing - 1)
        # Noise that is a function of the factors, as a deterministic encoder's is.
        return (clean + 0.1 * np.sin(observations @ self._noise)).astype(np.float32)


# Name, module and function in `evaluation.metrics`, and arguments that differ from their defaults,
# which are the study's.
LOCAL = {"window_fn": functools.partial(local_sampling.local_window, denylist_factors=(0,)),
         "discretizer": 5}
LOGISTIC = {"predictor": predictors.logistic_regression_cv}
HISTOGRAM = {"predictor": predictors.hist_gradient_boosting_classifier}
STANDARD = {"predictor": predictors.gradient_boosting_classifier}

WITHOUT_TREES = [
    ("MIG", "mig", "compute_mig", {}),
    ("SAP", "sap_score", "compute_sap", {}),
    ("SAP with thresholds", "sap_score_threshold", "compute_sap_threshold", {}),
    ("modularity, explicitness", "modularity_explicitness", "compute_modularity_explicitness", {}),
    ("Z-diff", "beta_vae", "compute_beta_vae_sklearn", {}),
    ("FactorVAE score", "factor_vae", "compute_factor_vae", {}),
    ("decomposition votes", "factor_vae", "compute_decomposition_votes", {}),
    ("IRS", "irs", "compute_irs", {}),
    ("unsupervised", "unsupervised_metrics", "unsupervised_metrics", {}),
    ("AAM", "aam", "compute_aam", {}),
    ("Hoyer", "hoyer", "compute_hoyer", {}),
    ("InfoMEC", "infomec", "compute_infomec", {}),
    ("local MIG, 20 clusters", "local_mig", "compute_local_mig", LOCAL),
    ("local modularity, 20 clusters", "local_modularity", "compute_local_modularity", LOCAL),
    ("local scores, 20 clusters, 5 radii", "local_scores", "compute_local_scores", LOCAL),
    ("downstream, logistic", "downstream_task", "compute_downstream_task", LOGISTIC),
]
FAST_TREES = [
    ("DCI, histogram trees", "dci", "compute_dci", HISTOGRAM),
    ("downstream, histogram trees", "downstream_task", "compute_downstream_task", HISTOGRAM),
    ("fairness, histogram trees", "fairness", "compute_fairness", HISTOGRAM),
]
STANDARD_TREES = [
    ("DCI", "dci", "compute_dci", STANDARD),
    ("downstream, boosted trees", "downstream_task", "compute_downstream_task", STANDARD),
    ("fairness", "fairness", "compute_fairness", STANDARD),
    ("unified scores", "unified_scores", "compute_unified_scores", {}),
]


def existing(table):
    """`{name: function without arguments}` for the metrics of a table that exist."""
    found = {}
    for name, module, function, arguments in table:
        try:
            compute = getattr(importlib.import_module(
                f"tf_disentangle.evaluation.metrics.{module}"), function)
        except (ImportError, AttributeError):
            print(f"absent: {module}.{function}")
            continue
        found[name] = functools.partial(_score, compute, arguments)
    return found


def _score(compute, arguments):
    return compute(FactorVectors(), NoisyCodes(), np.random.RandomState(0), **arguments)


# ----------------------------------------------------------------------- plain loops

def loop_bins(codes):
    return np.stack([np.digitize(row, np.histogram(row, NUM_BINS)[1][:-1]) for row in codes])


def loop_information(bins, factors):
    matrix = [[metrics.mutual_info_score(factor, code) for factor in factors] for code in bins]
    return np.array(matrix), [metrics.mutual_info_score(factor, factor) for factor in factors]


def our_information(bins, factors):
    return utils.discrete_mutual_info(bins, factors), utils.discrete_entropy(factors)


def loop_svm(codes, factors, test_codes, test_factors):
    matrix = np.zeros((len(codes), len(factors)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", exceptions.ConvergenceWarning)
        for i, code in enumerate(codes):
            for k, factor in enumerate(factors):
                classifier = svm.LinearSVC(C=0.01, class_weight="balanced")
                classifier.fit(code[:, None], factor)
                matrix[i, k] = classifier.score(test_codes[i][:, None], test_factors[k])
    return matrix


def loop_trees(codes, factors):
    return [ensemble.GradientBoostingClassifier().fit(codes.T, factor).feature_importances_
            for factor in factors]


def our_trees(codes, factors):
    return predictors.map_predictors(_importances, predictors.gradient_boosting_classifier,
                                     codes.T, factors.T, np.random.RandomState(0))


def _importances(classifier, index):
    del index
    return classifier.feature_importances_


def loops(slow):
    """`{name: (rounds, plain loop, ours)}`; the last two are functions without arguments."""
    random_state = np.random.RandomState(0)
    (codes, factors), (test_codes, test_factors) = (utils.generate_batch_factor_code(
        FactorVectors(), NoisyCodes(), num, random_state, 16) for num in (NUM_TRAIN, NUM_TEST))
    bins = loop_bins(codes)
    pairs = {
        "bins": (20, lambda: loop_bins(codes),
                 lambda: utils.histogram_discretize(codes, NUM_BINS)),
        "MI matrix and entropies": (5, lambda: loop_information(bins, factors),
                                    lambda: our_information(bins, factors)),
        "bins, MI matrix and entropies": (
            5, lambda: loop_information(loop_bins(codes), factors),
            lambda: our_information(utils.histogram_discretize(codes, NUM_BINS),
                                    factors))}
    try:
        from tf_disentangle.evaluation.metrics import matrix_functions
    except ImportError:
        print("absent: matrix_functions")
    else:
        points = codes, factors, test_codes, test_factors
        pairs["SVM of each code and factor (SAP)"] = (
            1, lambda: loop_svm(*points), lambda: matrix_functions.accuracy_svm_matrix(*points))
    if slow:
        pairs["boosted trees of each factor (DCI)"] = (
            1, lambda: loop_trees(codes, factors), lambda: our_trees(codes, factors))
    return pairs


# ----------------------------------------------------------------------- other packages

def others():
    """`{name: (function of another package, ours)}`, both without arguments."""
    codes, factors = (each.T for each in utils.generate_batch_factor_code(
        FactorVectors(), NoisyCodes(), NUM_TRAIN, np.random.RandomState(0), 16))
    pairs = {}
    for package, add in (("latte", _of_latte), ("latentverse", _of_latentverse)):
        try:
            pairs.update(add(codes, factors))
        except ImportError as error:
            print(f"absent: {package} ({error})")
    return pairs


def _of_latte(codes, factors):
    from latte.functional.disentanglement import modularity, mutual_info, sap

    from tf_disentangle.evaluation.metrics import dmig, mig, sap_continuous, xmig
    from tf_disentangle.evaluation.metrics import modularity_explicitness as ours

    numbers = factors.astype(float)
    return {
        "MIG, latte-metrics": (lambda: mutual_info.mig(codes, factors, discrete=True),
                               lambda: mig.mig(codes, factors)),
        "DMIG, latte-metrics": (lambda: mutual_info.dmig(codes, factors, discrete=True),
                                lambda: dmig.dmig(codes, factors)),
        "XMIG, latte-metrics": (
            lambda: mutual_info.xmig(codes, factors, discrete=True, reg_dim=[0, 1, 2, 3, 4]),
            lambda: xmig.xmig(codes, factors)),
        "modularity, latte-metrics": (lambda: modularity.modularity(codes, factors, discrete=True),
                                      lambda: ours.modularity(codes, factors)),
        "SAP, continuous factors, latte-metrics": (
            lambda: sap.sap(codes, numbers),
            lambda: sap_continuous.sap_continuous(codes, numbers))}


def _of_latentverse(codes, factors):
    from latentverse import run_disentanglement

    from tf_disentangle.evaluation import of_arrays

    return {"DCI, MIG, SAP, total correlation, latentverse": (
        lambda: run_disentanglement(codes, factors), lambda: of_arrays.evaluate_arrays(
            codes, factors, ["dci_fast", "mig", "sap_score", "unsupervised"],
            say=lambda line: None))}


# ----------------------------------------------------------------------- measuring

def seconds(function):
    """Wall-clock and processor seconds of a call, including its child processes."""
    started, spent = time.perf_counter(), _processor_seconds()
    function()
    wall = time.perf_counter() - started
    # The system counts a child's time only after it has ended.
    loky.get_reusable_executor().shutdown(wait=True)
    return wall, _processor_seconds() - spent


def _processor_seconds():
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in usage)


def peak_memory():
    """Peak MiB so far of this process and of its largest child."""
    return tuple(resource.getrusage(who).ru_maxrss / 1024
                 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def print_metrics(title, table, rounds):
    """Prints a row for each metric; they take turns, so that a drifting machine slows all alike."""
    found = existing(table)
    times, memory = {name: [] for name in found}, {}
    for _ in range(rounds):
        for name, function in found.items():
            if times[name] and times[name][0][0] > _LONG:
                continue
            times[name].append(seconds(function))
            memory.setdefault(name, peak_memory())
    print(f"\n| {title} | s | processor s | peak MiB so far | of a child |\n|---|---|---|---|---|")
    medians = {name: np.median(values, axis=0) for name, values in times.items()}
    slowest = max(medians, key=lambda name: medians[name][1])
    for name, values in medians.items():
        _print_row(name, values, memory[name])
    total = np.sum(list(medians.values()), axis=0)
    _print_row(f"all but {slowest}", total - medians[slowest], peak_memory())
    _print_row("all of these", total, peak_memory())


def _print_row(name, times, memory):
    print(f"| {name} | {times[0]:.2f} | {times[1]:.2f} | {memory[0]:.0f} | {memory[1]:.0f} |",
          flush=True)


def print_loops(slow):
    """Prints each core next to its plain loop; the two take turns."""
    print("\n| core of a metric | plain loop s | here s | ratio |\n|---|---|---|---|")
    for name, (rounds, loop, ours) in loops(slow).items():
        times = [(seconds(loop)[0], seconds(ours)[0]) for _ in range(rounds)]
        before, after = np.median(times, axis=0)
        print(f"| {name} | {before:.4f} | {after:.4f} | {before / after:.0f} |", flush=True)


def print_others():
    """Prints each score of another package next to ours; the two take turns."""
    print("\n| scores, package | processor s | here | ratio |\n|---|---|---|---|")
    for name, (theirs, ours) in others().items():
        before, after = np.median([(seconds(theirs)[1], seconds(ours)[1]) for _ in range(3)],
                                  axis=0)
        print(f"| {name} | {before:.3f} | {after:.3f} | {before / after:.0f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parts", nargs="+", choices=("metrics", "trees", "loops", "others"),
                        default=("metrics", "trees", "loops", "others"))
    parser.add_argument("--slow", action="store_true", help="standard boosted trees as well")
    flags = parser.parse_args()
    print(f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}, {os.cpu_count()} cores, "
          f"{peak_memory()[0]:.0f} MiB after imports")
    if "metrics" in flags.parts:
        print_metrics("everything without boosted trees", WITHOUT_TREES, flags.rounds)
    if "trees" in flags.parts:
        print_metrics("histogram boosted trees", FAST_TREES, flags.rounds)
    if "loops" in flags.parts:
        print_loops(flags.slow)
    if "others" in flags.parts:
        print_others()
    if flags.slow:
        print_metrics("standard boosted trees", STANDARD_TREES, 1)


if __name__ == "__main__":
    main()
