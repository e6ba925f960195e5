"""The rotation that makes given rows sparse."""
import itertools

import numpy as np
import pytest
import scipy.optimize

from tf_disentangle import errors
from tf_disentangle.rotation import criteria, objective, orthogonal, solver

CRITERIA = list(criteria.CRITERIA)


def sparse_rows(num_rows=4000, num_latent=5, share=0.2, seed=0):
    """Rows with few non-zero entries, and columns of unequal size."""
    random_state = np.random.RandomState(seed)
    shape = num_rows, num_latent
    rows = random_state.normal(size=shape) * (random_state.uniform(size=shape) < share)
    return rows * np.linspace(1.5, 0.7, num_latent)


def turned(rows, seed=1):
    """Rows rotated by a random orthogonal matrix Q, and Q."""
    q = orthogonal.random_orthogonal(rows.shape[1], np.random.RandomState(seed))
    return rows @ q, q


def plain_criterion(rows, name):
    """The criterion from its definition, in float64, for rows with root mean square 1."""
    y = rows / np.sqrt(np.mean(rows**2))
    balance = np.mean(np.mean(y**2, axis=0)**2)
    return {"l1": np.mean(np.abs(y)), "log_cosh": np.mean(np.log(np.cosh(y))),
            "quartimax": -np.mean(y**4), "varimax": balance - np.mean(y**4)}[name]


@pytest.mark.oracle
@pytest.mark.parametrize("name", CRITERIA)
def test_recovers_a_known_rotation(name):
    rows, q = turned(sparse_rows(20000))
    found = solver.solve(rows, name).rotation
    # Q' itself, up to order and sign; with 4000 samples, the minimum is not exactly Q'.
    product = np.abs(q @ found)
    matched = product[scipy.optimize.linear_sum_assignment(-product)]
    np.testing.assert_allclose(matched, 1, rtol=0, atol=2e-3)


@pytest.mark.oracle
@pytest.mark.parametrize("name", CRITERIA)
def test_criterion_is_its_definition(name):
    rows = sparse_rows()
    solution = solver.solve(turned(rows)[0], name)
    np.testing.assert_allclose(solver.criterion_of(rows, name), plain_criterion(rows, name),
                               rtol=1e-5)
    after = turned(rows)[0] @ solution.rotation
    np.testing.assert_allclose(solution.after, plain_criterion(after, name), rtol=1e-5)


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["log_cosh", "quartimax", "varimax"])
def test_derivatives_are_those_of_planar_rotations(name):
    rows = turned(sparse_rows(500, 3))[0]
    rows = rows / np.sqrt(np.mean(rows**2))
    # In float64, which the objective keeps.
    function = objective.Objective(rows, criteria.criterion(name))
    here = function(np.eye(3))

    def along(i, j, angle):
        plane = np.eye(3)
        plane[[i, j], [i, j]] = np.cos(angle)
        plane[i, j], plane[j, i] = np.sin(angle), -np.sin(angle)
        return function(plane).value
    step = 1e-3
    for i, j in ((0, 1), (0, 2), (1, 2)):
        low, high = along(i, j, -step), along(i, j, step)
        # Central differences, with an error of order step**2 times higher derivatives.
        np.testing.assert_allclose(here.gradient[i, j], (high - low) / (2 * step), rtol=1e-4)
        np.testing.assert_allclose(here.curvature[i, j],
                                   (high - 2 * here.value + low) / step**2, rtol=1e-3)


@pytest.mark.oracle
def test_gradient_of_l1():
    rows = turned(sparse_rows(20000, 2, share=1.0))[0]
    rows = rows / np.sqrt(np.mean(rows**2))
    function = objective.Objective(rows, criteria.criterion("l1"))
    angle, step = 0.3, 1e-6

    def plane(x):
        return np.array([[np.cos(x), np.sin(x)], [-np.sin(x), np.cos(x)]])
    low, high = (function(plane(angle + sign * step)).value for sign in (-1, 1))
    # Hardly any entry changes sign within 2e-6 radians.
    np.testing.assert_allclose(function(plane(angle)).gradient[0, 1], (high - low) / (2 * step),
                               rtol=1e-3, atol=1e-5)


