"""A program that trains small models on one device and on two, and saves what came of it.

It has to be a program of its own, because TensorFlow divides a CPU only before its first use.
"""
import contextlib
import json
import os
import pathlib

import keras
import numpy as np
import tensorflow as tf

from helpers import tiny_run
from tf_disentangle import errors, jacobian, models, penalties
from tf_disentangle.training import outcome

STEPS, BATCH, SHAPE = 20, 8, (4, 4, 1)


def _networks():
    images = keras.Input(SHAPE)
    hidden = keras.layers.Dense(8, activation="relu")(keras.layers.Flatten()(images))
    codes = keras.Input((3,))
    decoded = keras.layers.Dense(8, activation="relu")(codes)
    return {"encoder": keras.Model(images, [keras.layers.Dense(3)(hidden),
                                            keras.layers.Dense(3)(hidden)]),
            "decoder": keras.Model(codes, keras.layers.Reshape(SHAPE)(
                keras.layers.Dense(16)(decoded)))}


def _jacobians():
    of = {"differences": jacobian.FiniteDifference(), "forward": jacobian.ForwardMode(),
          "directions": jacobian.Sampled(num_directions=1),
          "columns": jacobian.Sampled(num_columns=7)}
    # Through the codes of every other one the encoder learns, too.
    given = [penalties.JacobianL1(0.1, estimator, bool(start % 2), name=name, start_step=start)
             for start, (name, estimator) in enumerate(of.items())]
    return models.VAE(beta=4.0, annealing_steps=5, penalties=given, **_networks())


def _beta_tc_vae():
    given = [penalties.MMD(3.0), penalties.MMDDim(2.0), penalties.DIP(dip_type="ii")]
    return models.BetaTCVAE(penalties=given, **_networks())


def _annealed_vae():
    given = [penalties.MomentMatching(), penalties.InclusiveKL(), penalties.CodeL1()]
    return models.AnnealedVAE(penalties=given, **_networks())


def _factor_vae(update):
    codes = keras.Input((3,))
    logits = keras.layers.Dense(2)(keras.layers.Dense(8, activation="tanh")(codes))
    discriminator = keras.Model(codes, [logits, keras.layers.Softmax()(logits)])
    return models.FactorVAE(discriminator=discriminator, discriminator_update=update,
                            **_networks())


MODELS = {
    "jacobians": _jacobians,
    "dip_vae": lambda: models.DIPVAE(**_networks()),
    "beta_tc_vae": _beta_tc_vae,
    "annealed_vae": _annealed_vae,
    "factor_vae": lambda: _factor_vae("simultaneous"),
    "factor_vae_alternating": lambda: _factor_vae("alternating"),
}


def _terms(name, strategy):
    """`[STEPS, num_terms]` terms, in float64; every gradient is clipped."""
    keras.utils.set_random_seed(1)
    with contextlib.nullcontext() if strategy is None else strategy.scope():
        model = MODELS[name]()
        model.build((None, *SHAPE))
        # Unlike Adam's, its steps are as large as the gradients.
        model.compile(keras.optimizers.SGD(0.02, clipnorm=3.0))
        model.optimizer.build(model.trainable_variables)
    # Without AutoGraph, which takes longer than the steps and has nothing to convert in them.
    update = tf.function(model.update if strategy is None else
                         lambda images: strategy.run(model.update, args=(images,)),
                         autograph=False)
    random, rows = np.random.RandomState(0), []
    for _ in range(STEPS):
        terms = update(tf.constant(random.uniform(size=(BATCH, *SHAPE)))).values()
        rows.append([float(term if strategy is None else term.values[0]) for term in terms])
    return np.array(rows)


def _fit(strategy):
    """What Keras' `fit`, `evaluate` and `predict` give: losses, and images for all rows."""
    keras.utils.set_random_seed(1)
    images = np.random.RandomState(0).uniform(size=(20, *SHAPE))
    with contextlib.nullcontext() if strategy is None else strategy.scope():
        model = models.DIPVAE(**_networks())
        model.compile(keras.optimizers.SGD(0.02, clipnorm=3.0))
    history = model.fit(images, images, batch_size=8, shuffle=False, epochs=2, verbose=0,
                        validation_data=(images, images)).history
    codes, refused = model.predict(images, batch_size=8, verbose=0).z, ""
    try:
        model.fit(images[:19], batch_size=8, verbose=0)
    except errors.InvalidArgumentError as error:
        refused = str(error)
    return {"losses": np.array([history[name] for name in sorted(history)]),
            "codes": codes, "refused": refused}


def compare(path):
    """Saves the terms of every model on one device and on two."""
    keras.config.set_floatx("float64")
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    fitted = {f"{name}_{number}": value for number in (1, 2)
              for name, value in _fit(strategy if number == 2 else None).items()}
    np.savez(path, **fitted, **{f"{name}_{number}": _terms(name, strategy if number == 2 else None)
                                for name in MODELS for number in (1, 2)})


def train_runs(folder):
    """Trains on one device, on two without a stop, and on two with a stop in between."""
    two = 'train.distribution = "mirrored"'
    # `compare` is about the penalties.
    for name, *bindings in (["one"], ["two", two], ["resumed", two, "model.training_steps = 6"],
                            ["resumed", two]):
        tiny_run.train(f"{folder}/{name}", "vae.penalties = []", *bindings)


def work(folder, *addresses):
    """Trains in a process for each address, and writes what each of them printed."""
    child = os.fork()
    number = int(child == 0)
    os.environ["TF_CONFIG"] = json.dumps(
        {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": number}})
    _, printed = tiny_run.train(f"{folder}/workers", "vae.penalties = []",
                                'train.distribution = "multi_worker"')
    pathlib.Path(folder, f"printed_{number}").write_text(printed)
    if child:
        assert os.waitpid(child, 0)[1] == 0


def main(task, *arguments):
    """The program, in a process that has not used TensorFlow yet."""
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    outcome.export.export_saved_model = lambda model, path: None
    # There are few steps.
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    if task != "work":
        tf.config.set_logical_device_configuration(
            tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2)
    {"compare": compare, "train": train_runs, "work": work}[task](*arguments)
