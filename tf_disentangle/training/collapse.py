"""A line about a run whose posteriors have collapsed: its codes say nothing about the images."""
from tf_disentangle.training import loop

__all__ = ["CollapseLine"]

# Nats of all latents together. Codes carry less information about images than the KL. A latent with
# this KL has means whose standard deviation is at most 0.3, where the prior's is 1.
_SMALLEST_KL = 0.05

# Many models have hardly any KL at first and use their latents later, so the line appears after
# this share of the steps, or at the end.
_SHARE = 0.1


class CollapseLine(loop.Hook):
    """Says once that the KL has been close to 0 for a tenth of a run, or is at its end.

    While a weight still changes, before `BaseVAE.annealed_from`, nothing is said but at the end.

    Args:
        every_steps: period.
        model: the `BaseVAE` that trains.
        last_step: the step at which the run ends.
        say: called with the line.
        start_step: step that the run resumes from.
    """

    def __init__(self, every_steps, model, last_step, say, start_step=0):
        super().__init__(every_steps)
        self._advice, self._last_step, self._say = model.against_collapse, last_step, say
        self._annealed_from, self._was_said = model.annealed_from, False
        self._alive_at = max(start_step, self._annealed_from)

    def __call__(self, step, logs):
        kl = logs["kl_loss"]
        if kl >= _SMALLEST_KL:
            self._alive_at = max(step, self._annealed_from)
            return
        is_late = step == self._last_step or step - self._alive_at > _SHARE * self._last_step
        if is_late and not self._was_said:
            self._was_said = True
            self._say(f"All latents are inactive: KL {kl:.2g} nats; {self._advice}.")