@pytest.mark.oracle
@pytest.mark.parametrize("name", CRITERIA)
@pytest.mark.parametrize("share", [0.3, 1.0])
def test_two_latents_against_all_angles(name, share):
    rows = turned(sparse_rows(1000, 2, share))[0]

    def at(angle):
        plane = [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
        return plain_criterion(rows @ plane, name)
    # The criteria repeat every quarter turn.
    angles = np.linspace(0, np.pi / 2, 501)
    best = min(angles, key=at)
    expected = scipy.optimize.minimize_scalar(
        at, bounds=(best - angles[1], best + angles[1]), options={"xatol": 1e-9}).fun
    np.testing.assert_allclose(solver.solve(rows, name).after, expected, rtol=1e-5)


def varimax_by_svd(rows, balance, num_iterations=2000):
    """Kaiser's criterion by the classic iteration: the polar factor of its gradient."""
    rotation = np.eye(rows.shape[1])
    for _ in range(num_iterations):
        y = rows @ rotation
        gradient = rows.T @ (y**3 - balance * y * np.mean(y**2, axis=0))
        left, _, right = np.linalg.svd(gradient)
        rotation = left @ right
    return rotation


@pytest.mark.oracle
@pytest.mark.parametrize("name, balance", [("varimax", 1.0), ("quartimax", 0.0)])
def test_fourth_powers_against_the_classic_iteration(name, balance):
    rows = turned(sparse_rows(2000, 4, share=0.5))[0]
    expected = plain_criterion(rows @ varimax_by_svd(rows, balance), name)
    np.testing.assert_allclose(solver.solve(rows, name).after, expected, rtol=1e-5)


@pytest.mark.property
@pytest.mark.parametrize("name", CRITERIA)
@pytest.mark.parametrize("seed", range(3))
def test_never_worse_than_the_identity_and_orthogonal(name, seed):
    rows = np.random.RandomState(seed).normal(size=(50, 6))  # there is nothing sparse to find
    solution = solver.solve(rows, name, num_starts=2, seed=seed)
    assert solution.after <= solution.before
    np.testing.assert_allclose(solution.rotation.T @ solution.rotation, np.eye(6), rtol=0,
                               atol=1e-12)
    np.testing.assert_allclose(solution.before, plain_criterion(rows, name), rtol=1e-5)


@pytest.mark.property
def test_the_identity_where_nothing_is_better():
    rows = np.concatenate([np.eye(4), -2 * np.eye(4)])  # each row has one entry
    solution = solver.solve(rows)
    np.testing.assert_array_equal(solution.rotation, np.eye(4))
    assert solution.before == solution.after == pytest.approx(3 * 8 / 32 / np.sqrt(5 * 4 / 32) / 2)
    np.testing.assert_array_equal(solver.solve(rows[:, :1] + 1).rotation, [[1.0]])


@pytest.mark.property
def test_order_and_signs_are_those_nearest_to_the_identity():
    random_state = np.random.RandomState(0)
    matrix = orthogonal.random_orthogonal(4, random_state)
    shuffled = matrix[:, [2, 0, 3, 1]] * [1, -1, -1, 1]
    found = orthogonal.nearest_order_and_signs(shuffled)
    np.testing.assert_array_equal(found, orthogonal.nearest_order_and_signs(matrix))
    best = max(np.trace(matrix[:, order] * signs) for order in itertools.permutations(range(4))
               for signs in np.ndindex(2, 2, 2, 2) for signs in [1 - 2 * np.array(signs)])
    assert np.trace(found) == pytest.approx(best, rel=1e-12)
    # A small rotation of permuted axes comes back as a small rotation.
    small = np.array([[np.cos(0.1), np.sin(0.1), 0], [-np.sin(0.1), np.cos(0.1), 0], [0, 0, 1]])
    np.testing.assert_array_equal(orthogonal.nearest_order_and_signs(-small[:, [1, 2, 0]]), small)


@pytest.mark.property
def test_two_calls_give_the_same_bits_and_a_seed_decides():
    rows = turned(sparse_rows(30000, 8, share=0.6))[0].astype(np.float32)
    first, second = (solver.solve(rows, num_starts=4, seed=3) for _ in range(2))
    assert first.rotation.tobytes() == second.rotation.tobytes()
    assert first.starts == second.starts and len(first.starts) == 4
    assert solver.solve(rows, num_starts=4, seed=4).starts[0] != first.starts[0]


@pytest.mark.property
@pytest.mark.parametrize("scale", [1e-25, 1.0, 1e25])
def test_the_scale_of_the_rows_does_not_matter(scale):
    rows = turned(sparse_rows(2000, 3))[0]
    np.testing.assert_allclose(solver.solve(rows * scale, num_starts=1).after,
                               solver.solve(rows, num_starts=1).after, rtol=1e-5)


@pytest.mark.property
def test_converged_to_the_tolerance():
    rows = turned(sparse_rows(20000))[0]
    exact = solver.solve(rows, tolerance=1e-9).after
    assert solver.solve(rows, tolerance=1e-4).after == pytest.approx(exact, rel=1e-3)
    assert solver.solve(rows, tolerance=1e-6).after == pytest.approx(exact, rel=1e-5)
    few = solver.solve(rows, num_starts=1, max_iterations=1)
    assert exact < few.after < few.before


@pytest.mark.parametrize("rows, message", [
    (np.zeros((3, 2)), "Expected a Jacobian that is not 0 everywhere"),
    (np.array([[1.0, np.nan]]), "1 entries that are nan or inf"),
    (np.ones(3), r"\[num_rows, num_latent\]"),
    (np.ones((0, 2)), r"\[num_rows, num_latent\]")])
def test_rows_that_are_refused(rows, message):
    with pytest.raises(errors.InvalidArgumentError, match=message):
        solver.solve(rows)


@pytest.mark.parametrize("arguments, name", [
    ({"criterion": "l2"}, "criterion"), ({"num_starts": 0}, "num_starts"),
    ({"tolerance": 0}, "tolerance"), ({"seed": -1}, "seed"),
    ({"max_iterations": 0}, "max_iterations")])
def test_arguments_that_are_refused(arguments, name):
    with pytest.raises(errors.InvalidArgumentError, match=f"`{name}`"):
        solver.solve(np.eye(3), **arguments)
