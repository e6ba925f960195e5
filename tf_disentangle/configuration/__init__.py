"""Everything about gin: names for gin files, parsing, and messages about mistakes."""
from tf_disentangle.configuration.registry import part, register, slot

__all__ = ["part", "register", "slot"]
