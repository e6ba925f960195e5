"""Unified scores: every matrix of codes and factors, summarised in every way.

DCI, the mutual information gap, SAP and modularity each compute a matrix that says how strongly
each code is related to each factor, and then reduce it to one number. Here every matrix is combined
with every summary, and with two more that show which factors are entangled.

Locatello et al. (2020), "A Sober Look at the Unsupervised Learning of Disentangled
Representations and their Evaluation", section 5 [1].

References: [1] https://arxiv.org/abs/2010.14766
"""
import functools
import json
import pathlib

import numpy as np

from tf_disentangle import atomic, errors
from tf_disentangle.evaluation.metrics import matrix_functions
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    draws,
    halves,
    importance,
    information,
    relation_graph,
    varying,
)

__all__ = ["MATRIX_FNS", "compute_unified_score_on_fixed_data", "compute_unified_scores",
           "scores_of_matrix", "unified_scores"]

MATRIX_FNS = (matrix_functions.importance_gbt_matrix, matrix_functions.mutual_information_matrix,
              matrix_functions.accuracy_svm_matrix)

_SCORES = ("dci, modularity: 0 to 1, higher; mig, sap, precision: from 0, higher; "
           "merge: neither")


def _on_dataset(ground_truth_data, representation_function, random_state, artifact_dir,
                num_train=10000, num_test=5000, matrix_fns=MATRIX_FNS, batch_size=16):
    """Unified scores of a representation on a data set.

    Args:
        ground_truth_data: data set; its `factor_names`, if it has any, name the factors in the
            artifacts, else they are called factor_0, factor_1, ...
        artifact_dir: where to write the matrices, one JSON file each, which
            `tf_disentangle.visualize.score_matrices` draws, and the merges of factors; None writes
            nothing.
    """
    drawn = halves.draw(ground_truth_data, representation_function, num_train, num_test,
                        random_state, batch_size)
    kept, matrices = _matrices(*drawn, matrix_fns)
    if artifact_dir is not None:
        names = getattr(ground_truth_data, "factor_names", None)
        _write(artifact_dir, matrices, [names[k] if names else f"factor_{k}" for k in kept])
    return _named_scores(kept, matrices, drawn[1], with_merges=artifact_dir is not None)


@declaration.metric(
    "unified_scores", draws.own(_on_dataset), paper="Locatello et al. (2020)",
    scores=_SCORES, in_all=False, place=120)
@declaration.metric("unified_score_validation", draws.fixed_halves(), scores=_SCORES,
                    in_table=False, function_name="compute_unified_score_on_fixed_data",
                    order=("train_percentage", "matrix_fns", "batch_size"))
def unified_scores(codes, factors, test_codes=None, test_factors=None, matrix_fns=MATRIX_FNS,
                   random_state=0):
    """Unified scores of given codes.

    Factors with a single value in training are left out of everything and do not have keys.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` discrete values.
        test_codes, test_factors: see `arrays.split`.
        matrix_fns: functions `(codes, factors, test_codes, test_factors) -> matrix`, all arrays
            transposed (`[dimension, num_points]`, disentanglement_lib's layout), the matrix
            `[num_codes, num_factors]` with entries >= 0. The keys begin with their names.
        random_state: `RandomState` or its seed, for the split.
    Returns:
        dict of floats: "<name of the matrix function>.<key of `scores_of_matrix`>".
    Raises:
        InvalidArgumentError: see `arrays.split`; no factor with two values; a matrix of another
            shape or with negative entries; no functions, or two with the same name.
    """
    points = arrays.split(codes, factors, test_codes, test_factors, random_state)
    return _named_scores(*_matrices(*points, matrix_fns), points[1])


compute_unified_scores = unified_scores.on_dataset
compute_unified_score_on_fixed_data = unified_scores.on_fixed_data


