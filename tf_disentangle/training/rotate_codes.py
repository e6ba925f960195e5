"""A hook that rotates the latents of a model during training."""
import math

import numpy as np

from tf_disentangle import errors, rotation
from tf_disentangle.configuration import registry
from tf_disentangle.rotation import criteria, folding, moments, requirements
from tf_disentangle.training import average, loop

__all__ = ["RotateCodes"]


@registry.register("rotate_codes")
class RotateCodes(loop.Hook):
    """Rotates the latents to a sparse Jacobian at some steps; training continues from there.

    The rotation at a step is a function of the model, the step and the run's seed. It is folded
    into the trainable weights (`rotation.folding`); the optimizer's moments and any average of
    the weights are rotated along with them. A run that was killed and resumed ends with the same
    weights, bit for bit on a CPU.

    Args:
        steps: a list of steps, or a number k to rotate every k steps.
        until: the last step at which to rotate; None for the end of the run.
        criterion: see `rotation.solve`.
        num_images: number of images at which the Jacobians are taken.
    Raises:
        InvalidArgumentError: the model, or what its optimizer remembers, cannot be rotated;
            raised before the first step of the run. See `rotation.find_rotation`,
            `folding.foldable` and `moments.moments_of`.
    """

    when_stopped = False

    def __init__(self, steps=1500, until=None, criterion="l1", num_images=256):
        single = not isinstance(steps, (list, tuple))
        if not single and not steps:
            raise errors.InvalidArgumentError("steps", "a list of at least one step", steps)
        numbers = [errors.whole_number("steps", step) for step in ([steps] if single else steps)]
        super().__init__(math.gcd(*numbers))
        self._steps = None if single else set(numbers)
        self._until = until if until is None else errors.whole_number("until", until)
        self._criterion = criteria.criterion(criterion).name
        self._num_images = errors.whole_number("num_images", num_images)
        self._run = None

    def begin(self, run, directory):
        """Refuses a model that cannot be rotated, before the first step."""
        del directory
        requirements.check_rotatable(run.model)
        folding.foldable(run.model)
        moments.moments_of(run.model.optimizer)
        self._run = run
        last = run.spec.training_steps
        if not any(map(self._is_due, range(self.every_steps, last + 1, self.every_steps))):
            run.say(f"rotate_codes.steps has no step from 1 to {last}: the latents are not "
                    "rotated.")

    def _is_due(self, step):
        return (self._steps is None or step in self._steps) and (
            self._until is None or step <= self._until)

    def __call__(self, step, logs):
        del logs
        if not self._is_due(step):
            return
        run, model = self._run, self._run.model
        random_state = np.random.RandomState([run.spec.train_seed, step])
        images = run.training_data.sample_observations(self._num_images, random_state)
        try:
            found = rotation.find_rotation(model, images, self._criterion, seed=step)
        except errors.InvalidArgumentError as error:  # for example, no two latents are active yet
            run.say(f"No rotation at step {step}. {error}")
            return
        averages = average.averages(model)
        folding.fold(model, found.matrix, images, [averages] if averages else [])
        report = found.report
        run.say(f"Rotated {len(report['active_latents'])} latents at step {step}: "
                f"{self._criterion} {report['criterion_before']:.4g} to "
                f"{report['criterion_after']:.4g}.")
