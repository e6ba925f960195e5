"""Curves of scores: what is read of runs, what is averaged, and errors in one line."""
import csv
import json
import pathlib

import numpy as np
import pytest
from absl import flags
from absl.testing import flagsaver
from PIL import Image

from tf_disentangle import errors
from tf_disentangle.cli import visualize
from tf_disentangle.runs import curves, evaluations
from tf_disentangle.visualize import score_curves


def make_run(folder, alpha, gamma, hoyer, more=None):
    """What a run and an evaluation of it leave behind, as far as it is read."""
    config = {"ALPHA": alpha, "mmd_dim.weight": "%ALPHA", "vae.prior": "@standard_normal()"}
    if gamma is not None:
        config |= {"sparse_prior.gamma": gamma, "vae.prior": "@sparse_prior()"}
    evaluations = {"hoyer": {"hoyer": hoyer, "elapsed_time": 2.0, "data_description": "no"},
                   **(more or {})}
    write(folder / "results", train_config=config, train_results={"kl_loss": 7.5})
    for name, scores in evaluations.items():
        write(folder / "evaluation" / name / "results", evaluation_results=scores)


def write(folder, **contents):
    (folder / "json").mkdir(parents=True)
    for name, content in contents.items():
        (folder / "json" / f"{name}.json").write_text(json.dumps(content))


@pytest.fixture
def runs(tmp_path):
    """Two seeds at one point, one at each of two others, and a directory that is no run."""
    for name, *of_run in (("a", "0.0", None, 0.2), ("b", "100.0", "0.8", 0.3),
                          ("c", "100.0", "0.8", 0.5), ("d", "1", "0.8", 0.25)):
        make_run(tmp_path / name, *of_run)
    (tmp_path / "e").mkdir()
    return evaluations.find_runs(f"{tmp_path}/*/")


def test_an_evaluation_is_no_run_although_it_carries_the_files_of_one(runs, tmp_path):
    write(tmp_path / "a" / "evaluation" / "mig" / "results", train_config={}, train_results={},
          evaluation_results={})
    assert evaluations.find_runs(f"{tmp_path}/**") == runs


@pytest.mark.oracle
def test_curves(runs):
    assert [run.name for run in runs] == ["a", "b", "c", "d"]
    found, counts = curves.curves(runs, "mmd_dim.weight", "hoyer", "sparse_prior.gamma")
    assert list(found) == ["sparse_prior.gamma = 0.8", "without sparse_prior.gamma"]
    x, mean, deviation = found["sparse_prior.gamma = 0.8"]
    np.testing.assert_allclose(x, [1, 100])
    np.testing.assert_allclose(mean, [0.25, 0.4])
    np.testing.assert_allclose(deviation, [0, 0.1 * 2**0.5])          # of a sample of two
    assert counts == {1, 2}
    for y in ("hoyer", "hoyer.hoyer"):
        found, _ = curves.curves(runs, "ALPHA", y)
        np.testing.assert_allclose(found[y][1], [0.2, 0.25, 0.4])
    found, _ = curves.curves(runs, "ALPHA", "kl_loss", "vae.prior")
    assert list(found) == ["vae.prior = @sparse_prior()", "vae.prior = @standard_normal()"]


def test_curves_come_in_the_order_of_numbers(tmp_path):
    for gamma in ("10.0", "9.0", "@a()"):
        make_run(tmp_path / gamma, "0.0", gamma, 0.5)
    found, _ = curves.curves(evaluations.find_runs(f"{tmp_path}/*"), "ALPHA", "hoyer",
                                 "sparse_prior.gamma")
    assert [label[-4:] for label in found] == [" 9.0", "10.0", "@a()"]


@pytest.mark.parametrize("x, y, by, message", [
    ("mmd_dim.wieght", "hoyer", None, r"a has no setting 'mmd_dim.wieght'. Similar names: mmd_dim"),
    ("weight", "hoyer", None, "a has no setting 'weight'. Similar names: mmd_dim.weight"),
    ("ALPHA", "hoyre", None, "a has no score 'hoyre'. Similar names: hoyer.hoyer"),
    ("ALPHA", "hoyer", "vae.priors", "d has no setting 'vae.priors'. Similar names: vae.prior"),
    ("vae.prior", "hoyer", None, r"vae.prior is '@standard_normal\(\)' in the run in .*not a n"),
    ("ALPHA", "zzz", None, "Valid names: hoyer.elapsed_time, hoyer.hoyer, train.kl_loss.")])