def scores_of_matrix(matrix, entropies, factor_indices=None, with_merges=False):
    """Every summary of one matrix of codes and factors.

    Args:
        matrix: `[num_codes, num_factors]`, entries >= 0.
        entropies: `[num_factors]`, entropy of each factor, nats, > 0.
        factor_indices: `[num_factors]`, the number of each factor in the keys; None numbers them
            from 0.
        with_merges: whether to add `relation_graph.merge_ranks`.
    Returns:
        dict of floats.
        area_precision, max_precision: area under and maximum of `relation_graph.group_curve`.
        dci_disentanglement, dci, dci_disentanglement.code_i: `importance.disentanglement`,
            the same again, and that of each code.
        dci_completeness, dci_completeness.code_k: of each *factor* k (the key says code for
            historical reasons).
        mig, mig.factor_k: gap between the two largest entries over the factor's entropy.
        sap, sap.factor_k: the gap itself.
        modularity, modularity.code_i: `importance.modularity_per_code`.
        merge_a_b: places at which factors a < b come to be in one group.
    Raises:
        InvalidArgumentError: see `importance.importance_matrix`.
    """
    matrix = importance.importance_matrix(matrix)
    indices = range(matrix.shape[1]) if factor_indices is None else factor_indices
    thresholds, counts = relation_graph.group_curve(matrix)
    gaps = importance.gap_per_factor(matrix)
    scores = {"area_precision": np.trapezoid(counts[::-1], thresholds[::-1]),
              "max_precision": counts.max(),
              "dci_disentanglement": importance.disentanglement(matrix),
              "dci_completeness": importance.completeness(matrix),
              "dci": importance.disentanglement(matrix)}
    codes = range(len(matrix))
    scores |= _numbered("dci_disentanglement.code", codes,
                        importance.disentanglement_per_code(matrix))
    scores |= _numbered("dci_completeness.code", indices,
                        importance.completeness_per_factor(matrix))
    for name, part, numbers, values in (
            ("mig", "factor", indices, gaps / np.asarray(entropies)),
            ("sap", "factor", indices, gaps),
            ("modularity", "code", codes, importance.modularity_per_code(matrix))):
        scores |= {name: np.mean(values), **_numbered(f"{name}.{part}", numbers, values)}
    if with_merges:
        ranks = relation_graph.merge_ranks(matrix)
        scores |= {f"merge_{indices[a]}_{indices[b]}": ranks[a, b]
                   for a, b in zip(*np.triu_indices(len(ranks), 1))}
    return {name: float(value) for name, value in scores.items()}


def _numbered(name, numbers, values):
    return {f"{name}_{number}": value for number, value in zip(numbers, values)}


def _matrices(codes, factors, test_codes, test_factors, matrix_fns):
    """Indices of the factors that vary, and their matrices by name."""
    matrix_fns = [errors.function("matrix_fns", function)
                  for function in errors.sequence("matrix_fns", matrix_fns)]
    names = [_name(function) for function in matrix_fns]
    if not names or len(set(names)) < len(names):
        raise errors.InvalidArgumentError(
            "matrix_fns", "one or more functions with different names", names)
    kept, points = varying.halves(codes, factors, test_codes, test_factors)
    matrices = {}
    for name, function in zip(names, matrix_fns):
        matrix = importance.importance_matrix(function(*(values.T for values in points)))
        if matrix.shape != (codes.shape[1], len(kept)):
            raise errors.InvalidArgumentError(
                f"{name}(...).shape", f"({codes.shape[1]}, {len(kept)}), a row per code and a "
                "column per factor", matrix.shape)
        matrices[name] = matrix
    return kept, matrices


def _name(function):
    while isinstance(function, functools.partial):
        function = function.func
    return function.__name__


def _named_scores(kept, matrices, factors, with_merges=False):
    entropies = information.discrete_entropy(factors[:, kept])
    return {f"{name}.{key}": value for name, matrix in matrices.items()
            for key, value in scores_of_matrix(matrix, entropies, kept, with_merges).items()}


def _write(artifact_dir, matrices, factor_names):
    for name, matrix in matrices.items():
        text = json.dumps({"factor_names": factor_names, "matrix": matrix.tolist()})
        atomic.write(pathlib.Path(artifact_dir, f"{name}.json"), text)
