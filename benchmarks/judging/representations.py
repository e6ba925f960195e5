"""Codes whose disentanglement is known: eight factors, and what was done to them.

The setting is that of Zaidi et al. (2020), "Measuring Disentanglement: A Review of Metrics",
https://arxiv.org/abs/2012.09276: factors that are independent and uniform on 0 ... 1, and codes
that are these factors, mixed with more and more uniform noise. The other changes are made one at a
time, to codes without noise.
"""
from typing import NamedTuple

import numpy as np

__all__ = ["BASE", "CASES", "DEFECT", "HARMLESS", "NOISES", "PURE_NOISE", "ROTATIONS", "STEPS",
           "Case", "make"]

NUM_FACTORS = 8
DEFECT, HARMLESS = "defect", "harmless"


class Case(NamedTuple):
    """A way to make codes.

    Attributes:
        name: how records and the pages name it.
        kind: `DEFECT` if the codes are worse for it, `HARMLESS` if they tell as much about the
            factors, and each code about one factor only; None if it is not judged.
        words: what the codes are.
        compared_with: name of the case that it is judged against.
        points: number of points, if it is not that of the study.
    """
    name: str
    kind: str | None
    words: str
    compared_with: str = "perfect"
    points: int | None = None


BASE, PURE_NOISE = "perfect", "noise 1"
NOISES = {0.0: BASE, 0.25: "noise 0.25", 0.5: "noise 0.5", 0.75: "noise 0.75", 1.0: PURE_NOISE}
ROTATIONS = {0: BASE, 15: "rotation 15", 30: "rotation 30", 45: "rotation"}

CASES = {case.name: case for case in (
    Case(BASE, None, "Each code is one factor."),
    Case("noise 0.25", None, "0.75 of the factor and 0.25 of uniform noise."),
    Case("noise 0.5", DEFECT, "Each code is half factor, half uniform noise."),
    Case("noise 0.75", None, "0.25 of the factor and 0.75 of uniform noise."),
    Case(PURE_NOISE, DEFECT, "The codes have nothing to do with the factors."),
    Case("rotation 15", None, "Two of the eight codes, rotated by 15 degrees."),
    Case("rotation 30", None, "Two of the eight codes, rotated by 30 degrees."),
    Case("rotation", DEFECT, "Two of the eight codes, rotated by 45 degrees: each is a mixture "
         "of two factors."),
    Case("mixture", DEFECT, "All codes, rotated at random: each is a mixture of all factors."),
    Case("missing", DEFECT, "Two of the factors have no code."),
    Case("copies", DEFECT, "Every code appears twice."),
    Case("spare", HARMLESS, "Four more codes, of noise."),
    Case("units", HARMLESS, "The eight codes in units from 0.01 to 100."),
    Case("curve", HARMLESS, "Each code is the third power of its factor."),
    Case("cut", HARMLESS, "Each code is its factor moved by a third, and starts again from 0 when "
         "it reaches 1, as an angle does: not monotone, but nothing is lost."),
    Case("correlation", HARMLESS, "The codes are the factors, but pairs of factors correlate "
         "(0.7)."),
    Case("rotation of correlated", DEFECT, "Pairs of factors correlate (0.7), and two correlated "
         "codes are rotated by 45 degrees.", compared_with="correlation"),
    Case("1000 points", HARMLESS, "Each code is one factor, but there are few points.",
         points=1000),
    Case("100 points", HARMLESS, "Each code is one factor, but there are few points.",
         points=100),
    Case("noise, 1000 points", HARMLESS, "The codes are noise, and there are few points.",
         compared_with=PURE_NOISE, points=1000),
    Case("noise, 100 points", HARMLESS, "The codes are noise, and there are few points.",
         compared_with=PURE_NOISE, points=100),
)}

# Steps between, which are only for figures.
STEPS = {case.name for case in CASES.values() if case.kind is None and case.name != BASE}


def make(name, seed, num_points):
    """Codes and factors of a case.

    Args:
        name: key of `CASES`.
        seed: whole number; cases of the same seed share their factors as far as they can.
        num_points: number of points; a case of few points may have fewer.
    Returns:
        codes: `[num_points, num_codes]` float64.
        factors: `[num_points, 8]` float64 in [0, 1).
    """
    random = np.random.RandomState(seed)
    num_points = min(CASES[name].points or num_points, num_points)
    if "correlat" in name:
        factors = _correlated(random, num_points, 0.7)
    else:
        factors = random.uniform(size=(num_points, NUM_FACTORS))
    return _codes(name, factors, random), factors


def _codes(name, factors, random):
    noise = random.uniform(size=factors.shape)
    amounts = {case: amount for amount, case in NOISES.items()}
    angles = {case: angle for angle, case in ROTATIONS.items()}
    if name in amounts:
        return (1 - amounts[name]) * factors + amounts[name] * noise
    if name in angles or name == "rotation of correlated":
        return _rotated(factors, angles.get(name, 45))
    return {
        "mixture": lambda: (factors - 0.5) @ _any_rotation(random),
        "missing": lambda: factors[:, :-2],
        "copies": lambda: np.hstack([factors, factors]),
        "spare": lambda: np.hstack([factors, noise[:, :4]]),
        "units": lambda: factors * np.logspace(-2, 2, NUM_FACTORS),
        "curve": lambda: factors**3,
        "cut": lambda: (factors + 1 / 3) % 1,
        "noise, 1000 points": lambda: noise,
        "noise, 100 points": lambda: noise,
    }.get(name, lambda: factors)()


def _correlated(random, num_points, correlation):
    """Uniform factors in pairs: the distribution function of correlated normal variables."""
    from scipy import special

    normal = random.standard_normal((num_points, NUM_FACTORS))
    normal[:, 1::2] = (correlation * normal[:, ::2]
                       + np.sqrt(1 - correlation**2) * normal[:, 1::2])
    return special.ndtr(normal)


def _rotated(factors, degrees):
    cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    codes = factors - 0.5
    codes[:, :2] = codes[:, :2] @ np.array([[cosine, sine], [-sine, cosine]])
    return codes


def _any_rotation(random):
    """A rotation drawn evenly from all of them, reflections included."""
    orthogonal, upper = np.linalg.qr(random.standard_normal((NUM_FACTORS, NUM_FACTORS)))
    return orthogonal * np.sign(np.diag(upper))
