"""Early stopping: the loss of held-out images, the weights where it was lowest, and when to end.

The state is a function of the steps made, and each checkpoint holds it; a run that is killed and
resumed stops at the same step with the same weights, bit for bit on a CPU.
"""
import dataclasses

import numpy as np
import tensorflow as tf

from tf_disentangle.training import average, loop

__all__ = ["Best", "Validation"]

# At most this many of the held-out images are evaluated.
_MOST_IMAGES = 1024


@dataclasses.dataclass
class Best:
    """What validation has found so far.

    Attributes:
        step: the step of the lowest loss; 0 if none counts yet.
        loss: that loss.
        num_worse: number of evaluations since then.
        weights: list of arrays, the model's variables at that step.
    """
    step: int = 0
    loss: float = float("inf")
    num_worse: int = 0
    weights: list = dataclasses.field(default_factory=list)

    def arrays(self):
        """All of it as named arrays, for a checkpoint."""
        numbers = np.array([self.step, self.loss, self.num_worse], np.float64)
        return {"numbers": numbers, **{f"weight_{i}": weight
                                       for i, weight in enumerate(self.weights)}}

    @classmethod
    def from_arrays(cls, arrays):
        """The `Best` that `arrays` described; an empty one if there are none."""
        if not arrays:
            return cls()
        step, loss, num_worse = arrays["numbers"].tolist()
        weights = [arrays[f"weight_{i}"] for i in range(len(arrays) - 1)]
        return cls(int(step), loss, int(num_worse), weights)


class Validation(loop.Hook):
    """Evaluates held-out images, keeps the best weights, and ends a run that improves no more.

    The loss is the whole loss of the model, penalties included, with the averaged weights if the
    run keeps an average. Noise and images are the same each time. Evaluations count once the
    weights of all terms have their final values (`BaseVAE.settled_from`), because earlier losses
    cannot be compared with later ones.

    Args:
        options: `RunOptions`.
        model: the `BaseVAE` that trains, built and compiled.
        held_out: `data.held_out.Part`.
        batch_size: smallest number of images per batch of an evaluation, if there are enough.
        best: `Best` of the steps before.
        log: `hooks.LossLog` of the mean terms; or None.
    """

    when_stopped = False

    def __init__(self, options, model, held_out, batch_size, best, log=None):
        super().__init__(options.validate_every)
        self.best, self._patience = best, options.patience
        self._model, self.log = model, log
        number = min(held_out.num_observations, _MOST_IMAGES)
        images = held_out.observations_at(np.arange(number), np.random.RandomState(0))
        self._batches = np.array_split(np.asarray(images, np.float32),
                                       max(1, number // batch_size))
        self._terms = tf.function(model.loss_terms, reduce_retracing=True)
        self._evaluate()                    # so that its errors come before the first step

    @property
    def is_over(self):
        """Whether as many evaluations as `patience` have passed without a lower loss."""
        return self._patience is not None and self.best.num_worse >= self._patience

    def __call__(self, step, logs):
        del logs
        with average.averaged(self._model):
            terms = self._evaluate()
            if self.log is not None:
                self.log(step, terms)
            if step >= self._model.settled_from:
                if terms["loss"] < self.best.loss:
                    self.best = Best(step, terms["loss"], 0,
                                     [variable.numpy() for variable in _variables(self._model)])
                else:
                    self.best.num_worse += 1

    def _evaluate(self):
        """Mean terms of the held-out images."""
        rows = [self._terms(tf.constant(images), draw=tf.constant(draw, tf.int64))
                for draw, images in enumerate(self._batches)]
        sizes = [len(images) for images in self._batches]
        return {name: float(np.average([row[name] for row in rows], weights=sizes))
                for name in rows[0]}

    def arrays(self):
        """What a checkpoint keeps of it; see `Best.arrays`."""
        return self.best.arrays()

    def use_best(self):
        """Gives the model the best weights, if an evaluation counts."""
        for variable, value in zip(_variables(self._model), self.best.weights):
            variable.assign(value)

    def results(self, step):
        """What the results say about it, for a run that has ended at a step."""
        because = (f"no lower validation loss in {self.best.num_worse} evaluations, one every "
                   f"{self.every_steps} steps" if self.is_over else "all steps were made")
        found = {"best_step": self.best.step, "validation_loss": self.best.loss}
        return {**(found if self.best.step else {"best_step": step}),
                "stopped_early": self.is_over, "stopped_because": because}

    def line(self, step):
        """One line about it, for a run that has ended at a step."""
        if not self.best.step:
            return (f"No evaluation counts, because the weights of the loss change up to step "
                    f"{self._model.settled_from}: the model has the last weights.")
        ended = f"Stopped early at step {step}: {self.results(step)['stopped_because']}. "
        return (f"{ended * self.is_over}The model has the weights of step {self.best.step}, which "
                f"have the lowest validation loss, {self.best.loss:.4g}.")


def _variables(model):
    """All variables but the step, which counts on."""
    return [variable for variable in model.weights if variable is not model.step]
