"""Training a model: the entry points, with and without gin."""
import contextlib
import json
import os
import sys
import time

import keras
import numpy as np
import tensorflow as tf

from tf_disentangle import data, errors, export, models, parts
from tf_disentangle.configuration import parsing, registry
from tf_disentangle.data import tf_data
from tf_disentangle.runs import directory as directory_lib
from tf_disentangle.runs import origin
from tf_disentangle.runs import results as results_lib
from tf_disentangle.training import at_once, checkpoint, hooks, loop, optimizers, precision, signals
from tf_disentangle.training import options as options_lib

__all__ = ["prepare_model", "train", "train_model", "train_with_gin"]


def _seeds(random_seed):
    """Seeds of training data, evaluation data (both disentanglement_lib's) and noise."""
    seed = errors.whole_number("random_seed", random_seed, 0, 2**32 - 1)
    random_state = np.random.RandomState(seed)
    return [random_state.randint(2**32, dtype=np.uint32).item() for _ in range(3)]


def prepare_model(model, observation_shape, random_seed=0, optimizer=None,
                  mixed_precision="float32"):
    """Builds and compiles a model, its weights a function of the seed.

    Keras draws initial weights from the global seeds of Python, NumPy and TensorFlow: they
    are set here.

    Args:
        model: a `BaseVAE` that is not built yet.
        observation_shape: shape of one image.
        random_seed: seed of weights and noise.
        optimizer: Keras optimizer; the `vae_optimizer` slot's if None.
        mixed_precision: see `training.precision`.
    """
    _, _, model.seed = _seeds(random_seed)
    keras.utils.set_random_seed(random_seed)
    with precision.precision(mixed_precision):
        model.build((None, *observation_shape))
        model.compile(optimizers.make_vae_optimizer() if optimizer is None else optimizer,
                      auto_scale_loss=mixed_precision == "mixed_float16")
        if mixed_precision == "mixed_float16" and not isinstance(
                model.optimizer, keras.optimizers.LossScaleOptimizer):
            model.optimizer = keras.optimizers.LossScaleOptimizer(model.optimizer)
    model.optimizer.build(model.trainable_variables)


def train_model(model, ground_truth_data, training_steps, batch_size=64, random_seed=0,
                optimizer=None, model_dir=None, eval_steps=100, options=None,
                overwrite=False, resume=True, config_text="", stream=None,
                sampling="independent"):
    """Trains a model; with a `model_dir`, resumably and with results on disk.

    The same arguments give the same weights bit for bit on a CPU, also when the run was
    killed and started again in between. A `LinearModel` is fitted to the images of all steps
    at once, without an optimizer.

    Args:
        model: a `BaseVAE` that is not built yet.
        ground_truth_data: `GroundTruthData`, or anything with its `observation_shape` and
            `sample_observations`.
        training_steps: number of updates.
        batch_size: images per update.
        random_seed: seed of weights, data and noise.
        optimizer: Keras optimizer; Adam as bound to `vae_optimizer` if None.
        model_dir: directory of the run; nothing is written if None.
        eval_steps: batches of fresh images that the final losses are means over.
        options: `RunOptions`; as bound to `train` if None.
        overwrite: delete an earlier run in `model_dir`.
        resume: go on with an earlier run in `model_dir`.
        config_text: gin text that identifies the run's configuration.
        stream: where the progress goes; standard output if None.
        sampling: "independent" batches, or those of "epochs"; see `data.sampling`.
    Returns:
        dictionary of the final losses, with `global_step` and `elapsed_time` (seconds).
    """
    kind = _FittedRun if isinstance(model, models.LinearModel) else _SteppedRun
    run = kind(model, ground_truth_data, training_steps, batch_size, random_seed,
               optimizer, eval_steps, options or options_lib.make_run_options(),
               sys.stdout if stream is None else stream, sampling)
    if model_dir is None:
        return run.in_memory()
    with directory_lib.ModelDirectory(model_dir).locked() as directory:
        directory.prepare(config_text, overwrite, resume)
        finished = run.finished(directory)
        if finished:
            return finished
        with directory.started(config_text):
            origin.note(directory.path, config_text)
            return run.in_directory(directory)


