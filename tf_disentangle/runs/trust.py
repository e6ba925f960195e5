"""Whose code the import of a module would run; nothing is run to find out.

A run names modules, and may have come from somebody else. What is installed, on PYTHONPATH or
where the user works is the user's own; what came with the run is not, however it is reached: the
folder of a run below the working folder is a package to Python ("runs.shared.module").
"""
import importlib.machinery
import importlib.util
import os
import pathlib
import sys

from tf_disentangle import errors

__all__ = ["IMPLIED", "folder_of", "is_known", "refuse", "refuse_foreign"]

# Folders that a program has put on the path because gin files lie there.
IMPLIED = set()


def is_known(module):
    """Whether Python finds a module, without importing it."""
    return module in sys.modules or list(_sources(module, sys.path))[-1] is not None


def refuse_foreign(module, model_dir):
    """Raises a `UserError` if the import of a module would run code that came with a run.

    Args:
        module: dotted name, as in a gin file.
        model_dir: directory of the run.
    """
    if module in sys.modules:
        return
    for source in _sources(module, sys.path):
        if source is not None and _came_with(model_dir, *source):
            refuse(module, source[1].parent, model_dir)


def refuse(module, folder, model_dir):
    """Raises the error about a module whose code is not the user's."""
    raise errors.UserError(
        f"The run in {model_dir} imports the module {module}, which lies in {folder}. Loading the "
        "run would run its code. If you trust it, give --trust_modules (in Python, "
        "trust_modules=True) or its folder as --module_dir.")


def folder_of(module, folders):
    """Which of some folders a module is found in, or None."""
    source = list(_sources(module, folders, everywhere=False))[-1]
    return source and source[0]


def _came_with(model_dir, entry, file):
    """Whether a file, found by way of a folder of the path, came with a run.

    Args:
        model_dir: directory of the run.
        entry: folder of the path, or None for what other finders of the installation have found.
        file: path of the code.
    """
    run, file = pathlib.Path(model_dir).resolve(), file.resolve()
    if entry is None:
        return file.is_relative_to(run)
    entry = pathlib.Path(entry or os.curdir).resolve()
    if run != entry and run.is_relative_to(entry):
        # Whatever is in the same folder of the entry may have come in one archive with the run.
        return file.is_relative_to(entry / run.relative_to(entry).parts[0])
    return entry.is_relative_to(run) and not _was_chosen(entry)


def _was_chosen(entry):
    """Whether a folder is on the path for its own sake, not because the user is there."""
    named = [folder for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder]
    if any(entry == pathlib.Path(folder).resolve() for folder in named):
        return True
    return all(entry != pathlib.Path(folder).resolve() for folder in (os.curdir, *IMPLIED))


def _sources(module, path, everywhere=True):
    """(entry of the path, file) of all code that an import runs, in order; None if it fails."""
    searched, name = [(entry, entry or os.curdir) for entry in path], ""
    for part in module.split("."):
        name = f"{name}.{part}".strip(".")
        found, spaces = None, []
        for entry, folder in searched:
            try:
                spec = importlib.machinery.PathFinder.find_spec(name, [folder])
                is_space = spec is not None and spec.origin is None
            except KeyError:                # in a folder without __init__.py, not imported yet
                spec, is_space = None, True
            if is_space:                    # a folder without __init__.py
                spaces.append((entry, os.path.join(folder, part)))
            elif spec is not None:
                found = entry, spec
                break
        if found is not None:
            entry, spec = found
            yield entry, pathlib.Path(spec.origin)
            searched = [(entry, folder) for folder in spec.submodule_search_locations or ()]
        elif spaces:
            searched = spaces
        else:
            yield from _elsewhere(module) if everywhere and name == part else (None,)
            return
    if found is None:                       # nothing but folders
        yield searched[0][0], pathlib.Path(searched[0][1], "__init__.py")


def _elsewhere(module):
    """`_sources` of a module that is built in, or that another finder of the installation finds."""
    try:
        spec = importlib.util.find_spec(module.partition(".")[0])
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        yield None
    elif spec.has_location and spec.origin:
        yield None, pathlib.Path(spec.origin)
    else:
        yield None, pathlib.Path(sys.prefix, "built in")
