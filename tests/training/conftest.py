"""What several tests of training share."""
import contextlib

import pytest

from tf_disentangle.training import signals


@pytest.fixture
def stop_after(monkeypatch):
    """Sets after how many calls of the step function a run is asked to stop."""
    def stop(num_calls):
        @contextlib.contextmanager
        def stop_on_signals():
            answers = iter([False] * (num_calls - 1) + [True])
            yield lambda: next(answers)
        monkeypatch.setattr(signals, "stop_on_signals", stop_on_signals)
    return stop
