"""Rotating the latents of a trained model to a sparse Jacobian."""
from tf_disentangle.rotation.collection import jacobian_rows
from tf_disentangle.rotation.finding import Rotation, find_rotation, rotate
from tf_disentangle.rotation.layers import PosteriorRotation
from tf_disentangle.rotation.representation import rotated_representation
from tf_disentangle.rotation.rotated_model import (
    rotate_model,
    rotation_of,
    turn,
    with_layers,
    with_rotation,
)
from tf_disentangle.rotation.solver import Solution, criterion_of, solve

__all__ = [
    "PosteriorRotation", "Rotation", "Solution", "criterion_of", "find_rotation",
    "jacobian_rows", "rotate", "rotate_model", "rotated_representation", "rotation_of", "solve",
    "turn", "with_layers", "with_rotation",
]
