"""Turning the latents of a trained model to a sparse Jacobian."""
