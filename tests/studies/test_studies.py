"""Studies as values: their runs, names, columns, and what is refused."""
import json

import pytest
from studies import made_up

from tf_disentangle import errors
from tf_disentangle.studies import names, selection, study

METHODS = [{"method": "plain", "files": "beta_vae.gin"},
           {"method": "jl1", "jacobian_l1.weight": [0.1, 0.2], "vae.beta": 2,
            "metrics": ["mig", "sap_score"]}]


def test_runs_are_methods_times_sweep_times_seeds():
    made = made_up.make(sweep={"dataset.name": ["a", "b"]}, methods=METHODS, seeds=[3, 5])
    assert len(made.runs) == 2 * 3 * 2
    assert [run.name for run in made.runs][:6] == [
        "plain-dataset_a-seed_3", "plain-dataset_a-seed_5", "jl1-dataset_a-weight_0.1-seed_3",
        "jl1-dataset_a-weight_0.1-seed_5", "jl1-dataset_a-weight_0.2-seed_3",
        "jl1-dataset_a-weight_0.2-seed_5"]
    run = made.runs[-1]
    assert run.number == 11 and run.setting.files == ("jl1.gin",)
    assert run.bindings == ("dataset.name = 'b'", "jacobian_l1.weight = 0.2", "vae.beta = 2",
                            "model.random_seed = 5")
    assert run.values == {"method": "jl1", "dataset.name": "b", "jacobian_l1.weight": 0.2,
                          "vae.beta": 2, "seed": 5}
    assert run.setting.metrics == ("mig", "sap_score")
    assert made.runs[0].setting.files == ("jl1.gin", "beta_vae.gin")
    assert made.columns == ["method", "dataset.name", "jacobian_l1.weight", "vae.beta", "seed"]
    assert made.varying == made.columns[:-1]


def test_a_study_is_the_same_after_json():
    made = made_up.make(methods=METHODS, sweep={}, seeds=2, compare_with="method = plain",
                        curves=[{"x": "jacobian_l1.weight", "y": "mig.discrete_mig"}])
    again = study.Study(**json.loads(json.dumps(made.as_dict())))
    assert [(run.name, run.bindings) for run in again.runs] == [
        (run.name, run.bindings) for run in made.runs]
    assert again.columns == made.columns and again.compare_with == made.compare_with


def test_many_runs_are_made_when_asked_for():
    made = made_up.make(seeds=6300)
    assert len(made.runs) == 12600 and made.runs[-1].number == 12599
    assert made.runs[7311].bindings == ("vae.beta = 4", "model.random_seed = 1011")
    assert [run.number for run in made.runs[5:8]] == [5, 6, 7]
    with pytest.raises(IndexError):
        made.runs[12600]


def test_a_list_in_a_list_is_a_single_value():
    made = made_up.make(sweep={}, seeds=1, methods=[
        {"method": "a", "vae.penalties": [["@b()"]], "c.d": [[1, 2], [3]]}])
    assert [run.name for run in made.runs] == ["a-d_1_2-seed_0", "a-d_3-seed_0"]
    assert made.runs[0].bindings[:2] == ("vae.penalties = [@b()]", "c.d = [1, 2]")


def test_a_method_may_have_seeds_of_its_own():
    made = made_up.make(sweep={}, methods=[{"method": "a", "seeds": [7, 8, 9]}, {"method": "b"}])
    assert [run.name for run in made.runs] == [
        *(f"a-seed_{seed}" for seed in (7, 8, 9)), *(f"b-seed_{seed}" for seed in range(3))]
    assert [run.setting_number for run in made.runs] == [0, 0, 0, 1, 1, 1]
    assert [run.name for run in made.runs.first_of_each()] == ["a-seed_7", "b-seed_0"]


def test_a_sweep_may_be_a_list_of_settings():
    made = made_up.make(sweep=[{"vae.beta": 1, "a.b": 2}, {"vae.beta": 4, "a.b": 5}], seeds=1)
    assert [run.name for run in made.runs] == ["beta_1-b_2-seed_0", "beta_4-b_5-seed_0"]


@pytest.mark.parametrize("setting, expected", [
    ({"vae.beta": 4.0}, "beta_4"), ({"vae.beta": 1e-5}, "beta_1e-05"), ({"BETA": 2}, "BETA_2"),
    ({"a.weight": 1, "b.weight": 2}, "a.weight_1-b.weight_2"), ({"a.b": [1, 2.5]}, "b_1_2.5"),
    ({"e.encoder_fn": "@conv encoder/*?"}, "encoder_fn_conv_encoder"), ({"a.b": None}, "b_None"),
    ({"a.b": 0.1 + 0.2}, "b_0.30000000000000004"), ({"a.b": -3}, "b_-3"),
    ({"a.b": {"c": "/../../d"}}, "b_c_.._.._d"), ({"a.b": b"/e"}, "b_b_e")])
