"""Warnings of evaluations reach the tables and pages of a study."""
import csv

from studies import made_up

from tf_disentangle.studies import run_warnings, summary

NONE_ACTIVE = "no latent is active, so scores say nothing about the representation"
SENTENCE = (f"2 of 6 scored runs have the warning that {NONE_ACTIVE} (vae.beta = 4: 2 of 3).")


def test_warnings_are_told_wherever_scores_are(tmp_path):
    made = made_up.make()
    directory = made_up.directory_of(tmp_path)
    made_up.run(made, tmp_path)
    for run in made.runs[-2:]:
        made_up.write_scores(directory.model_dir(run), discrete_mig=0.0, notes=[
            "a note", f"warning: {NONE_ACTIVE}"])
    summary.summarize(made, directory)
    with open(directory.scores_table, encoding="utf-8") as stream:
        cells = {(row["run"], row["score"]): row["warnings"] for row in csv.DictReader(stream)}
    assert {key for key, cell in cells.items() if cell} == {
        (run.name, "mig.discrete_mig") for run in made.runs[-2:]}
    assert set(cells.values()) == {"", NONE_ACTIVE}
    with open(directory.settings_table, encoding="utf-8") as stream:
        counts = [row["num_with_warnings"] for row in csv.DictReader(stream)
                  if row["score"] == "mig.discrete_mig"]
    assert counts == ["0", "2"]
    assert f"\n- {SENTENCE}\n" in directory.summary.read_text()
    assert f"<strong>{SENTENCE}</strong>" in directory.report.read_text()


def test_each_warning_has_a_sentence_and_a_run_counts_once():
    made = made_up.make(sweep={"vae.beta": list(range(10))}, seeds=1)
    cells = [(run.name, run_warnings.SEPARATOR.join(["a", "b"] if run.number < 9 else ["b"]))
             for run in made.runs]
    first, second = run_warnings.sentences(made, [*cells, *cells, ("gone", "a"), (cells[0][0], "")])
    assert first.startswith("10 of 10 scored runs have the warning that b (vae.beta = 0: 1 of 1; ")
    assert first.endswith("vae.beta = 7: 1 of 1; 2 further settings).")
    assert second.startswith("9 of 10 scored runs have the warning that a ")
    assert run_warnings.sentences(made, [(cells[0][0], "")]) == []
