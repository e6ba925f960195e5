"""What holds for all metrics of the catalogue: order, copies, units of codes; constant factors."""
import functools

import numpy as np
import pytest
from helpers import every_metric

from tf_disentangle import errors
from tf_disentangle.evaluation import metrics
from tf_disentangle.evaluation.metrics.common import (
    declaration,
    direction,
    information,
    notes,
    predictors,
)

NUM_POINTS = 1200
MIXING = np.array([[1, 0.2, 0, 0.5], [0, 1, 0.3, 0.4], [0.1, 0, 1, 0]])

# A classifier looks at bins, or ends its search, a little differently.
NEARLY = {"dci": 0.05, "dci_fast": 0.05, "dci_es": 0.05, "downstream_task_boosted_trees": 0.05,
          "strong_downstream_task": 0.1, "fairness": 0.1, "beta_vae_sklearn": 0.02,
          "downstream_task_logistic_regression": 0.03, "infomec": 1e-3,
          "modularity_explicitness": 1e-3, "dci_lasso": 1e-3, "dci_continuous": 0.05,
          "r2_boosted_trees": 0.02}


@pytest.fixture(scope="module")
def factors():
    random = np.random.RandomState(0)
    return np.stack([random.randint(size, size=NUM_POINTS) for size in (3, 4, 5)], axis=1)


@pytest.fixture(scope="module")
def codes(factors):
    noise = np.random.RandomState(1).standard_normal((NUM_POINTS, 4))
    return factors / np.array([2.0, 3.0, 4.0]) @ MIXING + 0.1 * noise


@pytest.fixture(scope="module")
def expected(codes, factors):
    return functools.lru_cache(maxsize=None)(
        lambda name: every_metric.score(name, codes, factors))


def per_code(key):
    """Whether a score is that of one code, and so goes where the code goes."""
    return "modularity.code_" in key or "dci_disentanglement.code_" in key


def assert_alike(name, scores, expected, tolerance=None, skip=()):
    tolerance = tolerance or NEARLY.get(name, 1e-6)
    assert scores.keys() == expected.keys()
    for key, value in scores.items():
        if not per_code(key) and key not in skip:
            assert value == pytest.approx(expected[key], abs=tolerance), (name, key)


# ------------------------------------------------------------------------ order

@pytest.mark.property
@pytest.mark.parametrize("name", every_metric.NAMES)
def test_the_order_of_codes_does_not_matter(name, codes, factors, expected):
    assert_alike(name, every_metric.score(name, codes[:, [2, 0, 3, 1]], factors), expected(name))


@pytest.mark.property
@pytest.mark.parametrize("name", ["dci_fast", "dci", "dci_es", "dci_continuous",
                                  "r2_boosted_trees"])
def test_the_order_of_copies_does_not_matter(name, codes, factors):
    noise = 0.01 * np.random.RandomState(3).standard_normal(codes.shape)
    copies = np.hstack([codes, codes + noise])
    first, second = (every_metric.score(name, each, factors) for each in (copies, copies[:, ::-1]))
    assert_alike(name, first, second)


# ------------------------------------------------------------------------ copies

# What happens to a score when there is a copy of every code. The rest stays.
GONE = {"mig": ["mig"], "aam": ["aam"], "sap_score": ["SAP_score"],
        "sap_score_threshold": ["SAP_score"], "sap_continuous": ["SAP_score"],
        "mig_continuous": ["mig_continuous"], "dmig": ["dmig"], "xmig": ["xmig"],
        "local_scores": ["local_mig(rho=0.3)", "local_mig(rho=1.0)"]}
LOWER = {"dci": ["completeness"], "dci_fast": ["completeness"],
         "dci_es": ["completeness", "size"], "infomec": ["infoc"], "hoyer": ["hoyer"],
         "jemmig": ["jemmig"], "dci_continuous": ["completeness"],
         "infomec_continuous": ["infoc"]}
