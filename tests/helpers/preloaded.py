"""Programs in processes of their own that are spared the import of TensorFlow.

`start` has a process that has imported it, and computed nothing, fork one that runs the program.
"""
import atexit
import functools
import json
import os
import pathlib
import select
import signal
import subprocess
import sys
import tempfile
import threading

TESTS = pathlib.Path(__file__).parent.parent


class Program:
    """A running program, with the part of `subprocess.Popen` that tests use."""

    def __init__(self, parent, order):
        self._parent, self.returncode = parent, None
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ("out", "err")]
            for path in paths:
                os.mkfifo(path)
            parent.stdin.write(json.dumps({**order, "streams": paths}).encode() + b"\n")
            # Opened as soon as the program has opened the other end.
            self.stdout, self.stderr = [open(path, encoding="utf-8") for path in paths]
        self.pid = int(parent.stdout.readline())

    def poll(self):
        """The exit code, None while it runs."""
        if self.returncode is None and select.select([self._parent.stdout], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self):
        """Waits for its end; the exit code, minus the signal's number if one ended it."""
        if self.returncode is None:
            self.returncode = int(self._parent.stdout.readline())
        return self.returncode

    def send_signal(self, number):
        """Sends it a signal."""
        os.kill(self.pid, number)

    def kill(self):
        """Ends it at once."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout=600):
        """What it has printed since, and its errors, when it has ended."""
        late = threading.Timer(timeout, self.kill)
        late.start()
        with self.stdout, self.stderr:
            texts = self.stdout.read(), self.stderr.read()
        self.wait()
        late.cancel()
        return texts


def start(folder, code, *arguments):
    """A `Program` that runs Python code in a folder, in a process group of its own.

    It must have ended before the next one is started.
    """
    return Program(_parent(), {"folder": str(folder), "code": code,
                               "arguments": [str(argument) for argument in arguments]})


@functools.lru_cache(maxsize=None)
def _parent():
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3",
                   "PYTHONPATH": f"{TESTS.parent}:{TESTS}"}
    process = subprocess.Popen([sys.executable, "-m", "helpers.preloaded"], env=environment,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    atexit.register(process.stdin.close)
    return process


def _run(folder, code, arguments, streams):
    """The child: becomes a program of its own."""
    os.setsid()
    os.chdir(folder)
    for number, path in ((1, streams[0]), (2, streams[1]), (0, os.devnull)):
        opened = os.open(path, os.O_WRONLY if number else os.O_RDONLY)
        os.dup2(opened, number)
        os.close(opened)
    sys.argv = ["program", *arguments]
    exec(code, {"__name__": "__main__"})


def main():
    """The parent, which only imports and forks."""
    import sklearn.ensemble  # noqa: F401
    import tensorflow  # noqa: F401

    from helpers import tiny_run  # noqa: F401
    from tf_disentangle.evaluation import evaluate  # noqa: F401
    from tf_disentangle.evaluation.of_models import suite  # noqa: F401
    from tf_disentangle.visualize import visualize_model  # noqa: F401

    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _run(**json.loads(line))
            return
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
