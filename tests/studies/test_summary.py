"""Tables, tests, ranks and figures of a study, against SciPy and closed forms."""
import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from studies import made_up

from tf_disentangle import errors, json_files
from tf_disentangle.evaluation import catalog
from tf_disentangle.evaluation.metrics.common import direction
from tf_disentangle.runs import results
from tf_disentangle.studies import collect, directory, figures, labels, statistics, summary

METHODS = [{"method": "a"}, {"method": "b", "p.weight": [0.1, 1, 10]}]


def study(**changes):
    return made_up.make(**{"methods": METHODS, "sweep": {}, "seeds": 4,
                           "compare_with": "method = a", **changes})


def scored(made, folder, seed=0, left_out=()):
    """The directory of a study with random scores, and these as an array [setting, seed, 2]."""
    directory, random = made_up.directory_of(folder), np.random.default_rng(seed)
    scores = random.uniform(size=(len(made.settings), len(made.seeds), 2))
    for run in made.runs:
        if run.name not in left_out:
            mig, sap = scores[divmod(run.number, len(made.seeds))]
            made_up.write_run(directory.model_dir(run), loss=10 * mig)
            made_up.write_scores(directory.model_dir(run), discrete_mig=mig,
                                 **{"discrete_mig:standard_error": 0.1})
            made_up.write_scores(directory.model_dir(run), "curve", **{
                "sap(rho=0.1)": sap, "sap(rho=1.0)": 2 * sap})
    return directory, scores


def test_the_tidy_table(tmp_path):
    made = study()
    directory, scores = scored(made, tmp_path)
    frame = collect.table(made, directory)
    assert list(frame) == ["run", "method", "p.weight", "seed", "score", "value",
                           "warnings"]
    assert len(frame) == 16 * 4
    row = frame[(frame["run"] == "b-weight_1-seed_2") & (frame["score"] == "mig.discrete_mig")]
    assert row.to_dict("records") == [{
        "run": "b-weight_1-seed_2", "method": "b", "p.weight": 1.0, "seed": 2,
        "score": "mig.discrete_mig", "value": scores[2, 2, 0],
        "warnings": ""}]
    assert set(frame["score"]) == {"train.loss", "mig.discrete_mig", "curve.sap(rho=0.1)",
                                   "curve.sap(rho=1.0)"}


def test_scores_are_the_same_in_both_files(tmp_path):
    pytest.importorskip("pyarrow")
    made = study(methods=[{"method": "a", "p.x": [1, "word", [1, 2]]}], compare_with=())
    directory, _ = scored(made, tmp_path)
    frame = collect.table(made, directory)
    collect.write(frame, directory)
    read = pd.read_parquet(tmp_path / "scores.parquet")
    assert list(read["p.x"].unique()) == ["1", "word", "[1, 2]"]
    np.testing.assert_array_equal(read["value"], pd.read_csv(tmp_path / "scores.csv")["value"])


def test_a_score_that_a_spreadsheet_would_run_is_text_and_settings_are_as_they_were(tmp_path):
    made = study(methods=[{"method": name, "vae.prior": "@x"} for name in "ab"], compare_with=())
    directory, _ = scored(made, tmp_path)
    for run in made.runs:
        made_up.write_scores(directory.model_dir(run), **{"=HYPERLINK(1)<b>": 1.0})
        folder = directory.model_dir(run) / "evaluation"
        (folder / "mig").rename(folder / "=1")
    summary.summarize(made, directory)
    for path in (directory.scores_table, directory.settings_table):
        names = set(pd.read_csv(path)["score"])
        assert "'=1.=HYPERLINK(1)<b>" in names and not any(name[0] == "=" for name in names)
        assert set(pd.read_csv(path)["vae.prior"]) == {"@x"}
    assert "### =1.=HYPERLINK(1)&lt;b>" in directory.summary.read_text()