class _Run:
    """One call of `train_model`. A leaf fills `learn`."""

    def __init__(self, model, ground_truth_data, training_steps, batch_size, random_seed,
                 optimizer, eval_steps, options, stream, sampling):
        self.sampling = errors.one_of("sampling", sampling, data.sampling.SAMPLINGS)
        self.model, self.data, self.options = model, ground_truth_data, options
        self.training_steps = errors.whole_number("training_steps", training_steps)
        self.batch_size = errors.whole_number("batch_size", batch_size)
        self.eval_steps = errors.whole_number("eval_steps", eval_steps)
        self.random_seed, self.optimizer, self.stream = random_seed, optimizer, stream
        self.train_seed, self.eval_seed, _ = _seeds(random_seed)
        self.started = time.monotonic()

    def say(self, line):
        print(line, file=self.stream, flush=True)

    def learn(self, directory=None):
        """Gives the model its weights; how many of the steps are made.

        Args:
            directory: `ModelDirectory` for what is kept on the way, or None.
        """
        raise NotImplementedError

    def in_memory(self):
        return self._results(self.learn())

    def finished(self, directory):
        """The results of a run that has made all steps already, or None."""
        results = _finished_results(directory)
        if results and results["global_step"] >= self.training_steps:
            self.say(f"The run in {directory.path} is finished "
                     f"({results['global_step']} steps); nothing was changed.")
            return results
        return None

    def in_directory(self, directory):
        step = self.learn(directory)
        if step < self.training_steps:
            self.say(f"Stopped at step {step} of {self.training_steps}; it is saved. "
                     "The same command goes on from there.")
            return {"global_step": step, "elapsed_time": time.monotonic() - self.started}
        return self._finish(directory, step)

    def _results(self, step):
        """Mean losses over fresh batches."""
        batches = tf_data.training_batches(self.data, self.batch_size, self.eval_seed)
        evaluate = tf.function(self.model.loss_terms)
        rows = [evaluate(images, draw=tf.constant(draw, tf.int64))
                for draw, images in enumerate(batches.take(self.eval_steps))]
        means = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
        return {**means, "global_step": step, "elapsed_time": time.monotonic() - self.started}

    def _finish(self, directory, step):
        if unused := parsing.unused_bindings():
            self.say(f"These bindings had no effect: {', '.join(unused)}.")
        final = self._results(step)
        aside = directory.model.with_name("unfinished.keras")
        try:
            self.model.save(aside)
            os.replace(aside, directory.model)
        finally:
            aside.unlink(missing_ok=True)
        export.export_saved_model(self.model, directory.saved_model)
        if description := getattr(self.data, "description", ""):
            final["data_description"] = description
        results_lib.update_result_directory(str(directory.results), "train", final,
                                            gin_text=parsing.operative_config())
        return final


class _SteppedRun(_Run):
    """Steps of gradient descent, which go on from the newest checkpoint."""

    def learn(self, directory=None):
        prepare_model(self.model, self.data.observation_shape, self.random_seed,
                      self.optimizer, self.options.mixed_precision)
        if directory is None:
            return self._train(0, [])
        checkpoints = checkpoint.Checkpoints(directory.checkpoints,
                                             self.options.keep_checkpoints)
        start = checkpoints.restore(self.model, self.say) or 0
        if start:
            self.say(f"Going on at step {start} of {self.training_steps}.")
        return self._train(start, self._hooks(directory, checkpoints, start))

    def _hooks(self, directory, checkpoints, start):
        options = self.options
        return [hooks.LossLog(options.log_every, directory.losses, start),
                hooks.TensorBoardHook(options.log_every, directory.tensorboard),
                hooks.CheckpointHook(options.checkpoint_every, checkpoints, self.model)]

    def _train(self, start, more_hooks):
        if start >= self.training_steps:
            return start
        batches = tf_data.training_batches(self.data, self.batch_size, self.train_seed, start,
                                           self.sampling)
        runner = loop.StepRunner(self.model, batches, self.options.jit_compile)
        progress = hooks.Progress(self.options.steps_per_call, start, self.training_steps,
                                  self.stream)
        with signals.stop_on_signals() as should_stop:
            return loop.run_steps(runner, start, self.training_steps,
                                  [progress, *more_hooks], self.options.steps_per_call,
                                  should_stop)


class _FittedRun(_Run):
    """A fit to the images of all steps; one that was killed starts again."""

    def learn(self, directory=None):
        del directory
        _, _, self.model.seed = _seeds(self.random_seed)
        at_once.fit_at_once(self.model, self.data, self.training_steps, self.batch_size,
                            self.train_seed, self.sampling, self.say)
        return self.training_steps


def _finished_results(directory):
    with contextlib.suppress(FileNotFoundError):
        return json.loads(directory.train_results.read_text(encoding="utf-8"))
    return None


@registry.slot("model", denylist=("model_dir", "overwrite", "resume", "config_text", "stream",
                                   "ground_truth_data"))
def train(model_dir, overwrite=False, model=None, training_steps=300000, random_seed=0,
          batch_size=64, eval_steps=1000, name="", model_num=None, resume=True,
          config_text="", stream=None, sampling="independent", ground_truth_data=None):
    """disentanglement_lib's `train`: the model, data and optimizer are those bound in gin.

    Args:
        model_dir, overwrite, resume, config_text, stream: see `train_model`.
        model: a `BaseVAE`; `VAE()` if None.
        training_steps, random_seed, batch_size, eval_steps, sampling: see `train_model`.
        ground_truth_data: the data set, if that is made already.
        name, model_num: tags that are saved with the configuration.
    Returns:
        dictionary of the final losses.
    """
    del name, model_num
    model = models.VAE() if model is None else model
    if not isinstance(model, models.LatentVariableModel):
        raise errors.InvalidArgumentError("model", "a model, as @vae() with brackets makes",
                                          model)
    if ground_truth_data is None:
        ground_truth_data = data.get_named_ground_truth_data()
    return train_model(
        model, ground_truth_data, training_steps, batch_size, random_seed,
        model_dir=model_dir, eval_steps=eval_steps, overwrite=overwrite, resume=resume,
        config_text=config_text, stream=stream, sampling=sampling)


def train_with_gin(model_dir, overwrite=False, gin_config_files=None, gin_bindings=None,
                   resume=True, stream=None):
    """`train`, configured by gin files and bindings; later ones win.

    Args:
        model_dir, overwrite, resume, stream: see `train_model`.
        gin_config_files: paths, or names of files in `gin_configs`.
        gin_bindings: strings such as "vae.beta = 4".
    Returns:
        dictionary of the final losses.
    """
    with parts.parsed(gin_config_files, gin_bindings):
        return train(model_dir, overwrite, resume=resume, stream=stream,
                     config_text=parsing.current_config())
