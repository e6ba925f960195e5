"""One line in the log about a run whose latents are all inactive."""
import io

import pytest
from helpers import streams, tiny_run

from tf_disentangle import models, training
from tf_disentangle.training import collapse, learning

LINE = "All latents are inactive: KL 0.02 nats; lower beta or anneal it."


def lines_of(kls, annealed_from=0, last_step=1000, start=0, cls=models.VAE):
    """What is said when the KL has these values, one every ten steps."""
    model = tiny_run.make_model() if cls is models.VAE else cls()
    if annealed_from:
        model.annealing_steps = annealed_from
    said = []
    hook = collapse.CollapseLine(10, model, last_step, said.append, start)
    for index, kl in enumerate(kls):
        hook(start + 10 * (index + 1), {"kl_loss": kl})
    return said


@pytest.mark.property
@pytest.mark.parametrize("kls, num_lines", [
    ([0.02] * 100, 1),                      # all the time: said once
    ([3.0] * 50 + [0.02] * 50, 1),          # collapses on the way
    ([3.0] * 99 + [0.02], 1),               # at the end
    ([0.02] * 10 + [3.0] * 90, 0),          # finds its latents later
    ([0.02, 3.0] * 50, 0), ([0.05] * 100, 0), ([0.02] * 10, 0),
    ([3.0] * 50 + [0.02] * 15 + [3.0] * 35, 1)])
def test_when_it_is_said(kls, num_lines):
    assert lines_of(kls) == [LINE] * num_lines


@pytest.mark.property
def test_it_is_not_said_while_beta_grows_but_at_the_end():
    assert lines_of([0.02] * 99, annealed_from=2000) == []
    assert lines_of([0.02] * 100, annealed_from=2000) == [LINE]
    assert lines_of([0.02] * 100, annealed_from=1000) == [LINE]
    assert lines_of([0.02] * 60, annealed_from=500, last_step=2000) == []
    assert lines_of([0.02] * 60, annealed_from=500) == []
    assert lines_of([0.02] * 61, annealed_from=500) == [LINE]
    # A run that goes on has seen nothing yet.
    assert lines_of([0.02] * 10, start=500) == [] and lines_of([0.02] * 11, start=500) == [LINE]


@pytest.mark.contract
def test_the_advice_is_that_of_the_method():
    assert "raise c_max" in models.AnnealedVAE().against_collapse
    assert models.AnnealedVAE(iteration_threshold=7).annealed_from == 7
    assert models.VAE(annealing_steps=5).annealed_from == 5
    for cls, name in ((models.BetaTCVAE, "beta"), (models.FactorVAE, "gamma"),
                      (models.DIPVAE, "weights")):
        assert name in cls().against_collapse and cls().annealed_from == 0


def log_of(model, steps=200):
    stream = io.StringIO()
    training.train_model(model, tiny_run.TinyData(), steps, batch_size=8, eval_steps=1,
                         stream=stream)
    return stream.getvalue()


@pytest.mark.smoke
def test_a_run_that_collapses_says_so_once():
    text = log_of(tiny_run.make_model(beta=500.0))
    assert text.count("All latents are inactive: KL ") == 1
    assert "nats; lower beta or anneal it." in text
    text = log_of(tiny_run.make_model(beta=500.0, annealing_steps=400))
    assert text.count("inactive") == 1 and text.index("inactive") > text.index("step 200/200")
    assert "inactive" not in log_of(tiny_run.make_model(beta=0.01))


@pytest.mark.contract
def test_it_is_below_the_live_line_of_a_terminal():
    for is_live, text in ((True, "\nhere\n"), (False, "here\n")):
        stream = streams.Stream(is_live=is_live)
        run = training.run.Run(None, None, None, stream=stream)
        learning._note(run, "here")
        assert stream.getvalue() == text