HIGHER = {"unsupervised": ["gaussian_total_correlation", "gaussian_wasserstein_correlation",
                           "gaussian_wasserstein_correlation_norm", "mutual_info_score"],
          "hfs": ["hfs", "hfs_per_pair"], "jemmig": ["jemmig_nats"],
          "r2_blockwise": ["r2_other_blocks"]}
TWICE = ["num_active_dims"]


@pytest.mark.property
@pytest.mark.parametrize("name", [name for name in every_metric.NAMES if name not in (
    # Each matrix has another summary; codes twice as long, of which a hinge loss sees the length;
    # a lasso takes one of two equal codes.
    "unified_scores", "attribute_classification", "dci_lasso")])
def test_a_copy_of_every_code(name, codes, factors, expected):
    scores, before = every_metric.score(name, np.hstack([codes, codes]), factors), expected(name)
    for key in GONE.get(name, []):
        assert before[key] > 0.1 and scores[key] == pytest.approx(0, abs=1e-9)
    for key in LOWER.get(name, []):
        assert scores[key] < before[key] - 0.02
    for key in HIGHER.get(name, []):
        assert scores[key] > before[key] + 0.02
    for key in set(TWICE) & set(scores):
        assert scores[key] == 2 * before[key]
    changed = [*GONE.get(name, []), *LOWER.get(name, []), *HIGHER.get(name, []), *TWICE]
    assert_alike(name, scores, before, max(0.03, NEARLY.get(name, 0)), changed)


@pytest.mark.property
@pytest.mark.parametrize("name", ["mig_sup", "dcimig", "mcc", "z_min_variance"])
def test_copies_leave_scores_of_the_best_code_exactly_as_they_are(name, codes, factors, expected):
    # A mean over codes, a maximum over them, or the first of equal ones.
    assert_alike(name, every_metric.score(name, np.hstack([codes, codes]), factors),
                 expected(name), 1e-12, TWICE)


@pytest.mark.oracle
def test_jemmig_of_copies_is_the_joint_entropy(factors):
    # The copy tells as much, so that JEMMIG[k] = H(code, factor[k]), here H(factor[k]).
    entropies = information.discrete_entropy(factors)
    found = every_metric.score("jemmig", np.hstack([factors, factors]), factors)
    assert found["jemmig_nats"] == pytest.approx(entropies.mean(), abs=1e-12)
    assert found["jemmig"] == pytest.approx(
        np.mean(1 - entropies / (entropies + np.log(20))), abs=1e-12)


@pytest.mark.oracle
def test_hfs_of_copies(codes, factors, expected):
    # Of two equal codes with values 0 ... 4, (0, 4) is missing most, sqrt(8) from (2, 2).
    code = np.repeat(np.arange(5.0), 7)[:, None]
    found = every_metric.score("hfs", np.hstack([code, code]), factors[:35])
    assert found["hfs"] == pytest.approx(np.sqrt(8) / np.sqrt(2), abs=1e-12)
    # Each pair of different codes is there four times; the pairs of a code and its copy are new.
    alone = sum(every_metric.score("hfs", np.stack([each, each], axis=1), factors)["hfs"]
                for each in codes.T)
    found = every_metric.score("hfs", np.hstack([codes, codes]), factors)
    assert found["hfs"] == pytest.approx(4 * expected("hfs")["hfs"] + alone, rel=1e-9)
    assert found["hfs_per_pair"] == pytest.approx(found["hfs"] / 28, rel=1e-12)


@pytest.mark.oracle
def test_blocks_that_are_copies_tell_as_much(factors):
    codes = factors + 0.3 * np.random.RandomState(1).standard_normal(factors.shape)
    found = every_metric.score("r2_blockwise", np.hstack([codes, codes]), factors)
    assert found["r2_other_blocks"] == pytest.approx(found["r2_own_block"], abs=1e-12)
    assert found["r2_own_block"] == pytest.approx(
        every_metric.score("r2_blockwise", codes, factors)["r2_own_block"], abs=1e-12)


