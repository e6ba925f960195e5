"""Any distribution of TensorFlow Probability as a prior."""
import inspect

import keras
import tensorflow_probability as tfp

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.priors import divergences, prior

__all__ = ["DistributionPrior", "as_prior"]

tfd = tfp.distributions

_WAY_TO_SAVE = ("Pass a function from num_latent to the distribution, decorated with "
                "@keras.saving.register_keras_serializable().")


def as_prior(value):
    """`value` as a `Prior`; None stays None.

    Args:
        value: `Prior`, or a `tfd.Distribution`, which `DistributionPrior` wraps.
    Raises:
        InvalidArgumentError: anything else.
    """
    if isinstance(value, tfd.Distribution):
        return DistributionPrior(value, name="prior")
    return value if value is None else errors.instance("prior", value, prior.Prior)


@registry.part("distribution_prior")
class DistributionPrior(prior.Prior):
    """A distribution with event shape `[num_latent]`, or batch shape `[num_latent]` of numbers.

    It is not trainable, because a variable inside a distribution would not be found; write a
    `Prior` subclass to train one.

    Args:
        distribution: `tfd.Distribution`, or a function called with `num_latent` that returns
            one (in a gin file: @name, without brackets). To save the model, register the function
            with `keras.saving.register_keras_serializable`, so that it can be found by name.
        arguments: dictionary of further keyword arguments for the function, saved with it.
        kl_mode, num_samples: see `Prior`.
    """

    def __init__(self, distribution, arguments=None, **kwargs):
        super().__init__(**kwargs)
        if not isinstance(distribution, tfd.Distribution):
            errors.function("distribution", distribution)
        self._given = _Untracked(distribution)
        if arguments is not None and not (isinstance(arguments, dict) and all(
                isinstance(name, str) for name in arguments)):
            raise errors.InvalidArgumentError("arguments", "a dictionary of keyword arguments",
                                              arguments)
        self.arguments = dict(arguments or {})
        if self.arguments and isinstance(distribution, tfd.Distribution):
            raise errors.InvalidArgumentError(
                "arguments", "None beside a distribution that is made already",
                self.arguments)

    def make_variables(self):
        made = self.distribution()
        if made.trainable_variables:
            raise errors.InvalidArgumentError(
                "distribution", "a distribution without variables: they would not be trained",
                divergences.describe(made), "Write a Prior whose variables are made with "
                "add_weight in `make_variables`.")
        if made.dtype != self.variable_dtype:
            raise errors.InvalidArgumentError(
                "distribution", f"a distribution of {self.variable_dtype}, as the codes are",
                f"{divergences.describe(made)} of {made.dtype.name}")

    def distribution(self):
        made = self._given.value
        if not isinstance(made, tfd.Distribution):
            made = self._made(made)
        if not isinstance(made, tfd.Distribution):
            raise errors.InvalidArgumentError(
                "distribution", "a function that returns a tfd.Distribution", made)
        if made.batch_shape == [self.num_latent] and made.event_shape == []:
            return tfd.Independent(made, 1)
        return made

    def _made(self, function):
        try:
            return function(self.num_latent, **self.arguments)
        except (TypeError, ValueError) as error:
            raise errors.InvalidArgumentError(
                "distribution", "a function of num_latent and `arguments`", function,
                f"It says: {' '.join(str(error).split())}") from error

    def get_config(self):
        return {**super().get_config(), "distribution": self._registered_name(),
                "arguments": dict(self.arguments)}

    def _registered_name(self):
        given = self._given.value
        function = inspect.unwrap(given) if callable(given) else given
        name = "" if isinstance(given, tfd.Distribution) else (
            keras.saving.get_registered_name(function))
        if not name or keras.saving.get_registered_object(name) is not function:
            raise errors.InvalidArgumentError(
                "distribution", "something that can be saved", given, _WAY_TO_SAVE)
        parameters = list(inspect.signature(function).parameters)[1:]
        unsaved = sorted(set(parameters) - set(self.arguments))
        if function is not given and unsaved:
            # Values that a gin file binds to the function itself would be lost.
            raise errors.InvalidArgumentError(
                "arguments", f"values of {', '.join(unsaved)}, to be saved with the prior",
                self.arguments, f"Bind them as distribution_prior.arguments = {{'"
                f"{unsaved[0]}': ...}}.")
        return name

    @classmethod
    def from_config(cls, config):
        """The prior that `get_config` described."""
        function = keras.saving.get_registered_object(config["distribution"])
        if function is None:
            raise errors.InvalidArgumentError(
                "distribution", "the name of a registered function", config["distribution"],
                "Import the module that registers it first.")
        return cls(**{**config, "distribution": function})


class _Untracked:
    """Keeps Keras from looking for variables in the object it holds."""

    def __init__(self, value):
        self.value = value
