"""A hook that scores a model during training, to show which way a score goes."""
import json
import math

import numpy as np

from tf_disentangle import atomic, errors
from tf_disentangle.configuration import registry
from tf_disentangle.evaluation import metrics as metrics_lib
from tf_disentangle.runs import directory as directory_lib
from tf_disentangle.runs import scores as scores_lib
from tf_disentangle.training import average, hooks, loop

__all__ = ["ScoreModel"]

draws = metrics_lib.draws

_MOST_SHOWN = 4                             # scores in the line that is printed


@registry.register("score_model")
class ScoreModel(loop.Hook):
    """Scores the model at regular steps, with the averaged weights if the run keeps any.

    Scores go to the output, to TensorBoard, and to `scores.jsonl` in the directory of the run. A
    metric draws the same points each time, and training does not notice it. A metric that fails, or
    has no finite score, is named in a warning, and the run continues.

    Args:
        every_steps: how many steps lie between two scorings.
        metrics: a list of metrics that need codes and factors, or codes alone, such as
            [@mig, @local_mig], each once; their settings are those that gin binds.
        random_seed: seed of the random state that each metric gets.
    Raises:
        InvalidArgumentError: there is no metric, or one needs more, or factors that the data set
            does not have; raised before the first step of the run.
    """

    when_stopped = False

    def __init__(self, every_steps=1000, metrics=(), random_seed=0):
        super().__init__(every_steps)
        self._metrics = {metric.metric.name: metric for metric in _checked(metrics)}
        self._seed = errors.whole_number("random_seed", random_seed, 0, 2**32 - 1)
        self._run = self._directory = self._tensorboard = None

    def begin(self, run, directory):
        """Refuses what cannot be scored, before the first step."""
        if run.ground_truth_data.num_factors == 0:
            for name, metric in self._metrics.items():
                if metric.metric.needs == draws.FACTORS:
                    raise errors.InvalidArgumentError(
                        "metrics", "metrics that need no factors, because the data set has none",
                        f"@{name}")
        last = run.spec.training_steps
        if self.every_steps > last:
            run.say(f"score_model.every_steps is {self.every_steps}, and the run has {last} "
                    "steps: the model is not scored.")
        if run.place.is_chief:              # other processes only pause where this one scores
            self._run = run
            self._directory = directory and directory_lib.ModelDirectory(directory)

    def __call__(self, step, logs):
        del logs
        if self._run is None:
            return
        with average.averaged(self._run.model):
            scores = self._scores(step)
        if not scores:
            return
        shown = [f"{name} {value:.4f}" for name, value in list(scores.items())[:_MOST_SHOWN]]
        more = f"  and {len(scores) - _MOST_SHOWN} more" if len(scores) > _MOST_SHOWN else ""
        self._run.say(f"Scores at step {step}: {'  '.join(shown)}{more}")
        if self._directory is not None:
            _log(self._directory.scores, step, scores)
            if self._tensorboard is None:
                self._tensorboard = hooks.TensorBoardHook(
                    self.every_steps, self._directory.tensorboard, self._run.say)
            self._tensorboard(step, scores)

    def _scores(self, step):
        found = {}
        for name, metric in self._metrics.items():
            try:
                result = metric(self._run.ground_truth_data, self._run.model.representation,
                                np.random.RandomState(self._seed))
                scores = {f"{name}.{score}": float(value)
                          for score, value in scores_lib.only_scores(result).items()}
                finite = {score: value for score, value in scores.items() if math.isfinite(value)}
                why = "" if finite else "It has no finite score."
            except Exception as error:      # a score is not worth losing the run
                finite, why = {}, f"{hooks.why(error)}."
            if why:
                self._run.say(f"Warning: score_model leaves out @{name} at step {step}: {why}")
            found.update(finite)
        return found


def _log(path, step, scores):
    """Writes a line; those of an attempt that was killed after its last checkpoint go."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        lines = []
    except OSError as error:
        raise errors.UserError(f"Cannot read {path}: {error.strerror}.") from error
    kept = [line for line in lines if _stays(line, step, scores)]
    atomic.write(path, "\n".join([*kept, json.dumps({"step": step, **scores}), ""]))


def _stays(line, step, scores):
    try:
        row = json.loads(line)
        return row["step"] < step or row["step"] == step and not scores.keys() & row.keys()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return False


def _checked(metrics):
    metrics = errors.sequence("metrics", metrics)
    if not metrics:
        raise errors.InvalidArgumentError(
            "metrics", "a list of at least one metric, such as [@mig]", metrics)
    for metric in metrics:
        declared = getattr(metric, "metric", None)
        if getattr(declared, "needs", None) not in (draws.CODES, draws.FACTORS):
            raise errors.InvalidArgumentError(
                "metrics", "metrics of codes, such as [@mig, @local_mig]", metric)
    names = [metric.metric.name for metric in metrics]
    if len(set(names)) < len(names):
        raise errors.InvalidArgumentError("metrics", "different metrics", names)
    return metrics
