"""Many metrics in one go on a trained model."""
import pathlib

from tf_disentangle import errors, json_files, parts
from tf_disentangle.configuration import gin_files, gin_text, parsing
from tf_disentangle.evaluation import catalog, validate
from tf_disentangle.evaluation import evaluate as evaluate_lib
from tf_disentangle.evaluation import scores as scores_lib
from tf_disentangle.evaluation.of_models import subject as subject_lib
from tf_disentangle.runs import evaluations, links, results

__all__ = ["distinct", "evaluate_suite", "metric_files", "refuse_validation"]


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


def distinct(files):
    """Gin files of metrics without repetition, a list of paths.

    Args:
        files: gin files, or what `metric_files` returns.
    Raises:
        InvalidArgumentError: two of them would give their scores one name.
    """
    found = {}
    for path in map(pathlib.Path, files):
        first = found.setdefault(path.stem, path)
        if first.resolve() != path.resolve():
            raise errors.InvalidArgumentError(
                "metrics", "files of different names", [str(first), str(path)],
                "Their scores would have one name.")
    return list(found.values())


def refuse_validation(path):
    """Raises a `UserError` if the current configuration is that of a validation.

    Args:
        path: its gin file, for the message.
    """
    if validate.is_configured():
        name = pathlib.Path(path).name
        raise errors.UserError(f"{name} is a validation, on a fixed labelled set, and no metric to "
                               f"score with others. Give it alone: bin/evaluate --gin_file {name}")


def _settings(path):
    """The gin files and bindings for an entry of what `metric_files` returns."""
    if path.suffix == ".gin":
        return [path], []
    return [], [f"evaluation.evaluation_fn = {catalog.gin_reference(path.name)}"]


def evaluate_suite(model_dir, gin_config_files, gin_bindings=None, output_dir=None,
                   overwrite=False, say=print, trust_modules=False):
    """Scores a model with several metrics; the model is loaded once, points are shared.

    If a metric fails, this is reported and the others continue. One that was computed before,
    for the same model and with the same configuration, is not computed again unless its files are
    damaged.

    Args:
        model_dir: directory of a finished run.
        gin_config_files: one gin file for each metric, or what `metric_files` returns.
        gin_bindings: strings that hold for every metric.
        output_dir: results go to `<output_dir>/<stem of the gin file>`, and the table of all
            that this model has ever been scored by there to `scores.csv` and `scores.json` in
            `output_dir`; `<model_dir>/evaluation` if None.
        overwrite: compute again what is there.
        say: takes a line of progress, or about bindings that had no effect.
        trust_modules: see `trained.load_model`.
    Returns:
        rows: list of `Score` of these metrics.
        failures: `{stem: error}` of metrics that failed.
    Raises:
        InvalidArgumentError: see `distinct`.
    """
    paths = distinct(gin_config_files)
    output_dir = pathlib.Path(output_dir or evaluations.folder_of(model_dir))
    links.refuse_on_the_way(model_dir, output_dir)
    subject = subject_lib.Subject(model_dir, trust_modules)
    rows, failures, used = [], {}, set()
    for number, path in enumerate(paths, 1):
        say(f"[{number}/{len(paths)}] {path.stem}")
        try:
            scores = _scores_of(subject, path, gin_bindings or [], output_dir / path.stem,
                                overwrite, say, used)
        except Exception as error:  # one failing metric must not lose the others
            failures[path.stem] = error
            continue
        rows += _rows_of(path.stem, scores)
    if rows and (unused := gin_text.unused(gin_bindings or [], used)):
        say(f"These bindings had no effect: {', '.join(unused)}.")
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


def _scores_of(subject, path, gin_bindings, output_dir, overwrite, say, used):
    """Scores from the files of an identical evaluation if there is one, else from a new one.

    The names of the parameters that it used are added to the set `used`.
    """
    files, own = _settings(path)
    with parts.parsed(files, [*gin_bindings, *own]):
        refuse_validation(path)
        bound = parsing.current_config()
        is_there = not overwrite and results.results_path(output_dir, results.EVALUATION).is_file()
        try:
            if is_there and _is_the_same(output_dir, bound, subject.model_dir):
                used.update(json_files.load_object(
                    results.config_path(output_dir, results.EVALUATION)))
                return _read(output_dir)
        except errors.UserError as error:   # as after a full disk or a power loss
            say(f"Note      {error} The evaluation {path.stem} is computed again.")
            is_there = False
        parsing.rebind("evaluation.name", path.stem)
        try:
            # Only an evaluation is replaced; a folder of anything else is refused.
            scores = evaluate_lib.evaluate(subject.model_dir, output_dir, overwrite=True,
                                           subject=subject, config_text=bound)
        finally:
            used.update(gin_text.gin_dict(parsing.operative_config()))
    if is_there:
        say(f"Note      The evaluation {path.stem} that was there, of another model or with other "
            "settings, is replaced.")
    return scores


def _is_the_same(folder, bound, model_dir):
    kept = folder / evaluations.CONFIG
    return (kept.is_file() and kept.read_bytes() == bound.encode()
            and evaluations.is_of(folder, model_dir))