@pytest.mark.oracle
def test_means_intervals_tests_and_ranks(tmp_path):
    made = study()
    directory, scores = scored(made, tmp_path)
    table = statistics.setting_table(made, collect.table(made, directory))
    part = table[table["score"] == "mig.discrete_mig"]
    assert list(part["setting"]) == ["a", *(f"b, p.weight = {w}" for w in (0.1, 1, 10))]
    values = scores[:, :, 0]
    np.testing.assert_allclose(part["mean"], values.mean(1), rtol=1e-12)
    np.testing.assert_allclose(part["standard_deviation"], values.std(1, ddof=1), rtol=1e-12)
    limits = stats.t.interval(0.95, 3, values.mean(1), stats.sem(values, axis=1))
    np.testing.assert_allclose(part[["low", "high"]].T, limits, rtol=1e-10)
    ranks = stats.rankdata(-values, axis=0).mean(1)
    np.testing.assert_allclose(part["mean_rank"], ranks, rtol=1e-12)
    p = [stats.ttest_ind(row, values[0], equal_var=False).pvalue for row in values[1:]]
    np.testing.assert_allclose(part["p"][1:], p, rtol=1e-10)
    order = np.argsort(p)
    holm = np.empty(3)
    holm[order] = np.minimum(1, np.maximum.accumulate(np.array(p)[order] * [3, 2, 1]))
    np.testing.assert_allclose(part["p_holm"][1:], holm, rtol=1e-10)
    np.testing.assert_allclose(part["difference"][1:], values[1:].mean(1) - values[0].mean(),
                               rtol=1e-10)
    assert part[["p", "difference", "hedges_g"]].iloc[0].isna().all()


@pytest.mark.oracle
def test_rank_correlations(tmp_path):
    made = study()
    directory, scores = scored(made, tmp_path)
    matrix, numbers = statistics.rank_correlations(collect.table(made, directory))
    first, second = scores.reshape(-1, 2).T
    expected = stats.spearmanr(first, second).statistic
    assert matrix.loc["mig.discrete_mig", "curve.sap(rho=0.1)"] == pytest.approx(expected)
    assert matrix.loc["train.loss", "mig.discrete_mig"] == pytest.approx(1.0)
    assert set(numbers.to_numpy().ravel()) == {16}


@pytest.mark.parametrize("seeds", [3, 4])
def test_rank_correlations_of_fewer_than_four_runs_are_left_out(tmp_path, seeds):
    made = study(methods=METHODS[:1], compare_with=(), seeds=seeds)
    directory, _ = scored(made, tmp_path)
    matrix, _ = statistics.rank_correlations(collect.table(made, directory))
    assert matrix.isna().all(axis=None) == (seeds < 4)
    summary.summarize(made, directory)
    for path, title, number in ((directory.summary, "### Rank correlation", "over 4 runs."),
                                (directory.report, "Rank correlation between", "Over 4 runs.")):
        text = path.read_text()
        assert (title in text) == (number in text) == (seeds >= 4)


def test_rank_correlations_are_over_the_runs_that_have_both_scores(tmp_path):
    """Ten runs: all have a loss, seven MIG, and five of these, and one more, SAP."""
    made = made_up.make(sweep={}, seeds=10, compare_with=())
    directory = made_up.directory_of(tmp_path)
    for run in made.runs:
        made_up.write_run(directory.model_dir(run))
        if run.seed < 7:
            made_up.write_scores(directory.model_dir(run), discrete_mig=0.1 * run.seed)
        if 2 <= run.seed < 8:
            made_up.write_scores(directory.model_dir(run), "sap_score", sap=-0.1 * run.seed)
    matrix, numbers = statistics.rank_correlations(summary._scores_alone(
        collect.table(made, directory)))
    assert matrix.loc["mig.discrete_mig", "sap_score.sap"] == -1
    assert set(numbers.to_numpy().ravel()) == {5}
    summary.summarize(made, directory)
    assert "Spearman's, over 5 runs." in directory.summary.read_text()
    assert "Over 5 runs." in directory.report.read_text()


