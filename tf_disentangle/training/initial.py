"""The weights that a run starts from, if they are those of another run.

Encoder and decoder must be the same networks. Of the other parts with weights (a learned prior, the
scale of a likelihood, a discriminator), those that both models have are taken over, too. The run is
new in all else: it is at step 0 and has its own optimizer.
"""
import functools
import os

from tf_disentangle import errors, pretrained, trained
from tf_disentangle.pretrained import library
from tf_disentangle.runs import directory as directory_lib

__all__ = ["Initial", "initial"]

_FIX = "Train the same networks on observations of the same shape, or leave out --init_from."


def initial(init_from):
    """The `Initial` of the directory of a run, or of "pretrained:<name>"; None for None."""
    return None if init_from is None else Initial(init_from)


class Initial:
    """The model of a finished run, whose weights another run starts from.

    Args:
        init_from: directory of the run, or "pretrained:<name>".
    Attributes:
        name: `init_from` as it was given.
        place: where it is: an absolute path, or "pretrained:<name>".
    Raises:
        UserError: there is no such pretrained model.
    """

    def __init__(self, init_from):
        own = library.name_in(init_from)
        if own is not None and own not in (known := pretrained.names()):
            raise errors.UserError(f"There is no pretrained model {own!r}, which --init_from "
                                   f"names. {errors.nearest(own, known)}")
        self._directory = directory_lib.ModelDirectory(
            library.folder_of(own) if own else errors.path("init_from", init_from))
        self.name = str(init_from)
        self.place = self.name if own else os.path.abspath(self._directory.path)

    def is_at(self, model_dir):
        """Whether a directory is the one of these weights."""
        return os.path.realpath(self._directory.path) == os.path.realpath(model_dir)

    @functools.cached_property
    def sha256(self):
        """The hash of the model's file."""
        if not self._directory.model.is_file():
            raise errors.UserError(f"There is no model.keras in {self.name}, which --init_from "
                                   "names. Give the directory of a finished run, or one of "
                                   + ", ".join(library.PREFIX + name
                                               for name in pretrained.names()) + ".")
        return library.sha256(self._directory.model)

    def note(self):
        """What `origin.json` of the new run says of it."""
        return {"place": self.place, "sha256": self.sha256}

    def give_to(self, model):
        """Copies the weights to a model that is built.

        Args:
            model: a `BaseVAE`.
        Returns:
            a sentence that says what was copied.
        Raises:
            InvalidArgumentError: the models have different networks; nothing was copied.
        """
        source = trained.load_model(self._directory.path)
        self._check_same("observations", source.observation_shape, model.observation_shape)
        for part in ("encoder", "decoder"):
            self._check_network(part, getattr(source, part), getattr(model, part))
        pairs = [pair for part in ("encoder", "decoder") for pair in zip(
            getattr(source, part).variables, getattr(model, part).variables)]
        more = _pairs_of_other_parts(source, model)
        for theirs, ours in [*pairs, *more]:
            ours.assign(theirs)
        count = sum(int(theirs.value.shape.num_elements()) for theirs, _ in [*pairs, *more])
        return f"Starting from the {count:,} weights of {self.name}."

    def _check_network(self, part, theirs, ours):
        there, here = _described(theirs), _described(ours)
        for number, (one, other) in enumerate(zip(there, here), start=1):
            self._check_same(f"{part}, layer {number}", one, other)
        self._check_same(f"{part}, number of layers", len(there), len(here))

    def _check_same(self, what, there, here):
        if there != here:
            raise errors.InvalidArgumentError(
                "init_from", f"a run with the networks that are to be trained ({what}: {here})",
                self.name, f"It has {there}. {_FIX}")


def _described(network):
    """The layers of a network, one string each, as far as its function depends on them."""
    found = []
    for layer in network.layers:
        config = layer.get_config()
        details = [str(config[name]) for name in ("activation", "strides", "padding",
                                                  "negative_slope") if config.get(name)]
        shapes = ["x".join(map(str, variable.shape)) for variable in layer.variables]
        found.append(" ".join([type(layer).__name__, *details, *shapes]))
    return found


def _pairs_of_other_parts(source, model):
    """Variables of the source and the model beside encoder and decoder, of parts that agree."""
    pairs = []
    for name in ("prior", "discriminator"):
        parts = [getattr(each, name, None) for each in (source, model)]
        variables = [part.variables if part is not None else [] for part in parts]
        shapes = [[tuple(variable.shape) for variable in each] for each in variables]
        if type(parts[0]) is type(parts[1]) and shapes[0] == shapes[1]:
            pairs += zip(*variables)
    own = {variable.name: variable for variable in source.variables
           if variable.path.count("/") == 1 and variable.name != "step"}
    return pairs + [(own[variable.name], variable) for variable in model.variables
                    if variable.path.count("/") == 1 and variable.name in own
                    and own[variable.name].shape == variable.shape]
