"""What all programs share: flags, quiet libraries, and errors as one line."""
import contextlib
import os
import sys
import tempfile
import traceback

from absl import app, flags, logging

from tf_disentangle import errors
from tf_disentangle.configuration import gin_errors

__all__ = ["FLAGS", "define_output_dir", "gin_files", "import_tensorflow", "message", "run",
           "say"]

FLAGS = flags.FLAGS

flags.DEFINE_multi_string(
    "gin_file", [], "A gin file, as given or in gin_configs; may be repeated, later ones win.")
flags.DEFINE_multi_string("gin_config", [], "The same flag under disentanglement_lib's name.")
flags.DEFINE_multi_string(
    "gin_bindings", [], "One binding such as 'vae.beta = 4'; may be repeated, wins over files.")
flags.DEFINE_string("model_dir", None, "Directory of the run.")
flags.DEFINE_bool("overwrite", False, "Replace the results that are already there.")
flags.DEFINE_bool("debug", False, "Show the traceback of an error.")


def define_output_dir():
    """Adds the flag of the programs that write beside a run."""
    if "output_dir" not in FLAGS:
        flags.DEFINE_string("output_dir", None,
                            "Where the output goes, instead of under model_dir.")


def gin_files():
    """The gin files that were asked for, in order."""
    return [*FLAGS.gin_file, *FLAGS.gin_config]


def say(*lines):
    """Prints lines at once."""
    print(*lines, sep="\n", flush=True)


def import_tensorflow():
    """Imports TensorFlow without the lines that its C++ code writes, before it reads settings."""
    with quietly():
        import tensorflow  # noqa: F401


@contextlib.contextmanager
def quietly():
    """Holds back what libraries write to standard error; shows it if there is an exception."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        failed = True
        try:
            yield
            failed = False
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            if failed:
                held.seek(0)
                sys.stderr.write(held.read().decode(errors="replace"))


def run(main, help_text, takes_names=False, needs_tensorflow=True):
    """Runs a program: `main()` after flags are parsed; its errors become one line, exit 1.

    Args:
        main: function without arguments.
        help_text: what the program does.
        takes_names: whether words that are not flags are allowed; `main` is given their list.
        needs_tensorflow: whether TensorFlow is imported first; if not, `main` calls
            `import_tensorflow` where it needs it.
    """
    if {"--help", "-h", "-?"} & set(sys.argv[1:]):
        say(help_text, "", "Flags:", *_flag_lines(main.__module__), *_flag_lines(__name__))
        return

    def guarded(arguments):
        if len(arguments) > 1 and not takes_names:
            raise app.UsageError(f"Unknown argument '{arguments[1]}'; options start with --.")
        # A user's own modules are found beside the gin files that name them, and where the
        # program is started.
        sys.path[:0] = [os.getcwd(), *(os.path.dirname(os.path.abspath(path))
                                       for path in gin_files() if os.path.isfile(path))]
        logging.set_verbosity(logging.ERROR)
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        try:
            if needs_tensorflow:
                import_tensorflow()
            main(*([arguments[1:]] if takes_names else []))
        except Exception as error:  # the last line of defence: whatever it is, say it
            print(f"Error: {message(error)}", file=sys.stderr)
            sys.exit(1)
    app.run(guarded)


def _flag_lines(module):
    for flag in FLAGS.get_flags_for_module(module):
        name = f"--[no]{flag.name}" if flag.boolean else f"--{flag.name}"
        default = f" (default: {str(flag.default).lower()})" if flag.boolean else ""
        text = flag.help.partition(";\n")[0]
        yield f"  {name:16} {text}{default}"


def message(error):
    """One line that says what an exception is about; with --debug its traceback, too."""
    if FLAGS.debug:
        traceback.print_exception(error)
    if isinstance(error, errors.UserError):
        return gin_errors.explain(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
    # TensorFlow puts where it was traced before the message, gin what it called after it.
    calls = [line for line in lines if line.startswith("In call to configurable")]
    lines = lines[:lines.index(calls[0])] if calls else lines
    first = lines[-1] if lines[0] == "in user code:" else lines[0]
    called = f" in @{calls[0].split(chr(39))[1]}" if calls else ""
    return f"{type(error).__name__}{called}: {first} (--debug shows where)"
