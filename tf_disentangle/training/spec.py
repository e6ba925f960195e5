"""What identifies a run, as a value: two runs with equal specs end with the same weights."""
import dataclasses
import re

import numpy as np

from tf_disentangle import data, errors
from tf_disentangle.configuration import gin_text
from tf_disentangle.training import options as options_lib

__all__ = ["RunSpec", "seeds"]


def seeds(random_seed):
    """Seeds of training data, evaluation data (both disentanglement_lib's) and noise."""
    seed = errors.whole_number("random_seed", random_seed, 0, 2**32 - 1)
    random_state = np.random.RandomState(seed)
    return [random_state.randint(2**32, dtype=np.uint32).item() for _ in range(3)]


@dataclasses.dataclass(frozen=True)
class RunSpec:
    """A run: a value that can be compared, hashed, changed, and written as gin text.

    The model and the data set are not part of it: gin makes them from `config_text`, and Python
    code passes them separately. Hooks in `options` are not compared, for the same reason.

    Args:
        training_steps: number of updates.
        batch_size: images per update.
        random_seed: seed of weights, data and noise, at least 0 and less than 2**32.
        eval_steps: number of batches of fresh images that the final losses are averaged over.
        sampling: "independent" batches, or those of "epochs"; see `data.sampling`.
        options: `RunOptions`.
        config_text: gin text that identifies the run's configuration, without `include`.
    """
    training_steps: int = 300000
    batch_size: int = 64
    random_seed: int = 0
    eval_steps: int = 1000
    sampling: str = "independent"
    options: options_lib.RunOptions = options_lib.RunOptions()
    config_text: str = ""

    def __post_init__(self):
        errors.one_of("sampling", self.sampling, data.sampling.SAMPLINGS)
        errors.instance("options", self.options, options_lib.RunOptions)
        seeds(self.random_seed)
        for name, minimum in (("training_steps", 1), ("batch_size", 1), ("eval_steps", 1),
                              ("random_seed", 0)):
            # NumPy integers become Python's, so that equal specs give the same gin text.
            value = errors.whole_number(name, getattr(self, name), minimum)
            object.__setattr__(self, name, value)

    @property
    def train_seed(self):
        """Seed of the training batches."""
        return seeds(self.random_seed)[0]

    @property
    def eval_seed(self):
        """Seed of the batches that the final losses are computed on."""
        return seeds(self.random_seed)[1]

    @property
    def noise_seed(self):
        """Seed of the model's noise."""
        return seeds(self.random_seed)[2]

    @classmethod
    def from_gin(cls, config_text):
        """The spec of a run configured by gin text, such as that of its `config.gin`.

        Values bound to `model` and `train` are read, with macros resolved; nothing is imported,
        and `options.hooks` stays empty until gin makes the hooks.

        Raises:
            InvalidArgumentError: the text is not gin, includes other files, or has a value that
                is out of range or not a literal.
        """
        if re.search(r"^include\s", config_text, re.MULTILINE):
            raise errors.InvalidArgumentError(
                "config_text", "gin text without `include`", config_text.strip().splitlines()[0],
                "The config.gin of a run contains everything.")
        settings = gin_text.gin_dict(config_text)
        return cls(**_values("model", _FIELDS, settings), config_text=config_text,
                   options=options_lib.RunOptions(**_values("train", _OPTIONS, settings)))

    def gin_text(self):
        """`config_text`, updated to match the spec's fields.

        `from_gin` reads all fields from it, and gin makes the model and the data set from it.
        """
        before, now = RunSpec.from_gin(self.config_text)._bindings(), self._bindings()
        changed = {key: repr(value) for key, value in now.items() if value != before[key]}
        if not changed:
            return self.config_text
        imports = re.findall(r"^(?:import|from) .*", self.config_text, re.MULTILINE)
        bindings = {**gin_text.gin_dict(self.config_text), **changed}
        return "\n".join([*imports, *map(" = ".join, bindings.items()), ""])

    def changed(self, **fields):
        """The spec with new values for some fields, also in `config_text`."""
        other = dataclasses.replace(self, **fields)
        return dataclasses.replace(other, config_text=other.gin_text())

    def _bindings(self):
        return {**{f"model.{name}": getattr(self, name) for name in _FIELDS},
                **{f"train.{name}": getattr(self.options, name) for name in _OPTIONS}}


def _names(cls, *left_out):
    return [field.name for field in dataclasses.fields(cls) if field.name not in left_out]


# The fields that gin binds under `model` and `train`.
_FIELDS = _names(RunSpec, "options", "config_text")
_OPTIONS = _names(options_lib.RunOptions, "hooks")


def _values(configurable, names, settings):
    """The parameter values of a configurable that gin text states."""
    found = {}
    for key, value in gin_text.values(settings).items():
        *_, owner, name = f".{key}".split(".")
        if owner == configurable and name in names:
            if isinstance(value, gin_text.Reference):
                raise errors.InvalidArgumentError(
                    key, "a literal value, or a macro for one", settings[key])
            found[name] = value
    return found
