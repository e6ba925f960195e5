"""A metric is declared once: what follows from that, for the package's own and a user's."""
import copy
import inspect
import pickle
import sys

import gin
import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle import errors
from tf_disentangle.evaluation import catalog, metrics, metrics_table, of_arrays
from tf_disentangle.evaluation.metrics import dci, mig, sap_score, utils
from tf_disentangle.evaluation.metrics.common import declaration, docstrings, draws, sampling
from tf_disentangle.evaluation.of_models import suite

OWN = '''
from tf_disentangle.evaluation import metrics


@metrics.metric("own_spread", metrics.draws.codes(num_train=50), paper="nowhere",
                scores="largest_share: 0 to 1, lower")
def own_spread(codes, power=1.0):
    """Share of the variance that the code with most of it has.

    Args:
        codes: `[num_points, num_codes]`.
        power: of the variances.
    Returns:
        largest_share: float in [0, 1].
    """
    variances = codes.var(axis=0)**power
    return {"largest_share": float(variances.max() / variances.sum())}
'''


@pytest.fixture
def own_module(tmp_path, monkeypatch):
    name = f"own_metric_{tmp_path.name}".replace("-", "_")
    # Each test has a module of its own name, and a metric of its own name in it.
    (tmp_path / f"{name}.py").write_text(OWN.replace("own_spread", f"{name}_spread"))
    monkeypatch.syspath_prepend(tmp_path)
    yield name
    sys.modules.pop(name, None)


# ----------------------------------------------------------------------- what is derived

@pytest.mark.contract
@pytest.mark.parametrize("name", sorted(declaration.declared()))
def test_every_parameter_of_a_form_is_described(name):
    metric = declaration.declared()[name]
    sections = docstrings.sections(metric.compute.__doc__)
    described = [argument for names, lines in docstrings.entries(sections["Args"])
                 for argument in names if lines[0].strip()]
    assert described == list(inspect.signature(metric.compute).parameters)
    assert sections["text"] and sections["Returns"] and sections["Raises"]
    assert all(len(line) <= 100 for line in metric.compute.__doc__.splitlines())


@pytest.mark.contract
def test_the_form_of_a_metric_looks_as_if_it_were_written_out():
    assert str(inspect.signature(mig.compute_mig)).startswith(
        "(ground_truth_data, representation_function, random_state, artifact_dir=None, "
        "num_train=10000, batch_size=16, discretizer=<function make_discretizer")
    assert mig.compute_mig is mig.mig.on_dataset
    assert mig.compute_mig.__module__ == mig.__name__
    assert mig.compute_mig.__qualname__ == "compute_mig"
    assert pickle.loads(pickle.dumps(mig.compute_mig)) is mig.compute_mig
    assert mig.compute_mig.__doc__.startswith(
        "Mutual information gap of a representation on a data set.\n")
    assert '`{"discrete_mig": score}`, where the score is a' in mig.compute_mig.__doc__
    assert list(inspect.signature(sap_score.compute_sap_on_fixed_data).parameters) == [
        "observations", "labels", "representation_function", "train_percentage",
        "continuous_factors", "batch_size"]
    with pytest.raises(TypeError, match="random_state"):
        mig.compute_mig(None, None)
    with pytest.raises(TypeError, match="num_trian"):
        mig.compute_mig(None, None, None, num_trian=3)


@pytest.mark.property
@pytest.mark.parametrize("metric, halves, arguments", [
    (mig.mig, False, {"discretizer": 4}), (sap_score.sap, True, {}),
    (dci.dci, True, {"predictor": utils.logistic_regression_cv})])
def test_a_form_scores_the_points_that_it_draws(grid_data, identity, metric, halves, arguments):
    data, random_state = grid_data([3, 5], noise=True), np.random.RandomState(2)
    numbers = {"num_train": 90, **({"num_test": 40} if halves else {})}
    points = [array for num in numbers.values() for array in sampling.generate_batch_factor_code(
        data, identity, num, random_state, 16)]
    seed = {"random_state": random_state} if halves else {}
    expected = metric(*points, **arguments, **seed)
    found = metric.on_dataset(data, identity, np.random.RandomState(2), **numbers, **arguments)
    assert found == (expected if halves else {"discrete_mig": expected})


@pytest.mark.contract
def test_a_variant_is_a_second_declaration():
    table = {metric.name: metric for metric in catalog.METRICS}
    parameter = inspect.signature(table["dci_fast"].compute).parameters["predictor"]
    assert parameter.default is utils.hist_gradient_boosting_classifier
    assert table["dci_fast"].from_arrays.func is dci.dci and table["dci"].from_arrays is dci.dci
    assert dci.dci.on_dataset is table["dci"].compute


@pytest.mark.contract
def test_how_points_are_drawn_follows_from_the_arguments():
    def of(function):
        return draws.of_arguments(function).fills
    assert of(lambda codes, scale=1: 0) == ("codes",)
    assert of(lambda codes, factors: 0) == ("codes", "factors")
    assert of(lambda codes, factors, test_codes, test_factors: 0) == (
        "codes", "factors", "test_codes", "test_factors")