@pytest.mark.property
def test_a_lasso_predicts_from_copies_what_it_predicts_from_one(codes, factors, expected):
    # Any division of a weight among equal codes has the same penalty and the same predictions,
    # and so which of them counts as important is not defined.
    found = every_metric.score("dci_lasso", np.hstack([codes, codes]), factors)
    for key in ("informativeness_train", "informativeness_test", "nrmse"):
        assert found[key] == pytest.approx(expected("dci_lasso")[key], abs=1e-3)


def by_hand(num_codes, copies):
    """Completeness where each factor is told by some codes alike."""
    return 1 - np.log(copies) / np.log(num_codes)


@pytest.mark.oracle
@pytest.mark.parametrize("name, settings", [
    ("dci_fast", {}), ("dci", {"predictor": predictors.gradient_boosting_classifier}),
    ("dci_es", {}), ("dci_continuous", {})])
@pytest.mark.parametrize("copies", [2, 3])
def test_equal_codes_share_what_they_tell(name, settings, copies, factors):
    codes = np.tile(factors.astype(float), copies)
    scores = every_metric.score(name, codes, factors, **settings)
    assert scores["completeness"] == pytest.approx(by_hand(3 * copies, copies), abs=0.06)
    assert scores["disentanglement"] == pytest.approx(1, abs=0.01)


@pytest.mark.oracle
@pytest.mark.parametrize("noise", [0.01, 0.1])
def test_near_copies_share_as_well(noise, factors):
    random = np.random.RandomState(5)
    codes = np.hstack([factors + noise * random.standard_normal(factors.shape) for _ in range(2)])
    scores = every_metric.score("dci_fast", codes, factors)
    assert scores["completeness"] == pytest.approx(by_hand(6, 2), abs=0.05)


# ------------------------------------------------------------------------ units

# By definition they see the scale, or the zero, of codes.
DEPEND = {"sap_score", "sap_continuous", "unified_scores", "attribute_classification"}
ON_SCALE = {"unsupervised": {"gaussian_wasserstein_correlation"}}
ON_OFFSET = {"hoyer": {"hoyer"}}


@pytest.mark.property
@pytest.mark.parametrize("name", [name for name in every_metric.NAMES if name not in DEPEND])
@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_the_scale_of_codes_does_not_matter(name, scale, codes, factors, expected):
    scores = every_metric.score(name, scale * codes, factors)
    assert_alike(name, scores, expected(name), skip=ON_SCALE.get(name, ()))


@pytest.mark.property
@pytest.mark.parametrize("name", [name for name in every_metric.NAMES if name not in DEPEND])
@pytest.mark.parametrize("scale", [1e-9, 1.0])
def test_the_offset_of_codes_does_not_matter(name, scale, codes, factors, expected):
    # 1e7 standard deviations away, float64 has nine digits left.
    scores = every_metric.score(name, scale * (codes + 5e6), factors)
    skip = {*ON_SCALE.get(name, ()), *ON_OFFSET.get(name, ())}
    # A few points lie on the border of another bin.
    assert_alike(name, scores, expected(name), max(2e-3, NEARLY.get(name, 0)), skip)


@pytest.mark.property
@pytest.mark.parametrize("scale, offset", [(1e-9, 0), (1e9, 0), (1e9, 1e14), (1e-9, 1e-2)])
def test_attributes_in_unusual_units(scale, offset, codes, factors):
    def accuracy(codes_):
        return every_metric.score("attribute_classification", codes_, factors)
    assert_alike("attributes", accuracy(scale * codes + offset),
                 accuracy(codes / codes.std(axis=0).max()), 0.002)


@pytest.mark.property
def test_scores_that_depend_on_units_say_so():
    for function in (metrics.sap_score.sap, metrics.hoyer.hoyer, metrics.beta_vae.z_diff,
                     metrics.attribute_classification.attribute_classification,
                     metrics.irs.irs, metrics.downstream_task.downstream_task):
        assert "by definition" in " ".join(function.__doc__.lower().split())


