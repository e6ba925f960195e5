"""The page about a study: what it shows, of whatever there is, and that user text stays text."""
import json
import re
import shutil
import urllib.parse

import pytest
from report import test_report
from studies import made_up

from tf_disentangle import atomic, errors, json_files, studies
from tf_disentangle.runs import results
from tf_disentangle.studies import directory as directory_lib
from tf_disentangle.studies import report_words, summary

EVIL = test_report.EVIL
# A PNG file of one pixel.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a49444154789c6360000000020001e221bc330000000049454e44ae426082")


def carried_out(folder, ends=None, **changes):
    made = made_up.make(**{"compare_with": "vae.beta = 1", **changes})
    made_up.run(made, folder, made_up.Scheduler(ends))
    return made


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A study with a figure, a failed run and, of one run, a report and settings of its metric."""
    folder = tmp_path_factory.mktemp("studies") / "a study"
    carried_out(folder, {("beta_4-seed_2", "train"): [(1, "The disk is full.")]},
                boxes=[{"y": "mig.discrete_mig", "by": "vae.beta"}])
    run = folder / "runs" / "beta_1-seed_0"
    atomic.write(run / "report.html", "a page")
    atomic.write(folder / "logs" / "beta_4-seed_2.train.txt", "a log")
    json_files.save({"evaluation.evaluation_fn": "@mig"},
                    results.config_path(run / "evaluation" / "mig", results.EVALUATION))
    return folder


@pytest.fixture
def study_dir(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "copy")


def page_of(study_dir, **options):
    path, missing = studies.write_report(study_dir, **options)
    return path.read_text(encoding="utf-8"), missing


def test_whole_page(finished):
    text, missing = page_of(finished)
    assert missing == ["1 of 6 runs are not finished (1 failed): tables and figures show what "
                       f"there is so far. bin/study {finished} continues."]
    read = test_report.Reader(text)
    assert read.headings == ["Figures", "Scores of the settings", "Failed runs", "Runs",
                             "What was run"]
    assert len(set(read.ids)) == len(read.ids)
    assert "default-src 'none'" in text and "2 settings, 6 runs: 3 seeds each." in text
    assert "All are compared with vae.beta = 1. Every run is scored by mig." in text
    assert "Mutual information gap" in text and "discrete_mig: 0 to 1, higher" in text
    # The mean of 0.4, 0.41 against that of 0.1, 0.11, 0.12.
    assert '<td class="number">0.405<br>' in text and ">+0.295<br>" in text
    assert "The disk is full." in text and "mig.discrete_mig by vae.beta." in text


def test_links_lead_to_files_from_wherever_the_page_is(finished, tmp_path):
    for place in (finished, tmp_path / "else where"):
        path, _ = studies.write_report(finished, place)
        addresses = test_report.Reader(path.read_text(encoding="utf-8")).addresses
        links = [name for name in addresses if not name.startswith(("#", "data:"))]
        found = {(place / urllib.parse.unquote(link)).resolve().relative_to(
            finished.resolve()).as_posix() for link in links}
        assert found == {"runs/beta_1-seed_0/report.html", "logs/beta_4-seed_2.train.txt",
                         "figures/mig.discrete_mig_by_vae.beta.csv"}


def test_a_study_writes_its_page(tmp_path):
    carried_out(tmp_path / "study")
    assert "Scores of the settings" in (tmp_path / "study" / "report.html").read_text()


def test_text_of_users_is_escaped(tmp_path):
    """Settings, files, bindings, metrics, scores, groups, errors, runs and figures."""
    folder = tmp_path / "study"
    short = "<script>alert</script>"
    carried_out(
        folder, {("a_script_alert_a_script-seed_1", "train"): [(1, EVIL)]},
        base="base" + EVIL, sweep={"a.a": ["a" + short], "b.b": ["b" + short, 1]},
        bindings=["c.c = '" + EVIL + "'"], metric_bindings=["d.d = '" + EVIL + "'"],
        metrics=["mig"], boxes=[{"y": "e.s" + EVIL}], within="a.a", compare_with=["b.b = 1"],
        seeds=2)
    for run in (folder / "runs").iterdir():
        made_up.write_scores(run, "e", **{"s" + EVIL: 0.5, "t" + EVIL: 0.25})
    directory = directory_lib.StudyDirectory(folder)
    study = directory.read()
    summary.summarize(study, directory)
    rows = directory.runs_table.read_text().splitlines()
    rows[-1] = rows[-1].replace("waiting", "g" + EVIL).replace("finished", "g<b x=1>")
    directory.runs_table.write_text("\n".join([*rows, ""]))
    text, _ = page_of(folder)
    assert "<script" not in text and "<b x=" not in text
    read = test_report.Reader(text)
    assert read.tags.count("script") == 0
    for beginning in ("base", "a", "b", "c.c = &#39;", "d.d = &#39;", "s", "t", "e.s"):
        assert f"{beginning}&lt;script&gt;" in text, beginning
    assert "g&lt;b x=1&gt;" in text


@pytest.mark.parametrize("name, content, sentence", [
    ("runs.csv", None, "There is no runs.csv: the runs are not listed."),
    ("runs.csv", b"\xff\x00\x80,", "runs.csv is damaged"),
    ("scores.csv", None, "There is no scores.csv yet."),
    ("scores.csv", b"run,score\n", "scores.csv is damaged: it has no column value."),
    ("settings.csv", None, "There is no settings.csv."),
    ("settings.csv", b"", "settings.csv is damaged: it has no column setting."),
    ("settings.csv", b"setting,score,num,mean\na,mig.x,3,0.5\nb,mig.x,3,hig",
     "1 of 2 rows of settings.csv are damaged and left out."),
    ("settings.csv", b"setting,score,num,mean\na,mig.x,3,0.5\nb,mig",
     "1 of 2 rows of settings.csv are damaged and left out."),
    ("settings.csv", b"setting,score,num,mean\n\"" + b"a" * 200_000,
     "settings.csv is damaged after 0 rows: field larger than field limit"),
    ("rank_correlations.csv", b"x", "rank_correlations.csv is damaged: it has no column group."),
    ("figures/mig.discrete_mig_by_vae.beta.png", b"no picture",
     "The figure mig.discrete_mig_by_vae.beta.png cannot be read."),
])
def test_damaged_and_absent_files(study_dir, name, content, sentence):
    (study_dir / name).unlink()
    if content is not None:
        (study_dir / name).write_bytes(content)
    text, missing = page_of(study_dir)
    found = [line for line in missing if line.startswith(sentence)]
    assert len(found) == 1 and "Not everything is here." in text
    assert "figure" in found[0] or found[0].endswith("from the runs that are there.")
    assert text.endswith("</html>") and "What was run" in test_report.Reader(text).headings
    assert content is None or b"0.5" not in content or '<td class="number">0.5</td>' in text


def test_a_table_that_is_a_folder(study_dir):
    (study_dir / "settings.csv").unlink()
    (study_dir / "settings.csv").mkdir()
    assert any(line.startswith("settings.csv cannot be read: ") for line in page_of(study_dir)[1])


def test_a_study_that_has_only_begun(tmp_path):
    made = made_up.make()
    with made_up.directory_of(tmp_path / "study").locked(made):
        pass
    text, missing = page_of(tmp_path / "study")
    assert [line.partition(":")[0].partition(".csv")[0] for line in missing] == [
        "There is no runs", "There is no scores"]
    assert "There are no scores yet." in text and "2 settings, 6 runs" in text


def figures_of(text):
    """The captions of the figures of a page."""
    return re.findall(r"<figcaption><b>(.*?)</b> (.*?)(?: <a |</figcaption>)", text)


def test_figures_that_differ_in_their_runs_have_captions_of_their_own(tmp_path):
    box = {"y": "mig.discrete_mig", "by": "vae.beta"}
    carried_out(tmp_path, boxes=[{**box, "only": "vae.beta = 4"}, {**box, "only": "seed = 1 or 2"},
                                 box])
    texts = [text.partition(" Only")[2] for _, text in figures_of(page_of(tmp_path)[0])]
    assert texts == [" runs with vae.beta = 4.", " runs with seed = 1 or 2.", ""]


def test_figures_that_are_not_asked_for_any_more_are_gone_and_others_files_stay(tmp_path):
    boxes = [{"y": "mig.discrete_mig", "by": "vae.beta"}, {"y": "train.loss"}]
    carried_out(tmp_path, boxes=boxes)
    (tmp_path / "figures" / "mine.png").write_bytes(PIXEL)
    carried_out(tmp_path, boxes=[{"y": "mig.nothing"}, boxes[1]])
    text, missing = page_of(tmp_path)
    assert figures_of(text)[0][0] == "train.loss by setting." and len(figures_of(text)) == 1
    assert missing == ["The figure of mig.nothing is not drawn: no run has the score mig.nothing. "
                       "Similar scores: mig.discrete_mig."]
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {
        ".drawn.json", "mine.png", "train.loss_by_setting.png", "train.loss_by_setting.csv"}


@pytest.mark.parametrize("note", [None, "[]", '{"figures": [["a/b", "", ""]], "missing": []}',
                                  '{"figures": [["a", ""]], "missing": []}'])
def test_without_a_note_all_figures_are_shown(study_dir, note):
    (study_dir / "figures" / ".drawn.json").unlink()
    if note:
        (study_dir / "figures" / ".drawn.json").write_text(note)
    assert figures_of(page_of(study_dir)[0]) == [("mig.discrete_mig_by_vae.beta.", "")]


def test_runs_that_the_tables_do_not_have_yet(study_dir):
    scores = (study_dir / "scores.csv").read_text().splitlines()
    kept = [line for line in scores if not line.startswith("beta_1-seed_1")]
    (study_dir / "scores.csv").write_text("\n".join([*kept, ""]))
    assert page_of(study_dir)[1][1] == (
        f"1 finished runs are not yet in the tables of scores. bin/study {study_dir} --summarize "
        "adds them.")


def test_no_study_and_places_that_cannot_be_written(study_dir, tmp_path):
    with pytest.raises(errors.UserError, match="There is no study in .*: it has no study.json"):
        studies.write_report(tmp_path)
    (tmp_path / "file").write_text("")
    (tmp_path / "page" / "report.html").mkdir(parents=True)
    for folder in ("file", "page"):
        with pytest.raises(errors.UserError, match="Cannot write"):
            studies.write_report(study_dir, tmp_path / folder)
    (study_dir / "report.html").unlink(missing_ok=True)
    (study_dir / "report.html").symlink_to(tmp_path / "file")
    with pytest.raises(errors.UserError, match="is a link to"):
        studies.write_report(study_dir)
    assert (tmp_path / "file").read_text() == ""


@pytest.mark.parametrize("content", ["{", "[]", '{"name": 3}', '{"name": "x", "colour": 1}'])
def test_a_damaged_study_is_one_line(study_dir, content):
    (study_dir / "study.json").write_text(content)
    with pytest.raises(errors.UserError) as caught:
        studies.write_report(study_dir)
    assert "\n" not in str(caught.value)


def test_words():
    study = made_up.make(
        sweep={}, seeds=1, compare_with=(), metrics="mig",
        methods=[{"method": "a", "metrics": "aam"}, {"method": "b", "seeds": 2, "p.x": [1, 2]}],
        curves=[{"x": "rho", "y": "mig.m(rho=*)", "only": "method = b"}],
        boxes=[{"y": "mig.m", "by": "method"}, {"y": "mig.m"}])
    assert report_words.sentence(study) == (
        "3 settings, 5 runs. Settings differ in the method and p.x. Runs are scored by aam and "
        "mig, each method by its own.")
    assert dict(report_words.rows(study)) == {
        "Gin files": "jl1.gin", "Methods": "a, b", "p.x": "1, 2", "Seeds": "0, 1",
        "Metrics": "aam, mig"}
    assert report_words.caption(study.curves[0], "dataset.name = x") == (
        "mig.m(rho=*) against rho (dataset.name = x)", "A curve for each setting: the mean over "
        "runs, with its 95% interval. Only runs with method = b.")
    assert report_words.caption(study.boxes[0], "")[0] == "mig.m by method"
    assert json.dumps(report_words.rows(made_up.make(seeds=20)))     # plain strings
