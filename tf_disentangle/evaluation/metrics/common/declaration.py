"""The declaration of a metric: everything about it except its computation.

    @declaration.metric("mig", draws=draws.points(), paper="Chen et al. (2018), eq. 6",
                        scores="discrete_mig: 0 to 1, higher")
    def mig(codes, factors, discretizer=...):

leaves the function of arrays as it is and adds `mig.on_dataset`, the function that evaluations
call, known to gin files as `@mig`, and a row in the table of metrics.
"""
import functools
import inspect
from collections.abc import Callable
from typing import NamedTuple

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.evaluation.metrics.common import direction, docstrings, factor_forms, notes
from tf_disentangle.evaluation.metrics.common import draws as ways

__all__ = ["PROTOCOL_ARGS", "TABLE", "Metric", "declared", "metric"]

# What an evaluation gives every metric; a gin file therefore cannot bind it.
PROTOCOL_ARGS = ("ground_truth_data", "representation_function", "representation_functions",
                 "random_state", "artifact_dir", "model_functions", "observations", "labels",
                 "is_continuous")


class Metric(NamedTuple):
    """One metric, as declared.

    Attributes:
        name: its name in the table, and that of its file in `gin_configs/metric` if it has one.
        from_arrays: function of `(codes, factors)`, or only of `codes`; None if arrays are not
            enough.
        needs: "codes and factors", "codes", "a model" or "several models".
        paper: where it is defined.
        scores: names of the scores, their ranges, and which way is better, see `direction`.
        by_name_only: whether "all" leaves it out because it takes minutes to hours or needs special
            data.
        gin_name: the metric's name in gin files, without the @.
        compute: what a gin file's reference resolves to: the metric on a data set.
        place: the position of its row in the table, and of its run among "all".
        in_table: whether it has a row.
        continuous: what it does with continuous factors, see `factor_forms.WAYS`.
        by_factor: whether it leaves out points with missing values factor by factor.
        is_quick: whether "quick" includes it.
        without_intervals: names of the scores that no bootstrap interval fits.
    """
    name: str
    from_arrays: Callable | None
    needs: str
    paper: str
    scores: str
    by_name_only: bool = False
    gin_name: str = ""
    compute: Callable | None = None
    place: float = 0
    in_table: bool = True
    continuous: str = factor_forms.BINNED
    by_factor: bool = False
    is_quick: bool = True
    without_intervals: tuple = ()

    def better(self, score):
        """Which way a score is better: "higher", "lower" or "neither"; see `direction`."""
        return direction.better(self.scores, score)

    def takes(self, parameter):
        """Whether the function of arrays has a parameter with that name."""
        return parameter in inspect.signature(self.from_arrays).parameters

    def prepared(self, codes, factors):
        """Codes and factors converted to what `score_arrays` takes.

        Args:
            codes: `[num_points, num_codes]`.
            factors: `Factors` of these points, or None.
        Returns:
            codes and factors of the points that the metric uses, and a dictionary of keywords.
        Raises:
            InvalidArgumentError: see `factor_forms.of_arrays`.
        """
        if self.needs == ways.CODES or factors is None:
            return codes, factors and factors.matrix(), {}
        codes, factors = factor_forms.of_arrays(codes, factors, self.continuous, self.by_factor)
        takes_kinds = self.takes("is_continuous")
        if self.continuous == factor_forms.NUMBERS and not takes_kinds:
            factor_forms.note_order(factors)
        return codes, factors.matrix(), (
            {"is_continuous": factors.continuous} if takes_kinds else {})

    def score_arrays(self, codes, factors, random_seed=0, **others):
        """Dictionary of the scores of given codes, with notes if there are any (see `notes`).

        Args:
            codes: `[num_points, num_codes]`.
            factors: `[num_points, num_factors]`, unused where codes are enough.
            random_seed: seed of whatever is random in the metric.
            **others: `test_codes` and `test_factors`, for metrics that take them, and what
                `prepared` returns.
        """
        keywords = {"random_state": random_seed} if self.takes("random_state") else {}
        given = [codes] if self.needs == ways.CODES else [codes, factors]
        with notes.collected() as found:
            scores = self.from_arrays(*given, **keywords, **others)
        return notes.join(scores if isinstance(scores, dict) else {self.name: scores}, found)


_DECLARED = {}

# The metrics that have a row, in the order of the table. It grows as modules declare more.
TABLE = []