def test_names_that_a_run_does_not_have(runs, x, y, by, message):
    with pytest.raises(errors.UserError, match=message) as error:
        curves.curves(runs, x, y, by)
    assert "\n" not in str(error.value)


def test_a_score_of_several_evaluations_is_to_be_named(tmp_path):
    make_run(tmp_path / "a", "0.0", None, 0.2, {"other": {"hoyer": 0.9}})
    with pytest.raises(errors.UserError, match=r"several scores 'hoyer': hoyer.hoyer, other.hoyer"):
        curves.curves([tmp_path / "a"], "ALPHA", "hoyer")
    found, _ = curves.curves([tmp_path / "a"], "ALPHA", "other.hoyer")
    assert found["other.hoyer"][1] == [0.9]


def draw(*arguments):
    with flagsaver.flagsaver():
        flags.FLAGS(["program", *map(str, arguments)])
        visualize._visualize([])


def test_the_program(runs, tmp_path, capsys):
    pattern = ["--scores", f"{tmp_path}/*/", "--x", "mmd_dim.weight", "--y", "hoyer"]
    draw(*pattern, "--by", "sparse_prior.gamma")
    path = pathlib.Path(capsys.readouterr().out.strip())
    assert path == tmp_path / "hoyer_against_mmd_dim.weight_by_sparse_prior.gamma.png"
    draw(*pattern, "--output_dir", tmp_path / "new")
    assert (tmp_path / "new" / "hoyer_against_mmd_dim.weight.png").is_file()
    with Image.open(path) as picture:
        picture.load()
    with pytest.raises(errors.UserError, match="^No finished run matches the pattern 'no/"):
        draw("--scores", "no/*", "--x", "a", "--y", "b")
    with pytest.raises(errors.UserError, match="^--scores needs --y, "):
        draw("--scores", f"{tmp_path}/*/", "--x", "ALPHA")


def read(path):
    with open(path.with_suffix(".csv"), newline="") as stream:
        return list(csv.reader(stream))


def test_the_numbers_are_beside_the_curves(runs, tmp_path):
    path = score_curves.draw_scores(f"{tmp_path}/*/", "mmd_dim.weight", "hoyer",
                                    "sparse_prior.gamma")
    fields, *rows = read(path)
    assert fields == ["curve", "mmd_dim.weight", "mean", "standard deviation"]
    assert [row[:2] for row in rows] == [
        ["sparse_prior.gamma = 0.8", "1.0"], ["sparse_prior.gamma = 0.8", "100.0"],
        ["without sparse_prior.gamma", "0.0"]]
    assert float(rows[1][2]) == pytest.approx(0.4)


def test_boxes_of_a_score(runs, tmp_path):
    path = score_curves.draw_scores(f"{tmp_path}/*/", None, "hoyer", "sparse_prior.gamma")
    assert path.name == "hoyer_by_sparse_prior.gamma.png" and path.is_file()
    fields, *rows = read(path)
    assert fields == ["box", "run", "hoyer"]
    assert [(box, pathlib.Path(run).name, float(value)) for box, run, value in rows] == [
        ("sparse_prior.gamma = 0.8", "b", 0.3), ("sparse_prior.gamma = 0.8", "c", 0.5),
        ("sparse_prior.gamma = 0.8", "d", 0.25), ("without sparse_prior.gamma", "a", 0.2)]
    assert len(read(score_curves.draw_scores(f"{tmp_path}/*/", None, "hoyer"))) == 5


def test_a_score_against_another(runs, tmp_path):
    fields, *rows = read(score_curves.draw_scores(f"{tmp_path}/*/", "kl_loss", "hoyer"))
    assert fields[:3] == ["point", "kl_loss", "hoyer"]
    assert [(row[0], float(row[2])) for row in rows] == [
        ("a", 0.2), ("b", 0.3), ("c", 0.5), ("d", 0.25)]
    path = score_curves.draw_scores(f"{tmp_path}/*/", "train.kl_loss", "hoyer", "mmd_dim.weight")
    assert path.name == "hoyer_against_train.kl_loss_by_mmd_dim.weight.png"
    rows = {row[0]: list(map(float, row[1:])) for row in read(path)[1:]}
    np.testing.assert_allclose(rows["mmd_dim.weight = 100.0"], [7.5, 0.4, 0, 0.1 * 2**0.5])


