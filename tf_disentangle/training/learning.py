"""How a model gets its weights: in steps, from the newest checkpoint, or all at once."""
import typing

import numpy as np

from tf_disentangle import errors, models, networks
from tf_disentangle.data import in_words, tf_data
from tf_disentangle.training import (
    at_once,
    average,
    checkpoint,
    collapse,
    hooks,
    loop,
    preparation,
    signals,
)
from tf_disentangle.training import validation as validation_lib

__all__ = ["Learned", "learn"]

_FEW = 64                                   # observations that show what all are like


class Learned(typing.NamedTuple):
    """How far a run has come.

    Attributes:
        step: number of steps made so far.
        is_finished: whether no more are to be made.
        validation: dictionary for the results: the best step and why the run ended; empty without
            validation.
    """
    step: int
    is_finished: bool
    validation: dict


def learn(run, directory=None):
    """Gives the model of a run its weights.

    Args:
        run: `Run`.
        directory: `ModelDirectory` for the logs and checkpoints, or None.
    Returns:
        `Learned`. Once the run is finished, the model has the best weights if there is validation,
        or else the averaged weights if the run's options ask for an average.
    """
    columns = getattr(run.ground_truth_data, "table_columns", None)
    if columns is not None:
        run.model.use_columns(columns)
    _say_if_few(run)
    if isinstance(run.model, models.LinearModel):
        return _fit(run)
    step, validation = _train(run, directory)
    is_over = validation is not None and validation.is_over
    is_finished = step >= run.spec.training_steps or is_over
    if directory is None or is_finished:
        average.use_average(run.model)
        if validation is not None:
            validation.use_best()
            run.say(validation.line(step))
    return Learned(step, is_finished, validation.results(step) if validation else {})


def _say_if_few(run):
    number = getattr(run.ground_truth_data, "num_observations", None)
    if number is not None and number < run.spec.batch_size:
        run.say(f"A batch of {run.spec.batch_size} holds observations more than once, since the "
                f"data set has only {number} of them.")


def _fit(run):
    """Fits the model to the images of all steps; a fit that was killed starts over."""
    spec = run.spec
    if spec.options.validation_fraction is not None:
        raise errors.InvalidArgumentError(
            "validation_fraction", f"None for {type(run.model).__name__}, which is fitted to all "
            "images at once", spec.options.validation_fraction)
    if run.initial is not None:
        raise errors.InvalidArgumentError(
            "init_from", f"None for {type(run.model).__name__}, which is fitted at once",
            run.initial.name)
    if spec.options.hooks:
        raise errors.InvalidArgumentError(
            "hooks", f"none for {type(run.model).__name__}, which is fitted at once, without steps",
            spec.options.hooks)
    if spec.options.distribution != "none":
        raise errors.InvalidArgumentError(
            "distribution", f"'none' for {type(run.model).__name__}, which is fitted at once",
            spec.options.distribution)
    _introduce_data(run)
    run.model.seed = spec.noise_seed
    at_once.fit_at_once(run.model, run.ground_truth_data, spec.training_steps, spec.batch_size,
                        spec.train_seed, spec.sampling, run.say)
    return Learned(spec.training_steps, True, {})


def _train(run, directory):
    """Makes steps of gradient descent, starting from the newest checkpoint.

    Returns:
        the number of steps made so far, and the `Validation` or None.
    """
    spec, options, place = run.spec, run.spec.options, run.place
    preparation.prepare(run.model, run.training_data.observation_shape, spec.random_seed,
                        run.optimizer, place, options.ema)
    place.check(run.model, spec.batch_size)
    _check_observations(run)
    start, checkpoints = 0, None
    if directory is not None:
        checkpoints = checkpoint.Checkpoints(directory.checkpoints, options.keep_checkpoints)
        start = checkpoints.restore(run.model, run.say) or 0
    if not start and run.initial is not None:
        run.say(run.initial.give_to(run.model))
    validation = _validation(run, directory, checkpoints, start)
    _begin_hooks(run, directory)
    if start >= spec.training_steps or (validation is not None and validation.is_over):
        return start, validation
    _introduce_data(run)
    run.say(f"Resuming at step {start} of {spec.training_steps}." if start else
            networks.description(run.model.encoder, run.model.decoder))
    all_hooks, pending = _hooks(run, directory, checkpoints, start, validation)
    batches = tf_data.training_batches(run.training_data, spec.batch_size, spec.train_seed,
                                       start, spec.sampling)
    runner = loop.StepRunner(run.model, batches, placement=place)
    with signals.stop_on_signals() as should_stop:
        return loop.run_steps(runner, start, spec.training_steps, all_hooks,
                              options.steps_per_call, lambda: place.total(should_stop()) > 0,
                              pending), validation