def test_the_direction_of_a_metric_whose_file_has_a_dot_in_its_name(tmp_path):
    made = made_up.make(metrics=["error_0.1.gin"], compare_with=())
    directory = made_up.directory_of(tmp_path)
    for run in made.runs:
        made_up.write_run(directory.model_dir(run))
        made_up.write_scores(directory.model_dir(run), "error_0.1", mean_squared_error=1.0)
        json_files.save({"evaluation.evaluation_fn": "@reconstruction_error"}, results.config_path(
            directory.model_dir(run) / "evaluation" / "error_0.1", results.EVALUATION))
    summary.summarize(made, directory)
    table = pd.read_csv(directory.settings_table).set_index("score")
    assert set(table.loc["error_0.1.mean_squared_error", "better"]) == {"lower"}
    text = directory.report.read_text()
    assert "<h3>error_0.1</h3>" in text and "Reconstruction error" in text, text


def test_rank_1_and_the_first_row_are_the_best(tmp_path):
    """Losses and errors are better if lower; the means of a and b are 10 and 20, by hand."""
    made = study(methods=[{"method": "a"}, {"method": "b"}], metrics=["mig", "mse"],
                 compare_with=())
    directory = made_up.directory_of(tmp_path)
    for run in made.runs:
        value = 10.0 * (1 + run.setting_number)
        made_up.write_run(directory.model_dir(run), loss=value, kl_loss=value,
                          validation_loss=value)
        for metric, score in (("mig", "discrete_mig"), ("mse", "mean_squared_error")):
            made_up.write_scores(directory.model_dir(run), metric, **{score: value})
            name = {"mig": "@mig", "mse": "@reconstruction_error"}[metric]
            json_files.save({"evaluation.evaluation_fn": name}, results.config_path(
                directory.model_dir(run) / "evaluation" / metric, results.EVALUATION))
    summary.summarize(made, directory)
    table = pd.read_csv(directory.settings_table).set_index(["score", "method"])
    for score, better, ranks in (("mig.discrete_mig", "higher", [2, 1]),
                                 ("mse.mean_squared_error", "lower", [1, 2]),
                                 ("train.loss", "lower", [1, 2]),
                                 ("train.validation_loss", "lower", [1, 2]),
                                 ("train.kl_loss", "neither", [2, 1])):
        assert list(table.loc[score]["mean_rank"]) == ranks
        assert set(table.loc[score]["better"]) == {better}
    text = directory.summary.read_text()
    assert "Mean rank is the mean over seeds of a setting's rank" in text
    assert "### mse.mean_squared_error\n\nLower is better.\n\n| setting" in text
    parts = {part.partition("\n")[0]: part for part in text.split("### ")}
    assert "better" not in parts["train.kl_loss"] and "Lower is" in parts["train.loss"]
    assert directory.report.read_text().count("is better.</caption>") == 4
    assert parts["train.loss"].index("| a |") < parts["train.loss"].index("| b |")
    assert parts["mig.discrete_mig"].index("| b |") < parts["mig.discrete_mig"].index("| a |")
    assert "Lower is better." in directory.report.read_text()


