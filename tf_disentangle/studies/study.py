"""A study as a value: which runs, what each is scored by, what is compared and drawn."""
import bisect
import collections.abc
import dataclasses
import functools
import itertools

from tf_disentangle import errors
from tf_disentangle.studies import names, requirements, selection, sweeps

__all__ = ["METHOD", "SEED", "Run", "Runs", "Setting", "Study"]

# Columns of a run's settings that are not parameters.
METHOD, SEED = "method", "seed"
_MOST_SEEDS = 10**6
_KEYS_OF_METHOD = (METHOD, "files", "metrics", "seeds")
# Keys of a figure: those that it must have, and the others.
_KEYS_OF_CURVE, _KEYS_OF_BOX = (("x", "y"), ("by", "only")), (("y",), ("by", "only"))


@dataclasses.dataclass(frozen=True)
class Setting:
    """What runs that differ only in the seed have in common.

    Args:
        values: dictionary, column such as "method" or "vae.beta" -> value.
        swept: the part of `values` that is swept, which names the runs.
        files: gin files, later ones win.
        bindings: gin bindings without that of the seed.
        metrics: names or gin files of metrics.
        seeds: those of its runs.
    """
    values: dict
    swept: dict
    files: tuple
    bindings: tuple
    metrics: tuple
    seeds: tuple


@dataclasses.dataclass(frozen=True)
class Run:
    """One run of a study.

    Args:
        number: its place among the study's runs.
        setting_number: the place of its setting among the study's settings.
        setting: `Setting`.
        seed: `model.random_seed`.
    """
    number: int
    setting_number: int
    setting: Setting
    seed: int

    @property
    def name(self):
        """The name of its directory."""
        return names.directory_name(self.setting.values.get(METHOD, ""), self.setting.swept,
                                    self.seed)

    @property
    def values(self):
        """Column -> value, the seed included."""
        return {**self.setting.values, SEED: self.seed}

    @property
    def bindings(self):
        """Gin bindings, as strings."""
        return (*self.setting.bindings, f"{requirements.SEED_PARAMETER} = {self.seed}")


class Runs(collections.abc.Sequence):
    """The runs of a study, each made when it is asked for; seeds change fastest."""

    def __init__(self, settings):
        self._settings = settings
        # The number of the first run of each setting, and that of all runs.
        self._begins = [0, *itertools.accumulate(len(setting.seeds) for setting in settings)]

    def __len__(self):
        return self._begins[-1]

    def __getitem__(self, number):
        if isinstance(number, slice):
            return [self[index] for index in range(*number.indices(len(self)))]
        number = range(len(self))[number]
        place = bisect.bisect_right(self._begins, number) - 1
        setting = self._settings[place]
        return Run(number, place, setting, setting.seeds[number - self._begins[place]])

    def first_of_each(self):
        """The first run of each setting, a list."""
        return [self[number] for number in self._begins[:-1]]


