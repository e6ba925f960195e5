"""Every argument of every data set, with invalid values: the error is one line that names it.

The values are a fixed list and some drawn by a seeded generator. An argument that takes one of
them may do so; what is refused must be refused by an `InvalidArgumentError` that names it, before
anything is written, read at length or allocated.
"""
import inspect
import math
import os
import pathlib
import signal
import typing

import numpy as np
import PIL.Image
import pytest

from tf_disentangle import data, errors
from tf_disentangle.data import dsprites_rendered, image_set, preparation, sampling, util

SECONDS = 20

FIXED = [
    None, True, False, -1, 0, -2**63, 2**31, 2**63, 10**400, 1.5, -0.0, 1e-320, 1e308, math.nan,
    math.inf, -math.inf, np.float32("nan"), np.int64(-3), 1j, "", " ", "x", "1", "\0", "a\nb",
    "é" * 300,
    "~nobody-of-this-name/x", b"x", [], [0], [-1, -1], [1.5, 2], [None], [[1]], (), {}, {"a": -1},
    set(), object(), object, print, np.array(3), np.array([1, 2]), np.array(["x"]),
    np.zeros((2, 0)), [2**40, 2**40], [10**400] * 2, "/dev/null", "/dev/zero", "/",
]


def drawn(seed, number=12):
    """Random values of many kinds and sizes."""
    random_state = np.random.RandomState(seed)
    kinds = [
        lambda: int(random_state.choice([-1, 1])) * int(10**random_state.uniform(10, 300)),
        lambda: -int(random_state.randint(1, 1000)),
        lambda: float(random_state.normal() * 10**random_state.uniform(-300, 300)),
        lambda: "".join(map(chr, random_state.randint(1, 0x2000, random_state.randint(1, 9)))),
        lambda: random_state.bytes(random_state.randint(1, 9)),
        lambda: [float(x) for x in random_state.normal(size=random_state.randint(1, 5))],
        lambda: {str(x): x for x in range(random_state.randint(1, 4))},
        lambda: random_state.normal(size=random_state.randint(1, 4, random_state.randint(1, 6))),
        lambda: [None] * random_state.randint(1, 5),
        lambda: random_state.choice([np.nan, np.inf, -np.inf]) * np.ones(random_state.randint(3)),
    ]
    return [kinds[random_state.randint(len(kinds))]() for _ in range(number)]


class Case(typing.NamedTuple):
    """A public function, arguments that it works with, and what its other arguments accept.

    Args:
        function: what is called.
        valid: keyword arguments.
        takes: for some parameters, whether a value is one that they may take.
    """

    function: typing.Callable
    valid: dict
    takes: dict


def whole(low, high=math.inf):
    return lambda value: (isinstance(value, (int, np.integer)) and not isinstance(value, bool)
                          and low <= value <= high)


def none_or(check):
    return lambda value: value is None or check(value)


def real(low, high):
    return lambda value: (isinstance(value, (int, float, np.number)) and low <= value <= high
                          and not isinstance(value, bool))


def a_string(value):
    return isinstance(value, str)


def a_bool(value):
    return isinstance(value, bool)


def a_path(value):
    # It need not exist: that would be a DataFileError.
    return isinstance(value, str) and value != ""


def anything(value):
    return True


def never(value):
    return False


def is_none(value):
    return value is None


def whole_numbers(low, high):
    return lambda values: (isinstance(values, (list, tuple, np.ndarray)) and np.ndim(values) == 1
                           and all(map(whole(low, high), values)))


def an_empty_list(values):
    is_list = isinstance(values, (list, tuple, set)) or np.ndim(values) > 0
    return is_list and not len(values)


def a_list_of_the_first(values):
    return an_empty_list(values) or whole_numbers(0, 0)(values)


FRACTION = {"train_fraction": real(0, 1), "split": never}
SIDES = {"size": lambda value: whole(1, 4096)(value) or (
    isinstance(value, (list, tuple)) and len(value) == 2 and all(map(whole(1, 4096), value)))}
OWN_SIZE = {"size": none_or(SIDES["size"])}
INDICES = {"latent_factor_indices": lambda value: value is None or whole_numbers(0, 5)(value)}
SPRITES = {"sprites": dsprites_rendered.RenderedSprites(), "latent_factor_indices": [2, 3]}
SPRITES_TAKE = {"sprites": is_none, **INDICES}
DATASET = data.ThreeDots(4)
IMAGES = np.zeros((6, 4, 4, 1), np.uint8)
LABELS = np.arange(6)[:, None] % 2


