"""Sparse codes: an L1 penalty on them, for any model."""
import tensorflow as tf

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.penalties import penalty

__all__ = ["CodeL1"]

_CODES = ("z_mean", "z")


@registry.part("code_l1")
class CodeL1(penalty.Penalty):
    """mean{ sum{ |code[b, l]| : l } : b }.

    Args:
        weight, annealing_steps, name, start_step: see `Penalty`.
        codes: "z_mean", the means of the posteriors, or "z", samples from them.
    """
    default_name = "code_l1"

    def __init__(self, weight=1.0, codes="z_mean", annealing_steps=0, name=None, start_step=0):
        super().__init__(weight, annealing_steps, name, start_step)
        self.codes = errors.one_of("codes", codes, _CODES)

    def value(self, model, outputs, seed):
        del model, seed
        codes = outputs.z_mean if self.codes == "z_mean" else outputs.z
        return tf.reduce_mean(tf.reduce_sum(tf.abs(codes), axis=1))

    def get_config(self):
        return {**super().get_config(), "codes": self.codes}
