"""Conditions on the settings of runs, such as "vae.beta = 4"."""
import ast
import numbers

from tf_disentangle import errors

__all__ = ["Selection"]


class Selection:
    """Conditions that a run must meet, all of them.

    Args:
        conditions: strings "column = value", or "column = value or value"; each value may have
            the column before it, "column = value or column = value".
        argument: what to call them in messages.
    Raises:
        InvalidArgumentError: one is not of this form.
    """

    def __init__(self, conditions, argument):
        self._argument = argument
        self._wanted = [_parse(argument, condition) for condition in conditions]

    @property
    def columns(self):
        """The columns that the conditions are about, a list."""
        return [column for column, _ in self._wanted]

    def __bool__(self):
        return bool(self._wanted)

    def matches(self, values):
        """Whether a run, or a setting, with these values meets all conditions.

        Args:
            values: dictionary, column -> value.
        """
        return all(column in values and any(_same(values[column], value) for value in wanted)
                   for column, wanted in self._wanted)

    def check(self, study):
        """Raises an `InvalidArgumentError` unless some run of the study meets the conditions."""
        for column, values in self._wanted:
            study.check_column(self._argument, column)
            there = [value for setting in study.settings for value in (
                setting.seeds if column == study.columns[-1] else
                [setting.values[column]] if column in setting.values else [])]
            for value in values:
                if not any(_same(one, value) for one in there):
                    shown = ", ".join(dict.fromkeys(map(str, there)))
                    raise errors.InvalidArgumentError(
                        self._argument, f"a value of {column} that is in the study ({shown})",
                        value)
        if self._wanted and not any(self._matches_some_seed(study, setting)
                                    for setting in study.settings):
            raise errors.InvalidArgumentError(
                self._argument, "conditions that some run meets together",
                [f"{column} = {' or '.join(map(str, values))}" for column, values in self._wanted])

    def _matches_some_seed(self, study, setting):
        return any(self.matches({**setting.values, study.columns[-1]: seed})
                   for seed in setting.seeds)


def _parse(argument, condition):
    column, equals, text = str(condition).partition("=")
    column, text = column.strip(), text.strip()
    if not equals or not column or not text:
        raise errors.InvalidArgumentError(
            argument, "conditions such as 'vae.beta = 4'", condition)
    words = [word.strip() for word in text.split(" or ")]
    return column, [_value(_without_column(column, word)) for word in words]


def _without_column(column, word):
    """The value in "column = value", or in "value" alone."""
    name, equals, value = word.partition("=")
    return value.strip() if equals and name.strip() == column else word


def _value(text):
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text                         # a word without quotes, or an @reference


def _same(value, wanted):
    if isinstance(value, numbers.Real) and isinstance(wanted, numbers.Real):
        return isinstance(value, bool) == isinstance(wanted, bool) and value == wanted
    if isinstance(value, (list, tuple)) and isinstance(wanted, (list, tuple)):
        return len(value) == len(wanted) and all(map(_same, value, wanted))
    return type(value) is type(wanted) and value == wanted or str(value) == str(wanted)
