"""`bin/train`: trains the model that gin files describe, and draws what it learned."""
import pathlib
import shlex

from absl import flags

from tf_disentangle.cli import program, runs

__all__ = ["main"]

_DEFAULT = "jl1.gin"
# The smallest finite data set in which local scores find enough observations with similar factors.
_LEAST_FOR_NEIGHBOURHOODS = 10000

flags.DEFINE_bool("resume", True, "Continue the run in model_dir.")
flags.DEFINE_string("init_from", None, "Start from the weights of this finished run, or of "
                    "pretrained:NAME, instead of random ones.")
flags.DEFINE_bool("figures", True, "Draw figures when the run is finished.")
flags.DEFINE_bool("report", True, "Write report.html when the run is finished.")


def main():
    """The program."""
    program.run(_train, __doc__)


def _train():
    flags_ = program.FLAGS
    files = program.gin_files() or ([] if flags_.gin_bindings else [_DEFAULT])
    runs.refuse_pretrained(flags_.model_dir)
    model_dir = flags_.model_dir or _default_model_dir(files)
    results, ground_truth_data = runs.train(model_dir, files, flags_.gin_bindings,
                                            flags_.overwrite, flags_.resume, flags_.init_from)
    _say_results(model_dir, results)
    _show(model_dir, ground_truth_data, flags_.figures, flags_.report)
    program.say(f"Next:     bin/evaluate {_metric_for(ground_truth_data)} --model_dir "
                + shlex.quote(str(model_dir)))


def _default_model_dir(files):
    from tf_disentangle import errors

    if not files:
        raise errors.UserError("Without a gin file there is no name for the run. "
                               "Give --model_dir.")
    return runs.named_after(files[0])


def _say_results(model_dir, results):
    from tf_disentangle.runs import scores
    from tf_disentangle.training import hooks

    path = pathlib.Path(model_dir)
    program.say(f"Final losses after {results['global_step']} steps: "
                f"{hooks.describe_terms(scores.only_scores(results))}")
    program.say(f"Model     {path / 'model.keras'}", f"Results   {path / 'results'}")


def _show(model_dir, ground_truth_data, draw, write):
    """Draws the figures and writes the report, unless they are there already."""
    from tf_disentangle.runs import directory, figures

    path = pathlib.Path(model_dir)
    if draw and not figures.are_current(model_dir):
        _optional("there are no figures of this model", _draw, model_dir, ground_truth_data)
    if figures.are_current(model_dir):
        program.say(f"Figures   {path / 'figures'}")
        _say_of_channels(ground_truth_data)
    run = directory.ModelDirectory(model_dir)
    if write and not run.report_is_current():
        _optional("there is no report of this model", _write_report, model_dir, ground_truth_data)
    if run.report_is_current():
        program.say(f"Report    {run.report}")


def _optional(otherwise, make, *arguments):
    """Makes what a run does not need; an error here does not fail the program."""
    try:
        make(*arguments)
    except Exception as error:
        program.say(f"Warning: {otherwise}: {program.message(error)}")


def _draw(model_dir, ground_truth_data):
    from tf_disentangle.visualize import visualize_model
    # Animations and effects, which take longer, are left to bin/visualize.
    visualize_model.visualize(model_dir, ground_truth_data=ground_truth_data, num_animations=0,
                              num_points_irs=0)


def _write_report(model_dir, ground_truth_data):
    from tf_disentangle import report
    report.write_report(model_dir, ground_truth_data=ground_truth_data)


def _say_of_channels(ground_truth_data):
    from tf_disentangle.visualize import model_images

    if note := model_images.note_on_channels(ground_truth_data.observation_shape):
        program.say(note)


def _metric_for(ground_truth_data):
    """The flag for a metric that this data set supports."""
    number = getattr(ground_truth_data, "num_observations", None)
    are_mixed = getattr(ground_truth_data, "mixed_factors", None) is not None
    has_neighbourhoods = not are_mixed and (number is None or number >= _LEAST_FOR_NEIGHBOURHOODS)
    if ground_truth_data.num_factors > 1 and has_neighbourhoods:
        return "--gin_file local_mig.gin"
    return "--metrics " + ("mig,mcc" if ground_truth_data.num_factors else
                           "reconstruction_error,hoyer")


if __name__ == "__main__":
    main()