@pytest.mark.contract
def test_sections_and_entries_of_a_docstring():
    found = docstrings.sections('''Line.

    More of it: text.

    Args:
        a, b: two
            lines.
        c: one.
    Returns:
        float.
    ''')
    assert found["text"] == "Line.\n\nMore of it: text." and found["Returns"] == "    float."
    assert docstrings.entries(found["Args"]) == [(("a", "b"), ["two", "lines."]),
                                                 (("c",), ["one."])]


# ----------------------------------------------------------------------- names

@pytest.mark.contract
def test_the_same_metric_may_be_declared_again_and_another_one_not():
    def declare(value, qualname="made_up"):
        def made_up(codes):
            return value
        made_up.__qualname__ = qualname
        metrics.metric("test_declared_twice")(made_up)
        return made_up

    assert declare(1.0).on_dataset.metric in catalog.METRICS
    again = declare(2.0)
    found = [metric for metric in catalog.METRICS if metric.name == "test_declared_twice"]
    assert found == [again.on_dataset.metric]
    assert found[0].score_arrays(np.zeros((3, 2)), None) == {"test_declared_twice": 2.0}
    with pytest.raises(errors.InvalidArgumentError, match=(
            "`name`.*no other metric has.*'mig'.*evaluation.metrics.mig.compute_mig has it")):
        metrics.metric("mig")(again)


@pytest.mark.contract
def test_settings_have_defaults():
    with pytest.raises(errors.InvalidArgumentError, match="`power`. Expected a default in spread"):
        @metrics.metric("test_without_default")
        def spread(codes, power):
            return 0.0


@pytest.mark.contract
def test_an_order_must_name_all_settings():
    with pytest.raises(errors.InvalidArgumentError, match="`order`.*'batch_size', 'num_train'"):
        metrics.metric("test_order", order=("num_train",))(lambda codes: 0)


# ----------------------------------------------------------------------- a user's own

def test_an_own_metric_scores_arrays_and_has_a_row(own_module):
    codes = np.random.RandomState(0).normal(size=(40, 3)) * [3, 1, 1]
    name = f"{own_module}_spread"
    with pytest.raises(errors.InvalidArgumentError, match="names of metrics, all, or quick"):
        catalog.on_arrays([name])
    rows, failures = of_arrays.evaluate_arrays(codes, None, [f"{own_module}.{name}"],
                                           say=lambda line: None)
    assert failures == {} and [(row.metric, row.score) for row in rows] == [
        (name, "largest_share")]
    variances = codes.var(axis=0)
    assert rows[0].value == pytest.approx(variances.max() / variances.sum(), abs=1e-12)
    # From now on it is known by its name alone, and one of all.
    assert name in catalog.IN_ALL and catalog.on_arrays([name], with_factors=False)
    assert f"| `{name}` | nowhere | largest_share: 0 to 1, lower | codes | yes |" in (
        metrics_table.lines())


def test_an_own_metric_scores_a_model(own_module, tmp_path):
    name = f"{own_module}_spread"
    imports = [f"import {own_module}", f"{name}.num_train = 30", f"{name}.power = 2.0"]
    with pytest.raises(errors.UserError, match="no gin file metric/"):
        suite.metric_files([name])
    files = suite.metric_files([name], imports)
    rows, failures = suite.evaluate_suite(tiny_run.finished_run(), files, imports, tmp_path / "a",
                                          say=lambda line: None)
    assert failures == {} and [row.metric for row in rows] == [name]
    assert 0.3 < rows[0].value <= 1
    assert (tmp_path / "a" / name / "results/json/evaluation_results.json").is_file()
    with pytest.raises(ValueError, match="random_state"):
        gin.parse_config(f"{name}.random_state = 3")


def test_a_module_that_is_not_there():
    with pytest.raises(errors.UserError, match="The metric no_such.spread: there is no module "
                                               "no_such. Start the program"):
        catalog.on_arrays(["no_such.spread"])


def test_a_metric_that_needs_factors_is_refused_without_them():
    @metrics.metric("test_needs_factors")
    def needs_factors(codes, factors):
        return float(np.mean(codes) + np.mean(factors))

    with pytest.raises(errors.InvalidArgumentError, match="'@compute_test_needs_factors'"):
        catalog.check_without_factors(needs_factors.on_dataset)
    data = np.ones((3, 2)), np.full((3, 1), 2)
    assert needs_factors.on_dataset.metric.score_arrays(*data) == {"test_needs_factors": 3.0}
    by_gin = gin.get_configurable("test_needs_factors")
    with pytest.raises(errors.InvalidArgumentError, match="needs no factors"):
        catalog.check_without_factors(by_gin)


@pytest.mark.contract
def test_the_table_grows_in_place():
    table = catalog.METRICS
    before = copy.copy(table)
    metrics.metric("test_grows", in_table=False)(lambda codes: 0.0)
    assert table == before
    metrics.metric("test_grows_more", in_all=False)(lambda codes: 0.0)
    assert catalog.METRICS is table and len(table) == len(before) + 1
    # The slowest stay last.
    assert [metric.name for metric in table[-3:]] == [
        "test_grows_more", "beta_vae_sklearn", "factor_vae_metric"]
    assert "test_grows_more" not in catalog.IN_ALL
