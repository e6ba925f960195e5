"""Intervals of scores of arrays belong to the scores that are printed."""
import numpy as np
import pytest
from helpers import every_metric

from tf_disentangle import errors
from tf_disentangle.evaluation import intervals, scores, uncertainty


@pytest.mark.contract
@pytest.mark.parametrize("name", [name for name in every_metric.NAMES
                                  if every_metric.metric(name).takes("test_codes")])
def test_without_resampling_a_metric_with_halves_gives_its_own_score(name, monkeypatch):
    random = np.random.RandomState(0)
    factors = np.stack([random.randint(size, size=400) for size in (2, 3, 4)], axis=1)
    codes = factors @ random.standard_normal((3, 4)) + random.standard_normal((400, 4))
    metric, factors = every_metric.metric(name), every_metric.factors_for(name, factors)
    rows = scores.rows_of(name, metric.score_arrays(codes, factors, 3))
    found = {}

    def bootstrap(score, codes, factors, num_resamples, random_state, strata):
        assert np.count_nonzero(strata) == 133      # the points held out
        found.update(score(codes, factors))
        raise errors.UserError("seen enough")
    monkeypatch.setattr(uncertainty, "bootstrap", bootstrap)
    kept = intervals.added(rows, metric, codes, factors, {}, 2, 3)
    assert found == {row.score: row.value for row in rows}
    assert all("no intervals: seen enough" in row.notes for row in kept)


@pytest.mark.parametrize("name, without", [
    ("infomec", {"infom", "infoc"}), ("infomec_continuous", {"infom", "infoc"}),
    ("mig_continuous", {"mig_continuous"})])
def test_scores_of_nearest_neighbours_have_no_intervals(name, without):
    random = np.random.RandomState(0)
    factors = np.stack([random.randint(size, size=200) for size in (4, 3)], axis=1)
    codes = factors + 0.3 * random.standard_normal((200, 2))
    metric = every_metric.metric(name)
    rows = scores.rows_of(name, metric.score_arrays(codes, factors))
    rows = intervals.added(rows, metric, codes, factors, {}, 3, 0)
    assert {row.score for row in rows if row.low is None} - {"num_active_dims"} == without
    for row in rows:
        assert f"no interval of {', '.join(sorted(without, reverse=True))}: resampling repeats " \
            "points, which an estimate from nearest neighbours takes for information" in row.notes
