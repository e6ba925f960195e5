"""Factors of variation in users' own data: discrete or continuous, of any type, some missing.

`record` brings them into one form, `Factors`, whether they come from an array, a dictionary of
columns, a pandas DataFrame or a file. Data sets, arrays and metrics all use that form.
"""
from tf_disentangle.factors.table import Factors, named_columns, record, refuse_lists

__all__ = ["Factors", "named_columns", "record", "refuse_lists"]