def test_scores_with_a_number_in_their_names(tmp_path):
    more = {"local": {"local_mig(rho=0.1)": 0.5, "local_mig(rho=1.0)": 0.25, "other(rho=1)": 9.0}}
    for name, alpha in (("a", "0.0"), ("b", "1.0")):
        make_run(tmp_path / name, alpha, None, 0.2, more)
    path = score_curves.draw_scores(f"{tmp_path}/*/", None, "local_mig(rho=*)", "ALPHA")
    assert [[row[0], *map(float, row[1:3])] for row in read(path)[1:]] == [
        [f"ALPHA = {alpha}", rho, value] for alpha in ("0.0", "1.0")
        for rho, value in ((0.1, 0.5), (1.0, 0.25))]
    with pytest.raises(errors.UserError, match=r"a has no scores 'no\(rho=\*\)', with a number"):
        score_curves.draw_scores(f"{tmp_path}/*/", None, "no(rho=*)")


def test_scores_with_a_number_in_the_names_of_two_evaluations_are_not_mixed(tmp_path):
    more = {name: {"local_mig(rho=0.1)": value, "local_mig(rho=1e0)": value,
                   "local_mig(rho=.)": 9.0, "notes": ["warning: no latent is active"]}
            for name, value in (("means", 0.5), ("sampled", 0.25))}
    make_run(tmp_path / "a", "0.0", None, 0.2, more)
    with pytest.raises(errors.UserError, match=r"a has several scores 'local_mig\(rho=\*\)': means"
                       r"\.local_mig\(rho=\*\), sampled\.local_mig\(rho=\*\)\. Give one"):
        score_curves.draw_scores(f"{tmp_path}/*/", None, "local_mig(rho=*)")
    path = score_curves.draw_scores(f"{tmp_path}/*/", None, "means.local_mig(rho=*)")
    assert [[*map(float, row[1:3])] for row in read(path)[1:]] == [[0.1, 0.5], [1.0, 0.5]]
    for y in ("means.local_mig(rho=*)", "local_mig(rho=*)", "local_mig(rho=0.1)"):
        assert "in 1 of 1 runs" in score_curves._warning([tmp_path / "a"], y)
    assert score_curves._warning([tmp_path / "a"], "other(rho=*)") == ""
    with pytest.raises(errors.UserError, match=r"more than one \* in the score 'f\(a=\*,b=\*\)'"):
        score_curves.draw_scores(f"{tmp_path}/*/", None, "f(a=*,b=*)")


def test_a_warning_of_an_evaluation_is_in_the_picture(runs, tmp_path):
    assert score_curves._warning(runs, "hoyer") == ""
    results = runs[0] / "evaluation" / "hoyer" / "results" / "json" / "evaluation_results.json"
    results.write_text(json.dumps({**json.loads(results.read_text()),
                                   "notes": ["warning: no latent is active", "other"]}))
    for y in ("hoyer", "hoyer.hoyer"):
        assert score_curves._warning(runs, y) == (
            f"\nWarning: too few latents are active in 1 of {len(runs)} runs")
    assert score_curves._warning(runs, "kl_loss") == ""


@pytest.mark.property
def test_error_bars_have_their_length():
    def extent(deviation):
        curve = np.array([0.0, 1.0]), np.array([0.0, 2.0]), np.array([deviation, 0.5])
        pixels = score_curves.score_curves_picture({"y": curve}, "x", "y").astype(int)
        rows, columns = np.nonzero(np.abs(pixels - [63, 144, 218]).max(axis=-1) < 40)
        left = rows[columns < columns.min() + 10]
        return np.ptp(left) / np.ptp(rows)
    # Of a picture from -2 to 2.5, the first bar goes from -2 to 2; from -1 to 2.5, from -1 to 1.
    assert extent(2.0) == pytest.approx(4 / 4.5, abs=0.03)
    assert extent(1.0) == pytest.approx(2 / 3.5, abs=0.03)


def test_many_curves_have_styles_of_their_own():
    curve = (np.array([0.1, 1.0, 10.0]), np.ones(3), np.zeros(3))
    pixels = score_curves.score_curves_picture({str(k): curve for k in range(12)}, "$x", "$y")
    assert pixels.shape[1] == 900
    assert score_curves.score_curves_picture({"a": curve}, "x", "y").shape[1] == 650