@pytest.mark.property
@pytest.mark.parametrize("name", every_metric.NAMES)
def test_float32_is_as_good_as_float64(name, codes, factors):
    # Values that float32 holds exactly, far from 0: what sums in float32 would lose.
    exact = (np.round(codes * 256) / 256 + 1e4).astype(np.float32)
    assert every_metric.score(name, exact, factors) == every_metric.score(
        name, exact.astype(np.float64), factors)


@pytest.mark.oracle
def test_irs_of_many_float32_codes():
    random = np.random.RandomState(0)
    factors = random.randint(5, size=(100_000, 2))
    codes = (factors + 0.5 * random.standard_normal(factors.shape) + 1e4).astype(np.float32)
    wide = codes.astype(np.longdouble)
    score, narrow = (every_metric.score("irs", each, factors)["IRS"]
                     for each in (codes, wide.astype(np.float64) - 1e4))
    assert score == pytest.approx(narrow, abs=1e-6)


# ------------------------------------------------------------------------ constant factors

def with_constant(factors):
    return np.column_stack([np.full(NUM_POINTS, 3), factors])


@pytest.mark.property
@pytest.mark.parametrize("name", every_metric.WITH_FACTORS)
def test_a_factor_that_does_not_vary_is_left_out_and_named(name, codes, factors, expected):
    found = every_metric.result(name, codes, with_constant(factors))
    assert "factor 0 has a single value and is left out" in found[notes.KEY]
    numbers = [value for value in found.values() if isinstance(value, (int, float))]
    # Keys have other numbers of factors, the values are the same.
    assert sorted(numbers) == pytest.approx(sorted(expected(name).values()), abs=1e-9)


@pytest.mark.parametrize("name", every_metric.WITH_FACTORS)
def test_factors_of_which_none_varies_are_one_clear_error(name, codes):
    with pytest.raises(errors.InvalidArgumentError, match="`factors`.*two or more values.*only"):
        every_metric.result(name, codes, np.ones((NUM_POINTS, 2), int))


@pytest.mark.property
def test_a_data_set_with_a_factor_of_one_value(grid_data):
    def first_two(images):
        return np.asarray(images, np.float64)[:, -2:, 0, 0]
    small, large = grid_data([4, 6]), grid_data([1, 4, 6])
    large.factor_names = ["colour", "shape", "size"]
    settings = {
        metrics.factor_vae.compute_factor_vae: {"num_train": 200, "num_eval": 200},
        metrics.beta_vae.compute_beta_vae_sklearn: {"num_train": 200, "num_eval": 200,
                                                    "batch_size": 8}}
    for compute, numbers in settings.items():
        plain, left_out = (compute(made, first_two, np.random.RandomState(0), **numbers)
                           for made in (small, large))
        assert left_out.pop("notes") == [
            "factor 0 (colour) has a single value and is left out"]
        assert left_out["eval_accuracy"] == pytest.approx(plain["eval_accuracy"], abs=0.02)
        assert plain["eval_accuracy"] > 0.95


# ------------------------------------------------------------------------ which way is better

@pytest.mark.contract
@pytest.mark.parametrize("name", every_metric.NAMES)
def test_every_score_is_named_where_its_direction_is_said(name, expected):
    text = declaration.declared()[name].scores
    # A single number has the metric's own name.
    assert [key for key in expected(name) if direction.name_of(text, key) is None
            and key != name and not key.startswith("num_")] == []


# ------------------------------------------------------------------------ one factor, one code

@pytest.mark.parametrize("name", ["dci", "dci_fast", "dci_es", "unified_scores"])
def test_a_trivial_score_is_called_so(name, codes, factors):
    found = every_metric.result(name, codes, factors[:, :1])
    assert any("disentanglement is 1 for any" in note for note in found[notes.KEY])
    found = every_metric.result(name, codes[:, :1], factors)
    assert any("completeness is 1 for any" in note for note in found[notes.KEY])


def test_results_of_functions_of_arrays_have_notes_too(codes, factors):
    assert "for any codes" in metrics.dci_es.dci_es(codes, factors[:, :1], num_jobs=1)["notes"][0]
