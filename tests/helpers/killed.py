"""Runs of `bin/train` that end at one of their file operations, as a kill would end them.

`python -m helpers.killed` reads lines with a number, the folder to run in, and arguments of the
program. For each it starts the program in a process of its own, which ends before the operation of
that number, counted from 1, on something in the folder; 0 lets it run to its end. It answers with
the exit code, `KILLED` if it was ended, and with what was printed, as JSON. TensorFlow is imported
once for all.
"""
import contextlib
import json
import os
import pathlib
import sys
import tempfile

KILLED = 99

# Events of operations that change something; `open` is looked at by itself.
_CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "os.link",
            "os.symlink")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def end_at(number, folder):
    """From now on the process ends before a file operation; returns a function that counts them."""
    made = 0

    def hook(event, arguments):
        nonlocal made
        if _changes_something(event, arguments, folder):
            made += 1
            if made == number:
                os._exit(KILLED)
    sys.addaudithook(hook)
    return lambda: made


def _changes_something(event, arguments, folder):
    if event == "open":
        if not arguments[2] & _WRITING:
            return False
    elif event not in _CHANGES:
        return False
    path = arguments[0]
    return isinstance(path, (str, bytes, os.PathLike)) and os.path.abspath(
        os.fsdecode(path)).startswith(folder)


class Killed(BaseException):
    """What every file operation raises after the kill of `killed_at`."""


class _Kill:
    is_hooked = False   # a hook stays for as long as Python runs
    left = None         # operations that may still be made; None if there is no kill
    folder = None


def _hook(event, arguments):
    if _Kill.left is not None and _changes_something(event, arguments, _Kill.folder):
        if _Kill.left == 0:
            raise Killed
        _Kill.left -= 1


@contextlib.contextmanager
def killed_at(number, folder):
    """A context that leaves the files in a folder as a kill at an operation would leave them.

    That operation raises `Killed` and is not made, and neither is any later one, so nothing is
    tidied up. Unlike `end_at` it needs no process for each kill.
    """
    if not _Kill.is_hooked:
        sys.addaudithook(_hook)
        _Kill.is_hooked = True
    _Kill.left, _Kill.folder = number - 1, folder
    try:
        yield
    finally:
        _Kill.left = None


def _program(number, folder, arguments, answer):
    """The child: runs the program and notes how many operations it made."""
    import tensorflow as tf

    from tf_disentangle.cli import train
    tf.config.run_functions_eagerly(True)  # a child that traced would trace everything anew
    os.chdir(folder)
    printed = os.open(answer, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    _few_pictures()
    _small_export()
    made = end_at(number, folder)
    sys.argv = ["train", *arguments]
    code = 0
    try:
        train.main()
    except SystemExit as stop:
        code = stop.code or 0
    print(f"operations {made()}", flush=True)
    sys.stderr.flush()
    os._exit(code)


def _few_pictures():
    """Three small ones in place of all, and an empty plot of losses, written as all are."""
    import numpy as np

    from tf_disentangle.visualize import files, loss_curves, visualize_model

    def draw_all(model, ground_truth_data, output_dir, *_):
        del ground_truth_data
        folder = files.picture_directory(output_dir)
        level = abs(float(model.trainable_variables[0].numpy().sum())) * 1000
        paths = {name: folder / name for name in ("a.png", "b.png", "c.png")}
        for path in paths.values():
            files.save_png(np.full((8, 8, 3), int(level) % 256, np.uint8), path)
        return paths
    visualize_model.draw_all = draw_all
    loss_curves.loss_curves_picture = lambda *_: np.zeros((8, 8, 3), np.uint8)


def _small_export():
    """Two files in place of a SavedModel, which C++ code writes unseen and takes its time over."""
    import tensorflow as tf

    from tf_disentangle.export import saved_model

    def save(endpoints, folder, signatures):
        del endpoints, signatures
        os.makedirs(os.path.join(folder, "variables"))
        for name in ("saved_model.pb", "variables/data"):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as stream:
                stream.write(name)
    tf.saved_model.save = save
    saved_model._Endpoints.signatures = lambda endpoints: None


def main():
    """The parent, which only imports and forks."""
    import tensorflow  # noqa: F401

    from helpers import tiny_run  # noqa: F401
    from tf_disentangle.cli import train  # noqa: F401
    from tf_disentangle.training import train as train_lib  # noqa: F401
    from tf_disentangle.visualize import visualize_model  # noqa: F401

    with contextlib.suppress(ImportError):  # by TensorFlow at the first summary that is written
        import tensorboard.summary.v2  # noqa: F401

    with tempfile.TemporaryDirectory() as here:
        answer = pathlib.Path(here, "answer")
        for line in sys.stdin:
            number, folder, *arguments = json.loads(line)
            child = os.fork()
            if child == 0:
                _program(number, folder, arguments, answer)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            print(json.dumps([code, answer.read_text(errors="replace")]), flush=True)


if __name__ == "__main__":
    main()
