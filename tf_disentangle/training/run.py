"""One run from beginning to end: in memory, or in a directory that it resumes from."""
import dataclasses
import functools
import sys
import time
import typing

from tf_disentangle import atomic, errors, json_files, models
from tf_disentangle.data import held_out
from tf_disentangle.runs import directory as directory_lib
from tf_disentangle.runs import links, origin
from tf_disentangle.runs import results as results_lib
from tf_disentangle.training import checkpoint, devices, learning, outcome, signals
from tf_disentangle.training import spec as spec_lib

__all__ = ["Run", "carry_out"]


@dataclasses.dataclass(frozen=True)
class Run:
    """A spec, with the model, data and other objects needed to carry it out.

    Args:
        spec: `RunSpec`.
        model: a `BaseVAE` that is not built yet.
        ground_truth_data: `GroundTruthData`, or anything with its `observation_shape` and
            `sample_observations`.
        optimizer: Keras optimizer; if None, that of the `vae_optimizer` slot.
        stream: where the progress is written; standard output if None.
        initial: `initial.Initial`, the weights to start from; None for random ones.
    Attributes:
        hooks: the user's hooks that have begun.
    """
    spec: spec_lib.RunSpec
    model: typing.Any
    ground_truth_data: typing.Any
    optimizer: typing.Any = None
    stream: typing.Any = None
    initial: typing.Any = None
    started: float = dataclasses.field(default_factory=time.monotonic, init=False)
    hooks: list = dataclasses.field(default_factory=list, init=False)

    @functools.cached_property
    def place(self):
        """The `Placement` that the spec's options ask for."""
        return devices.placed(self.spec.options)

    @property
    def output(self):
        """The stream that the progress is written to."""
        return sys.stdout if self.stream is None else self.stream

    @functools.cached_property
    def training_data(self):
        """The data set, less the images that are held out for validation."""
        return self._parts[0]

    @functools.cached_property
    def held_out(self):
        """`data.held_out.Part` of the images held out for validation, or None."""
        return self._parts[1]

    @functools.cached_property
    def _parts(self):
        options, steps = self.spec.options, self.spec.training_steps
        if options.validation_fraction is None:
            return self.ground_truth_data, None
        if options.validate_every > steps:
            raise errors.InvalidArgumentError(
                "validate_every", f"at most the number of steps, {steps}", options.validate_every)
        return held_out.split(self.ground_truth_data, options.validation_fraction)

    def say(self, line):
        """Writes a line immediately."""
        with atomic.saying("the progress to the output stream"):
            print(line, file=self.output, flush=True)

    def elapsed(self):
        """Seconds since the run was started."""
        return time.monotonic() - self.started


def carry_out(run, model_dir=None, overwrite=False, resume=True):
    """Trains; with a `model_dir`, also writes checkpoints, results and exports there.

    Args:
        run: `Run`.
        model_dir, overwrite, resume: see `train.train_model`.
    Returns:
        dictionary of the final losses, with `global_step` and `elapsed_time` (seconds). Without
        losses, but with the number of the `signal`, if the run was stopped by one.
    """
    results = None
    try:
        results = _carried_out(run, model_dir, overwrite, resume)
    finally:
        for hook in run.hooks:
            hook.end(results)
    return results


def _carried_out(run, model_dir, overwrite, resume):
    signals.taken()
    if model_dir is None:
        learned = learning.learn(run)
        return {**outcome.final_losses(run, learned.step), **learned.validation}
    if not run.place.is_chief:
        return _as_worker(run, directory_lib.ModelDirectory(model_dir))
    text = run.spec.config_text
    if run.initial and overwrite and run.initial.is_at(model_dir):
        raise errors.UserError("A run cannot start from the weights of the one that it overwrites, "
                               f"{run.initial.name}. Give another model_dir.")
    if run.initial and not directory_lib.ModelDirectory(model_dir).config.exists():
        run.initial.note()                  # refuses a run that is not there before any is begun
    with directory_lib.ModelDirectory(model_dir).locked() as directory:
        directory.prepare(text, overwrite, resume)
        initial = _initial_note(run, directory)
        finished = _finished(run, directory)
        if run.place.total(bool(finished)):
            return finished
        with directory.started(text):
            origin.note(directory.path, text, initial)
            return _in_directory(run, directory)