def cases(folder):
    photos, file = str(folder / "photos"), str(folder / "a.npz")
    yield Case(data.make_image_folder, {"path": photos, "size": 4, "channels": 1},
               {"path": a_path, "cache": a_bool, "crop": a_bool, "labels": none_or(a_path),
                "continuous_factors": an_empty_list, "discrete_factors": an_empty_list,
                **OWN_SIZE, **FRACTION})
    yield Case(data.make_npz, {"path": file},
               {"path": a_path, "images_key": a_string, "factors_key": a_string,
                "names_key": a_string, "continuous_factors": a_list_of_the_first,
                "discrete_factors": a_list_of_the_first, **FRACTION})
    yield Case(data.ImageSet, {"images": IMAGES, "factors": LABELS, "factor_sizes": {"a": 2}},
               {"factors": is_none, "factor_sizes": never, "description": a_string,
                "columns": is_none,
                "value_names": lambda value: value is None or value == {}})
    yield Case(image_set.split_rows, {"num_rows": 9, "split": "train", "train_fraction": 0.5},
               {"num_rows": whole(1), **FRACTION})
    yield Case(data.ThreeDots, {}, {"granularity": whole(2, 128)})
    yield Case(data.ThreeDotsTrainingSet, {},
               {"num_images": whole(1, 2**20), "seed": whole(0, 2**32)})
    yield Case(data.Pinwheel, {}, {
        "num_arms": whole(1, 2**32), "points_per_arm": whole(1, 2**32), "rate": real(-100, 100),
        "seed": whole(0, 2**32)})
    for sprites in (data.DSprites, data.ColorDSprites, data.NoisyDSprites):
        yield Case(sprites, SPRITES, SPRITES_TAKE)
    yield Case(data.AbstractDSprites, {"sprites": SPRITES["sprites"]}, {"sprites": is_none})
    yield Case(data.MPI3D, {}, {})
    for digits in (data.make_mnist, data.make_fashion_mnist):
        yield Case(digits, {}, {"size": whole(28, 300)})
    yield Case(data.make_celeba, {}, {"size": whole(1, 4096), "crop": none_or(whole(1, 178)),
                                      "cache": a_bool, **FRACTION})
    yield Case(data.make_chairs3d, {}, {
        "size": whole(1, 4096), "crop": none_or(whole(1, 600)), "masks": a_bool,
        "cache": a_bool, "models": none_or(a_path), **FRACTION})
    yield Case(data.make_natural_images, {"path": photos, "size": 4, "crops_per_image": 3},
               {"path": none_or(a_path), "size": whole(1, 40), "seed": whole(0, 2**32),
                "crops_per_image": none_or(whole(1, 2**20)), "whiten": a_bool})
    yield Case(data.get_named_ground_truth_data, {"name": "three_dots"}, {})
    yield Case(preparation.prepare, {"name": "three_dots"}, {"source": is_none, "say": callable})
    yield Case(data.sample_batch,
               {"ground_truth_data": DATASET, "batch_size": 2, "seed": 0, "step": 0},
               {"batch_size": whole(1, 2**20), "seed": whole(0, 2**32),
                "step": whole(0, 2**63 - 1)})
    yield Case(sampling.EpochBatches, {"ground_truth_data": data.ImageSet(IMAGES), "seed": 0},
               {"seed": whole(0, 2**32)})
    yield Case(util.SplitDiscreteStateSpace,
               {"factor_sizes": [2, 3], "latent_factor_indices": [0]},
               {"factor_sizes": whole_numbers(1, 2**62),
                "latent_factor_indices": whole_numbers(0, 1)})
    yield Case(util.StateSpaceAtomIndex, {"factor_sizes": [2], "features": np.array([[1], [0]])},
               {"factor_sizes": whole_numbers(1, 2**62)})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad arguments")
    (folder / "photos").mkdir()
    (folder / "empty").mkdir()
    for i in range(3):
        image = PIL.Image.fromarray(np.full((40, 50), 80 * i, np.uint8))
        image.save(folder / "photos" / f"{i}.png")
    np.savez(folder / "a.npz", images=IMAGES, factors=LABELS)
    return folder


def snapshot(folder):
    return sorted((entry.path, entry.stat().st_mtime_ns) for place, _, _ in os.walk(folder)
                  for entry in os.scandir(place))


def several_lines(error):
    """What is wrong if a message has more than one line, besides gin's own line on its source."""
    own = str(error).split("\n  In call to configurable")[0]
    return "more than a line" if "\n" in own or not own.isprintable() else None


def _late(signum, frame):
    raise AssertionError(f"not done in {SECONDS} s")


def fault(case, argument, value, folder):
    """What is wrong with the response to one value, or None."""
    allowed = case.takes.get(argument, never)(value)
    before = snapshot(folder)
    signal.signal(signal.SIGALRM, _late)
    signal.alarm(SECONDS)
    try:
        case.function(**{**case.valid, argument: value})
        wrong = None if allowed else "taken"
    except errors.InvalidArgumentError as error:
        # A value that is valid alone can be invalid together with the others.
        wrong = None if error.argument == argument or allowed else f"names {error.argument}"
        wrong = wrong or several_lines(error)
    except errors.UserError as error:
        wrong = None if allowed else f"another error: {error}"
        wrong = wrong or several_lines(error)
    except BaseException as error:
        wrong = f"{type(error).__name__}: {error}"
    finally:
        signal.alarm(0)
    if wrong is None and snapshot(folder) != before and value is not True:
        wrong = "files were written"
    return wrong and f"{case.function.__qualname__}({argument}={repr(value)[:40]}): {wrong[:150]}"


def _parameters():
    for number, case in enumerate(cases(pathlib.Path())):
        for argument in inspect.signature(case.function).parameters:
            if argument not in ("parameters", "checked"):
                yield pytest.param(number, argument, id=f"{case.function.__qualname__}-{argument}")


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="no alarms here")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("number, argument", list(_parameters()))
def test_one_line_names_the_argument(number, argument, folder, monkeypatch, capsys):
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(folder / "empty"))
    monkeypatch.chdir(folder)
    case = list(cases(folder))[number]
    faults = []
    for value in FIXED + drawn(number):
        if value is not case.valid.get(argument, case):
            faults.append(fault(case, argument, value, folder))
        if argument == "cache" and value is True:
            for made in folder.glob("photos_*"):
                made.unlink()
    faults = [fault for fault in faults if fault]
    print(f"tried {len(FIXED) + 12}, failed {len(faults)}")
    assert not faults, "\n".join(faults)
