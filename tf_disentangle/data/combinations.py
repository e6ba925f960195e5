"""Numbers for the combinations of factors that occur, even if very many are possible."""
import numpy as np

from tf_disentangle import errors

__all__ = ["Combinations"]

_LARGEST = 2**62


class Combinations:
    """One number for each combination of whole numbers, in their lexicographic order.

    Columns are combined one after another; if the numbers become too large, those that occur are
    renumbered from 0.

    Args:
        rows: `[num, num_factors]` ints, column i in 0 .. sizes[i] - 1.
        sizes: `num_factors` ints.
    Raises:
        InvalidArgumentError: a factor has too many values: its combinations with those of the
            columns before it cannot be numbered in 64 bits.
    """

    def __init__(self, rows, sizes):
        self._sizes = list(sizes)
        self._tables = {}
        self.numbers = self._combined(np.asarray(rows), learn=True)

    def find(self, rows):
        """`[num]` ints: the number of each row; -1 if a combination cannot have occurred."""
        return self._combined(np.asarray(rows), learn=False)

    def _combined(self, rows, learn):
        numbers, unknown, most = np.zeros(len(rows), np.int64), np.zeros(len(rows), bool), 1
        for k, size in enumerate(self._sizes):
            if most * size > _LARGEST:
                if learn:
                    self._tables[k] = np.unique(numbers)
                table = self._tables[k]
                places = np.searchsorted(table, numbers).clip(max=len(table) - 1)
                unknown |= table[places] != numbers
                numbers, most = places, len(table)
                if most * size > _LARGEST:
                    raise errors.InvalidArgumentError(
                        "factors", "factors of at most 2**62 combinations", f"{most * size:.1e}",
                        "Leave some factors out.")
            numbers = numbers * size + rows[:, k].astype(np.int64)
            most *= size
        return np.where(unknown, -1, numbers)
