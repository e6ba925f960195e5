"""benchmarks/which_score.py: the codes that are known, the rule of the verdicts, the pages."""
import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from tf_disentangle.evaluation import catalog

BENCHMARKS = pathlib.Path(__file__).parents[1] / "benchmarks"
sys.path.append(str(BENCHMARKS))  # last, because its files have common names

import which_score  # noqa: E402
from judging import measuring, pages, purposes, representations, table, verdicts  # noqa: E402

# ----------------------------------------------------------------------- the codes

def _correlations(name, num_points=20000):
    codes, factors = representations.make(name, 0, num_points)
    num_codes = codes.shape[1]
    return np.corrcoef(codes.T, factors.T)[:num_codes, num_codes:]


@pytest.mark.oracle
@pytest.mark.parametrize("name, angle", [("perfect", 0), ("rotation 30", np.pi / 6),
                                         ("rotation", np.pi / 4)])
def test_two_codes_are_rotated(name, angle):
    expected = np.eye(8)
    expected[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    np.testing.assert_allclose(np.abs(_correlations(name)), np.abs(expected), atol=0.03)


@pytest.mark.oracle
@pytest.mark.parametrize("share", [0.25, 0.5, 1.0])
def test_noise_is_mixed_in(share):
    # (1 - a) v + a u of two variables with the same variance.
    expected = (1 - share) / np.hypot(1 - share, share)
    found = _correlations(representations.NOISES[share])
    np.testing.assert_allclose(found, expected * np.eye(8), atol=0.03)


@pytest.mark.property
def test_other_changes_are_what_they_say():
    perfect, factors = representations.make("perfect", 3, 500)
    made = {name: representations.make(name, 3, 500)[0] for name in representations.CASES}
    np.testing.assert_array_equal(perfect, factors)
    assert [made[name].shape[1] for name in ("missing", "copies", "spare")] == [6, 16, 12]
    np.testing.assert_allclose(np.cbrt(made["curve"]), factors, rtol=1e-12)
    np.testing.assert_allclose((made["cut"] - 1 / 3) % 1, factors, atol=1e-12)
    # A rotation keeps distances.
    np.testing.assert_allclose(np.linalg.norm(made["mixture"], axis=1),
                               np.linalg.norm(factors - 0.5, axis=1), rtol=1e-12)
    assert len(made["100 points"]) == len(made["noise, 100 points"]) == 100


@pytest.mark.oracle
def test_pairs_of_factors_correlate():
    _, factors = representations.make("correlation", 0, 20000)
    # Uniform variables from normal ones of correlation r: 6 / pi arcsin(r / 2).
    expected = np.kron(np.eye(4), np.ones((2, 2))) * 6 / np.pi * np.arcsin(0.35)
    np.fill_diagonal(expected, 1)
    np.testing.assert_allclose(np.corrcoef(factors.T), expected, atol=0.03)
    assert factors.min() >= 0 and factors.max() <= 1


# ----------------------------------------------------------------------- the rule

def _summaries(spread=0.0, **means):
    found = dict.fromkeys(representations.CASES, 1.0) | {
        "noise 1": 0.2, "noise, 1000 points": 0.2, "noise, 100 points": 0.2}
    found |= {name.replace("_", " "): mean for name, mean in means.items()}
    return {name: verdicts.Summary(mean, spread, 4) for name, mean in found.items()}


@pytest.mark.oracle
def test_a_shift_is_in_units_of_pure_noise():
    found = verdicts.verdict(_summaries(rotation=0.8, mixture=0.961, curve=0.9, cut=0.961,
                                        missing=1.1, units=np.nan), higher=True)
    assert (found.unit, found.of) == (pytest.approx(0.8), "noise 1")
    assert found.shifts["rotation"] == pytest.approx(0.25)
    assert found.detects == ["noise 1", "rotation"]
    # 0.039 of 0.8 is less than 5 percent.
    assert found.ignores == ["noise 0.5", "mixture", "copies", "rotation of correlated"]
    assert (found.worse, found.better, found.refuses) == (["curve"], ["missing"], ["units"])


@pytest.mark.oracle
def test_lower_can_be_better():
    means = {name: -summary.mean for name, summary in _summaries(rotation=0.8).items()}
    found = verdicts.verdict({name: verdicts.Summary(mean, 0.0, 4)
                              for name, mean in means.items()}, higher=False)
    assert found.detects == ["noise 1", "rotation"]
    assert not found.worse and not found.better


@pytest.mark.oracle
def test_a_shift_has_to_exceed_the_errors():
    # The error of a difference of means of 4 seeds with spread s is s / sqrt(2).
    below, above = (verdicts.verdict(_summaries(spread, curve=0.7), higher=True)
                    for spread in (0.2, 0.1))
    assert below.worse == [] and above.worse == ["curve"]


@pytest.mark.oracle
def test_a_score_that_is_blind_to_noise_is_measured_by_the_mixture():
    found = verdicts.verdict(_summaries(noise_1=1.0, mixture=0.6, copies=-3.0), higher=True)
    assert (found.unit, found.of) == (pytest.approx(0.4), "mixture")

@pytest.mark.oracle
def test_a_score_that_is_blind_to_both_is_measured_by_its_second_largest_shift():
    found = verdicts.verdict(_summaries(noise_1=1.0, rotation=0.9, copies=3.0, missing=0.6),
                             higher=True)
    assert (found.unit, found.of) == (pytest.approx(0.4), "missing")
    assert (found.detects, found.better) == (["rotation", "missing"], ["copies"])
    found = verdicts.verdict(_summaries(noise_1=1.0, copies=3.0), higher=True)
    assert (found.unit, found.of) == (pytest.approx(2.0), "copies")


@pytest.mark.property
def test_purposes_ask_for_cases_that_are_judged():
    names = {case.name for case in verdicts.JUDGED}
    kinds = {case.name: case.kind for case in verdicts.JUDGED}
    for purpose in purposes.PURPOSES:
        assert {*purpose.detects, *purpose.ignores, *purpose.unmoved} <= names
        assert {kinds[name] for name in (*purpose.detects, *purpose.ignores)} == {"defect"}


@pytest.mark.oracle
def test_a_score_serves_a_purpose_if_it_meets_every_condition():
    score = next(score for score in table.scores() if score.name == "mig_sup")
    few = next(purpose for purpose in purposes.PURPOSES if purpose.title == "Few points")
    means = _summaries(rotation=0.8) | {"noise 0.5": verdicts.Summary(0.5, 0.0, 4)}
    good = verdicts.verdict(means, higher=True)
    assert purposes.failures(few, score, good) == []
    bad = good._replace(ignores=["rotation"], worse=["100 points"], refuses=["1000 points"])
    assert purposes.failures(few, score, bad) == [
        "misses rotation", "looks worse with 100 points", "refuses 1000 points"]
    unknown = good._replace(shifts={**good.shifts, "rotation": 0.2})
    del unknown.shifts["100 points"]
    assert purposes.failures(few, score, unknown) == ["not measured yet"]
    assert purposes.fulfilling(few, {"a": (score, bad), "b": (score, good)}) == ["mig_sup"]


# ----------------------------------------------------------------------- the command

@pytest.mark.contract
def test_every_metric_of_arrays_is_judged_or_named():
    own = {metric.name for metric in catalog.METRICS if metric.from_arrays is not None
           and metric.compute.__module__.startswith("tf_disentangle.")}
    assert own == {*table.METRICS, *table.LEFT_OUT}
    names = [score.name for score in table.scores()]
    assert len(set(names)) == len(names) and set(purposes.KNOWN) <= set(names)


@pytest.mark.contract
def test_the_command_records_goes_on_and_writes(tmp_path):
    recorded = tmp_path / "recorded.jsonl"
    command = ["--points", "200", "--metrics", "mig", "mcc", "--recorded", str(recorded)]
    which_score.main([*command, "--seeds", "1"])
    first = recorded.read_text()
    assert len(first.splitlines()) == len(representations.CASES)
    which_score.main([*command, "--seeds", "2", "--output", str(tmp_path / "page")])
    rows = [json.loads(line) for line in recorded.read_text().splitlines()]
    assert recorded.read_text().startswith(first)
    assert {(row["case"], row["seed"]) for row in rows} == {
        (case, seed) for case in representations.CASES for seed in (0, 1)}
    assert len(rows) == 2 * len(representations.CASES)
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {
        "recorded.jsonl", "page.md", "table.md", "questions.md", "curves.png", "shifts.png"}
    found = {name: summaries for name, (_, summaries, _) in pages.judged(rows).items()}
    assert found["mcc: pearson"]["perfect"] == (pytest.approx(1), 0, 2)
    assert found["mcc: pearson"]["rotation"].mean == pytest.approx((6 + 2**0.5) / 8, abs=0.02)
    assert "`mcc: pearson`" in tmp_path.joinpath("page/table.md").read_text()
    assert pages.differing(rows, tmp_path / "page") == []
    rows[0]["scores"]["mig.mig"] = 0.5
    assert "table.md" in pages.differing(rows, tmp_path / "page")


@pytest.mark.contract
def test_a_metric_that_refuses_is_recorded_as_such(tmp_path):
    # Among 30 points there are no two that share seven of eight factors.
    path = tmp_path / "recorded.jsonl"
    measuring.measure(path, [table.METRICS["z_max_variance"]], 1, 30, say=lambda line: None)
    assert all(row["scores"] == {"z_max_variance.z_max_variance": None}
               for row in measuring.read(path) if "points" not in row["case"])


@pytest.mark.contract
def test_the_pages_are_those_of_the_recorded_scores_and_need_no_tensorflow():
    code = ("import sys, which_score\n"
            "try: which_score.main(['--seeds', '0', '--check'])\n"
            "except SystemExit as end: print(end)\n"
            "print('tensorflow' in sys.modules)")
    found = subprocess.run([sys.executable, "-c", code], cwd=BENCHMARKS, check=True, text=True,
                           capture_output=True)
    assert found.stdout.splitlines() == ["0", "False"]
