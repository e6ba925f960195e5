"""Arrays in, numbers out: `evaluation.score`, and the table that it returns."""
import functools
import importlib.util
import math
import pathlib

from tf_disentangle import atomic, errors, patterns
from tf_disentangle.evaluation import of_arrays
from tf_disentangle.evaluation import scores as scores_lib

__all__ = ["ScoreTable", "score"]

_INTERVALS = ("standard_error", "low", "high")


def score(codes, factors=None, metrics="all", random_seed=0, num_resamples=0, drop_missing=False,
          continuous_factors=(), discrete_factors=(), say=None):
    """A table of the scores of a representation, from its codes and the factors of the points.

    Needs neither a model nor TensorFlow. See `of_arrays.evaluate_arrays` for how factors that are
    continuous or have missing values are scored.

    Args:
        codes: `[num_points, num_codes]` real array, a dictionary from names to columns, or a
            pandas.DataFrame.
        factors: `[num_points, num_factors]` numbers or strings, a dictionary or a DataFrame; None
            for the scores that need only codes.
        metrics: "all", the name of a metric, or a list of names; see the table of metrics.
        random_seed: seed of the randomness within a metric and of the resampling.
        num_resamples: number of bootstrap resamples for 95 % intervals; 0 for no intervals.
        drop_missing: whether points with a missing code are left out, instead of being an error.
        continuous_factors, discrete_factors: names or numbers of factors that are, or are not,
            continuous, whatever their values look like.
        say: function that is called with a line of progress before each metric.
    Returns:
        table with the columns metric, score, value, seconds and notes, and with intervals
        standard_error, low and high: a pandas.DataFrame if pandas is installed, else a
        `ScoreTable`. Both print as aligned lines with the notes below. A metric that cannot be
        computed from these arrays has a row without a value, whose note says why.
    Raises:
        InvalidArgumentError: codes and factors do not belong together, or cannot be scored.
        UserError: none of the metrics could be computed.
    """
    names = patterns.split(metrics) if isinstance(metrics, str) else metrics
    rows, failures = of_arrays.evaluate_arrays(
        codes, factors, names, random_seed, num_resamples, say or (lambda line: None),
        drop_missing=drop_missing, continuous_factors=continuous_factors,
        discrete_factors=discrete_factors)
    if not rows:
        reasons = "; ".join(f"{name}: {error}" for name, error in failures.items())
        raise errors.UserError(f"None of the metrics could be computed. {reasons}")
    rows = rows + [scores_lib.Score(name, "", None, notes=f"left out: {error}")
                   for name, error in failures.items()]
    fields = [field for field in scores_lib.Score._fields if field != "num_active_latents"
              and (num_resamples or field not in _INTERVALS)]
    columns = {field: [getattr(row, field) for row in rows] for field in fields}
    if importlib.util.find_spec("pandas") is None:
        return ScoreTable(columns)
    numbers = {"value", "seconds", *_INTERVALS} & set(fields)
    return _frame_class()({field: [math.nan if value is None else value for value in column]
                           if field in numbers else column for field, column in columns.items()})


def __getattr__(name):
    # The class exists only with pandas; as a member of the module, it can be pickled by name.
    if name == "ScoreFrame" and importlib.util.find_spec("pandas") is not None:
        return _frame_class()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@functools.cache
def _frame_class():
    import pandas

    class ScoreFrame(pandas.DataFrame):
        """A pandas.DataFrame that prints all its rows, and its long notes below them."""

        def __repr__(self):
            is_whole = set(self.columns) <= set(scores_lib.Score._fields) and {
                "metric", "score", "value"} <= set(self.columns)
            return _as_text({name: self[name].tolist() for name in self.columns}
                            ) if is_whole else super().__repr__()

        __str__ = __repr__

    ScoreFrame.__qualname__ = "ScoreFrame"
    return ScoreFrame


def _as_text(columns):
    """Aligned lines, and notes below them."""
    rows = [scores_lib.Score(**{name: None if value != value else value
                                for name, value in zip(columns, row)})
            for row in zip(*columns.values())]
    return "\n".join([*scores_lib.as_table(rows), *scores_lib.remarks(rows)])


class ScoreTable:
    """A table of scores, used like a pandas.DataFrame, without pandas."""

    def __init__(self, columns):
        self._columns = dict(columns)

    @property
    def columns(self):
        """The names of the columns."""
        return list(self._columns)

    def __getitem__(self, name):
        """The entries of a column, a list; None stands for an empty cell."""
        return self._columns[name]

    def __iter__(self):
        """The names of the columns, as in a DataFrame."""
        return iter(self._columns)

    def __len__(self):
        """The number of rows."""
        return len(next(iter(self._columns.values())))

    def __repr__(self):
        """The table as aligned lines, notes below it."""
        return _as_text(self._columns)

    def to_csv(self, path=None, index=True):
        """Writes the table as a CSV file; without a path, returns it as a string.

        Args:
            path: file name, or None.
            index: whether the rows are numbered, as pandas does unless told otherwise.
        """
        rows = list(zip(*self._columns.values()))
        if index:
            text = scores_lib.as_csv(["", *self.columns],
                                     [(number, *row) for number, row in enumerate(rows)])
        else:
            text = scores_lib.as_csv(self.columns, rows)
        if path is None:
            return text
        return atomic.write(pathlib.Path(path), text)
