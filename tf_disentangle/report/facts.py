"""What the files of a run say about it, without its model: settings, losses, times."""
import json
import pathlib
import re
import shlex
import typing
import zipfile

from tf_disentangle import errors, json_files, progress_line
from tf_disentangle.configuration import gin_text
from tf_disentangle.runs import directory as directory_lib
from tf_disentangle.runs import losses as losses_lib
from tf_disentangle.runs import origin, results, scores, settings

__all__ = ["Facts", "facts_of"]

_REFERENCE = re.compile(r"@(?:[\w/]+\.)*(\w+)")
_MOST_VALUES = 6
# The results of training that the page shows, and their types.
_KINDS = {"global_step": int, "elapsed_time": (int, float), "loss": (int, float),
          "data_description": str, "stopped_early": bool, "stopped_because": str,
          "best_step": int, "validation_loss": (int, float), "init_from": str}


class Facts(typing.NamedTuple):
    """What the files of a run say about it.

    Attributes:
        name: the directory's own name.
        sentence: what was trained, in words.
        rows: list of (name, value), strings.
        command: the command that trains the same model again.
        config: gin text.
        losses: dictionary, term -> list of (step, value).
        scored: dictionary, score during training -> list of (step, value).
        missing: sentences about what could not be read.
        terms: name of a penalty -> its setting in words.
        data_set: name of the data set, or "".
        held_out: as `losses`, of observations that were held out.
    """

    name: str
    sentence: str
    rows: list
    command: str
    config: str
    losses: dict
    scored: dict
    missing: list
    terms: dict
    data_set: str
    held_out: dict


def facts_of(model_dir):
    """The `Facts` of a run.

    Args:
        model_dir: directory of a run, finished or not.
    Raises:
        UserError: there is no run.
    """
    directory = directory_lib.ModelDirectory(model_dir)
    if not (directory.config.is_file() or directory.train_results.is_file()):
        raise errors.UserError(
            f"There is no run in {model_dir}: neither {directory.config.name} nor results. Give "
            "--model_dir a directory that bin/train has written.")
    missing = []
    config = _config(directory, missing)
    values = _settings(directory, config, missing)
    final = _results(directory, missing)
    if initial := origin.initial_of(directory.path):
        final.setdefault("init_from", initial["place"])    # until the run has finished
    setup = _Setup(values, _bound(config))
    losses, scored, held_out = (_logged(path, missing) for path in (
        directory.losses, directory.scores, directory.validation))
    steps = final.get("global_step", max((points[-1][0] for points in losses.values()), default=0))
    rows = setup.rows(steps, final) + _of_file(directory.model)
    return Facts(pathlib.Path(model_dir).resolve().name, setup.sentence(steps, final), rows,
                 _command(directory), config, losses, scored, missing, setup.penalties(),
                 setup.data_set, held_out)


def _logged(path, missing):
    """The values in a log; a sentence in `missing` counts its damaged lines."""
    found, num_damaged = losses_lib.read(path)
    if num_damaged:
        missing.append(f"Damaged lines of {path.name} are left out: {num_damaged}.")
    return found


def _config(directory, missing):
    try:
        return directory.config.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        missing.append(f"{directory.config.name} cannot be read: "
                       f"{getattr(error, 'strerror', None) or error}.")
        return ""


def _settings(directory, config, missing):
    """The settings that the run used or, before it has finished, those that it was given."""
    try:
        if results.config_path(directory.path, results.TRAIN).is_file():
            return settings.settings_of(directory.path)
    except errors.UserError as error:
        missing.append(str(error))
    try:
        return gin_text.values(gin_text.gin_dict(config))
    except (errors.UserError, RecursionError):
        missing.append(f"{directory.config.name} is damaged, so settings are not shown.")
        return {}


def _bound(config):
    """The names of parameters that gin text binds."""
    try:
        return set(gin_text.gin_dict(config))
    except (errors.UserError, RecursionError):
        return set()


def _results(directory, missing):
    if not directory.train_results.is_file():
        missing.append("The run has not finished: this page shows what there is so far.")
        return {}
    try:
        final = json_files.load_object(directory.train_results)
    except errors.UserError as error:
        missing.append(str(error))
        return {}
    wrong = [name for name, kind in _KINDS.items() if name in final
             and not (isinstance(final[name], kind) and (
                 kind is str or scores.is_plausible(final[name])))]
    if wrong:
        missing.append(f"{directory.train_results} is damaged: {', '.join(wrong)} left out.")
    return {name: value for name, value in final.items() if name not in wrong}


def _command(directory):
    initial = origin.initial_of(directory.path)
    flags = {"--gin_file": str(directory.config),
             **({"--init_from": initial["place"]} if initial else {}),
             "--model_dir": f"{directory.path}_again"}
    return " ".join(["bin/train", *(f"{flag} {shlex.quote(value)}"
                                    for flag, value in flags.items())])


