"""Training steps as modules that JAX runs on a machine without TensorFlow.

    python benchmarks/lowered_steps.py runs/lowered
    python benchmarks/lowered_steps.py runs/lowered --names jl1_direction --calls 1

Lowers the steps of beta-VAE and JL1-VAE (full Jacobian, one direction, sixteen columns), with the
JL1-VAE paper's networks and batches of 64 images of three dots, to HLO, XLA's input. No accelerator
is needed for this: the modules are the same for all. `beta_vae_10` and `jl1_direction_10` train
models of ten seeds on the same images, side by side in one program.

Of each step NAME it writes

    NAME.hlo.pb   the HLO module. Its parameters are the images, then the variables. It returns a
                  loss for each model, then the new values of the variables that change.
    NAME.json     the name, type and shape of each parameter and result, and which parameter a
                  result is the new value of
    NAME.npz      the values of the parameters, p0, p1, ...; bfloat16 as uint16
    NAME.ref.npz  with --calls: what TensorFlow's own compiled step returned in these calls, r0_0,
                  r1_0, ..., and the variables after them, v1, v2, ...
"""
import argparse
import json
import os
import pathlib
import re
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
import timing

from tf_disentangle import data, jacobian, models, networks, penalties
from tf_disentangle.training import precision, train

_BATCH_SIZE, _NUM_LATENT = 64, 10
ESTIMATORS = {
    "beta_vae": None,
    "jl1_full": jacobian.ForwardMode,
    "jl1_direction": lambda: jacobian.Sampled(jacobian.ForwardMode(), num_directions=1),
    "jl1_columns": lambda: jacobian.Sampled(jacobian.ForwardMode(), num_columns=16),
}
# Name -> estimator and number of seeds.
STEPS = {**{name: (name, 1) for name in ESTIMATORS},
         "beta_vae_10": ("beta_vae", 10), "jl1_direction_10": ("jl1_direction", 10)}


def make_model(estimator, seed, mixed_precision):
    """A model that is ready for its first step."""
    make = ESTIMATORS[estimator]
    terms = [] if make is None else [penalties.JacobianL1(0.1, make(), detach_codes=False)]
    with precision.precision(mixed_precision):
        encoder = networks.make_gaussian_encoder(
            timing.SHAPE, _NUM_LATENT, networks.conv4x4_encoder, logvar_offset=-3.0)
    model = models.VAE(beta=4.0, penalties=terms, encoder=encoder)
    train.prepare_model(model, timing.SHAPE, random_seed=seed,
                        optimizer=keras.optimizers.Adam(1e-4), mixed_precision=mixed_precision)
    return model


def make_step(estimator, num_seeds, mixed_precision):
    """A function from images to the losses of the models, which it updates."""
    made = [make_model(estimator, seed, mixed_precision) for seed in range(num_seeds)]
    return tf.function(lambda images: [model.update(images)["loss"] for model in made],
                       jit_compile=True)


def lower(step, images, path, calls=0):
    """Writes the files of one step; see the top of this file.

    Args:
        step: `tf.function` with `jit_compile=True`, from images to a list of losses.
        images: tensor.
        path: `pathlib.Path` of the files, without suffixes.
        calls: number of calls for the reference; 0 for none.
    """
    graph = step.get_concrete_function(images)
    captured = {id(variable.handle): variable for variable in graph.graph.variables}
    variables = [captured[id(tensor)] for tensor in graph.captured_inputs]
    ir = step.experimental_get_compiler_ir(images)
    path.with_suffix(".hlo.pb").write_bytes(ir(stage="hlo_serialized", platform_name="CPU"))
    text = ir(stage="hlo", platform_name="CPU")
    description = describe(text, ["images", *(variable.name for variable in variables)])
    description.update(name=path.name, platform="CPU", tf=tf.__version__, calls=calls)
    path.with_suffix(".json").write_text(json.dumps(description, indent=1), encoding="utf-8")
    np.savez(path.with_suffix(".npz"), **{
        f"p{index}": as_numbers(value) for index, value in enumerate([images, *variables])})
    if calls:
        results = {f"r{call}_{index}": as_numbers(loss) for call in range(calls)
                   for index, loss in enumerate(step(images))}
        results.update({f"v{index}": as_numbers(variable)
                        for index, variable in enumerate(variables, 1)})
        np.savez(path.with_suffix(".ref.npz"), **results)


def describe(text, names):
    """The parameters and results of an HLO module, as the header of its text tells them."""
    header = text.split("\n", 1)[0]
    taken, returned = re.search(r"entry_computation_layout=\{\((.*?)\)->(.*)", header).groups()
    is_tuple, taken, returned = returned[0] == "(", _types(taken), _types(returned)
    if len(taken) != len(names):
        raise SystemExit(f"the module has {len(taken)} parameters, the step {len(names)}")
    aliases = re.search(r"input_output_alias=\{(.*?) \}, ", header)
    updates = {int(output or 0): int(parameter) for output, parameter in re.findall(
        r"\{(\d*)\}: \((\d+), \{\}", aliases[1] if aliases else "")}
    return {
        "params": [{"kind": "var" if index else "arg", "name": name, **kind}
                   for index, (name, kind) in enumerate(zip(names, taken))],
        "outputs": [{**kind, "updates": updates.get(index)}
                    for index, kind in enumerate(returned)],
        "n_user_outputs": len(returned) - len(updates),
        "tuple_result": is_tuple,
        "custom_calls": sorted(set(re.findall(r'custom_call_target="([^"]*)"', text)))}


def _types(layout):
    """[{"hlo_dtype": "f32", "shape": [64, 10]}, ...] of "f32[64,10]{1,0}, ..."."""
    return [{"hlo_dtype": kind, "shape": [int(size) for size in sizes.split(",") if size]}
            for kind, sizes in re.findall(r"([a-z]+\d*)\[([\d,]*)\]", layout)]


def as_numbers(value):
    """A NumPy array of a tensor or variable; of bfloat16, its bits."""
    array = np.asarray(tf.convert_to_tensor(value))
    return array.view(np.uint16) if array.dtype == tf.bfloat16.as_numpy_dtype else array


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--names", nargs="*", choices=list(STEPS), default=list(STEPS))
    parser.add_argument("--precisions", nargs="*", default=["float32", "mixed_bfloat16"],
                        choices=precision.PRECISIONS)
    parser.add_argument("--calls", type=int, default=0,
                        help="calls of TensorFlow's own step for the reference")
    flags = parser.parse_args()
    flags.folder.mkdir(parents=True, exist_ok=True)
    images = tf.constant(data.ThreeDots().sample_observations(
        _BATCH_SIZE, np.random.RandomState(0)))
    for name in flags.names:
        for mixed_precision in flags.precisions:
            started = time.perf_counter()
            path = flags.folder / f"{name}_{mixed_precision}"
            lower(make_step(*STEPS[name], mixed_precision), images, path, flags.calls)
            print(f"{path}: {path.with_suffix('.hlo.pb').stat().st_size / 2**20:.1f} MiB, "
                  f"{time.perf_counter() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
