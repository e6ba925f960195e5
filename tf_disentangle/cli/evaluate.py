"""`bin/evaluate`: scores a trained model, or codes and factors in a file.

    bin/evaluate --model_dir runs/jl1 --metrics quick
    bin/evaluate --model_dir runs/jl1 --metrics all
    bin/evaluate --model_dir runs/jl1 --metrics mig,dci_fast
    bin/evaluate --model_dir runs/jl1 --gin_file local_mig.gin
    bin/evaluate --model_dir pretrained:jl1_three_dots --metrics quick
    bin/evaluate --codes codes.npz
    bin/evaluate --codes codes.csv --factors factors.csv
    bin/evaluate --codes table.csv --factor_columns shape,colour --drop_missing
    bin/evaluate --model_dirs runs/a,runs/b --gin_file udr.gin
"""
import numbers
import pathlib

from absl import flags

from tf_disentangle import patterns
from tf_disentangle.cli import program, runs

__all__ = ["main"]

program.define_output_dir()
program.define_trust_modules()


class _Names(flags.ArgumentParser):
    """Comma-separated names; the name of an existing path may itself contain commas."""

    syntactic_help = "a comma separated list"

    def parse(self, argument):
        return patterns.split(argument) if isinstance(argument, str) else list(argument)


def _define_names(name, help_text):
    flags.DEFINE(_Names(), name, [], help_text, serializer=flags.ListSerializer(","))


_define_names("metrics", "Names of metrics, gin files, all, or quick: those that together need "
                  "less than a minute; my_module.my_metric imports a metric of your own.")
flags.DEFINE_string("codes", None, "A file of codes, one row per point: .csv, .tsv, .parquet, "
                    ".npy, or an .npz file, which can have the factors too. Needs no model.")
flags.DEFINE_string("factors", None, "With --codes: the file of the factors, one row per point.")
_define_names("factor_columns", "With --codes: the columns that are factors, in that file or in "
              "--factors.")
_define_names("continuous_factors", "With --codes: factors that are continuous, whatever their "
              "values look like.")
_define_names("discrete_factors", "With --codes: factors that are not continuous.")
flags.DEFINE_bool("drop_missing", False, "With --codes: leave out points with missing codes.")
flags.DEFINE_integer("bootstrap", 0, "With --codes: resamples of the points for intervals.")
flags.DEFINE_integer("seed", 0, "With --codes: seed of what is random.")
flags.DEFINE_bool("refresh_report", False, "With --model_dir and --metrics: write the run's "
                  "report.html again, with the new scores.")
_define_names("model_dirs", "Runs that one metric compares, such as udr.gin.")
flags.DEFINE_string("gin_evaluation_config_glob", None,
                    "Pattern of gin files, one metric each, as --metrics.")

# Flags that work with only one of the two, and what to do instead.
_FROM_PYTHON = "From Python, functions in tf_disentangle.evaluation.metrics take settings."
_OF_MODELS = {**dict.fromkeys(("gin_file", "gin_config", "gin_bindings",
                               "gin_evaluation_config_glob"), _FROM_PYTHON),
              **dict.fromkeys(("model_dir", "model_dirs", "trust_modules", "module_dir",
                               "refresh_report"), "Leave it out, or leave out --codes."),
              "overwrite": "Scores are computed again, and those of other metrics are kept."}
_OF_CODES = {"bootstrap": "Bind evaluation.num_repeats = 5 for standard errors.",
             "seed": "Bind evaluation.random_seed.",
             **dict.fromkeys(("factors", "factor_columns", "continuous_factors", "discrete_factors",
                              "drop_missing"), "Give the file of the codes.")}


def main():
    """The program."""
    program.run(_evaluate, __doc__, needs_tensorflow=False)


def _evaluate():
    # Imported late, so that --help and errors about flags appear at once.
    from tf_disentangle import errors

    flags_ = program.FLAGS
    _refuse_idle_flags(flags_)
    if not flags_.codes and flags_.model_dir is None and not flags_.model_dirs:
        raise errors.UserError("No --model_dir was given. Give the directory of a finished run, "
                               "or --codes.")
    program.check_output_dir()
    if not flags_.codes:
        program.import_tensorflow()
    from tf_disentangle.evaluation.metrics.common import progress

    with progress.shown():
        (_evaluate_codes if flags_.codes else _evaluate_models)(flags_)


