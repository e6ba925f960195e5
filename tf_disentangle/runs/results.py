"""Result directories: what a step was configured with and what came out, as text files.

    results/gin/<step>.gin              the configuration that was in force
    results/json/<step>_config.json     the same, parameter name -> value in gin's syntax
    results/json/<step>_results.json    result name -> number, string, list or dict
    results/aggregate/<step>.json       all files of json/ in one, keys "<file stem>.<key>"

Steps follow each other (train, postprocess, evaluation); each carries along the files of the
steps before it. The layout is disentanglement_lib's. A file is complete or absent: it is
written under another name first.
"""
import glob
import io
import json
import math
import numbers
import os
import pathlib
import shutil
import tokenize
import uuid

import numpy as np

from tf_disentangle import errors

__all__ = ["aggregate_results_to_json", "gin_dict", "json_path",
           "load_aggregated_json_results", "load_json", "namespaced_dict", "save_file",
           "save_json", "update_result_directory"]


def update_result_directory(result_dir, step, results_dict, gin_text, old_result_dir=None):
    """Writes the results of a step, and carries along those of the steps before it.

    Args:
        result_dir: directory to write to; made if it is not there.
        step: name of the step, part of the file names.
        results_dict: name -> number, string, bool, None, NumPy scalar or array, list or dict.
        gin_text: the configuration, e.g. gin's operative config.
        old_result_dir: result directory of the step before, copied first; or None.
    Returns:
        the results as written: plain Python values, and `uuid`, a new random name.
    Raises:
        InvalidArgumentError: a value that JSON cannot hold (NaN included); nothing is written.
        UserError: `old_result_dir` is not a directory.
    """
    if not isinstance(step, str) or not step or pathlib.Path(step).name != step:
        raise errors.InvalidArgumentError("step", "a name without slashes", step)
    results = _plain({**results_dict, "uuid": str(uuid.uuid4())}, "results_dict")
    config = gin_dict(gin_text)
    result_dir = pathlib.Path(result_dir)
    if old_result_dir is not None:
        _copy_tree(old_result_dir, result_dir)
    save_file(result_dir / "gin" / f"{step}.gin", gin_text)
    save_json(config, result_dir / "json" / f"{step}_config.json")
    save_json(results, result_dir / "json" / f"{step}_results.json")
    merged = namespaced_dict(**{path.stem: load_json(path)
                                for path in sorted((result_dir / "json").glob("*.json"))})
    save_json(merged, result_dir / "aggregate" / f"{step}.json")
    return results


def namespaced_dict(**named_dicts):
    """One dictionary of several, keys "<name>.<key>"."""
    return {f"{name}.{key}": value for name, values in named_dicts.items()
            for key, value in values.items()}


def gin_dict(gin_text):
    """Parameters of a gin configuration.

    Args:
        gin_text: text of a gin file: bindings, macros, comments, imports; values may go over
            several lines, in brackets or after a backslash.
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


def save_json(values, path):
    """Writes a dictionary as JSON, indented by 2; NaN and infinity are errors."""
    text = json.dumps(_plain(values, pathlib.Path(path).stem), indent=2, allow_nan=False)
    save_file(path, text)


def json_path(folder, name):
    """Where a run or an evaluation in `folder` keeps a dictionary, such as "train_results"."""
    return pathlib.Path(folder, "results", "json", f"{name}.json")


def load_json(path):
    """The content of a JSON file, or a `UserError` that says what is wrong with it.

    NaN and infinity, which other programs write although JSON has neither, are read as None.
    """
    try:
        return json.loads(pathlib.Path(path).read_text(encoding="utf-8"),
                          parse_constant=lambda _: None)
    except OSError as error:
        raise errors.UserError(f"Cannot read {path}: {error.strerror}.") from error
    except ValueError as error:
        raise errors.UserError(f"{path} is not a JSON file: {error}.") from error


def aggregate_results_to_json(result_file_pattern, output_path):
    """Makes one table of many result files.

    Args:
        result_file_pattern: pattern of files such as `output/*/results/aggregate/*.json`; `**`
            stands for any number of directories. Rows are sorted by path.
        output_path: JSON file to write, as pandas writes a data frame: column name ->
            row number (as string) -> value, null where a file has no such value. The column
            `path` holds the file names.
    Raises:
        UserError: no file matches.
    """
    paths = sorted(glob.glob(str(result_file_pattern), recursive=True))
    if not paths:
        raise errors.UserError(f"No result file matches the pattern '{result_file_pattern}'. "
                               "A * does not reach over directories; ** does.")
    rows = [{**load_json(path), "path": path} for path in paths]
    columns = dict.fromkeys(name for row in rows for name in row)
    save_json({name: {str(i): row.get(name) for i, row in enumerate(rows)}
               for name in columns}, output_path)


def load_aggregated_json_results(source_path):
    """The table that `aggregate_results_to_json` wrote.

    Args:
        source_path: JSON file: column name -> row number -> value.
    Returns:
        dict, column name -> list with a value for each row, None where there is none.
        `pandas.DataFrame` takes it as it is.
    """
    columns = load_json(source_path)
    rows = sorted({row for values in columns.values() for row in values}, key=int)
    return {name: [values.get(row) for row in rows] for name, values in columns.items()}


def _statements(gin_text):
    """The tokens of one logical line after another, without comments and line ends."""
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
    """Source text of some tokens, on one line but for line ends within strings."""
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


def _plain(value, key):
    """`value` as what JSON can hold. `key` names it in error messages."""
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        if not math.isfinite(value):
            raise errors.InvalidArgumentError(
                key, "a finite number, because JSON has no other", float(value),
                "Find out why this result is not defined, or leave it out.")
        return float(value)
    if isinstance(value, dict):
        return {str(name): _plain(item, f"{key}['{name}']") for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, f"{key}[{i}]") for i, item in enumerate(value)]
    raise errors.InvalidArgumentError(
        key, "a number, string, bool, None, NumPy array, list or dict", value)


def _copy_tree(source, target):
    if not pathlib.Path(source).is_dir():
        raise errors.UserError(f"There is no result directory {source}.")
    if pathlib.Path(source).resolve() != pathlib.Path(target).resolve():
        shutil.copytree(source, target, dirs_exist_ok=True, copy_function=_copy)


def _copy(source, target):
    save_file(target, pathlib.Path(source).read_bytes())


def save_file(path, content):
    """Writes text or bytes so that `path` never holds a part of them; makes its folder."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        with open(temporary, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
