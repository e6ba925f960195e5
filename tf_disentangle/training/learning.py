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
    placement,
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
    columns = getattr(run.ground_truth_data, "table_columns", None)
    if columns is not None:
        run.model.use_columns(columns)
    _say_if_few(run)
    if isinstance(run.model, models.LinearModel):
        return _fit(run)
    step = _train(run, directory)
    if directory is None or step >= run.spec.training_steps:
        average.use_average(run.model)
    return step


def _say_if_few(run):
    number = getattr(run.ground_truth_data, "num_observations", None)
    if number is not None and number < run.spec.batch_size:
        run.say(f"A batch of {run.spec.batch_size} holds observations more than once, since the "
                f"data set has only {number} of them.")


def _fit(run):
    """Fits the model to the images of all steps; a fit that was killed starts over."""
    spec = run.spec
    run.model.seed = spec.noise_seed
    at_once.fit_at_once(run.model, run.ground_truth_data, spec.training_steps, spec.batch_size,
                        spec.train_seed, spec.sampling, run.say)
    return spec.training_steps


def _train(run, directory):
    """Makes steps of gradient descent, starting from the newest checkpoint."""
    spec, options, place = run.spec, run.spec.options, placement.placed(run.spec.options)
    preparation.prepare(run.model, run.ground_truth_data.observation_shape, spec.random_seed,
                        run.optimizer, place, options.ema)
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
                              options.steps_per_call, should_stop, pending)


def _note(run, line):
    """Writes a line during training, below the live line of a terminal."""
    run.say(f"\n{line}" if run.output.isatty() else line)


def _hooks_of_files(run, directory, checkpoints, start):
    """The hooks, and the pending terms that the logging hooks start with."""
    options = run.spec.options
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
