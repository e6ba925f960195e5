"""A line about a run whose posteriors have collapsed: its codes say nothing about the images."""
from tf_disentangle.training import loop

__all__ = ["CollapseLine"]

# Nats of all latents together. The information that codes have of images is less than the KL, and
# a latent with as much has a standard deviation of its means of 0.3 at most, of 1 in the prior.
_SMALLEST_KL = 0.05

# Many models have hardly a KL at first and find their latents later: it is said at the end, or
# after this share of the steps.
_SHARE = 0.1


class CollapseLine(loop.Hook):
    """Says once that the KL has been close to 0 for a tenth of a run, or is so at its end.

    Nothing is said before `BaseVAE.annealed_from`, while a weight still changes.

    Args:
        every_steps: period.
        model: the `BaseVAE` that trains.
        last_step: the step at which the run ends.
        say: called with the line.
        start_step: step that the run goes on from.
    """

    def __init__(self, every_steps, model, last_step, say, start_step=0):
        super().__init__(every_steps)
        self._advice, self._last_step, self._say = model.against_collapse, last_step, say
        self._annealed_from, self._was_said = model.annealed_from, False
        self._alive_at = max(start_step, self._annealed_from)

    def __call__(self, step, logs):
        kl = logs["kl_loss"]
        if step <= self._annealed_from or kl >= _SMALLEST_KL:
            self._alive_at = max(step, self._annealed_from)
            return
        is_late = step == self._last_step or step - self._alive_at > _SHARE * self._last_step
        if is_late and not self._was_said:
            self._was_said = True
            self._say(f"All latents are inactive: KL {kl:.2g} nats; {self._advice}.")