@pytest.mark.parametrize("metric, score, better", [
    ("mig", "discrete_mig", "higher"), ("jemmig", "jemmig", "higher"),
    ("jemmig", "jemmig_nats", "lower"), ("hfs", "hfs_per_pair", "lower"),
    ("reconstruction_error", "mean_absolute_error", "lower"),
    ("reconstruction_error", "reconstruction_loss", "lower"),
    ("dci_lasso", "nrmse", "lower"), ("dci_lasso", "informativeness_test", "higher"),
    ("aggregate_posterior", "marginal_kl", "lower"), ("aggregate_posterior", "kl", "neither"),
    ("aggregate_posterior", "mutual_information", "neither"),
    ("aggregate_posterior", "overlap", "neither"),
    ("log_likelihood", "log_likelihood", "higher"), ("log_likelihood", "elbo", "higher"),
    ("log_likelihood", "log_likelihood_standard_error", "neither"),
    ("infomec", "num_active_dims", "neither"), ("fairness", "max_fairness:pred0:sens1", "lower"),
    ("unified_scores", "importance_gbt_matrix.dci_completeness.code_1", "higher"),
    ("unified_scores", "mutual_information_matrix.merge_0_1", "neither"),
    ("strong_downstream_task", "10:mean_strong_test_accuracy", "higher"),
    ("strong_downstream_task", "10:strong_generalization_gap", "lower"),
    ("reduced_downstream_task", "10:mean_test_accuracy_reduced_factor", "lower"),
    ("reduced_downstream_task", "10:mean_test_accuracy_other_factors", "higher"),
    ("reduced_downstream_task", "10:reduced_factor_2:mean_test_accuracy_reduced_factor", "lower"),
    ("reduced_downstream_task", "10:reduced_factor_2:mean_test_accuracy_non_reduced_factor",
     "higher"),
    ("reduced_downstream_task", "10:reduced_factor_2:mean_test_accuracy_factor_2", "neither")])
def test_the_table_of_metrics_knows_the_direction(metric, score, better):
    assert catalog.declaration.declared()[metric].better(score) == better


@pytest.mark.parametrize("text, better", [
    ("", "higher"), ("0 to 1, lower", "lower"), ("a: lower; b: from 0, lower", "lower"),
    ("a: lower; b: higher", "neither"), ("a: lower; others: higher", "neither"),
    ("a: higher; score: lower", "lower"), ("scores: higher; core: lower", "neither")])
def test_the_direction_of_a_score_from_a_text_of_ones_own(text, better):
    assert direction.better(text, "my_score(rho=0.1)") == better


def test_single_runs_have_means_and_no_more():
    assert statistics.interval(np.array([2.0]))[0] == 2
    assert np.isnan(statistics.interval(np.array([2.0]))[1:]).all()


def test_groups_are_judged_separately(tmp_path):
    made = study(sweep={"dataset.name": ["x", "y"]}, within="dataset.name")
    directory, scores = scored(made, tmp_path)
    groups = statistics.groups(made, collect.table(made, directory))
    assert [name for name, _ in groups] == ["dataset.name = x", "dataset.name = y"]
    table = statistics.setting_table(made, groups[1][1])
    part = table[table["score"] == "mig.discrete_mig"]
    assert list(part["setting"])[:2] == ["a", "b, p.weight = 0.1"]
    np.testing.assert_allclose(part["difference"][1:],
                               scores[5:, :, 0].mean(1) - scores[4, :, 0].mean(), rtol=1e-10)


def test_a_comparison_is_with_a_single_setting():
    with pytest.raises(errors.InvalidArgumentError, match="3 settings do. Add conditions"):
        study(compare_with="method = b")
    with pytest.raises(errors.InvalidArgumentError, match="2 settings do"):
        study(sweep={"dataset.name": ["x", "y"]})
    study(sweep={"dataset.name": ["x", "y"]}, within="dataset.name")


FIGURES = {"curves": [{"x": "p.weight", "y": "mig.discrete_mig", "by": "method"},
                      {"x": "rho", "y": "curve.sap(rho=*)", "only": "method = b"},
                      {"x": "train.loss", "y": "curve.sap(rho=0.1)", "by": "method"}],
           "boxes": [{"y": "mig.discrete_mig", "by": "method"}, {"y": "mig.discrete_mig"}]}


