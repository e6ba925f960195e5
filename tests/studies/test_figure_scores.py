"""Figures of scores that do not exist: refused beforehand if possible, and explained at the end."""
import pytest
from studies import made_up

from tf_disentangle import errors
from tf_disentangle.studies import check, figure_scores, page, scoring, summary

MISSPELT = {"x": "vae.beta", "y": "mig.discret_mig"}
WHY = "no run has the score mig.discret_mig. Similar scores: mig.discrete_mig."


def checked(names, representations=("",), columns=("vae.beta", "seed")):
    figure_scores.check([("study.curves", name) for name in names], ["mig", "sap_score"],
                        representations, columns)


def test_what_is_a_score_of_the_study():
    checked(["train.loss", "mig.anything", "sap_score.x(rho=*)"])
    checked(["mean/mig.discrete_mig", "train.kl_loss"], ["mean", "sampled"])


def test_a_metric_s_file_may_have_a_dot_in_its_name():
    figure_scores.check([("study.boxes", "local_mig_0.1.discrete_mig")], ["mig", "local_mig_0.1"],
                        [""])
    study = made_up.make(metrics=["mig", "local_mig_0.1.gin"])
    assert figure_scores.why_absent(study, {"y": "local_mig_0.1.qqqqqqqqqqqqqqqq"}, {
        "local_mig_0.1.discrete_mig", "local_mig_0.2.a"}) == (
        "no run has the score local_mig_0.1.qqqqqqqqqqqqqqqq. Similar scores: "
        "local_mig_0.1.discrete_mig.")


@pytest.mark.parametrize("name, representations, meant", [
    ("mgi.discrete_mig", [""], "Did you mean 'mig.discrete_mig'?"),
    ("trian.loss", [""], "Did you mean 'train.loss'?"),
    ("vae.bta", [""], "Did you mean 'vae.beta'?"),
    ("mig.discrete_mig", ["mean"], "Did you mean 'mean/mig.discrete_mig'?"),
    ("sap.discrete_mig", [""], "Did you mean 'mig.discrete_mig'?"),
    ("rain.discrete_mig", ["mean"], "Did you mean 'mean/mig.discrete_mig'?"),
    ("mgi.SAP_score", [""], "Did you mean 'sap_score.SAP_score'?"),
    ("mgi.discret_mig", [""], "Did you mean 'mig.discrete_mig'?"),
    ("discrete_mig", [""], "Did you mean 'mig.discrete_mig'?"),
    ("mig", [""], "Did you mean 'mig.discrete_mig'?"),
    ("seeed", [""], "Did you mean 'seed'?"), ("sap.qqqqqqqq", [""], ""),
    ("mean/mig.discrete_mig", [""], "Did you mean 'mig.discrete_mig'?")])
def test_other_names_are_refused_with_the_nearest(name, representations, meant):
    with pytest.raises(errors.InvalidArgumentError) as caught:
        checked([name], representations)
    assert str(caught.value).endswith(f"Received: study.curves='{name}'. {meant}".rstrip())


def test_the_studies_of_the_papers_ask_for_scores_that_they_have():
    for name in ("jl1_three_dots", "decomposition", "dip_vae", "estimators", "sparse_perceptual",
                 "unsupervised_study_v1_quick", "quality_per_minute", "jl1_natural_images"):
        study = page.read(name)
        metrics = {scoring.file_of(metric).rpartition("/")[2].removesuffix(".gin")
                   for setting in study.settings for metric in setting.metrics}
        assert figure_scores.asked(study)
        figure_scores.check(figure_scores.asked(study), metrics, scoring.representations(study))


def test_the_check_of_a_study_asks_for_its_figures(monkeypatch):
    seen = []
    monkeypatch.setattr(check.subprocess, "run", lambda *_, **given: seen.append(
        check.json.loads(given["input"])) or check.subprocess.CompletedProcess([], 0))
    check.check(made_up.make(curves=[{"x": "train.loss", "y": "mig.discrete_mig"}],
                             boxes=[{"y": "mig.a(rho=0.1)"}], postprocessing=["mean"]))
    assert seen[0]["figures"] == [
        [["study.curves", "train.loss"], ["study.curves", "mig.discrete_mig"],
         ["study.boxes", "mig.a(rho=0.1)"]], ["mean"], ["vae.beta", "seed"]]
    assert seen[0]["postprocessing"] == ["postprocess/mean.gin"]


def test_both_pages_say_which_figure_is_missing(tmp_path):
    made, said = made_up.make(curves=[MISSPELT]), []
    made_up.run(made, tmp_path)
    summary.summarize(made, made_up.directory_of(tmp_path), said.append)
    assert said == [f"Warning: the figure of mig.discret_mig against vae.beta is not drawn: {WHY}"]
    assert (f"## Figures\n\n- The figure of mig.discret_mig against vae.beta is not drawn: {WHY}\n"
            in (tmp_path / "summary.md").read_text())
    assert WHY in (tmp_path / "report.html").read_text()


def test_a_representation_is_asked_for():
    study = made_up.make(postprocessing=["mean"])
    assert figure_scores.why_absent(study, {"y": "mig.discrete_mig"}, {
        "mean/mig.discrete_mig"}) == (
        "no run has the score mig.discrete_mig. Similar scores: mean/mig.discrete_mig. With "
        "study.postprocessing, the name of the representation comes first, as in "
        "mean/mig.discrete_mig.")
    assert figure_scores.why_absent(study, {"y": "mean/mig.a(r=*)"}, {"mean/mig.a(r=1)"}) == ""
