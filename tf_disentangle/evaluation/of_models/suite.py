"""Many metrics in one go on a trained model."""
import pathlib

from tf_disentangle import atomic, errors, json_files, parts
from tf_disentangle.configuration import gin_files, parsing
from tf_disentangle.evaluation import catalog
from tf_disentangle.evaluation import evaluate as evaluate_lib
from tf_disentangle.evaluation import scores as scores_lib
from tf_disentangle.evaluation.of_models import subject as subject_lib
from tf_disentangle.runs import evaluations, links, results

__all__ = ["evaluate_suite", "metric_files"]


def metric_files(names, gin_bindings=None):
    """Gin files of metrics.

    Args:
        names: gin files, or names of metrics; "all" means those in the table that score a single
            model within minutes, "quick" those of them that take seconds.
        gin_bindings: strings; only those that import modules matter here, because the modules
            may declare metrics.
    Returns:
        list of paths, in order, without repetition; a metric without a file stays as its name.
    """
    imports = [line for line in gin_bindings or [] if parsing.imported_modules(line)]
    if imports:
        with parts.parsed(None, imports):
            pass
    wanted = []
    for name in map(catalog.imported, names):
        wanted += catalog.members(name)
    return list(dict.fromkeys(map(_file_of, wanted)))


def _file_of(name):
    try:
        return gin_files.find_gin_file(name if name.endswith(".gin") else f"metric/{name}.gin")
    except errors.UserError:
        if catalog.gin_reference(name) is None:
            raise
        return pathlib.Path(name)


def _settings(path):
    """The gin files and bindings for an entry of what `metric_files` returns."""
    if path.suffix == ".gin":
        return [path], []
    return [], [f"evaluation.evaluation_fn = {catalog.gin_reference(path.name)}"]


def evaluate_suite(model_dir, gin_config_files, gin_bindings=None, output_dir=None,
                   overwrite=False, say=print, trust_modules=False):
    """Scores a model with several metrics; the model is loaded once, points are shared.

    If a metric fails, this is reported and the others continue. One that was computed before,
    for the same model and with the same configuration, is not computed again.

    Args:
        model_dir: directory of a finished run.
        gin_config_files: one gin file for each metric, or what `metric_files` returns.
        gin_bindings: strings that hold for every metric.
        output_dir: results go to `<output_dir>/<stem of the gin file>`, and the table of all
            that this model has ever been scored by there to `scores.csv` and `scores.json` in
            `output_dir`; `<model_dir>/evaluation` if None.
        overwrite: compute again what is there.
        say: takes a line of progress.
        trust_modules: see `trained.load_model`.
    Returns:
        rows: list of `Score` of these metrics.
        failures: `{stem: error}` of metrics that failed.
    """
    output_dir = pathlib.Path(output_dir or evaluations.folder_of(model_dir))
    links.refuse_on_the_way(model_dir, output_dir)
    subject = subject_lib.Subject(model_dir, trust_modules)
    rows, failures = [], {}
    for number, path in enumerate(gin_config_files, 1):
        stem = pathlib.Path(path).stem
        say(f"[{number}/{len(gin_config_files)}] {stem}")
        try:
            scores = _scores_of(subject, path, gin_bindings, output_dir / stem, overwrite)
        except Exception as error:  # one failing metric must not lose the others
            failures[stem] = error
            continue
        rows += _rows_of(stem, scores)
    if rows:
        earlier = _rows_of_other_metrics(subject, output_dir, {row.metric for row in rows}, say)
        scores_lib.write(rows + earlier, output_dir)
    return rows, failures


def _rows_of_other_metrics(subject, output_dir, metrics, say):
    """Rows of the same model's earlier scores in the same directory."""
    rows = []
    for name, folder in evaluations.find_evaluations(output_dir).items():
        try:
            if name not in metrics and evaluations.is_of(folder, subject.model_dir):
                rows += _rows_of(name, _read(folder))
        except errors.UserError as error:   # a damaged file must not lose the new scores
            say(f"Left out  {name}: {error}")
    return rows


def _rows_of(name, scores):
    return scores_lib.rows_of(name, scores, scores["elapsed_time"])


def _read(folder):
    return json_files.load_object(results.results_path(folder, results.EVALUATION),
                                  elapsed_time=(int, float))


def _scores_of(subject, path, gin_bindings, output_dir, overwrite):
    """Scores from the files of an identical evaluation if there is one, else from a new one."""
    files, own = _settings(pathlib.Path(path))
    bindings = [*(gin_bindings or []), *own]
    with parts.parsed(files, bindings):
        bound = parsing.current_config()
    kept = output_dir / evaluations.CONFIG
    if (not overwrite and kept.is_file() and kept.read_text(encoding="utf-8") == bound
            and evaluations.is_of(output_dir, subject.model_dir)):
        return _read(output_dir)
    scores = evaluate_lib.evaluate_with_gin(
        subject.model_dir, output_dir, overwrite or kept.is_file(), files,
        [*bindings, f"evaluation.name = '{pathlib.Path(path).stem}'"], subject)
    atomic.write(kept, bound)
    return scores
