"""Shared by all programs: flags, quiet libraries, and one-line errors."""
import contextlib
import os
import select
import signal
import sys
import tempfile
import traceback
import warnings

from absl import app, flags, logging

from tf_disentangle import atomic, errors, interrupts
from tf_disentangle.configuration import gin_errors
from tf_disentangle.runs import user_folders

__all__ = ["FLAGS", "check_output_dir", "define_num_animations", "define_output_dir",
           "define_trust_modules", "gin_files", "import_tensorflow", "message",
           "refuse_idle_flags", "run", "say"]

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
    """Adds the output flag of programs that write next to a run."""
    if "output_dir" not in FLAGS:
        flags.DEFINE_string("output_dir", None,
                            "Where the output goes, instead of under model_dir.")


def define_num_animations():
    """Adds the number of animations of programs that draw them."""
    if "num_animations" not in FLAGS:
        flags.DEFINE_integer("num_animations", 5, "From how many images animations begin.")


def check_output_dir(path=None):
    """Raises an error if nothing can be written there, before the work for it begins.

    Args:
        path: a folder; that of the output flag if None, and if it is not given, nothing is checked.
    """
    path = FLAGS.output_dir if path is None else path
    if path is not None:
        atomic.check_writable(path)


def define_trust_modules():
    """Adds the flags about trusted modules of programs that load runs."""
    if "trust_modules" not in FLAGS:
        flags.DEFINE_multi_string("module_dir", [], "A directory with modules of your own that the "
                                  "run imports; may be repeated.")
        flags.DEFINE_bool("trust_modules", False, "Run the code of modules that lie in a run, or "
                          "where it was trained. Otherwise, only your own modules are imported.")


def gin_files():
    """The gin files given by flags, in order."""
    return [*FLAGS.gin_file, *FLAGS.gin_config]


def say(*lines):
    """Prints lines immediately."""
    print(*lines, sep="\n", flush=True)


def import_tensorflow():
    """Imports TensorFlow without the lines that its C++ code prints at import."""
    with interrupts.at_once(), quietly():
        import tensorflow  # noqa: F401


@contextlib.contextmanager
def quietly():
    """A context that hides libraries' standard error, and shows it if there is an exception."""
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
    """Parses flags and runs `main()`; an error becomes one line and exit code 1.

    Ctrl-C and SIGTERM also end it with one line, and exit code 130 or 143; see `interrupts`.

    Args:
        main: function without arguments.
        help_text: description of the program.
        takes_names: whether words other than flags are allowed; `main` receives them as a list.
        needs_tensorflow: whether TensorFlow is imported first; if not, `main` calls
            `import_tensorflow` where it needs it.
    """
    if {"--help", "-h", "-?"} & set(sys.argv[1:]):
        say(help_text, "", "Flags:", *_flag_lines(main.__module__), *_flag_lines(__name__))
        return

    def guarded(arguments):
        if len(arguments) > 1 and not takes_names:
            raise app.UsageError(f"Unknown argument '{arguments[1]}'; options start with --.")
        # A user's own modules are found next to the gin files that name them, and in the working
        # folder.
        user_folders.add_for(gin_files(), FLAGS.module_dir if "module_dir" in FLAGS else [])
        logging.set_verbosity(logging.ERROR)
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        # oneDNN's convolutions are faster on any x86 processor, but TensorFlow takes them only
        # where there is AVX-512, unless it is told to.
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
        try:
            _refuse_empty_flags()
            if needs_tensorflow:
                import_tensorflow()
            with interrupts.unwinding():
                main(*([arguments[1:]] if takes_names else []))
        except KeyboardInterrupt as interrupt:
            _end_interrupted(getattr(interrupt, "number", signal.SIGINT))
        except Exception as error:  # the last resort: report any error
            if number := interrupts.received():  # a library turned it into another error
                _end_interrupted(number)
            if isinstance(error, BrokenPipeError) and _output_is_unread():
                sys.exit(128 + signal.SIGPIPE)
            print(f"Error: {message(error)}", file=sys.stderr)
            sys.exit(1)
    before, warnings.formatwarning = warnings.formatwarning, _warning_line
    try:
        app.run(guarded)
    finally:
        warnings.formatwarning = before


def _output_is_unread():
    """Whether what reads the output has ended, as `head` does; the rest then goes nowhere."""
    pipe = select.poll()
    pipe.register(sys.stdout.fileno(), 0)
    unread = any(event & (select.POLLERR | select.POLLHUP) for _, event in pipe.poll(0))
    if unread:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return unread


def _end_interrupted(number):
    if interrupts.installed():
        interrupts.end(number)
    print(f"Interrupted by {signal.Signals(number).name}.", file=sys.stderr)
    sys.exit(128 + number)


def _warning_line(text, category, filename, lineno, line=None):
    """A warning as one line, without the place in the code, which does not help a user."""
    del category, filename, lineno, line
    return f"Warning: {' '.join(str(text).split())}\n"


def _refuse_empty_flags():
    """Raises an error for an empty flag, such as --model_dir "" from an unset shell variable.

    A list with nothing between its commas is empty, too.
    """
    for name in FLAGS:
        values = FLAGS[name].value
        values = values if isinstance(values, list) else [values]
        if FLAGS[name].present and (not values or any(
                isinstance(value, str) and not value.strip() or "\0" in str(value)
                for value in values)):
            raise errors.UserError(f"The flag --{name} has no value. Give one, or leave it out.")


def refuse_idle_flags(names, instead):
    """Raises an error for the first given flag that would have no effect.

    Args:
        names: names of the flags.
        instead: what makes them ineffective, and what to do, as the end of a sentence.
    """
    for name in names:
        if FLAGS[name].present:
            raise errors.UserError(f"--{name} does nothing {instead}")


def _flag_lines(module):
    for flag in FLAGS.get_flags_for_module(module):
        name = f"--[no]{flag.name}" if flag.boolean else f"--{flag.name}"
        default = f" (default: {str(flag.default).lower()})" if flag.boolean else ""
        text = flag.help.partition(";\n")[0]
        yield f"  {name:16} {text}{default}"


def message(error):
    """One line about an exception, with --debug followed by its traceback."""
    if FLAGS.debug:
        traceback.print_exception(error)
    if isinstance(error, errors.UserError):
        return gin_errors.explain(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
    # TensorFlow adds the place of tracing before the message, gin its calls after it.
    calls = [line for line in lines if line.startswith("In call to configurable")]
    lines = lines[:lines.index(calls[0])] if calls else lines
    first = lines[-1] if lines[0] == "in user code:" else lines[0]
    called = f" in @{calls[0].split(chr(39))[1]}" if calls else ""
    return f"{type(error).__name__}{called}: {first} (--debug shows where)"
