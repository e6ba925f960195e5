"""Runs of `bin/train` that end at one of their file operations, as a kill would end them."""
import contextlib
import os
import sys

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


def program():
    """The program, in the working folder and in a process of its own, for `preloaded.start`.

    Its arguments are those of `bin/train` after the number of the operation before which it ends,
    counted from 1, with the exit code `KILLED`; 0 lets it run to its end. It prints everything to
    standard output, in the end how many operations it made.
    """
    import tensorflow as tf

    from tf_disentangle.cli import train
    tf.config.run_functions_eagerly(True)  # a process that traced would trace everything anew
    os.dup2(1, 2)
    _few_pictures()
    _small_export()
    number = int(sys.argv.pop(1))
    made = end_at(number, os.getcwd())
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
