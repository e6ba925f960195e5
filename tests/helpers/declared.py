"""Metrics that tests declare are forgotten afterwards."""
import contextlib

from tf_disentangle.evaluation.metrics.common import declaration


@contextlib.contextmanager
def restored():
    """A context after which only the metrics from before are declared."""
    known, table = dict(declaration._DECLARED), list(declaration.TABLE)
    yield
    declaration._DECLARED.clear()
    declaration._DECLARED.update(known)
    declaration.TABLE[:] = table
