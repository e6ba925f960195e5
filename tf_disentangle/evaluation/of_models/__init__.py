"""Judging trained models: loading, encoding, likelihoods, one metric or many in a directory.

What scores arrays of codes and factors lies beside this folder and needs no TensorFlow.
"""