def test_names_of_runs(setting, expected):
    assert names.directory_name("", setting, 7) == f"{expected}-seed_7"
    assert names.directory_name("my method", setting, 7) == f"my_method-{expected}-seed_7"


def test_long_values_stay_short_and_different():
    first, second = (names.directory_name("", {"a.b": list(range(end, 200))}, 0) for end in (0, 1))
    third = names.directory_name("", {"a.b": [*range(199), 5]}, 0)
    assert len(first) < 80 and len({first, second, third}) == 3
    many = [names.directory_name("", {f"{'a' * 40}{i}.{'b' * 40}": last if i == 9 else 1
                                      for i in range(10)}, 123) for last in (1, 2)]
    assert len(set(many)) == 2 and all(len(name) < 220 and name.endswith("-seed_123")
                                       for name in many)


REFUSED = [
    ({"sweep": {"vae.beta": []}}, r"sweep\['vae.beta'\].*at least one value"),
    ({"sweep": {"vae.beta": [4, 4.0]}}, "Two runs would have the directory beta_4-seed_0"),
    ({"sweep": {"a.weight": [1]}, "methods": [{}, {"files": "x.gin"}]}, "Two runs would have"),
    ({"name": "../x"}, "without slashes"), ({"name": ".."}, "name of a directory"),
    ({"seeds": [1, 1]}, "different seeds"), ({"seeds": 0}, "at least 1"), ({"seeds": []}, "seeds"),
    ({"base": ()}, "`study.base`"), ({"base": [3]}, "a string or a list of strings"),
    ({"compare_with": "vae.beta = 5"}, r"a value of vae.beta that is in the study \(1, 4\)"),
    ({"compare_with": "vae.bet = 4"}, "Did you mean 'vae.beta'"),
    ({"compare_with": "vae.beta"}, "conditions such as"), ({"within": "vae.b"}, "'vae.beta'"),
    ({"curves": [{"x": "vae.beta", "z": 1}]}, "the keys x, y, by, only"),
    ({"curves": [{"x": "vae.beta"}]}, "dictionaries with a string 'y'"),
    ({"within": "model.random_seed"}, "Did you mean 'seed'"),
    ({"boxes": [{"y": "a", "by": "nothing"}]}, "the name of something that is swept"),
    ({"methods": ["jl1"]}, "a list of dictionaries"),
    ({"sweep": {"model.random_seed": [1, 2]}}, "nothing about model.random_seed"),
    ({"bindings": ["model.random_seed = 7"]}, "nothing about model.random_seed"),
    ({"sweep": {"score": [1, 2]}}, "names other than the columns of a study's tables"),
    ({"sweep": {"method": [1, 2]}}, "methods are a list of their own"),
    ({"sweep": {"vae.beta": list(range(200))}, "seeds": 10**6}, "at most 1000000 runs"),
    ({"compare_with": "seed = 0"}, "conditions on settings"), ({"metric_seed": -1}, "metric_seed"),
    ({"sweep": {"a.b": [10**400]}}, "values that a table can hold"),
    ({"sweep": {"a.b": ["\ud800"]}}, "values that a table can hold"),
    ({"metrics": ["a/x.gin", "b/x.gin"]}, "files of different names"),
    ({"metrics": ["quick", "own/mig.gin"]}, "files of different names"),
    ({"metrics": ["a.x", "b.x"]}, "metrics or files of different names"),
    ({"methods": [{"method": "a", "metrics": "a/x.gin"}, {"method": "b", "metrics": "b/x.gin"}],
      "metric_seed": 0}, "files of different names"),
]


@pytest.mark.parametrize("changes, message", REFUSED)
def test_mistakes_are_refused(changes, message):
    with pytest.raises(errors.UserError, match=message) as caught:
        made_up.make(**changes)
    assert len(str(caught.value).splitlines()) == 1


def test_metrics_of_one_module_are_different():
    made_up.make(metrics=["my_module.a", "my_module.b"])


def test_selections():
    made = made_up.make(methods=METHODS, sweep={"a.fn": ["@f", "g"]})
    def number(*conditions):
        chosen = selection.Selection(conditions, "only")
        chosen.check(made)
        return sum(chosen.matches(run.values) for run in made.runs)
    assert number() == len(made.runs) == 18
    assert number("method = jl1", "jacobian_l1.weight = 0.1") == 6
    assert number("method = 'jl1'", "seed = 2") == 4
    assert number("method = plain or jl1", "jacobian_l1.weight = 0.1 or 0.2") == 12
    assert number("a.fn = @f") == 9 and number("jacobian_l1.weight=2e-1") == 6
    with pytest.raises(errors.InvalidArgumentError, match="some run meets together"):
        number("method = plain", "jacobian_l1.weight = 0.1")
