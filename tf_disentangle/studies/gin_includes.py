"""The text of a gin file together with that of the files that it includes."""
from tf_disentangle.configuration import gin_files, gin_text

__all__ = ["text_of"]


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
