"""Reads gin text without gin: which parameters it binds, and to which values."""
import ast
import contextlib
import io
import itertools
import re
import tokenize

from tf_disentangle import errors

__all__ = ["Reference", "gin_dict", "imported_modules", "includes_and_imports", "unused", "values"]

# A macro such as %BETA, or a string, which is skipped.
_STRING_OR_MACRO = re.compile(
    r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|%([A-Za-z_][\w./]*)""", re.DOTALL)


class Reference(str):
    """gin text that refers to parts, such as "@vae()", and so is not a plain value."""


def values(config):
    """Plain values of parameters, with macros replaced by their values.

    Args:
        config: dictionary, parameter or macro name -> value in gin's syntax, see `gin_dict`.
    Returns:
        dictionary, the same names -> number, string, list, ..., or a `Reference`.
    """
    return {name: _value(text, config) for name, text in config.items()}


def _value(text, config):
    text = _without_macros(text, config, ())
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return Reference(text)


def _without_macros(text, config, within):
    """gin text with macros replaced by their values; macros without a value stay."""
    def replaced(match):
        string, name = match.groups()
        if string or name not in config or name in within:
            return match[0]
        return _without_macros(config[name], config, (*within, name))
    return _STRING_OR_MACRO.sub(replaced, text)


def gin_dict(gin_text):
    """Parameters that gin text binds, and their values as strings.

    Args:
        gin_text: text of a gin file: bindings, macros, comments, imports; values may span several
            lines, in brackets or after a backslash.
    Returns:
        dict, parameter or macro name -> value as a string in gin's syntax on one line, e.g.
        `{"vae.beta": "4.0", "dataset.name": "'dsprites_full'", "model.model": "@vae()"}`.
    Raises:
        InvalidArgumentError: text that is not gin.
    """
    config, block = {}, ""
    for statement in _statements(gin_text):
        words = [token.string for token in statement]
        equals = words.index("=") if "=" in words else 0
        if words[-1] == ":":
            block = "".join(words[:-1]) + "."
        elif 0 < equals < len(words) - 1:
            prefix = block if statement[0].start[1] > 0 else ""
            config[prefix + "".join(words[:equals])] = _source(statement[equals + 1:])
        elif words[0] not in ("import", "from", "include"):
            raise errors.InvalidArgumentError(
                "gin_text", "lines `name = value`", _source(statement))
    return config


def unused(bindings, used):
    """The parameters that bindings bind and nothing has used.

    Args:
        bindings: strings such as "vae.beta = 4".
        used: names of parameters, the keys of `gin_dict` of an operative configuration. What is
            used in a scope uses what is bound for a wider one.
    Returns:
        sorted list of names, as they are bound, without macros.
    """
    known = [_scope_and_parameter(name) for name in used]
    bound = {name: _scope_and_parameter(name) for name in gin_dict("\n".join(bindings))}
    return sorted(
        name for name, (scope, parameter) in bound.items() if "." in parameter and not any(
            other == parameter and (not scope or f"{within}/".startswith(f"{scope}/"))
            for within, other in known))


def _scope_and_parameter(name):
    """"a" and "mig.num_train" of "a/module.mig.num_train"."""
    scope, _, selector = name.rpartition("/")
    return scope, ".".join(selector.split(".")[-2:])


def includes_and_imports(gin_text):
    """The files that gin text includes and the modules it imports, in order.

    Returns:
        iterator of (line, "include", file name) and (line, "import", module); for
        `from a import b` the module is "a.b". It ends where the text is no longer valid gin.
    """
    try:
        for statement in _statements(gin_text):
            words = [token.string for token in statement]
            line = statement[0].start[0]
            if words[0] == "include":
                with contextlib.suppress(ValueError, SyntaxError):
                    yield line, "include", ast.literal_eval(_source(statement[1:]))
            elif words[0] in ("import", "from") and "=" not in words:
                name = "".join(itertools.takewhile(lambda word: word not in ("as", "import"),
                                                   words[1:]))
                if "import" in words[1:-1]:
                    name = f"{name}.{words[words.index('import') + 1]}"
                yield line, "import", name
    except errors.InvalidArgumentError:
        return


def imported_modules(gin_text):
    """Names of the modules that gin text imports; see `includes_and_imports`."""
    return [name for _, kind, name in includes_and_imports(gin_text) if kind == "import"
            and not name.startswith("__gin__")]


def _statements(gin_text):
    """Yields the tokens of each logical line, without comments and line ends."""
    skipped = (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT)
    statement = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(gin_text).readline):
            if token.type == tokenize.ERRORTOKEN:
                raise SyntaxError(f"{token.string!r} in line {token.start[0]}")
            if token.type in (tokenize.NEWLINE, tokenize.ENDMARKER):
                if statement:
                    yield statement
                statement = []
            elif token.type not in skipped:
                statement.append(token)
    except (tokenize.TokenError, SyntaxError) as error:
        raise errors.InvalidArgumentError(
            "gin_text", "a gin configuration", str(error.args[0]),
            "Look for an open bracket, an open quote or uneven indentation.") from error


def _source(tokens):
    """Source text of tokens, on one line except for line ends in strings."""
    parts = []
    for before, token in zip([None, *tokens], tokens):
        if before is None:
            gap = 0
        elif before.end[0] == token.start[0]:
            gap = token.start[1] - before.end[1]
        else:
            gap = before.string not in "([{" and token.string not in ")]}"
        parts.append(" " * gap + token.string)
    return "".join(parts)
