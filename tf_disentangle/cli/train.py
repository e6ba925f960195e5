"""`bin/train`: trains the model that gin files describe, and draws what it learned."""
import pathlib
import shlex

from tf_disentangle.cli import program

from absl import flags

__all__ = ["main"]

_DEFAULT = "jl1.gin"

flags.DEFINE_bool("resume", True, "Go on with the run that model_dir holds.")
flags.DEFINE_bool("figures", True, "Draw figures when the run is finished.")


def main():
    """The program."""
    program.run(_train, __doc__)


def _train():
    # Imported late, so that --help and wrong flags answer at once.
    from tf_disentangle import config
    from tf_disentangle import evaluation  # noqa: F401, so that metrics' names are known
    from tf_disentangle.evaluation import metrics  # noqa: F401
    from tf_disentangle.training import train as train_lib

    flags_ = program.FLAGS
    files = program.gin_files() or ([] if flags_.gin_bindings else [_DEFAULT])
    model_dir = flags_.model_dir or _default_model_dir(files)
    with config.parsed(files, flags_.gin_bindings):
        program.say(f"Training {' '.join(files) or 'as bound'} in {model_dir}")
        results = train_lib.train(model_dir, flags_.overwrite, resume=flags_.resume,
                                  config_text=config.current_config())
    if "loss" in results:
        _report(model_dir, results, flags_.figures)


def _default_model_dir(files):
    from tf_disentangle import errors

    if not files:
        raise errors.UserError("Without a gin file there is no name for the run. "
                               "Give --model_dir.")
    return str(pathlib.Path("runs") / pathlib.Path(files[0]).stem)


def _report(model_dir, results, draw):
    from tf_disentangle.training import hooks

    path = pathlib.Path(model_dir)
    numbers = {name: value for name, value in results.items()
               if name not in ("global_step", "elapsed_time", "uuid", "data_description")}
    program.say(f"Final losses after {results['global_step']} steps: "
                f"{hooks.describe_terms(numbers)}")
    if "data_description" in results:
        program.say(f"Data      {results['data_description']}")
    program.say(f"Model     {path / 'model.keras'}", f"Results   {path / 'results'}")
    if draw and not (path / "figures").exists():
        from tf_disentangle.visualize import visualize_model
        visualize_model.visualize(model_dir)
    if (path / "figures").exists():
        program.say(f"Figures   {path / 'figures'}")
    program.say("Next:     bin/evaluate --gin_file local_mig.gin --model_dir "
                + shlex.quote(str(model_dir)))


if __name__ == "__main__":
    main()
