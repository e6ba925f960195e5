"""Gin files of the package and of its users: whose a file is, and its text with all it includes."""
from tf_disentangle.configuration import gin_files, gin_text

__all__ = ["is_ours", "text_of"]


def is_ours(path):
    """Whether a gin file is one of the package's.

    Args:
        path: `pathlib.Path`.
    """
    return any(folder.resolve() in path.resolve().parents
               for folder in gin_files.gin_directories())


def text_of(name, within=()):
    """The text of a gin file, followed by that of the files that it includes.

    Args:
        name: see `gin_files.find_gin_file`.
        within: files that include it, outermost first.
    """
    path = gin_files.find_gin_file(name)
    text = gin_files.read(path)
    if path in within:
        return text
    included = [word for _, kind, word in gin_text.includes_and_imports(text)
                if kind == "include"]
    return "\n".join([text, *(text_of(word, (*within, path)) for word in included)])
