"""A run traces its functions once, however many steps it makes."""
import numpy as np
import pytest
import tensorflow as tf
from helpers import tiny_run

from tf_disentangle import training
from tf_disentangle.configuration import registry
from tf_disentangle.training import loop, outcome

STEPS = 60
BINDINGS = [
    "dataset.name = 'npz'", "train.validation_fraction = 0.25", "train.validate_every = 10",
    f"model.training_steps = {STEPS}", "train.steps_per_call = 5", "train.log_every = 4",
    "train.checkpoint_every = 9", "train.ema = 0.9", "vae.annealing_steps = 30",
    "vae.penalties = [@code_l1()]", "code_l1.annealing_steps = 20", "code_l1.start_step = 15",
    "AdamOptimizer.learning_rate = @warmup()", "warmup.steps = 10",
    "warmup.learning_rate = @cosine_decay()", "cosine_decay.initial_learning_rate = 1e-2",
    "cosine_decay.decay_steps = 50", "train.hooks = [@graphs_hook()]",
    "graphs_hook.every_steps = 1"]


@registry.register("graphs_hook")
class Graphs(training.Hook):
    """Notes after each step how many graphs have been made."""
    made, seen = [], {}

    def __call__(self, step, logs):
        self.seen[step] = len(self.made)


@pytest.fixture
def runners(monkeypatch):
    """The runners of all runs; graphs are counted, and nothing is exported."""
    make_graph, make_runner, found = tf.__internal__.FuncGraph.__init__, loop.StepRunner, []
    monkeypatch.setattr(tf.__internal__.FuncGraph, "__init__", lambda self, *given, **named: (
        Graphs.made.append(given), make_graph(self, *given, **named))[1])
    monkeypatch.setattr(loop, "StepRunner", lambda *given, **named: (
        found.append(make_runner(*given, **named)), found[-1])[1])
    monkeypatch.setattr(outcome.export, "export_saved_model", lambda model, path: None)
    monkeypatch.setattr(Graphs, "made", [])
    monkeypatch.setattr(Graphs, "seen", {})
    return found


@pytest.mark.contract
def test_nothing_is_traced_after_the_first_evaluation(tmp_path, runners, stop_after):
    """Calls of any length, hooks, checkpoints, validation, schedules, an average; and again."""
    images = tiny_run.TinyData().sample_observations(40, np.random.RandomState(0))
    np.savez(tmp_path / "images.npz", images=(255 * images).astype(np.uint8))
    bindings = [*BINDINGS, f"npz.path = '{tmp_path / 'images.npz'}'"]
    stop_after(32)
    assert tiny_run.train(tmp_path / "run", *bindings)[0]["global_step"] == 32
    stop_after(STEPS)
    assert tiny_run.train(tmp_path / "run", *bindings)[0]["global_step"] == STEPS
    counts = [Graphs.seen[step] for step in range(1, STEPS + 1)]
    assert counts[0] > 0 and counts[32] > counts[31]     # each start traces
    # The first evaluation, after this hook's call at step 10 or 40, traces its own.
    assert len(set(counts[10:32])) == 1 and len(set(counts[40:])) == 1
    assert [runner.num_traces for runner in runners] == [1, 1]
    assert [runner._run.experimental_get_tracing_count() for runner in runners] == [1, 1]
