"""Pages of studies: what a person writes, and how it is found."""
import pathlib
import sys

import pytest
from studies import made_up

from tf_disentangle import errors, parts
from tf_disentangle.configuration import gin_files, parsing
from tf_disentangle.evaluation import evaluate  # noqa: F401  (known to gin files)
from tf_disentangle.studies import check, page, scoring

PAGE = """
study.base = "own.gin"
study.sweep = {
    "vae.beta": [1, 4],
    "a.b, c.d": [[1, 2], [3, 4]],
}
study.seeds = 2
study.metrics = ["mig", "own_metric.gin"]
study.compare_with = ["vae.beta = 4", "a.b = 1"]
"""


def write(folder, **files):
    for name, text in files.items():
        pathlib.Path(folder, f"{name}.gin").write_text(text)


def test_a_page_and_the_files_beside_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pages").mkdir()
    write(tmp_path / "pages", my_study=PAGE, own="vae.beta = 2", own_metric="x.y = 1")
    made = page.read("pages/my_study.gin")
    assert made.name == "my_study" and len(made.runs) == 8
    own = str(tmp_path / "pages" / "own.gin")
    assert made.base == (own,) and made.metrics == ("mig", str(tmp_path / "pages/own_metric.gin"))
    assert made.runs[-1].bindings == ("vae.beta = 4", "a.b = 3", "c.d = 4", "model.random_seed = 1")


def test_pages_include_pages(tmp_path):
    write(tmp_path, long='study.base = "jl1.gin"\nstudy.seeds = 9\n')
    write(tmp_path, quick=f'include "{tmp_path}/long.gin"\nstudy.seeds = 2\n')
    assert len(page.read(tmp_path / "quick.gin").runs) == 2
    assert page.read(tmp_path / "quick").base == ("jl1.gin",)


@pytest.mark.parametrize("text, message", [
    ('study.bse = "jl1.gin"', r"bad.gin:1: `study` has no parameter `bse`. Did you mean 'base'"),
    ('study.base = "jl2.gin"', "There is no gin file jl2.gin.*Did you mean 'jl1.gin'"),
    ('study.sweep = {"vae.beta": [1,', "not closed"),
    ('study.base = "jl1.gin"\nstudy.seeds = "x"', "`study.seeds`"),
    ('study.base = "jl1.gin"\nstudy.seeds = 1000000000', "at most 1000000"),
])
def test_mistakes_in_a_page(tmp_path, text, message):
    write(tmp_path, bad=text)
    with pytest.raises(errors.UserError, match=message):
        page.read(tmp_path / "bad.gin")


def test_an_unknown_study_and_the_nearest():
    with pytest.raises(gin_files.ConfigError, match="There is no study my_studi, here or in"):
        page.read("my_studi")


def test_probes_are_one_run_for_all_that_differ_in_numbers():
    made = made_up.make(sweep={"vae.beta": [1, 2, 4], "vae.prior": ["@a()", "@b()"]},
                        methods=[{"method": "x"}, {"method": "y", "files": "beta_vae.gin"}])
    assert len(made.runs) == 36 and len(check.probes(made)) == 4


def test_a_check_names_the_nearest_parameter():
    with pytest.raises(errors.UserError) as caught:
        check.check(made_up.make(sweep={"vae.bta": [1, 4]}))
    assert str(caught.value) == ("the binding 'vae.bta = 1': `vae` has no parameter `bta`. "
                                 "Did you mean 'beta'?")


@pytest.mark.parametrize("naming", [
    'compare_with = ["vae.beta = 4"]', 'within = "vae.beta"',
    'boxes = [{"y": "mig.discrete_mig", "by": "vae.beta"}]'])
def test_a_misspelt_parameter_is_told_before_what_names_it_rightly(tmp_path, naming):
    write(tmp_path, mine='study.base = "jl1.gin"\nstudy.metrics = "mig"\n'
                         f'study.sweep = {{"vae.betta": [2, 4]}}\nstudy.{naming}\n')
    with pytest.raises(errors.UserError) as caught:
        page.read(tmp_path / "mine.gin")
    assert str(caught.value) == ("the binding 'vae.betta = 2': `vae` has no parameter `betta`. "
                                 "Did you mean 'beta'?")


