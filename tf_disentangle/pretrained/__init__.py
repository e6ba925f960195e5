"""Small trained models that come with the package.

    model = pretrained.load("jl1_three_dots")

The programs take `pretrained:jl1_three_dots` in place of the directory of a run.
"""
from tf_disentangle.pretrained.library import about, copy, load, names

__all__ = ["about", "copy", "load", "names"]