def _evaluate_models(flags_):
    if flags_.metrics or flags_.gin_evaluation_config_glob:
        _evaluate_suite(flags_)
    else:
        _evaluate_one(flags_)


def _refuse_idle_flags(flags_):
    word, idle = ("beside", _OF_MODELS) if flags_.codes else ("without", _OF_CODES)
    for name, instead in idle.items():
        program.refuse_idle_flags([name], f"{word} --codes. {instead}")
    if flags_.model_dirs:
        program.refuse_idle_flags(["model_dir"], "beside --model_dirs; give one or the other.")
        program.refuse_idle_flags(
            ["metrics", "gin_evaluation_config_glob"], "beside --model_dirs. Give the metric that "
            "compares the runs as --gin_file, for example udr.gin.")
    if not flags_.metrics and not flags_.gin_evaluation_config_glob:
        program.refuse_idle_flags(["refresh_report"], "without --metrics. bin/report writes it.")
    else:
        program.refuse_idle_flags(
            ["gin_file", "gin_config"], "beside --metrics and --gin_evaluation_config_glob. "
            "Give it among the metrics: --metrics mig,local_mig.gin.")


def _evaluate_one(flags_):
    from tf_disentangle import errors, parts
    from tf_disentangle.configuration import gin_text, parsing
    from tf_disentangle.evaluation import evaluate as evaluate_lib
    from tf_disentangle.evaluation import scores as scores_lib
    from tf_disentangle.evaluation import validate as validate_lib
    from tf_disentangle.evaluation.metrics.common import activity

    files = program.gin_files()
    if not files and not flags_.gin_bindings:
        raise errors.UserError("No metric was given. Give --metrics all, or --gin_file, for "
                               "example local_mig.gin.")
    model_dirs = [runs.read(name, flags_.output_dir)
                  for name in flags_.model_dirs or [flags_.model_dir]]
    model_dir = model_dirs if flags_.model_dirs else model_dirs[0]
    output_dir = pathlib.Path(
        flags_.output_dir or evaluate_lib.default_output_dir(model_dirs[0], files))
    program.check_output_dir(output_dir.parent)     # the folder itself is replaced as a whole
    with parts.parsed(files, flags_.gin_bindings):
        score = validate_lib.validate if validate_lib.is_configured() else evaluate_lib.evaluate
        scores = score(model_dir, output_dir, flags_.overwrite, trust_modules=flags_.trust_modules)
        used = gin_text.gin_dict(parsing.operative_config())
    if unused := gin_text.unused(flags_.gin_bindings, used):
        program.say(f"These bindings had no effect: {', '.join(unused)}.")
    for name, value in scores.items():
        if name != activity.KEY and (value is None or isinstance(value, numbers.Real)):
            program.say(f"{name:28} " + ("not defined" if value is None else f"{value:.4f}"))
    program.say(*scores_lib.remarks(scores_lib.rows_of("result", scores)),
                f"Results   {output_dir / 'results'}")
    _draw_matrices(output_dir)


def _evaluate_suite(flags_):
    from tf_disentangle import errors
    from tf_disentangle.evaluation.of_models import suite
    from tf_disentangle.runs import evaluations, user_folders

    pattern = flags_.gin_evaluation_config_glob
    found = patterns.matching(pattern) if pattern else []
    if pattern and not found:
        raise errors.UserError(f"No gin file matches --gin_evaluation_config_glob {pattern}.")
    user_folders.add_for([*flags_.metrics, *found])     # as `program` does for --gin_file
    files = suite.distinct([*suite.metric_files(flags_.metrics, flags_.gin_bindings), *found])
    model_dir = runs.read(flags_.model_dir, flags_.output_dir)
    output_dir = pathlib.Path(flags_.output_dir or evaluations.folder_of(model_dir))
    program.check_output_dir(output_dir)
    rows, failures = suite.evaluate_suite(
        model_dir, files, flags_.gin_bindings, output_dir, flags_.overwrite,
        say=program.say, trust_modules=flags_.trust_modules)
    for path in files:
        _draw_matrices(output_dir / path.stem)
    if flags_.refresh_report:
        _refresh_report(model_dir, flags_.trust_modules)
    _report(rows, failures, output_dir, flags_.metrics)