def test_a_misspelt_column_is_told_if_the_parameters_are_right(tmp_path):
    write(tmp_path, mine='study.base = "jl1.gin"\nstudy.sweep = {"vae.beta": [2, 4]}\n'
                         'study.compare_with = "vae.betta = 4"\n')
    with pytest.raises(errors.InvalidArgumentError, match=(
            "`study.compare_with`.*Did you mean 'vae.beta'")):
        page.read(tmp_path / "mine.gin")


def test_modules_beside_the_files_of_a_study_are_found(tmp_path):
    (tmp_path / "beside_a_page.py").write_text("")
    (tmp_path / "mine.gin").write_text('import beside_a_page\ninclude "jl1.gin"\n')
    check.check(made_up.make(base=str(tmp_path / "mine.gin")))


OWN_METRIC = """
from tf_disentangle.evaluation.metrics.common import declaration, draws


@declaration.metric("of_an_own_module", draws=draws.points(), in_all=False)
def of_an_own_module(codes):
    return {"score": float(codes.mean())}
"""


def test_own_files_of_metrics_by_name(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.path", [*sys.path])
    changes = {"metric_seed": 3, "postprocessing": ["mean", "sampled"]}
    (tmp_path / "beside_metrics.py").write_text(OWN_METRIC)
    (tmp_path / "mine.gin").write_text('include "jl1.gin"\n')
    made = made_up.make(base=str(tmp_path / "mine.gin"),
                        metrics=["quick", "sap_score", "beside_metrics.of_an_own_module"],
                        **changes)
    check.check(made)
    directory = made_up.directory_of(tmp_path / "out")
    scoring.write_files(made, directory)
    representation = scoring.representations(made)[0]
    paths = scoring.names(made, directory, made.runs[0], representation)
    stems = [pathlib.Path(path).stem for path in paths]
    assert {"mig", "sap_score", "of_an_own_module"} < set(stems) and "quick" not in stems
    assert len(set(stems)) == len(stems)
    for path in paths:
        with parts.parsed([path]):
            assert parsing.bound_value("evaluation.evaluation_fn") is not None
    own = pathlib.Path(paths[-1]).read_text()
    assert own.startswith("import beside_metrics\nevaluation.evaluation_fn = @of_an_own_module\n")
    with pytest.raises(errors.UserError, match="`study.metrics`.*Did you mean 'mig'"):
        check.check(made_up.make(metrics="migg", **changes))


def test_modules_beside_the_files_of_metrics_are_found(tmp_path):
    (tmp_path / "beside_a_metric.py").write_text("")
    (tmp_path / "mine.gin").write_text('import beside_a_metric\ninclude "metric/mig.gin"\n')
    check.check(made_up.make(metrics=[str(tmp_path / "mine.gin")]))


def test_a_validation_is_no_metric_of_a_study():
    with pytest.raises(errors.UserError, match="^mig_validation.gin is a validation, .* --gin_fi"):
        check.check(made_up.make(metrics=["mig_validation"]))


def test_what_a_check_looks_at(monkeypatch, capsys):
    import io
    import json

    def checked(**asked):
        monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(
            {"runs": [], "metrics": [], "bindings": [], "postprocessing": [], "own": [],
             "figures": [[], [""], []], **asked})))
        check.main()
    checked(runs=[[["jl1.gin"], ["vae.beta = 4"]]], metrics=["metric/mig.gin", "sap_score"])
    for asked, message in (({"runs": [[["jl1.gin"], ["vae.prior = @normall()"]]]}, "normall"),
                           ({"metrics": ["migg"]}, "migg"),
                           ({"own": ['include "metric/migg.gin"\n']}, "migg"),
                           ({"metrics": ["metric/mig.gin"], "figures": [
                               [["study.curves", "mg.discrete_mig"]], [""], []]},
                            "Did you mean 'mig.discrete_mig'?")):
        with pytest.raises(SystemExit):
            checked(**asked)
        error = capsys.readouterr().err
        assert error.startswith("Error: ") and message in error and len(error.splitlines()) == 1
