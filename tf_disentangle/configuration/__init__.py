"""Gin, behind one door: names for gin files, parsing them, and what is said about mistakes."""
from tf_disentangle.configuration.registry import part, register, slot

__all__ = ["part", "register", "slot"]
