"""How a model gets its weights: in steps, from the newest checkpoint, or all at once."""
from tf_disentangle import errors, models
from tf_disentangle.data import tf_data
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

__all__ = ["learn"]


def learn(run, directory=None):
    """Gives the model of a run its weights.

    Args:
        run: `Run`.
        directory: `ModelDirectory` for the logs and checkpoints, or None.
    Returns:
        the number of steps made so far. After the last one the model has the averaged weights,
        if the run's options ask for an average.
    """
    if isinstance(run.model, models.LinearModel):
        return _fit(run)
    step = _train(run, directory)
    if directory is None or step >= run.spec.training_steps:
        average.use_average(run.model)
    return step


def _fit(run):
    """Fits the model to the images of all steps; a fit that was killed starts over."""
    spec = run.spec
    if spec.options.distribution != "none":
        raise errors.InvalidArgumentError(
            "distribution", f"'none' for {type(run.model).__name__}, which is fitted at once",
            spec.options.distribution)
    run.model.seed = spec.noise_seed
    at_once.fit_at_once(run.model, run.ground_truth_data, spec.training_steps, spec.batch_size,
                        spec.train_seed, spec.sampling, run.say)
    return spec.training_steps


def _train(run, directory):
    """Makes steps of gradient descent, starting from the newest checkpoint."""
    spec, options, place = run.spec, run.spec.options, run.place
    preparation.prepare(run.model, run.ground_truth_data.observation_shape, spec.random_seed,
                        run.optimizer, place, options.ema)
    place.check(run.model, spec.batch_size)
    start, files, pending = 0, [], {}
    if directory is not None:
        checkpoints = checkpoint.Checkpoints(directory.checkpoints, options.keep_checkpoints)
        start = checkpoints.restore(run.model, run.say) or 0
        if start >= spec.training_steps:
            return start
        if start:
            run.say(f"Resuming at step {start} of {spec.training_steps}.")
        files, pending = _hooks_of_files(run, directory, checkpoints, start)
    progress = hooks.Progress(options.steps_per_call, start, spec.training_steps, run.output)
    # A checkpoint holds what the user's hooks have made of the model.
    all_hooks = [progress, *_hooks_of_user(run, directory), *files, collapse.CollapseLine(
        options.log_every, run.model, spec.training_steps,
        lambda line: _note(run, line), start)]
    batches = tf_data.training_batches(run.ground_truth_data, spec.batch_size, spec.train_seed,
                                       start, spec.sampling)
    runner = loop.StepRunner(run.model, batches, placement=place)
    with signals.stop_on_signals() as should_stop:
        return loop.run_steps(runner, start, spec.training_steps, all_hooks,
                              options.steps_per_call, lambda: place.total(should_stop()) > 0,
                              pending)


def _note(run, line):
    """Writes a line during training, below the live line of a terminal."""
    run.say(f"\n{line}" if run.output.isatty() else line)


def _hooks_of_files(run, directory, checkpoints, start):
    """The hooks, and the pending terms that the logging hooks start with."""
    options = run.spec.options
    if not run.place.is_chief:              # pauses where the chief writes its files
        return [hooks.Pause(options.log_every), hooks.Pause(options.checkpoint_every)], {}
    losses = hooks.LossLog(options.log_every, directory.losses, start)
    tensorboard = hooks.TensorBoardHook(options.log_every, directory.tensorboard, run.say)
    unlogged = checkpoints.unlogged(start)
    pending = {hook: list(unlogged) for hook in (losses, tensorboard)}
    saving = hooks.CheckpointHook(options.checkpoint_every, checkpoints, run.model,
                                  lambda: pending[losses], losses.trim, directory.keep_new)
    return [losses, tensorboard, saving], pending


def _hooks_of_user(run, directory):
    given = (run, directory and directory.path)
    made = [errors.instance("hooks", hook if isinstance(hook, loop.Hook) else hook(*given),
                            loop.Hook) for hook in run.spec.options.hooks]
    for hook in made:
        hook.begin(*given)
    return made