def _initial_note(run, directory):
    """What `origin.json` says of the weights that the run starts, or has started, from.

    Raises:
        UserError: the directory holds a run that has started from others.
    """
    place = run.initial and run.initial.place
    if not directory.config.exists():
        return run.initial and run.initial.note()
    before = origin.initial_of(directory.path)
    if (before and before["place"]) != place:
        started = [f"the weights of {each}" if each else "random weights"
                   for each in (before and before["place"], place)]
        raise errors.UserError(
            f"The run in {directory.path} has started from {started[0]}, not from {started[1]}. "
            "Give the same --init_from, another model_dir, or --overwrite.")
    # With a checkpoint, or finished, the run no longer needs them.
    if before and not (directory.has_checkpoint() or directory.model.is_file()) and (
            before != run.initial.note()):
        raise errors.UserError(
            f"The model in {run.initial.name} has changed since the run in {directory.path} "
            "started from it. Give another model_dir, or --overwrite.")
    return before


def _as_worker(run, directory):
    """Trains along with the chief, which prepares the directory and writes the files."""
    step = 0 if run.place.total(0) else learning.learn(run, directory).step
    signals.taken()
    run.say(f"This worker is done; the first worker writes {directory.path}.")
    return {"global_step": step, "elapsed_time": run.elapsed()}


def _finished(run, directory):
    """The results of a run that has already made all its steps, or None."""
    results = _results_there(run, directory)
    if results is None or not (results["global_step"] >= run.spec.training_steps
                               or results.get("stopped_early")):
        return None
    if reason := _missing_or_damaged(directory.model):
        _make_model_again(run, directory, results["global_step"], reason)
        number = signals.taken()
        return {**results, "signal": number} if number else results
    results_lib.complete(directory.results, results_lib.TRAIN)
    run.say(f"The run in {directory.path} is finished ({results['global_step']} steps); "
            "nothing was changed.")
    return results


def _results_there(run, directory):
    """The results of an earlier start, or None."""
    if not directory.train_results.is_file():
        return None
    try:
        results = json_files.load(directory.train_results)
        if isinstance(results["global_step"], int):
            return results
        reason = "its global_step is not a number"
    except (errors.UserError, KeyError, TypeError) as error:
        reason = str(error).rstrip(".")
    run.say(f"{directory.train_results} is damaged ({reason}); it is written again.")
    return None


def _missing_or_damaged(model):
    return checkpoint.damage(model) if model.is_file() else "there is no such file"


def _make_model_again(run, directory, step, reason):
    """Writes the model of a finished run again, from the last checkpoint."""
    run.say(f"{directory.model} is missing or damaged ({reason}); it is written again.")
    if not (isinstance(run.model, models.LinearModel) or directory.has_checkpoint()):
        raise errors.UserError(f"There is no checkpoint in {directory.checkpoints} to restore "
                               f"{directory.model} from. Start again with --overwrite.")
    links.refuse_in(directory.path, [directory.model.name])
    again = dataclasses.replace(run, spec=dataclasses.replace(run.spec, training_steps=step))
    if learning.learn(again, directory).is_finished:
        outcome.save_model(again, directory)
    run.hooks.extend(again.hooks)


def _in_directory(run, directory):
    learned = learning.learn(run, directory)
    step, number = learned.step, signals.taken()
    if number or not learned.is_finished:
        run.say(f"Stopped at step {step} of {run.spec.training_steps}; the run is saved. "
                "The same command continues it.")
        return {"global_step": step, "elapsed_time": run.elapsed(),
                **({"signal": number} if number else {})}
    return outcome.finish(run, directory, step, learned.validation)