def metric(name, draws=None, *, paper="", scores="", in_all=True, in_table=True, place=300,
           gin_name=None, function_name=None, score_name=None, defaults=None, order=None,
           continuous=factor_forms.BINNED, by_factor=False, quick=True, without_intervals=()):
    """A decorator that declares a function of arrays as a metric.

    The function of arrays stays as it is, except that the notes of its computation (see `notes`)
    are added to a dictionary that it returns. Its form for a data set becomes its attribute
    `on_dataset` (`on_fixed_data`, `on_models` for those ways of drawing). If a function has several
    declarations of one form, the attribute is that of the topmost.

    A function that draws its points itself (`draws.own()`) has no form for arrays: its name then
    refers to the function with everything that an evaluation gives in its signature.

    Args:
        name: the metric's name in the table and on the command line.
        draws: how points are drawn, see the module `draws`; None chooses by the names of the
            function's arguments.
        paper: where the metric is defined.
        scores: names of the scores, the most important first, their ranges, and which way is
            better, see `direction`.
        in_all: whether "all" includes it.
        in_table: whether the table has a row for it.
        place: the position of this row; the package's own metrics are below 300, except the
            slowest.
        gin_name: name in gin files; None takes `name`.
        function_name: name of the form; None takes compute_<name>, or the name of a function that
            draws its points itself.
        score_name: key of the score, if the function returns a number; None takes `name`.
        defaults: settings that differ from the function's own defaults.
        order: names of all settings in the order of the form's parameters; None takes those
            of the draws, then those of the function.
        continuous: what the metric does with continuous factors: "numbers" if it takes them as they
            are (a parameter `is_continuous` gets `[num_factors]` bools), "binned" if it gets them
            in bins, "left out" if it can use neither.
        by_factor: whether the metric accepts missing values, as NaN, and leaves out points factor
            by factor (see `present`); if not, it gets only the points that have all factors.
        quick: whether "quick" includes the metric if "all" does: False if it takes more than ten
            seconds for a model.
        without_intervals: names of the scores that have no bootstrap interval, because they come
            from distances to nearest neighbours: resampling repeats points.
    Returns:
        a decorator that returns the function, or the form if the function draws its points itself.
    Raises:
        InvalidArgumentError: another metric has the name. Declaring the same one again, as when a
            notebook cell is rerun, replaces it.
    """
    def decorate(function):
        chosen = ways.of_arguments(function) if draws is None else draws
        function = notes.in_result(function)
        form = _form(function, chosen, name, score_name, defaults or {}, order, continuous,
                     by_factor)
        draws_itself = chosen.source is None
        form.__name__ = form.__qualname__ = function_name or (
            function.__name__ if draws_itself else f"compute_{name}")
        form.__module__ = function.__module__
        on_arrays = None if draws_itself or chosen.needs == ways.SEVERAL_MODELS else (
            functools.partial(function, **defaults) if defaults else function)
        form.metric = Metric(name, on_arrays, chosen.needs, paper, scores, not in_all,
                             gin_name or name, form, place, in_table,
                             errors.one_of("continuous", continuous, factor_forms.WAYS), by_factor,
                             in_all and quick, tuple(without_intervals))
        _declare(form.metric)
        if draws_itself:
            return form
        for each in {function, inspect.unwrap(function)}:  # whichever of them is kept
            setattr(each, chosen.form, form)
        return function
    return decorate


def _declare(new):
    other = _DECLARED.get(new.name)
    if other and _origin(other) != _origin(new):
        raise errors.InvalidArgumentError("name", "a name that no other metric has", new.name,
                                          f"{'.'.join(_origin(other))} has it.")
    registry.register(new.gin_name, denylist=PROTOCOL_ARGS)(new.compute)
    _DECLARED[new.name] = new
    TABLE[:] = sorted((each for each in _DECLARED.values() if each.in_table),
                      key=lambda each: each.place)


def _origin(declared_):
    return declared_.compute.__module__, declared_.compute.__qualname__


def declared():
    """All known metrics, `{name: Metric}`, including those without a row."""
    return dict(_DECLARED)


def _form(function, draws, name, score_name, defaults, order, continuous, by_factor):
    """The metric as a function of what an evaluation gives, and of its settings."""
    source = draws.source or function
    given = inspect.signature(source).parameters
    own = _settings_of(function if draws.fills else source, draws.fills)
    signature = _signature(draws.protocol, {**draws.settings, **own, **defaults}, order)
    parameters = inspect.signature(function).parameters

    def form(*args, **kwargs):
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        values = bound.arguments
        names = getattr(values.get("ground_truth_data"), "factor_names", None)
        with notes.collected(names) as found:
            if draws.needs == ways.FACTORS and "ground_truth_data" in values:
                values["ground_truth_data"] = factor_forms.of_data(
                    values["ground_truth_data"], continuous, by_factor)
            result = computed(values)
        return notes.join(result if isinstance(result, dict) else {score_name or name: result},
                          found)

    def computed(values):
        result = source(**{argument: values[argument] for argument in given})
        if draws.fills:
            keywords = {argument: values[argument] for argument in own}
            if "random_state" in parameters:
                keywords["random_state"] = values.get("random_state",
                                                      values.get("random_seed", 0))
            known = getattr(values.get("ground_truth_data"), "mixed_factors", None)
            if "is_continuous" in parameters and known is not None:
                keywords["is_continuous"] = known.continuous
            # A user's function can name its first arguments as it likes.
            named = set(draws.fills) <= set(parameters)
            result = (function(**dict(zip(draws.fills, result)), **keywords) if named
                      else function(*result, **keywords))
        return result

    form.__signature__ = signature
    documented = [function.__doc__] if draws.fills else [source.__doc__, function.__doc__]
    form.__doc__ = docstrings.for_form(
        tuple(signature.parameters), [each for each in draws.protocol if each not in given],
        score_name, *documented)
    return form


def _settings_of(function, filled):
    """`{name: default}` of the parameters that a gin file can bind."""
    settings = {name: parameter.default
                for name, parameter in inspect.signature(function).parameters.items()
                if name not in filled and name not in PROTOCOL_ARGS}
    for name, default in settings.items():
        if default is inspect.Parameter.empty:
            raise errors.InvalidArgumentError(
                name, f"a default in {function.__name__}, with which the metric runs if "
                "nothing is bound", "no default")
    return settings


def _signature(protocol, settings, order):
    order = tuple(settings) if order is None else order
    if sorted(order) != sorted(settings):
        raise errors.InvalidArgumentError("order", f"the settings {sorted(settings)}", order)
    defaults = {**protocol, **{name: settings[name] for name in order}}
    return inspect.Signature([
        inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default)
        for name, default in defaults.items()])
