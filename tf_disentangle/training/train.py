"""Training a model: the entry points, with and without gin."""
from tf_disentangle import data, errors, models, parts
from tf_disentangle.configuration import parsing, registry
from tf_disentangle.training import initial as initial_lib
from tf_disentangle.training import options as options_lib
from tf_disentangle.training import run as run_lib
from tf_disentangle.training import spec as spec_lib
from tf_disentangle.training.preparation import prepare_model

__all__ = ["prepare_model", "run_with_gin", "train", "train_model", "train_with_gin"]


def train_model(model, ground_truth_data, training_steps, batch_size=64, random_seed=0,
                optimizer=None, model_dir=None, eval_steps=100, options=None,
                overwrite=False, resume=True, config_text="", stream=None,
                sampling="independent", init_from=None):
    """Trains a model; with a `model_dir`, the run can be resumed and its results are on disk.

    The same arguments give the same weights, bit for bit on a CPU, even if the run was killed
    and restarted in between. A `LinearModel` is fitted to the images of all steps at once,
    without an optimizer.

    Args:
        model: a `BaseVAE` that is not built yet.
        ground_truth_data: `GroundTruthData`, anything with its `observation_shape` and
            `sample_observations`, or an array of images; see `data.as_ground_truth_data`.
        training_steps: number of updates.
        batch_size: images per update.
        random_seed: seed of weights, data and noise.
        optimizer: Keras optimizer; if None, Adam as bound to `vae_optimizer`.
        model_dir: directory of the run; nothing is written if None.
        eval_steps: number of batches of fresh images that the final losses are averaged over.
        options: `RunOptions`; if None, as bound to `train`.
        overwrite: delete an earlier run in `model_dir`.
        resume: continue an earlier run in `model_dir`.
        config_text: gin text that identifies the run's configuration.
        stream: where the progress is written; standard output if None.
        sampling: "independent" batches, or those of "epochs"; see `data.sampling`.
        init_from: directory of a finished run, or "pretrained:<name>": training starts from that
            model's weights; see `initial.Initial`. None for random weights.
    Returns:
        dictionary of the final losses, with `global_step` and `elapsed_time` (seconds).
    """
    ground_truth_data = data.as_ground_truth_data(ground_truth_data)
    spec = spec_lib.RunSpec(training_steps, batch_size, random_seed, eval_steps, sampling,
                            options or options_lib.make_run_options(), config_text)
    run = run_lib.Run(spec, model, ground_truth_data, optimizer, stream,
                      initial_lib.initial(init_from))
    return run_lib.carry_out(run, model_dir, overwrite, resume)


@registry.slot("model", denylist=("model_dir", "overwrite", "resume", "config_text", "stream",
                                   "ground_truth_data", "init_from"))
def train(model_dir, overwrite=False, model=None, training_steps=300000, random_seed=0,
          batch_size=64, eval_steps=1000, name="", model_num=None, resume=True,
          config_text="", stream=None, sampling="independent", ground_truth_data=None,
          init_from=None):
    """disentanglement_lib's `train`: the model, data and optimizer are those bound in gin.

    Args:
        model_dir, overwrite, resume, config_text, stream, init_from: see `train_model`.
        model: a `BaseVAE`; `VAE()` if None.
        training_steps, random_seed, batch_size, eval_steps, sampling: see `train_model`.
        ground_truth_data: the data set, if it exists already.
        name, model_num: tags saved with the configuration.
    Returns:
        dictionary of the final losses.
    """
    del name, model_num
    model = models.VAE() if model is None else model
    if not isinstance(model, models.LatentVariableModel):
        raise errors.InvalidArgumentError("model", "a model, such as @vae() (with parentheses)",
                                          model)
    if ground_truth_data is None:
        ground_truth_data = data.get_named_ground_truth_data()
    spec = spec_lib.RunSpec(training_steps, batch_size, random_seed, eval_steps, sampling,
                            options_lib.make_run_options(), config_text)
    run = run_lib.Run(spec, model, ground_truth_data, stream=stream,
                      initial=initial_lib.initial(init_from))
    return run_lib.carry_out(run, model_dir, overwrite, resume)


def train_with_gin(model_dir, overwrite=False, gin_config_files=None, gin_bindings=None,
                   resume=True, stream=None, init_from=None):
    """`train`, configured by gin files and bindings; later ones take precedence.

    Args:
        model_dir, overwrite, resume, stream, init_from: see `train_model`.
        gin_config_files: paths, or names of files in `gin_configs`.
        gin_bindings: strings such as "vae.beta = 4".
    Returns:
        dictionary of the final losses.
    """
    return run_with_gin(model_dir, gin_config_files, gin_bindings, overwrite, resume, stream,
                        init_from=init_from)[0]


def run_with_gin(model_dir, gin_config_files=None, gin_bindings=None, overwrite=False,
                 resume=True, stream=None, say_first=None, init_from=None):
    """`train_with_gin`, which also returns the data set, for the steps after training.

    Args:
        model_dir, gin_config_files, gin_bindings, overwrite, resume, stream, init_from: see
            `train_with_gin`.
        say_first: called without arguments once the gin files are read.
    Returns:
        results: dictionary of the final losses, without `loss` if the run was stopped.
        ground_truth_data: the data set that the model was trained on.
    """
    initial_lib.initial(init_from)          # refuses an unknown name before the data are read
    with parts.parsed(gin_config_files, gin_bindings):
        if say_first is not None:
            say_first()
        ground_truth_data = data.get_named_ground_truth_data()
        results = train(model_dir, overwrite, resume=resume, stream=stream,
                        config_text=parsing.current_config(),
                        ground_truth_data=ground_truth_data, init_from=init_from)
    return results, ground_truth_data
