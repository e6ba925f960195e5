"""Reads a study from its page, a gin file."""
import pathlib

from tf_disentangle import errors
from tf_disentangle.configuration import gin_files, parsing, registry
from tf_disentangle.studies import check, gin_includes, requirements
from tf_disentangle.studies import study as study_lib

__all__ = ["find_page", "make_study", "read", "read_page"]

# What is left out of a page to check the parameters of its runs alone.
_WITHOUT_COLUMNS = [f"study.{name} = ()" for name in (
    "within", "compare_with", "curves", "boxes", "metrics", "postprocessing")]


@registry.register("study", denylist=("name",))
def make_study(name="study", base=(), bindings=(), sweep=None, methods=(), seeds=1, metrics=(),
               postprocessing=(), metric_bindings=(), metric_seed=None, within=(),
               compare_with=(), curves=(), boxes=()):
    """The `Study` with the values that a gin file binds to `study`; see there for arguments."""
    return study_lib.Study(
        name, base, bindings, {} if sweep is None else sweep, methods, seeds, metrics,
        postprocessing, metric_bindings, metric_seed, within, compare_with, curves, boxes)


def find_page(name):
    """The path of a study's page.

    Args:
        name: a gin file as given or in `gin_configs/study`, with or without ".gin".
    """
    page = str(name) if str(name).endswith(".gin") else f"{name}.gin"
    if pathlib.Path(page).is_file():
        return pathlib.Path(page)
    for candidate in (f"study/{page}", page):   # a method's file may have the same name
        try:
            return gin_files.find_gin_file(candidate)
        except gin_files.ConfigError:
            continue
    known = [path.name for folder in gin_files.gin_directories()
             for path in folder.glob("study/*.gin")]
    raise gin_files.ConfigError(f"There is no study {name}, here or in gin_configs/study. "
                                f"{errors.nearest(page, known)}")


def read(name):
    """The study of a page.

    Args:
        name: see `find_page`.
    Returns:
        `Study`, named after the page. Gin files beside the page are named by their paths.
    Raises:
        UserError: the page, or a file that it names, is missing or wrong.
    """
    return read_page(find_page(name))


def read_page(path):
    """The study of the page at a path; see `read`."""
    path = pathlib.Path(path)
    try:
        return _read_with(path, [])
    except requirements.UnknownColumnError:
        # The parameter that is swept may be misspelt, and what names it may be right.
        check.check(_read_with(path, _WITHOUT_COLUMNS))
        raise


def _read_with(path, bindings):
    with parsing.parsed([path], bindings):
        study = registry.configured("study")(path.stem)
    fields = study.as_dict()
    fields["base"] = [_found(name, path.parent) for name in study.base]
    fields["metrics"] = _all_found(study.metrics, path.parent)
    fields["methods"] = [{key: _all_found(value, path.parent) if key in ("files", "metrics")
                          else value for key, value in method.items()} for method in study.methods]
    return study_lib.Study(**fields)


def _all_found(names, folder):
    return [_found(name, folder) if name.endswith(".gin") else name
            for name in ([names] if isinstance(names, str) else names)]


def _found(name, folder):
    """The name of a gin file of the package, or the absolute path of one of the user's."""
    for candidate in (pathlib.Path(name), folder / name):
        if candidate.is_file() and not gin_includes.is_ours(candidate):
            return str(candidate.absolute())
    gin_files.find_gin_file(name)
    return name
