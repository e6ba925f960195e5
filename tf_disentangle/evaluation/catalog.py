"""Every metric in one table: its name, what it needs, where it comes from, how to read it.

Each row comes from a metric's declaration; a user's own metrics have rows as soon as their
module is imported.
"""
from tf_disentangle import errors
from tf_disentangle.configuration import parsing
from tf_disentangle.evaluation import metrics

__all__ = ["CODES", "FACTORS", "METRICS", "MODEL", "Metric", "SETS", "check_without_factors",
           "gin_reference", "imported", "members", "on_arrays"]

# Through the package, which declares its metrics when it is imported.
declaration, draws = metrics.declaration, metrics.draws

CODES, FACTORS, MODEL = draws.CODES, draws.FACTORS, draws.MODEL
Metric = declaration.Metric

# Names that stand for several metrics, and which metrics they mean.
SETS = {"all": lambda metric: not metric.by_name_only, "quick": lambda metric: metric.is_quick}

# A list that grows as modules are imported, in the order of the table.
METRICS = declaration.TABLE


def __getattr__(name):
    # The metrics that "all" means; computed on access, because importing a module can add some.
    if name == "IN_ALL":
        return members("all")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def members(name):
    """The names of the metrics that "all" or "quick" stands for; of one, its name alone."""
    if name not in SETS:
        return (name,)
    return tuple(metric.name for metric in METRICS if SETS[name](metric))


def imported(name):
    """The name of a metric; for one written as "my_module.name", the module is imported first.

    Raises:
        UserError: there is no such module.
    """
    module, _, own_name = name.rpartition(".")
    if not module or own_name == "gin":
        return name
    try:
        parsing.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        raise errors.UserError(f"The metric {name}: there is no module {error.name}. Start the "
                               "program in the directory that contains it.") from error
    return own_name


def gin_reference(name):
    """The gin reference to the metric of this name, such as "@mig"; None if it is unknown."""
    metric = declaration.declared().get(name)
    return metric and f"@{metric.gin_name}"


def on_arrays(names, with_factors=True):
    """The metrics with these names that need only arrays.

    Args:
        names: names of metrics, see also `imported`; "all" means those that do not have to be
            asked for by name, "quick" those of them that take seconds.
        with_factors: whether there are factors.
    Returns:
        list of `Metric`.
    Raises:
        InvalidArgumentError: a name is unknown, or a metric needs more than is available; there
            are no names.
    """
    names = [imported(name) for name in _names(names)]
    possible = {metric.name: metric for metric in METRICS if metric.from_arrays is not None
                and (with_factors or metric.needs == CODES)}
    chosen = {}
    for name in names:
        if name in SETS:
            chosen.update((metric.name, metric) for metric in possible.values()
                          if SETS[name](metric))
        elif name in possible:
            chosen[name] = possible[name]
        else:
            _refuse(name, possible)
    return list(chosen.values())


def _names(given):
    names = errors.sequence("metrics", given)
    if not names or not all(isinstance(name, str) and name for name in names):
        raise errors.InvalidArgumentError("metrics", "names of metrics, all, or quick", given)
    return names


def _refuse(name, possible):
    needs = {metric.name: metric.needs for metric in METRICS}
    if name in needs:
        raise errors.InvalidArgumentError(
            "metrics", f"metrics of the given arrays ({', '.join(possible)})", name,
            f"This one needs {needs[name]}.")
    raise errors.InvalidArgumentError(
        "metrics", "names of metrics, all, or quick", name, errors.nearest(name, needs))


def check_without_factors(evaluation_fn):
    """Raises an `InvalidArgumentError` if a declared metric needs factors.

    Args:
        evaluation_fn: the metric in its protocol form. One that is not declared is not checked.
    """
    metric = getattr(evaluation_fn, "metric", None)
    if isinstance(metric, Metric) and metric.needs == FACTORS:
        raise errors.InvalidArgumentError(
            "evaluation_fn", "a metric that needs no factors, because the data set has none "
            f"({', '.join(metric.name for metric in METRICS if metric.needs != FACTORS)}, udr)",
            f"@{evaluation_fn.__name__}")
