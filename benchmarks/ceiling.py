"""How high local MIG can be on three dots, for codes that lack just one thing.

    python benchmarks/ceiling.py
    python benchmarks/ceiling.py --model_dir pretrained:jl1_three_dots

In a small neighbourhood, codes are nearly linear in the six coordinates of the dots, whose image
is the same whichever direction of a dot is called horizontal: neither an L1 norm of the Jacobian
nor a rotation prefers one. The first command scores linear codes whose latents follow one dot
each, in random directions, while the other dots interfere more and more. The second measures in a
model's own neighbourhoods how much of a latent's variance is due to one dot, and to one
coordinate. It also scores two rotations of the model's codes that use the coordinates: the one for
all neighbourhoods with the sparsest slopes, and one of its own for each neighbourhood.
"""
import argparse
import functools

import numpy as np

from tf_disentangle import rotation
from tf_disentangle.evaluation.metrics import mig
from tf_disentangle.evaluation.metrics.common import discretizers, local_sampling

NUM_DOTS, NUM_VALUES = 3, 7             # a tenth of 64 positions
INTERFERENCE = (0.0, 0.2, 0.4, 0.6)


def local_mig(codes, factors):
    """MIG with the five bins of the paper's local scores."""
    return mig.mig(discretizers.discretize(codes, 5), factors, lambda bins: bins)


def directions(random_state, num_latents, is_aligned, interference):
    """`[2 * NUM_DOTS, num_latents]`: how each latent responds to each coordinate."""
    weights = np.zeros([NUM_DOTS, 2, num_latents])
    for latent in range(num_latents):
        angles = random_state.uniform(0, 2 * np.pi, size=NUM_DOTS)
        dot = latent % NUM_DOTS
        if is_aligned:
            angles[dot] = np.pi / 2 * (latent // NUM_DOTS % 2)
        size = interference * random_state.standard_normal(NUM_DOTS)
        size[dot] = 1.0
        weights[:, :, latent] = size[:, np.newaxis] * np.stack([np.cos(angles), np.sin(angles)], 1)
    return weights.reshape(2 * NUM_DOTS, num_latents)


def ceiling(num_latents, is_aligned, interference, repeats=60, num_points=3000):
    """Mean local MIG of such codes, and its standard error."""
    random_state, scores = np.random.RandomState(0), []
    for _ in range(repeats):
        factors = random_state.randint(NUM_VALUES, size=(num_points, 2 * NUM_DOTS))
        codes = factors @ directions(random_state, num_latents, is_aligned, interference)
        scores.append(local_mig(codes, factors))
    return np.mean(scores), np.std(scores) / np.sqrt(repeats)


def print_ceilings():
    print("| latents | " + " | ".join(f"interference {each}" for each in INTERFERENCE) + " |")
    print("|---" * (len(INTERFERENCE) + 1) + "|")
    for name, num_latents, is_aligned in (("6, along the axes", 6, True),
                                          ("6, any direction", 6, False),
                                          ("10, any direction", 10, False)):
        found = [ceiling(num_latents, is_aligned, each)[0] for each in INTERFERENCE]
        print(f"| {name} | " + " | ".join(f"{value:.2f}" for value in found) + " |")


def neighbourhoods(data, model, seed, number, num_points):
    """`[num_points, num_latent]` codes and `[num_points, 6]` coordinates of each."""
    window = functools.partial(local_sampling.local_window, locality_proportion=0.1)
    return list(local_sampling.draw_clusters(
        data, model.representation, np.random.RandomState(seed), num_points, number, 500, window))


def slopes(codes, factors):
    """`[6, num_latent]`: the codes' linear regression on the coordinates."""
    centred = factors - factors.mean(axis=0)
    return np.linalg.lstsq(centred, codes - codes.mean(axis=0), rcond=None)[0]


def shares(codes, factors):
    """Share of a latent's variance that is due to one dot, to one coordinate, and is linear."""
    variances = slopes(codes, factors)**2 * factors.var(axis=0)[:, np.newaxis]
    of_coordinates = variances / variances.sum(axis=0)
    of_dots = of_coordinates.reshape(NUM_DOTS, 2, -1).sum(axis=1)
    return (of_dots.max(axis=0).mean(), of_coordinates.max(axis=0).mean(),
            variances.sum(axis=0).mean() / codes.var(axis=0).mean())


def own_directions(codes, factors):
    """The orthonormal directions `[num_latent, 6]` nearest to the coordinates' slopes."""
    left, _, right = np.linalg.svd(slopes(codes, factors), full_matrices=False)
    return (left @ right).T


def print_model(model_dir, num_points=3000, number=20):
    """What limits a model, on average over neighbourhoods."""
    from tf_disentangle import pretrained, trained

    name = model_dir.removeprefix("pretrained:")
    folder = pretrained.library.folder_of(name) if name != model_dir else model_dir
    model, data = trained.load_model(folder), trained.load_data(folder)
    judged = neighbourhoods(data, model, 0, number, num_points)
    of_dot, of_coordinate, linear = np.mean([shares(*each) for each in judged], axis=0)
    print(f"{model_dir}: {of_dot:.2f} of a latent's local variance is due to one dot, "
          f"{of_coordinate:.2f} to one coordinate; {linear:.2f} of it is linear.")
    # Found in other neighbourhoods than those where it is scored.
    found = rotation.solve(np.concatenate(
        [slopes(*each) for each in neighbourhoods(data, model, 1, 100, 500)])).rotation
    for description, directions_of in (
            ("as trained", lambda *_: np.eye(len(found))),
            ("rotated by the coordinates' slopes", lambda *_: found),
            ("rotated so in each neighbourhood", own_directions)):
        score = np.mean([local_mig(each[0] @ directions_of(*each), each[1]) for each in judged])
        print(f"  local MIG {score:.3f} {description}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model_dir", action="append", default=[])
    model_dirs = parser.parse_args().model_dir
    if not model_dirs:
        print_ceilings()
    for model_dir in model_dirs:
        print_model(model_dir)


if __name__ == "__main__":
    main()
