"""Judging trained models: loading, encoding, likelihoods, one metric or many in a directory.

Scoring arrays of codes and factors is done outside this package, without TensorFlow.
"""