def _check_observations(run):
    """Refuses what the model's loss cannot be computed for, judged by a few observations."""
    loss, data = run.model.reconstruction_loss, run.training_data
    # The columns of a table have been checked, and other vectors may have any unit.
    is_checked = getattr(run.model, "table_columns", None) is not None
    if not is_checked and (len(data.observation_shape) == 3 or not loss.is_standardised):
        some = data.sample_observations(_FEW, np.random.RandomState(0))
        loss.check_values(np.asarray(some), "observations")


def _introduce_data(run):
    """Says what the run trains on, if the data have a description."""
    if description := getattr(run.ground_truth_data, "description", ""):
        run.say(f"Data: {description} Factors: {in_words.factors(run.ground_truth_data)}.")


def _validation(run, directory, checkpoints, start):
    """The `Validation` that the options ask for, as the checkpoint of a step left it; or None."""
    spec, options = run.spec, run.spec.options
    if run.held_out is None:
        return None
    log = None
    if directory is not None and run.place.is_chief:
        log = hooks.LossLog(options.validate_every, directory.validation, start)
    best = validation_lib.Best.from_arrays(checkpoints.beside(start) if checkpoints else {})
    if not start:
        run.say(f"{run.held_out.num_observations} images are held out for validation, "
                f"{run.training_data.num_observations} train.")
    return validation_lib.Validation(options, run.model, run.held_out, spec.batch_size, best, log)


def _note(run, line):
    """Writes a line during training, below the live line of a terminal."""
    run.say(f"\n{line}" if run.output.isatty() else line)


def _hooks(run, directory, checkpoints, start, validation):
    """All hooks in order, and the pending terms that the logging hooks start with."""
    options, last = run.spec.options, run.spec.training_steps
    progress = hooks.Progress(options.steps_per_call, start, last, run.output)
    line = collapse.CollapseLine(options.log_every, run.model, last,
                                 lambda line: _note(run, line), start)
    files, pending = [], {}
    if directory is not None:
        files, pending = _hooks_of_files(run, directory, checkpoints, start, validation)
    # A checkpoint holds what the user's hooks have made of the model, and what validation found.
    return [progress, *run.hooks,
            *([] if validation is None else [validation]), *files, line], pending


def _hooks_of_files(run, directory, checkpoints, start, validation):
    """The hooks, and the pending terms that the logging hooks start with."""
    options = run.spec.options
    if not run.place.is_chief:              # pauses where the chief writes its files
        return [hooks.Pause(options.log_every), hooks.Pause(options.checkpoint_every)], {}
    losses = hooks.LossLog(options.log_every, directory.losses, start)
    tensorboard = hooks.TensorBoardHook(options.log_every, directory.tensorboard, run.say)
    unlogged = checkpoints.unlogged(start)
    pending = {hook: list(unlogged) for hook in (losses, tensorboard)}
    logs = [losses] if validation is None else [losses, validation.log]

    def trim():
        for log in logs:
            log.trim()

    saving = hooks.CheckpointHook(
        options.checkpoint_every, checkpoints, run.model, lambda: pending[losses], trim,
        directory.keep_new, validation and validation.arrays)
    return [losses, tensorboard, saving], pending


def _begin_hooks(run, directory):
    """Makes the user's hooks; those that have begun are the run's `hooks`, and are ended by it."""
    given = (run, directory and directory.path)
    made = [errors.instance("hooks", hook if isinstance(hook, loop.Hook) else hook(*given),
                            loop.Hook) for hook in run.spec.options.hooks]
    for hook in made:
        hook.begin(*given)
        run.hooks.append(hook)