def _refresh_report(model_dir, trust_modules):
    """Writes the page about the run; it is only an extra, so that an error is a warning."""
    from tf_disentangle import report

    try:
        path, _ = report.write_report(model_dir, trust_modules=trust_modules)
    except Exception as error:
        program.say(f"Warning: the report of the run is not written: {program.message(error)}")
        return
    program.say(f"Report    {path}")


def _draw_matrices(output_dir):
    """Draws the matrices of a `unified_scores` evaluation; does nothing for other evaluations."""
    from tf_disentangle import json_files
    from tf_disentangle.runs import results

    folder = pathlib.Path(output_dir)
    settings = results.config_path(folder, results.EVALUATION)
    if not settings.is_file() or not str(json_files.load_object(
            settings).get("evaluation.evaluation_fn", "")).endswith("unified_scores"):
        return
    try:
        from tf_disentangle.visualize import score_matrices
        score_matrices.draw_score_matrices(folder / "artifacts")
    except Exception as error:  # only an extra; the scores are saved
        program.say(f"Warning: the matrices are not drawn: {program.message(error)}")
        return
    program.say(f"Figures   {folder / 'artifacts'}")


def _evaluate_codes(flags_):
    from tf_disentangle import errors
    from tf_disentangle.evaluation import array_file, of_arrays

    if flags_.bootstrap:
        errors.whole_number("bootstrap", flags_.bootstrap, minimum=2)
    errors.whole_number("seed", flags_.seed, 0, 2**32 - 1)
    codes, factors = array_file.read_columns(flags_.codes, flags_.factors, flags_.factor_columns)
    path = pathlib.Path(flags_.codes)
    output_dir = pathlib.Path(flags_.output_dir or path.with_name(f"{path.stem}_scores"))
    program.check_output_dir(output_dir)
    names = flags_.metrics or ["all"]
    if factors is None:
        program.say(f"There is no array called factors in {path}: metrics of codes alone."
                    if path.suffix.lower() == ".npz" else "Neither --factors nor --factor_columns "
                    "was given: metrics of codes alone.")
    rows, failures = of_arrays.evaluate_arrays(
        codes, factors, names, flags_.seed, flags_.bootstrap, say=program.say,
        continuous_factors=flags_.continuous_factors, discrete_factors=flags_.discrete_factors,
        drop_missing=flags_.drop_missing)
    if rows:
        _write(rows, output_dir)
    _report(rows, failures, output_dir, names)


def _write(rows, output_dir):
    """Writes the tables of scores; if that fails, the scores are printed at least."""
    from tf_disentangle import errors
    from tf_disentangle.evaluation import scores as scores_lib
    from tf_disentangle.runs import lock

    try:
        with lock.locked(output_dir, "evaluation", "output_dir"):
            for path in scores_lib.set_aside(rows, output_dir):
                program.say(f"Note      Other scores were there: they are in {path} now.")
            scores_lib.write(rows, output_dir)
    except (OSError, errors.UserError):
        program.say("", *scores_lib.as_table(rows), "", *scores_lib.remarks(rows))
        raise


def _report(rows, failures, output_dir, names):
    from tf_disentangle import errors
    from tf_disentangle.evaluation import catalog
    from tf_disentangle.evaluation import scores as scores_lib

    if rows:
        program.say("", *scores_lib.as_table(rows), "", *scores_lib.remarks(rows),
                    f"Results   {output_dir / 'scores.csv'}",
                    f"          {output_dir / 'scores.json'}")
    if any(row.low is not None for row in rows):
        program.say("low, high  95% confidence interval for the score of the whole population. It "
                    "corrects the bias of a small sample, so the value may lie outside it.")
    # Some metrics in "all" may need more than this model or these arrays provide.
    in_sets = {member for name in names if name in catalog.SETS for member in catalog.members(name)}
    asked = [name for name in failures if name not in in_sets] or [*failures] * (not rows)
    for name, error in failures.items():
        if name not in asked[:1]:
            program.say(f"Left out  {name}: {program.message(error)}")
    if asked:
        others = f" Nor of {', '.join(asked[1:])}: see above." if asked[1:] else ""
        reason = program.message(failures[asked[0]])
        raise errors.UserError(f"No score of {asked[0]}: {reason}{others}")


if __name__ == "__main__":
    main()
