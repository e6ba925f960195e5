"""The report of a study: one HTML file with its tables and figures, and links to its runs."""
import collections
import os
import pathlib
import urllib.parse

from tf_disentangle import atomic, errors, progress_line
from tf_disentangle.report import curves, html, scores
from tf_disentangle.runs import directory as run_directory
from tf_disentangle.runs import evaluations, links, score_names
from tf_disentangle.studies import directory as directory_lib
from tf_disentangle.studies import drawn, report_tables, report_words, run_warnings, scoring

__all__ = ["write", "write_report"]

_TRAIN = "train"
_FAILED, _FINISHED = "failed", "finished"
_MOST_RUNS, _MOST_CORRELATIONS = 1000, 30


def write_report(study_dir, output_dir=None):
    """Writes `report.html` about a study, finished or not; a file of that name is replaced.

    Nothing is computed anew: the page shows the tables and figures that the study has written.

    Args:
        study_dir: directory of the study.
        output_dir: where the page goes; `study_dir` if None.
    Returns:
        path of the page, and what is missing in it, a list of sentences.
    Raises:
        UserError: there is no study, or the page cannot be written.
    """
    if not directory_lib.is_study(study_dir):
        raise errors.UserError(f"There is no study in {study_dir}: it has no study.json. Give "
                               "--study_dir a directory that bin/study has written.")
    directory = directory_lib.StudyDirectory(study_dir)
    return write(directory.read(), directory, output_dir)


def write(study, directory, output_dir=None):
    """What `write_report` does, for a `Study` and its `StudyDirectory`."""
    path = pathlib.Path(output_dir, directory.report.name) if output_dir else directory.report
    links.refuse_on_the_way(directory.path, path)
    html.check_writable(path)
    page = _Page(study, directory, path.parent)
    atomic.write(path, page.html())
    return path, page.missing


