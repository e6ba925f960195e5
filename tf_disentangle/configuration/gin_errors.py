"""Messages about mistakes in gin files: the place, the reason, the nearest name."""
import contextlib
import io
import logging
import re
import tokenize

from gin import config as gin_internals
from gin import config_parser

from tf_disentangle import errors
from tf_disentangle.configuration import gin_files, registry

__all__ = ["binding_place", "explain", "in_binding", "located", "place_of", "unclosed_line"]

_PLACE = re.compile(r'In file "(?P<file>[^"]+)", line (?P<line>\d+)')
_CALL = re.compile(r"In call to configurable '(?P<name>[^']+)'")
_UNKNOWN_NAME = re.compile(r"No configurable matching (?:reference )?'@?(?P<name>[^'()]+)")
_UNKNOWN_PARAMETER = re.compile(
    r"Configurable '(?P<configurable>[^']+)' doesn't (?:include kwarg|have a parameter named)"
    r" '(?P<parameter>[^']+)'")
_UNKNOWN_MACRO = re.compile(r"No bindings specified for '(?P<name>[^'/]+)/gin.macro'")
_UNKNOWN_FILE = re.compile(r"Unable to open file: (?P<name>.+?)\. Searched")


def in_binding(text):
    """A binding as a place in messages: on one line and of limited length."""
    shown = "".join(character if character.isprintable() else " " for character in text)
    return f"the binding '{shown if len(shown) <= 200 else shown[:200] + '...'}'"


def unclosed_line(text):
    """Line number of the statement that is unfinished at the end of the text, or None."""
    begin = None
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.NEWLINE:
                begin = None
            elif begin is None and token.type not in (tokenize.COMMENT, tokenize.NL):
                begin = token.start[0]
    except (tokenize.TokenError, SyntaxError):
        return begin
    return None


@contextlib.contextmanager
def located(place, sources=(), unclosed=None):
    """A context that turns gin's parsing errors into `gin_files.ConfigError` with the place."""
    # gin logs an error for every folder that does not contain an included file.
    logging.disable(logging.ERROR)
    try:
        yield
    except gin_files.ConfigError:
        raise
    except tokenize.TokenError as error:
        line = f":{unclosed}" if unclosed else ""
        raise gin_files.ConfigError(f"{place}{line}: a bracket or string is not closed.") from error
    except SyntaxError as error:
        # The error knows its file, which can be an included one.
        where = f"{error.filename}:{error.lineno}" if error.filename else place
        raise gin_files.ConfigError(f"{where}: {_reason(error.msg)}") from error
    except Exception as error:  # an imported module can raise anything
        raise gin_files.ConfigError(
            f"{_place_in(error, place, sources)}: {_reason(error)}") from error
    finally:
        logging.disable(logging.NOTSET)


def _first_line(text):
    lines = str(text).strip().splitlines()
    if not lines:
        return "unknown error"
    return "".join(c if c.isprintable() else " " for c in lines[0])


def _place_in(error, place, sources):
    if match := _PLACE.search(str(error)):
        return f"{match['file']}:{match['line']}"
    if match := _UNKNOWN_MACRO.search(str(error)):
        for _, _, value, used_at in _bindings(sources):
            if f"%{match['name']}" in str(value):
                return used_at
    return place


def _reason(error):
    text = str(error)
    if match := _UNKNOWN_PARAMETER.search(text):
        return (f"`{match['configurable']}` has no parameter `{match['parameter']}`. "
                + (errors.nearest(match["parameter"], _parameters(match["configurable"]))
                   or "It has none."))
    if match := _UNKNOWN_NAME.search(text):
        names = [selector.split(".")[-1] for selector, _ in gin_internals._REGISTRY.items()]
        return f"there is nothing called `{match['name']}`. {errors.nearest(match['name'], names)}"
    if match := _UNKNOWN_MACRO.search(text):
        return f"the macro %{match['name']} has no value. Add a line {match['name']} = ..."
    if match := _UNKNOWN_FILE.search(text):
        return gin_files.no_gin_file(match["name"])
    if "malformed node or string" in text:
        return "a value must be a number, 'text', a list, an @reference or a %macro."
    return _first_line(text)


def _parameters(configurable):
    """Names of the parameters of a configurable that a gin file may bind."""
    found = gin_internals._REGISTRY.get_match(configurable)
    if found.allowlist:
        return [name for name in found.allowlist if name != registry.NO_PARAMETER]
    denied = set(found.denylist or ())
    return [name for name in gin_internals._get_all_positional_parameter_names(found.wrapped)
            if name not in denied and name != "self"]


def explain(error):
    """One line about an error raised within `parsed`.

    Args:
        error: a `UserError`; gin appends lines to its message that name the configurables.
    Returns:
        the message, preceded by the file and line of the binding at fault, if known.
    """
    place = getattr(error, "place", None)
    return f"{place}: {_first_line(error)}" if place else _first_line(error)


def place_of(sources, name, parameter=None):
    """Where a configurable's parameter, or a macro if none is given, was last bound.

    Returns:
        "file:line", or "the binding '...'"; "the configuration" if that is not known.
    """
    found = "the configuration"
    for selector, argument, _, place in _bindings(sources):
        if selector.split(".")[-1] == name and (argument or None) == parameter:
            found = place
    return found


def binding_place(sources, error):
    """Where the argument at fault in an error was bound, or None."""
    argument = getattr(error, "argument", None)
    places = {selector.split(".")[-1]: place
              for selector, parameter, _, place in _bindings(sources)
              if argument and parameter == argument}
    for match in _CALL.finditer(str(error)):
        name = match["name"].split("/")[-1].split(".")[-1]
        if name in places:
            return places[name]
    return list(places.values())[0] if len(places) == 1 else None


class _AsWritten(config_parser.ParserDelegate):
    """Keeps references and macros in values as text."""

    def configurable_reference(self, scoped_configurable_name, evaluate):
        return f"@{scoped_configurable_name}" + "()" * evaluate

    def macro(self, macro_name):
        return f"%{macro_name}"


def _bindings(sources):
    """(configurable, parameter, value, place) of every binding; later ones win."""
    for path, text in sources:
        for statement in config_parser.ConfigParser(text, _AsWritten()):
            if isinstance(statement, config_parser.IncludeStatement):
                included = gin_files.find_gin_file(statement.filename)
                yield from _bindings([(included, gin_files.read(included))])
            elif isinstance(statement, config_parser.BindingStatement):
                place = (f"{path}:{statement.location.line_num}" if path
                         else in_binding(text))
                yield statement.selector, statement.arg_name, statement.value, place