def _of_file(path):
    """Rows about the model's file: Keras notes in it when and by which version it was saved."""
    try:
        with zipfile.ZipFile(path) as archive:
            noted = json.loads(archive.read("metadata.json"))
        return [("Saved", str(noted["date_saved"]).replace("@", " ")),
                ("Keras", str(noted["keras_version"]))]
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return []


class _Setup:
    """The settings of a run, in words."""

    def __init__(self, values, bound):
        self._values, self._bound = values, bound

    def _get(self, name, otherwise=""):
        return self._values.get(name, otherwise)

    def _names(self, setting):
        """Names of the parts that a setting refers to."""
        return _REFERENCE.findall(str(self._get(setting)))

    def _described(self, name):
        """A part, such as "vae (beta = 4.0)", with the plain parameters that gin files bind."""
        plain = [f"{key.rpartition('.')[2]} = {value}" for key, value in self._values.items()
                 if key.rpartition(".")[0] == name and key in self._bound
                 and isinstance(value, (int, float, str))
                 and not isinstance(value, gin_text.Reference) and value != ""]
        return f"{name} ({', '.join(plain[:_MOST_VALUES])})" if plain else name

    def _parts(self, setting, otherwise=""):
        return ", ".join(map(self._described, self._names(setting))) or otherwise

    @property
    def _method(self):
        return (self._names("model.model") or ["vae"])[0]

    @property
    def data_set(self):
        """Name of the data set; "" if the settings do not say."""
        return str(self._get("dataset.name"))

    def penalties(self):
        """Name of each penalty -> its setting in words."""
        return {self._get(f"{name}.name") or name: self._described(name)
                for name in self._names(f"{self._method}.penalties")}

    def _estimators(self):
        found = {}
        for name in self._names(f"{self._method}.penalties"):
            for estimator in self._names(f"{name}.estimator"):
                inner = self._names(f"{estimator}.estimator")
                found[" of ".join(map(self._described, [estimator, *inner]))] = None
        return ", ".join(found)

    def _data_in_words(self):
        """The data set and, if it is the user's own, its file or folder."""
        path = self._get(f"{self.data_set}.path")
        named = f" {pathlib.PurePath(path).name}" if path and isinstance(path, str) else ""
        return (self.data_set or "data that the run does not name") + named

    def sentence(self, steps, final):
        """What was trained, in a few sentences."""
        latents, size = self._get("encoder.num_latent"), self._get("model.batch_size")
        text = f"This model ({self._method}) "
        text += f"has {latents} latents and " if latents else ""
        text += f"was trained on {self._data_in_words()}"
        text += f" for {steps:,} steps" if isinstance(steps, int) else ""
        text += f" of {size} observations" if size else ""
        text += f", starting from the weights of {final['init_from']}." if (
            "init_from" in final) else "."
        if prior := self._parts(f"{self._method}.prior"):
            text += f" Its prior is {prior}."
        if penalties := self.penalties():
            text += f" Its loss has a term of its own: {', '.join(penalties)}." if (
                len(penalties) == 1) else f" Its loss has further terms: {', '.join(penalties)}."
        if "loss" in final:
            text += f" At the end the loss was {final['loss']:.4g}."
        return text

    def rows(self, steps, final):
        """The table of what was trained; rows without a value are left out."""
        planned = self._get("model.training_steps")
        seconds = final.get("elapsed_time")
        rows = [
            ("Method", self._described(self._method)),
            ("Penalties", ", ".join(self.penalties().values()) or "none"),
            ("Estimator of the Jacobian", self._estimators()),
            ("Prior", self._parts(f"{self._method}.prior", "standard normal")),
            ("Reconstruction loss", self._parts("reconstruction_loss.loss_fn")),
            ("Encoder", self._parts("encoder.encoder_fn")),
            ("Decoder", self._parts("decoder.decoder_fn")),
            ("Latents", self._get("encoder.num_latent")),
            ("Data set", self._described(str(self._get("dataset.name")))),
            ("Data", final.get("data_description", "")),
            ("Steps", f"{steps:,} of {planned:,}" if isinstance(planned, int) else f"{steps:,}"),
            *_ending(final), ("Started from", final.get("init_from", "")),
            ("Batch size", self._get("model.batch_size")),
            ("Seed", self._get("model.random_seed")),
            ("Optimizer", self._parts("vae_optimizer.optimizer_fn")),
            ("Time of training", progress_line.duration(seconds) if seconds else "")]
        return [(name, str(value)) for name, value in rows if str(value)]


def _ending(final):
    """Rows about a run that held observations out: why it stopped, and which weights it has."""
    if final.get("stopped_early"):
        yield "Stopped early", final.get("stopped_because", "")
    if "validation_loss" in final:
        yield "Weights", (f"of step {final.get('best_step', 0):,}, with the lowest loss of "
                          f"held-out observations ({final['validation_loss']:.4g})")
