"""Many metrics in one go: on a trained model, or on two arrays."""
import pathlib
import time

import numpy as np

from tf_disentangle import errors, parts
from tf_disentangle.configuration import gin_files, parsing
from tf_disentangle.evaluation import catalog, uncertainty
from tf_disentangle.evaluation import evaluate as evaluate_lib
from tf_disentangle.evaluation import scores as scores_lib
from tf_disentangle.evaluation import subject as subject_lib
from tf_disentangle.evaluation.metrics.common import arrays
from tf_disentangle.runs import results

__all__ = ["evaluate_arrays", "evaluate_suite", "metric_files"]


def metric_files(names, gin_bindings=None):
    """Gin files of metrics.

    Args:
        names: gin files, or names of metrics; "all" stands for those of the table that a
            single model can be scored by within minutes.
        gin_bindings: strings, of which those that import modules are looked at: they may
            declare metrics.
    Returns:
        list of paths, in order, each once; a metric without a file is left as its name.
    """
    imports = [line for line in gin_bindings or [] if parsing.imported_modules(line)]
    if imports:
        with parts.parsed(None, imports):
            pass
    wanted = []
    for name in map(catalog.imported, names):
        wanted += catalog.IN_ALL if name == "all" else [name]
    return list(dict.fromkeys(map(_file_of, wanted)))


def _file_of(name):
    try:
        return gin_files.find_gin_file(name if name.endswith(".gin") else f"metric/{name}.gin")
    except errors.UserError:
        if catalog.gin_reference(name) is None:
            raise
        return pathlib.Path(name)


def _settings(path):
    """Gin files and bindings of what `metric_files` returns."""
    if path.suffix == ".gin":
        return [path], []
    return [], [f"evaluation.evaluation_fn = {catalog.gin_reference(path.name)}"]


def evaluate_suite(model_dir, gin_config_files, gin_bindings=None, output_dir=None,
                   overwrite=False, say=print):
    """Scores a model with several metrics; the model is loaded once, points are shared.

    A metric that fails is reported and the others go on. One that has been computed before,
    of the same model and with the same configuration, is not computed again.

    Args:
        model_dir: directory of a finished run.
        gin_config_files: one gin file for each metric, or what `metric_files` returns.
        gin_bindings: strings that hold for every metric.
        output_dir: results go to `<output_dir>/<stem of the gin file>`, and the table of all
            that this model has ever been scored by there to `scores.csv` and `scores.json` in
            `output_dir`; `<model_dir>/evaluation` if None.
        overwrite: compute again what is there.
        say: takes a line of progress.
    Returns:
        rows: list of `Score` of these metrics.
        failures: `{stem: error}` of metrics that failed.
    """
    output_dir = pathlib.Path(output_dir or pathlib.Path(model_dir) / "evaluation")
    subject = subject_lib.Subject(model_dir)
    rows, failures = [], {}
    for number, path in enumerate(gin_config_files, 1):
        stem = pathlib.Path(path).stem
        say(f"[{number}/{len(gin_config_files)}] {stem}")
        try:
            scores = _scores_of(subject, path, gin_bindings, output_dir / stem, overwrite)
        except Exception as error:  # a metric is no reason to lose the others
            failures[stem] = error
            continue
        rows += scores_lib.rows_of(stem, scores, scores["elapsed_time"])
    if rows:
        earlier = _rows_of_other_metrics(subject, output_dir, {row.metric for row in rows})
        scores_lib.write(rows + earlier, output_dir)
    return rows, failures


def _rows_of_other_metrics(subject, output_dir, metrics):
    """Rows of what the same model was scored by before, in the same place."""
    rows = []
    for folder in sorted(output_dir.glob("*/")):
        if folder.name not in metrics and _is_of(folder, subject.model_dir):
            scores = results.load_json(results.json_path(folder, "evaluation_results"))
            rows += scores_lib.rows_of(folder.name, scores, scores["elapsed_time"])
    return rows


def _is_of(folder, model_dir):
    """Whether a folder holds an evaluation of the model as it now is."""
    if not all(results.json_path(folder, name).is_file()
               for name in ("evaluation_results", "train_results")):
        return False
    uuids = [results.load_json(results.json_path(place, "train_results"))["uuid"]
             for place in (folder, model_dir)]
    return uuids[0] == uuids[1]


def _scores_of(subject, path, gin_bindings, output_dir, overwrite):
    """Scores from the files of an evaluation like this one, or else from a new one."""
    files, own = _settings(pathlib.Path(path))
    bindings = [*(gin_bindings or []), *own]
    with parts.parsed(files, bindings):
        bound = parsing.current_config()
    kept = output_dir / "config.gin"
    if (not overwrite and kept.is_file() and kept.read_text(encoding="utf-8") == bound
            and _is_of(output_dir, subject.model_dir)):
        return results.load_json(results.json_path(output_dir, "evaluation_results"))
    scores = evaluate_lib.evaluate_with_gin(
        subject.model_dir, output_dir, overwrite or kept.is_file(), files,
        [*bindings, f"evaluation.name = '{pathlib.Path(path).stem}'"], subject)
    results.save_file(kept, bound)
    return scores


def evaluate_arrays(codes, factors, metrics=("all",), random_seed=0, num_resamples=0, say=print):
    """Scores given codes with metrics that need no more than arrays.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` discrete values of any kind, which metrics see as 0
            ... n - 1 in their order; None for the metrics that ask for codes alone.
        metrics: names of the catalogue; "all" stands for those without boosted trees.
        random_seed: seed of what is random within a metric, and of the resampling.
        num_resamples: bootstrap resamples of the points for the intervals; 0 for none.
        say: takes a line of progress.
    Returns:
        rows: list of `Score`.
        failures: `{name: error}` of metrics that failed.
    Raises:
        InvalidArgumentError: see `arrays.of_any_origin`.
    """
    codes, factors = arrays.of_any_origin(codes, factors)
    chosen = catalog.on_arrays(metrics, with_factors=factors is not None)
    rows, failures = [], {}
    for number, metric in enumerate(chosen, 1):
        say(f"[{number}/{len(chosen)}] {metric.name}")
        started = time.monotonic()
        try:
            scores = metric.score_arrays(codes, factors, random_seed)
            found = scores_lib.rows_of(metric.name, scores, time.monotonic() - started)
            if num_resamples:
                found = _with_intervals(found, metric, codes, factors, num_resamples, random_seed)
        except Exception as error:  # a metric is no reason to lose the others
            failures[metric.name] = error
            continue
        rows += found
    return rows, failures


def _with_intervals(rows, metric, codes, factors, num_resamples, seed):
    def score(some_codes, some_factors):
        return metric.score_arrays(some_codes, some_factors, seed)

    def score_of_halves(some_codes, marked):
        some_factors, test = marked[:, :-1], marked[:, -1] == 1
        return metric.score_arrays(some_codes[~test], some_factors[~test], seed,
                                   test_codes=some_codes[test], test_factors=some_factors[test])

    if metric.takes("test_codes"):
        # Halves are chosen before points are drawn twice, so that no point is in both.
        points = np.arange(len(codes))[:, None]
        test = np.isin(points, arrays.split(points, points, seed=seed)[2])
        score, factors = score_of_halves, np.hstack([factors, test])
    intervals = uncertainty.bootstrap(score, codes, factors, num_resamples, random_state=seed)
    return [row._replace(standard_error=intervals[row.score].standard_error,
                         low=intervals[row.score].low, high=intervals[row.score].high)
            for row in rows]
