"""Tables: columns of numbers or strings, read from CSV, TSV, Parquet, .npz and .npy files."""
from tf_disentangle.tables.columns import columns_of
from tf_disentangle.tables.files import SUFFIXES, read

__all__ = ["SUFFIXES", "columns_of", "read"]
