"""Pages from templates: what is written, and where, without TensorFlow."""
import base64
import os
import pathlib

import jinja2
import markupsafe

import tf_disentangle
from tf_disentangle import atomic, errors

__all__ = ["check_writable", "own", "png_address", "png_of_file", "render"]

_TEMPLATES = pathlib.Path(__file__).parent / "templates"
_PNG = b"\x89PNG\r\n\x1a\n"


def render(template, **context):
    """The page that a template makes of the given values; all strings are escaped.

    Args:
        template: name of a file in `templates` that extends `base.html`.
        **context: what the template needs; `sections` and `missing` are for `base.html`.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True,
        lstrip_blocks=True, undefined=jinja2.ChainableUndefined)
    return environment.get_template(template).render(
        **context, style=own("style.css"), version=tf_disentangle.__version__)


def own(name):
    """A file of this package, which goes into the page as it is."""
    return markupsafe.Markup((_TEMPLATES / name).read_text(encoding="utf-8"))


def check_writable(path):
    """Refuses a path before the work begins; `atomic.write` finds out about the rest."""
    with atomic.saying(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    if not os.access(path.parent, os.W_OK) or path.is_dir():
        why = "it is a directory" if path.is_dir() else "its directory is not writable"
        raise errors.UserError(f"Cannot write {path}: {why}. Give another --output_dir.")


def png_address(data):
    """The data address of the bytes of a PNG file."""
    return "data:image/png;base64," + base64.b64encode(data).decode("ascii")


def png_of_file(path):
    """The data address of a PNG file; None if the file cannot be read or is not a PNG."""
    try:
        data = pathlib.Path(path).read_bytes()
    except OSError:
        return None
    return png_address(data) if data.startswith(_PNG) else None