@dataclasses.dataclass(frozen=True)
class Study:
    """A study: runs of every method, in every setting of a sweep, with every seed.

    Args:
        name: name of the study.
        base: gin file, or list of them, that every run starts from.
        bindings: gin bindings that hold for every run, a list of strings.
        sweep: parameter -> list of values, all combinations of which are run; names joined by
            commas share a list of lists. Or a list of settings, as `sweeps` makes them.
        methods: list of dictionaries, each with what is special about a method: "method" (its
            name), "files" (gin files that come after `base`), "metrics" and "seeds" (instead of
            the study's), and parameters, swept if the value is a list.
        seeds: number of seeds, which are then 0, 1, ..., or a list of them.
        metrics: names or gin files of metrics, for `bin/evaluate --metrics`.
        postprocessing: names of gin files in `gin_configs/postprocess`. Each representation is
            scored by all metrics; if empty, only the posterior's mean is.
        metric_bindings: gin bindings that hold for every metric, a list of strings.
        metric_seed: seed from which every metric gets one of its own, as in
            disentanglement_lib's `dlib_reproduce`; None for the metrics' own seeds.
        within: columns, such as "dataset.name", each value of which has its own tables and tests.
        compare_with: the setting that all others are tested against, such as "vae.beta = 4", or a
            list of such conditions.
        curves: list of dictionaries: "x" (a numeric column, a score, or a pattern of scores with
            a * for the number), "y" (a score), and, if needed, "by" (a column with a curve for
            each value) and "only" (conditions on the runs).
        boxes: list of dictionaries for box plots: "y" (a score), "by" (a column) and "only".
    """
    name: str
    base: tuple = ()
    bindings: tuple = ()
    sweep: dict | tuple = dataclasses.field(default_factory=dict)
    methods: tuple = ()
    seeds: int | tuple = 1
    metrics: tuple = ()
    postprocessing: tuple = ()
    metric_bindings: tuple = ()
    metric_seed: int | None = None
    within: tuple = ()
    compare_with: tuple = ()
    curves: tuple = ()
    boxes: tuple = ()

    def __post_init__(self):
        if errors.name("name", self.name) in (None, ".", ".."):  # it names a directory
            raise errors.InvalidArgumentError("name", "the name of a directory", self.name)
        for name in ("base", "bindings", "metrics", "postprocessing", "metric_bindings", "within",
                     "compare_with"):
            object.__setattr__(self, name, _strings(f"study.{name}", getattr(self, name)))
        object.__setattr__(self, "seeds", _seeds("study.seeds", self.seeds))
        for name, keys in (("methods", None), ("curves", _KEYS_OF_CURVE), ("boxes", _KEYS_OF_BOX)):
            entries = _dictionaries(f"study.{name}", getattr(self, name), keys)
            object.__setattr__(self, name, entries)
        if not isinstance(self.sweep, dict):
            object.__setattr__(self, "sweep", _dictionaries("study.sweep", self.sweep, None))
        self._check()

    def _check(self):
        if not self.base and not all(method.get("files") for method in self.methods or ({},)):
            raise errors.InvalidArgumentError(
                "study.base", "the gin files that runs start from", self.base)
        requirements.check(self)
        for column in self.within:
            self.check_column("study.within", column)
        selection.Selection(self.compare_with, "study.compare_with").check(self)
        self._check_comparison()
        for kind in ("curves", "boxes"):
            for entry in getattr(self, kind):
                if "by" in entry:
                    self.check_column(f"study.{kind}", entry["by"])
                selection.Selection(_strings("only", entry.get("only", ())),
                                    f"study.{kind}").check(self)

    def _check_comparison(self):
        """Raises an error if `compare_with` fits several settings of one group."""
        chosen, found = selection.Selection(self.compare_with, "study.compare_with"), {}
        if SEED in chosen.columns:
            raise errors.InvalidArgumentError(
                "study.compare_with", "conditions on settings, each of which has all seeds",
                list(self.compare_with))
        for setting in self.settings if self.compare_with else ():
            if chosen.matches(setting.values):
                group = tuple(repr(setting.values.get(column)) for column in self.within)
                found.setdefault(group, []).append(setting)
        for settings in found.values():
            if len(settings) > 1:
                raise errors.InvalidArgumentError(
                    "study.compare_with", "conditions that a single setting meets",
                    list(self.compare_with), f"{len(settings)} settings do. Add conditions, such "
                    "as another value, or a column to study.within.")

    @functools.cached_property
    def settings(self):
        """All `Setting`s: those of the sweep change slowest, then the methods."""
        swept = (list(self.sweep) if not isinstance(self.sweep, dict)
                 else sweeps.of_dict("study.sweep", self.sweep))
        if any(METHOD in values for values in swept):
            raise errors.InvalidArgumentError(
                "study.sweep", "parameters; methods are a list of their own, study.methods", METHOD)
        return tuple(setting for shared in swept or [{}] for method in self.methods or ({},)
                     for setting in self._settings_of(shared, method))

    def _settings_of(self, shared, method):
        parameters = {key: value for key, value in method.items() if key not in _KEYS_OF_METHOD}
        varied = [key for key, value in parameters.items() if _is_swept(value)]
        name = {METHOD: str(method[METHOD])} if METHOD in method else {}
        where = f"study.methods[{name.get(METHOD, '')!r}]"
        metrics = _strings(where, method.get("metrics", self.metrics))
        for values in sweeps.of_dict(where, parameters):
            joined = sweeps.product([[shared], [values]])[0]
            swept = {key: value for key, value in joined.items() if key in shared
                     or any(key in map(str.strip, names_.split(",")) for names_ in varied)}
            yield Setting({**name, **joined}, swept,
                          self.base + _strings(where, method.get("files", ())),
                          (*self.bindings, *sweeps.to_bindings(joined)), metrics,
                          _seeds(where, method["seeds"]) if "seeds" in method else self.seeds)

    @functools.cached_property
    def runs(self):
        """All runs, a sequence."""
        return Runs(self.settings)

    @functools.cached_property
    def columns(self):
        """Names of the columns that tell runs apart, "method" first, "seed" last."""
        found = dict.fromkeys(name for setting in self.settings for name in setting.values)
        first = [METHOD] if METHOD in found else []
        return [*first, *(name for name in found if name != METHOD), SEED]

    @functools.cached_property
    def varying(self):
        """The columns that tell settings apart, without the seed."""
        return [name for name in self.columns[:-1]
                if len({repr(setting.values.get(name)) for setting in self.settings}) > 1]

    def check_column(self, argument, name):
        """Raises an error if no run has such a column."""
        if name not in self.columns:
            # The table of `--list` calls the seed by its gin parameter.
            meant = SEED if name == requirements.SEED_PARAMETER else name
            raise requirements.UnknownColumnError(
                argument, "the name of something that is swept", name,
                errors.nearest(meant, self.columns))

    def run_numbered(self, number):
        """The run with a number, or an `InvalidArgumentError`."""
        return self.runs[errors.whole_number("model_num", number, 0, len(self.runs) - 1)]

    def as_dict(self):
        """The fields as plain values, from which `Study(**values)` is the same study."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}


def _is_swept(value):
    """Whether a value of a method is a list to sweep; [[1, 2]] is how a single list is written."""
    return isinstance(value, (list, tuple)) and not (
        len(value) == 1 and isinstance(value[0], (list, tuple)))


def _strings(argument, value):
    values = (value,) if isinstance(value, str) else tuple(errors.sequence(argument, value))
    for one in values:
        if not isinstance(one, str) or not one.strip():
            raise errors.InvalidArgumentError(argument, "a string or a list of strings", value)
    return values


def _seeds(argument, value):
    if isinstance(value, int) and not isinstance(value, bool):
        return tuple(range(errors.whole_number(argument, value, maximum=_MOST_SEEDS)))
    seeds = tuple(errors.whole_number(argument, seed, 0, 2**32 - 1)
                  for seed in errors.sequence(argument, value))
    if not seeds or len(set(seeds)) < len(seeds):
        raise errors.InvalidArgumentError(argument, "a number or different seeds", value)
    return seeds


def _dictionaries(argument, value, keys):
    entries = tuple(errors.sequence(argument, value))
    for entry in entries:
        if not isinstance(entry, dict) or not all(isinstance(key, str) for key in entry):
            raise errors.InvalidArgumentError(
                argument, "a list of dictionaries, {\"name\": value, ...}", value)
        _check_keys(argument, entry, keys)
    return entries


def _check_keys(argument, entry, keys):
    needed, others = keys or ((), entry)
    for key in entry:
        if key not in (*needed, *others):
            raise errors.InvalidArgumentError(
                argument, f"the keys {', '.join((*needed, *others))}", key)
    for key in needed:
        if not isinstance(entry.get(key), str):
            raise errors.InvalidArgumentError(argument, f"dictionaries with a string {key!r}",
                                              entry)