def test_figures_and_what_they_show(tmp_path):
    made = study(**FIGURES)
    directory, scores = scored(made, tmp_path)
    paths = figures.draw(made, directory, collect.table(made, directory), say=pytest.fail)
    assert [path.name for path in paths] == [
        "mig.discrete_mig_against_p.weight.png", "curve.sap_rho_against_rho.png",
        "curve.sap_rho_0.1_against_train.loss.png", "mig.discrete_mig_by_method.png",
        "mig.discrete_mig_by_setting.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)
    tables = [pd.read_csv(path.with_suffix(".csv")) for path in paths]
    values = scores[..., 0]
    assert list(tables[0]["by"]) == ["b"] * 3 and list(tables[0]["p.weight"]) == [0.1, 1, 10]
    np.testing.assert_allclose(tables[0]["mean"], values[1:].mean(1), rtol=1e-12)
    curve = tables[1][tables[1]["by"] == "b, p.weight = 1"]
    assert list(curve["rho"]) == [0.1, 1.0]
    np.testing.assert_allclose(curve["mean"], scores[2, :, 1].mean() * np.array([1, 2]))
    assert list(tables[2]["by"]) == ["a", "b", "b", "b"]
    np.testing.assert_allclose(tables[2]["train.loss"], 10 * values.mean(1))
    assert tables[3]["by"].value_counts().to_dict() == {"b": 12, "a": 4}
    np.testing.assert_allclose(tables[4]["value"], values.ravel())


def test_figures_of_one_name_are_kept_apart(tmp_path):
    curve = {"x": "p.weight", "y": "mig.discrete_mig", "by": "method"}
    made = study(curves=[{**curve, "only": "p.weight = 0.1 or 1"}, curve])
    directory, _ = scored(made, tmp_path)
    first, second = figures.draw(made, directory, collect.table(made, directory), print)
    assert (first.name, second.name) == ("mig.discrete_mig_against_p.weight.png",
                                         "mig.discrete_mig_against_p.weight_2.png")
    assert [len(pd.read_csv(path.with_suffix(".csv"))) for path in (first, second)] == [2, 3]


def test_a_setting_is_named_by_what_varies_within_its_method():
    made = study(methods=[{"method": "a", "p.weight": 3}, {"method": "b", "p.weight": [1, 2]}])
    assert [labels.label(made, setting.values) for setting in made.settings] == [
        "a", "b, p.weight = 1", "b, p.weight = 2"]


def test_a_figure_without_runs_is_left_out(tmp_path):
    made = study(curves=[{"x": "p.weight", "y": "nothing"}])
    directory, _ = scored(made, tmp_path)
    said = []
    assert figures.draw(made, directory, collect.table(made, directory), said.append) == []
    assert said == ["the figure of nothing against p.weight is not drawn: no run has the score "
                    "nothing. All scores are in scores.csv, such as curve.sap(rho=0.1)."]


def test_the_summary(tmp_path):
    made = study(**FIGURES)
    directory, scores = scored(made, tmp_path)
    summary.summarize(made, directory)
    text = directory.summary.read_text()
    assert text.startswith("# made_up\n\n16 runs: 16 waiting.\n\nBest mean first. Mean rank is ")
    assert text.count("### train.loss") == 1 and "Differences are from method = a, Hedges" in text
    assert f"| a | 4 | {scores[0, :, 0].mean():.4g} | " in text
    assert "### Rank correlation between scores" in text
    assert "![mig.discrete_mig_by_method](figures/mig.discrete_mig_by_method.png)" in text
    table = pd.read_csv(directory.settings_table)
    assert len(table) == 4 * 4 and {"p_holm", "hedges_g", "mean_rank"} <= set(table)


def test_a_summary_of_what_is_there(tmp_path):
    made = study()
    summary.summarize(made, made_up.directory_of(tmp_path))
    assert (tmp_path / "summary.md").read_text() == "# made_up\n\n16 runs: 16 waiting.\n\n"
    left_out = [run.name for run in made.runs[1:8]]
    directory, scores = scored(made, tmp_path, left_out=left_out)
    summary.summarize(made, directory)
    assert f"| a | 1 | {scores[0, 0, 0]:.4g} |  |" in directory.summary.read_text()


def test_the_aggregate_is_disentanglement_libs(tmp_path):
    made = made_up.make(seeds=2)
    directory, _ = scored(made, tmp_path)
    for run in made.runs:
        results.update_result_directory(
            directory.model_dir(run) / "evaluation" / "mig" / "results", "evaluation",
            {"discrete_mig": float(run.number)}, gin_text="")
    summary.summarize(made, directory)
    table = results.load_aggregated_json_results(tmp_path / "aggregate.json")
    assert table["evaluation_results.discrete_mig"] == [0, 1, 2, 3]
    assert json.loads((tmp_path / "aggregate.json").read_text())["path"]["0"].endswith(
        "runs/beta_1-seed_0/evaluation/mig/results/aggregate/evaluation.json")


def test_a_damaged_file_leaves_out_what_it_is_about_by_name(tmp_path):
    made = study()
    directory, _ = scored(made, tmp_path)
    for run in made.runs:
        results.update_result_directory(
            directory.model_dir(run) / "evaluation" / "mig" / "results", "evaluation",
            {"discrete_mig": float(run.number)}, gin_text="")
    first, second, third, fourth = (directory.model_dir(run) for run in made.runs[:4])
    damaged = [results.results_path(first, results.TRAIN),
               results.results_path(second / "evaluation" / "mig", results.EVALUATION),
               results.results_path(third / "evaluation" / "curve", results.TRAIN),
               results.aggregate_path(fourth / "evaluation" / "mig" / "results", "evaluation")]
    for path in damaged:
        path.write_text('{"loss": 1')
    said = []
    summary.summarize(made, directory, said.append)
    # Nobody knows which model the scores of the first run are of.
    parts = ["curve, mig, train of a-seed_0", "mig of a-seed_1", "curve of a-seed_2"]
    lines = [f"Left out  {part}: {path} is not a JSON file: " for part, path in zip(
        parts, damaged[:3])] + [f"Left out of the aggregate: {damaged[3]} is "]
    assert len(said) == 4 and all(map(str.startswith, said, lines))
    assert all(line.endswith("(char 10). bin/study makes the file again.") for line in said[:3])
    text = directory.summary.read_text()
    assert "16 runs: 16 waiting.\n\n" + "".join(f"- {line}\n" for line in said[:3]) in text
    table = pd.read_csv(directory.scores_table)
    there = {name: set(part["score"].str.partition(".")[0]) for name, part in table.groupby("run")}
    assert "a-seed_0" not in there and len(there) == 15
    assert there["a-seed_1"] == {"train", "curve"} and there["a-seed_2"] == {"train", "mig"}
    assert there["a-seed_3"] == {"train", "mig", "curve"}
    assert len(json.loads((tmp_path / "aggregate.json").read_text())["path"]) == 13


def test_values_that_are_odd_cost_neither_tables_nor_other_figures(tmp_path):
    made = made_up.make(sweep={"a.b": ["$x^{$", "<b>[x](y)|", "c"]}, seeds=2,
                        boxes=[{"y": "mig.discrete_mig", "by": "a.b"}])
    where = directory.StudyDirectory(tmp_path)
    for number, run in enumerate(made.runs):
        made_up.write_run(where.model_dir(run))
        made_up.write_scores(where.model_dir(run), discrete_mig=0.1 * number,
                             odd=1e308)
    said = []
    summary.summarize(made, where, said.append)
    table = where.scores_table.read_text()
    assert table.count("mig.discrete_mig") == 6 and "odd" not in table
    assert sum("mig.odd" in line and "not a finite number" in line for line in said) == 6
    text = where.summary.read_text()
    assert "mig.discrete_mig" in text and "&lt;b>[x]\\(y)\\|" in text and "<b>" not in text
