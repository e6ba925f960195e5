"""How a run is carried out: precision, compilation, periods, averaging of the weights, hooks."""
import dataclasses

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.training import precision

__all__ = ["RunOptions", "make_run_options"]


@dataclasses.dataclass(frozen=True)
class RunOptions:
    """How a run is carried out.

    Args:
        mixed_precision: "float32", "mixed_bfloat16", "mixed_float16" or "auto"; see
            `training.precision`.
        jit_compile: whether XLA compiles the step; if None, only on a GPU.
        steps_per_call: the largest number of steps in one call of the traced function.
        log_every: steps between two log entries.
        checkpoint_every: steps between two checkpoints.
        keep_checkpoints: how many of the newest are kept.
        ema: decay of an exponential moving average of the weights, which the finished model
            has instead of the last ones; greater than 0 and less than 1, or None for no average.
            See `training.average`.
        hooks: what else happens during training: a sequence of `loop.Hook` objects, or of
            functions of (run, directory) that return one. They are ignored when two
            `RunOptions` are compared, because gin makes new ones for every run.
        validation_fraction: share of the images that are held out from training, greater than 0
            and less than 1. The finished model has the weights with the lowest loss of these
            images; see `training.validation`. None for no validation.
        patience: after this many evaluations without a lower loss the run ends; if None, it makes
            all its steps.
        validate_every: steps between two evaluations.
    """
    mixed_precision: str = "float32"
    jit_compile: bool | None = None
    steps_per_call: int = 20
    log_every: int = 100
    checkpoint_every: int = 1000
    keep_checkpoints: int = 3
    ema: float | None = None
    hooks: tuple = dataclasses.field(default=(), compare=False)
    validation_fraction: float | None = None
    patience: int | None = None
    validate_every: int = 200

    def __post_init__(self):
        errors.one_of("mixed_precision", self.mixed_precision, precision.PRECISIONS)
        errors.one_of("jit_compile", self.jit_compile, (None, True, False))
        for name in ("steps_per_call", "log_every", "checkpoint_every", "keep_checkpoints",
                     "validate_every"):
            errors.whole_number(name, getattr(self, name))
        if self.ema is not None and errors.number("ema", self.ema, above=0) >= 1:
            raise errors.InvalidArgumentError("ema", "None or a number less than 1", self.ema)
        self._check_validation()
        if not isinstance(self.hooks, (list, tuple)) or not all(map(callable, self.hooks)):
            raise errors.InvalidArgumentError(
                "hooks", "a list of hooks", self.hooks, "In a gin file: [@my_hook()].")
        object.__setattr__(self, "hooks", tuple(self.hooks))

    def _check_validation(self):
        fraction = self.validation_fraction
        if fraction is not None and errors.number("validation_fraction", fraction, above=0) >= 1:
            raise errors.InvalidArgumentError(
                "validation_fraction", "None or a number less than 1", fraction)
        if self.patience is not None:
            errors.whole_number("patience", self.patience)
            if fraction is None:
                raise errors.InvalidArgumentError(
                    "patience", "None without images to evaluate", self.patience,
                    "Set train.validation_fraction, for example to 0.1, too.")


@registry.slot("train")
def make_run_options(mixed_precision="float32", jit_compile=None, steps_per_call=20,
                     log_every=100, checkpoint_every=1000, keep_checkpoints=3, ema=None,
                     hooks=(), validation_fraction=None, patience=None, validate_every=200):
    """`RunOptions` with the values that a gin file binds to `train`."""
    return RunOptions(mixed_precision, jit_compile, steps_per_call, log_every,
                      checkpoint_every, keep_checkpoints, ema, hooks, validation_fraction,
                      patience, validate_every)