class _Page:
    """What the template needs.

    Args:
        study: `Study`.
        directory: its `StudyDirectory`.
        place: the folder of the page, from which its links start.
    """

    def __init__(self, study, directory, place):
        self._study, self._directory, self._place = study, directory, place
        self._tables, self._drawn = report_tables.read(directory), drawn.read(directory)
        self.missing = [*self._tables.missing, *self._unfinished(), *self._unscored(),
                        *(self._drawn.missing if self._drawn else [])]

    def html(self):
        """The page."""
        tables = self._tables
        groups, figures = self._groups(), self._figures()
        failed = [self._failure(row) for row in tables.runs if row["state"] == _FAILED]
        correlations = [
            (group, names, rows, runs) for group, names, rows, runs in tables.correlations
            if 2 <= len(names) <= _MOST_CORRELATIONS
            and any(value is not None for row in rows for value in row)]
        there = [("figures", "Figures", figures), ("scores", "Scores", True),
                 ("correlations", "Rank correlations", correlations),
                 ("failed", "Failed runs", failed), ("runs", "Runs", tables.runs),
                 ("study", "The study", True)]
        return html.render(
            "study.html", name=self._study.name, sentence=report_words.sentence(self._study),
            states=", ".join(f"{number:,} {state}" for state, number in self._counts().items()),
            warnings=run_warnings.sentences(self._study, tables.warnings),
            missing=self.missing, groups=groups, figures=figures, correlations=correlations,
            failed=failed, columns=[*self._study.varying, self._study.columns[-1]],
            runs=[self._run(row) for row in tables.runs[:_MOST_RUNS]], num_runs=len(tables.runs),
            rows=report_words.rows(self._study), study_dir=str(self._directory.path),
            against=" and ".join(self._study.compare_with),
            sections=[(address, title) for address, title, is_there in there if is_there])

    def _counts(self):
        return collections.Counter(row["state"] for row in self._tables.runs)

    def _unfinished(self):
        counts = self._counts()
        left = sum(counts.values()) - counts[_FINISHED]
        if not left:
            return []
        states = ", ".join(f"{number:,} {state}" for state, number in counts.items()
                           if state != _FINISHED)
        return [f"{left:,} of {sum(counts.values()):,} runs are not finished ({states}): tables "
                f"and figures show what there is so far. bin/study {self._directory.path} "
                "continues."]

    def _unscored(self):
        finished = {row["run"] for row in self._tables.runs if row["state"] == _FINISHED}
        absent = finished - self._tables.scored
        if not absent or not self._tables.scored:
            return []
        return [f"{len(absent):,} finished runs are not yet in the tables of scores. bin/study "
                f"{self._directory.path} --summarize adds them."]

    def _groups(self):
        """List of (group, evaluations); the losses of training come last."""
        found, known = {}, self._evaluations()
        for row in self._tables.settings:
            evaluation, score = score_names.split(row["score"], known)
            by_evaluation = found.setdefault(report_words.group_of(self._study, row), {})
            by_evaluation.setdefault(evaluation, {}).setdefault(score, []).append(row)
        described = {name: self._about(name) for by_evaluation in found.values()
                     for name in by_evaluation}
        return [(group, [
            {"name": name, **described[name], "scores": [
                _score(name, score, rows) for score, rows in by_evaluation[name].items()]}
            for name in sorted(by_evaluation, key=_TRAIN.__eq__)])
            for group, by_evaluation in found.items()]

    def _evaluations(self):
        """Names of evaluations: those of the study, and others that its first run has."""
        found = dict.fromkeys(scoring.evaluations(self._study))
        for name in sorted(self._tables.scored)[:1]:
            found.update(evaluations.of_run(self._directory.path / "runs" / name))
        return found

    def _about(self, evaluation):
        """What an evaluation asks, from the first run that has it."""
        if evaluation == _TRAIN:
            return {"meaning": "The terms of the loss at the end of training."}
        for name in sorted(self._tables.scored):
            folder = evaluations.folder_of(self._directory.path / "runs" / name, evaluation)
            if os.path.isdir(folder):
                try:
                    return scores.about(folder)
                except errors.UserError:
                    continue
        return {}

    def _figures(self):
        """List of (address, title, text, link to the numbers)."""
        found = []
        folder = self._directory.figures
        # Earlier versions did not note what they drew.
        there = self._drawn.figures if self._drawn else [
            drawn.Figure(path.stem, path.stem, "") for path in sorted(folder.glob("*.png"))]
        for stem, title, text in there:
            path = folder / f"{stem}.png"
            address = html.png_of_file(path)
            if address is None:
                self.missing.append(f"The figure {path.name} cannot be read.")
            else:
                found.append((address, title, text, self._link(path.with_suffix(".csv"))))
        return found

    def _run(self, row):
        """A row of the table of runs."""
        seconds = [None if row[name] is None else progress_line.duration(row[name])
                   for name in ("train_seconds", "score_seconds")]
        return {**row, "train": seconds[0], "score": seconds[1], "link": self._link(
            run_directory.ModelDirectory(self._folder(row)).report)}

    def _failure(self, row):
        logs = [self._link(self._directory.path / "logs" / f"{row['run']}.{task}.txt")
                for task in ("train", "score")]
        return row["run"], row["error"], [link for link in logs if link]

    def _folder(self, row):
        return self._directory.path / "runs" / row["run"]

    def _link(self, path):
        """The address of a file, relative to the page; "" if there is no such file."""
        if not os.path.isfile(path):        # also for a name that no file can have
            return ""
        return urllib.parse.quote(os.path.relpath(path, self._place).replace(os.sep, "/"))


def _score(evaluation, name, rows):
    """A score with the rows of its table, the best mean first."""
    is_lower_better = rows[0].get("better") == "lower"
    low = min(row["mean"] if row["low"] is None else row["low"] for row in rows)
    high = max(row["mean"] if row["high"] is None else row["high"] for row in rows)

    def place(value, otherwise=None):
        value = otherwise if value is None else value
        return f"{(value - low) / ((high - low) or 1.0):.4f}"
    return {"name": name, "meaning": curves.MEANINGS.get(name, "") if evaluation == _TRAIN else "",
            "place": place, "is_compared": any(row["difference"] is not None for row in rows),
            "better": rows[0].get("better", ""),
            "rows": sorted(rows, key=lambda row: row["mean"] * (1 if is_lower_better else -1))}
