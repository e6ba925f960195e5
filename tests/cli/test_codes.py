"""`bin/evaluate --codes`: codes and factors from files, in this process."""
import csv
import json

import numpy as np
import pytest
from cli import test_programs

from tf_disentangle import errors
from tf_disentangle.cli import evaluate
from tf_disentangle.evaluation import scores
from tf_disentangle.runs import lock

pytestmark = pytest.mark.contract


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Codes and factors in files of several kinds; a code, and a factor, are missing."""
    monkeypatch.chdir(tmp_path)
    random = np.random.RandomState(0)
    factors = random.randint(2, size=(200, 2))
    codes = factors + 0.1 * random.standard_normal((200, 2))
    words = np.array(["blue", "red"])[factors[:, 1]]
    rows = [[f"{x:.6f}", f"{y:.6f}", str(size), word]
            for (x, y), size, word in zip(codes, factors[:, 0], words)]
    for name, header, columns in (("codes", "x,y", (0, 1)), ("factors", "size,colour", (2, 3)),
                                  ("table", "x,y,size,colour", (0, 1, 2, 3))):
        lines = [header] + [",".join(row[i] for i in columns) for row in rows]
        (tmp_path / f"{name}.csv").write_text("\n".join(lines))
    rows[0][0], rows[1][3] = "", ""
    (tmp_path / "gaps.csv").write_text("\n".join(
        ["x,y,size,colour"] + [",".join(row) for row in rows]))
    np.savez(tmp_path / "codes.npz", codes=np.round(codes, 6), factors=factors)
    return tmp_path


@pytest.fixture
def run(monkeypatch, capfd):
    def call(*words):
        return test_programs.in_process(monkeypatch, capfd, evaluate.main, *words)
    return call


def table(path):
    with open(path, encoding="utf-8") as stream:
        return {(row["metric"], row["score"]): row for row in csv.DictReader(stream)}


def test_the_same_scores_from_every_kind_of_file(folder, run):
    for number, words in enumerate((
            ["--codes", "codes.npz"], ["--codes", "codes.csv", "--factors", "factors.csv"],
            ["--codes", "table.csv", "--factor_columns", "size,colour"],
            ["--codes", "codes.npz", "--factors", "table.csv", "--factor_columns", "size,colour"])):
        code, out, err = run(*words, "--metrics", "mig,attribute_classification", "--output_dir",
                             f"{number}")
        assert (code, err) == (0, ""), words
        found = table(f"{number}/scores.csv")
        expected = table("0/scores.csv")
        assert found["mig", "mig"]["value"] == expected["mig", "mig"]["value"]
        names = ("size", "colour") if number else ("attribute_0", "attribute_1")
        for name in names:
            score = f"test_accuracy_{name}"
            assert ("attribute_classification", score) in found and f"  {score}  " in out
            assert score in [row["score"] for row in
                             json.loads((folder / f"{number}/scores.json").read_text())]


def test_missing_values(folder, run):
    words = ["--codes", "gaps.csv", "--factor_columns", "size,colour", "--metrics", "mig"]
    code, out, err = run(*words)
    assert code == 1 and out == "" and len(err.splitlines()) == 1
    assert "NaN in 1 of 200 points, such as in 'x'" in err and "--drop_missing" in err
    assert not (folder / "gaps_scores").exists()
    code, out, err = run(*words, "--drop_missing", "--continuous_factors", "size")
    assert (code, err) == (0, "")
    assert "1 of 200 points have missing codes and are left out" in out
    assert "factor 1 (colour)" in out and "factor 0 (size): continuous" in out
    assert (folder / "gaps_scores/scores.csv").is_file()


def test_codes_alone(folder, run):
    code, out, err = run("--codes", "codes.csv", "--metrics", "hoyer")
    assert (code, err) == (0, "")
    assert out.startswith("Neither --factors nor --factor_columns was given: metrics of codes")


@pytest.mark.parametrize("words, message", [
    (["--codes", "table.csv", "--factor_columns", "size"], "the column 'colour', with the text "),
    (["--codes", "codes.csv", "--factors", "nowhere.csv"], "There is no file nowhere.csv."),
    (["--codes", "codes.txt"], "There is no file codes.txt."),
    (["--codes", "."], ". is a folder. Give a file that ends in .csv"),
    (["--codes", "codes.csv", "--factor_columns", "z"], "There is no column 'z' in codes.csv."),
    (["--codes", "codes.csv", "--factors", "factors.csv", "--discrete_factors", "siz"],
     "Did you mean 'size'?"),
    (["--codes", "codes.csv", "--factors", "factors.csv", "--seed", "-1"],
     "Invalid value for argument `seed`. Expected a whole number of at least 0"),
    (["--codes", "codes.csv", "--metrics", ","], "The flag --metrics has no value."),
    (["--codes", "codes.csv", "--factor_columns", " , "], "The flag --factor_columns has no value"),
    (["--codes", "no.csv", "--output_dir", "codes.csv"], "Cannot write codes.csv: Not a directory"),
    (["--factors", "factors.csv", "--model_dir", "x"], "--factors does nothing without --codes."),
    (["--drop_missing", "--model_dir", "x"], "--drop_missing does nothing without --codes.")])
def test_what_is_refused(folder, run, words, message):
    before = sorted(folder.iterdir())
    code, out, err = run(*([] if "--metrics" in words else ["--metrics", "mig"]), *words)
    assert code == 1 and message in err and len(err.splitlines()) == 1
    assert sorted(folder.iterdir()) == before


def test_a_default_folder_that_cannot_be_written_is_found_before_any_score(folder, run):
    (folder / "codes_scores").write_text("")
    code, out, err = run("--codes", "codes.csv", "--metrics", "hoyer")
    assert code == 1 and err == "Error: Cannot write codes_scores: Not a directory.\n"
    assert "[1/1]" not in out


def test_scores_of_other_metrics_are_set_aside(folder, run):
    words = ["--codes", "codes.npz", "--metrics"]
    assert run(*words, "mig,hoyer")[0] == 0
    first = (folder / "codes_scores/scores.csv").read_text(), (
        folder / "codes_scores/scores.json").read_text()
    code, out, _ = run(*words, "hoyer")
    assert code == 0 and "Other scores were there: they are in codes_scores/scores_1.csv now" in out
    assert (folder / "codes_scores/scores_1.csv").read_text() == first[0]
    assert (folder / "codes_scores/scores_1.json").read_text() == first[1]
    assert {metric for metric, _ in table("codes_scores/scores.csv")} == {"hoyer"}
    code, out, _ = run(*words, "hoyer,mig")           # nothing is lost
    assert code == 0 and "Other scores" not in out
    assert run(*words, "mig")[0] == 0
    assert {path.name for path in (folder / "codes_scores").iterdir()} == {".lock", *(
        f"scores{number}.{suffix}" for number in ("", "_1", "_2") for suffix in ("csv", "json"))}


def damage(folder, how):
    """Earlier scores of mig and hoyer, damaged in some way; what may not be lost."""
    table, objects = folder / "scores.csv", folder / "scores.json"
    if how == "no table":
        table.unlink()
    elif how == "fewer in the table":
        table.write_text("metric,score,value\nmig,mig,0.5\n")
    elif how == "a name that is taken":
        (folder / "scores_1.json").write_text("older")
    elif how == "a folder":
        table.unlink()
        table.mkdir()
    elif how != "whole":
        content = {"empty": b"", "binary": b"\xa7\x00", "long": b"metric\n" + b"x" * 200_000,
                   "UTF-16": "metric".encode("utf-16")}
        table.write_bytes(content[how])
    return objects.read_text()


@pytest.mark.parametrize("how", ["whole", "no table", "fewer in the table", "empty", "binary",
                                 "long", "UTF-16", "a folder", "a name that is taken"])
def test_earlier_scores_are_never_lost(folder, run, how):
    words = ["--codes", "codes.npz", "--metrics"]
    assert run(*words, "mig,hoyer")[0] == 0
    there = folder / "codes_scores"
    kept = damage(there, how)
    code, out, err = run(*words, "mig")
    number = 2 if how == "a name that is taken" else 1
    assert (code, err) == (0, "") and f"scores_{number}.json now" in out
    assert (there / f"scores_{number}.json").read_text() == kept
    assert {metric for metric, _ in table(there / "scores.csv")} == {"mig"}
    if number == 2:
        assert (there / "scores_1.json").read_text() == "older"


def test_scores_that_cannot_be_written_are_printed(folder, run, monkeypatch):
    def full(rows, folder):
        raise errors.UserError("Cannot write codes_scores/scores.json: No space left on device.")
    monkeypatch.setattr(scores, "write", full)
    code, out, err = run("--codes", "codes.npz", "--metrics", "mig")
    assert code == 1 and "No space left" in err and "  0." in out and "value" in out


def test_two_evaluations_do_not_write_at_once(folder, run):
    with lock.locked(folder / "codes_scores"):
        code, out, err = run("--codes", "codes.npz", "--metrics", "mig")
    assert code == 1 and "Another evaluation is using" in err and "value" in out


def test_names_of_the_points_are_not_a_factor_without_a_word(folder, run):
    lines = (folder / "factors.csv").read_text().splitlines()
    (folder / "labels.csv").write_text("\n".join(
        f"{'file' if not number else f'{number}.png'},{line}" for number, line in enumerate(lines)))
    words = ["--codes", "codes.csv", "--factors", "labels.csv", "--metrics", "mig"]
    said = ("factor 0 (file) has 200 different values at 200 points: if they name the points, "
            "leave it out")
    assert said in run(*words)[1]
    assert "different values" not in run(*words, "--factor_columns", "size,colour")[1]
