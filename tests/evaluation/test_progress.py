"""The line of a long metric: what it says, when, and that it counts every image."""
import numpy as np
import pytest
from helpers import streams

from tf_disentangle.evaluation import uncertainty
from tf_disentangle.evaluation.metrics import beta_vae, factor_vae, local_scores
from tf_disentangle.evaluation.metrics.common import predictors, progress, shared_draws


class Clock:
    """A clock that goes on by some seconds whenever it is read."""

    def __init__(self, step=0.0):
        self.now, self.step = 100.0, step

    def __call__(self):
        self.now += self.step
        return self.now


def shown(is_live, done, total=1_920_000):
    """What is written while counts are reached at given seconds."""
    stream, clock = streams.Stream(is_live), Clock()
    with progress.shown(stream, clock), progress.counting(total, "images"):
        for seconds, num in done:
            clock.now = 100.0 + seconds
            progress.advance(num, "images")
    return stream.getvalue()


def test_a_terminal_has_one_line_that_vanishes():
    written = shown(True, [(2, 1000), (10, 479_000), (20, 480_000), (40, 960_000)]).split("\r")
    assert [part.rstrip() for part in written] == [
        "", "  25% of 1 920 000 images, 30s left", "  50% of 1 920 000 images, 20s left", "", ""]
    assert "\n" not in "".join(written)


def test_a_file_has_a_line_every_half_minute():
    done = [(10 * number, 1000) for number in range(1, 10)]
    assert shown(False, done, 10_000) == ("  30% of 10 000 images, 1m10s left\n"
                                          "  60% of 10 000 images, 40s left\n"
                                          "  90% of 10 000 images, 10s left\n")


def test_short_work_and_work_that_nobody_watches_show_nothing():
    assert shown(True, [(1, 500), (2.9, 500)], 2000) == ""
    with progress.counting(10, "images"):
        progress.advance(5, "images")


def test_nothing_is_done_yet():
    stream, clock = streams.Stream(False), Clock(step=100)
    with progress.shown(stream, clock), progress.counting(4, "images"):
        progress.advance(0, "images")
    assert stream.getvalue() == ""


def test_only_what_the_outermost_counts_is_counted():
    stream, clock = streams.Stream(False), Clock(step=100)
    with progress.shown(stream, clock), progress.counting(4, "resamples"):
        with progress.counting(2, "images"):
            progress.advance(1, "images")
        progress.advance(1, "resamples")
    assert stream.getvalue().count("\n") == 1 and "25% of 4 resamples" in stream.getvalue()


def compute_z_diff(data, representation):
    beta_vae.compute_beta_vae_sklearn(data, representation, np.random.RandomState(0), None, 5,
                                      120, 60)


def compute_factor_vae(data, representation):
    factor_vae.compute_factor_vae(data, representation, np.random.RandomState(0), None, 6, 60, 30,
                                  200)


def compute_local(data, representation):
    local_scores.compute_local_scores(data, representation, np.random.RandomState(0), None, 100, 3,
                                      locality_proportions=(0.2, 1.0))


def bootstrap(data, representation):
    factors = data.sample_factors(20, np.random.RandomState(0))
    uncertainty.bootstrap(lambda codes, factors: float(codes.mean()), factors, factors, 8)


def fit(data, representation):
    factors = data.sample_factors(50, np.random.RandomState(0))
    predictors.map_predictors(lambda classifier, index: index,
                              predictors.hist_gradient_boosting_classifier, factors, factors,
                              np.random.RandomState(0), num_jobs=1)


@pytest.mark.parametrize("work, total, unit", [
    (compute_z_diff, 180 * 10, "images"), (compute_factor_vae, 200 + 90 * 6, "images"),
    (compute_local, 600, "images"), (bootstrap, 8, "resamples"), (fit, 3, "factors")])
@pytest.mark.parametrize("is_determined", [False, True])
def test_the_count_reaches_the_total(grid_data, identity, monkeypatch, work, total, unit,
                                     is_determined):
    counters = []
    make = progress._Counter

    def recording(*given):
        counters.append(make(*given))
        return counters[-1]
    monkeypatch.setattr(progress, "_Counter", recording)
    data = grid_data((3, 4, 11))
    data.factors_determine_observations = is_determined
    with progress.shown(streams.Stream(False)):
        work(data, shared_draws.SharedDraws(identity))
    # The bootstrap scores the given points and, for SciPy's own use, an empty resample or two.
    assert counters[0]._total == total and counters[0].unit == unit and len(counters) == 1
    assert counters[0]._done == total or unit == "resamples" and counters[0]._done >= total
