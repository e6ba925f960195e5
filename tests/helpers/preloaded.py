"""Programs in processes of their own that are spared the import of TensorFlow.

`start` has a process that has imported it, and computed nothing, fork one that runs the program.
"""
import contextlib
import functools
import gc
import json
import os
import pathlib
import select
import signal
import socket
import subprocess
import sys
import threading

TESTS = pathlib.Path(__file__).parent.parent


class Program:
    """A running program, with the part of `subprocess.Popen` that tests use."""

    def __init__(self, parent, orders, order):
        self._parent, self.returncode = parent, None
        pipes = [os.pipe(), os.pipe()]
        socket.send_fds(orders, [json.dumps(order).encode()], [writer for _, writer in pipes])
        for _, writer in pipes:
            os.close(writer)
        self.stdout, self.stderr = [open(reader, encoding="utf-8") for reader, _ in pipes]
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
        """What it has printed since, and its errors, when it and all that it started have ended."""
        late = threading.Timer(timeout, os.killpg, (self.pid, signal.SIGKILL))
        late.start()
        with self.stdout, self.stderr:
            texts = self.stdout.read(), self.stderr.read()
        self.wait()
        late.cancel()
        return texts


_started = []


def start(folder, code, *arguments):
    """A `Program` that runs Python code in a folder, in a process group of its own.

    There is one at a time: the one before, which a test that failed may have left, is killed.
    """
    if _started and _started[0].poll() is None:
        _started[0].kill()
        _started[0].wait()
    _started[:] = [Program(*_parent(), {
        "folder": str(folder), "code": code, "arguments": [str(each) for each in arguments]})]
    return _started[0]


@functools.lru_cache(maxsize=None)
def _parent():
    """The process that forks, and a socket that takes orders; it ends when that is closed."""
    ours, theirs = socket.socketpair()
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3",
                   "PYTHONPATH": f"{TESTS.parent}:{TESTS}"}
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "helpers.preloaded", str(theirs.fileno())], env=environment,
            pass_fds=[theirs.fileno()], stdout=subprocess.PIPE, bufsize=0)
    return process, ours


def _run(streams, folder, code, arguments):
    """The child: becomes a program of its own."""
    gc.enable()
    os.setsid()
    os.chdir(folder)
    for number, stream in enumerate(streams, start=1):
        os.dup2(stream, number)
        os.close(stream)
    sys.argv = ["program", *arguments]
    exec(code, {"__name__": "__main__"})


def main():
    """The parent, which only imports and forks."""
    gc.disable()
    import sklearn.ensemble  # noqa: F401
    import tensorflow  # noqa: F401

    from helpers import tiny_run  # noqa: F401
    from tf_disentangle.evaluation import evaluate  # noqa: F401
    from tf_disentangle.evaluation.of_models import suite  # noqa: F401
    from tf_disentangle.visualize import visualize_model  # noqa: F401

    with contextlib.suppress(ImportError):  # by TensorFlow at the first summary that is written
        import tensorboard.summary.v2  # noqa: F401

    gc.freeze()  # a child that searched the libraries for garbage would copy their memory
    orders = socket.socket(fileno=int(sys.argv[1]))
    while True:
        order, streams, _, _ = socket.recv_fds(orders, 2**16, 2)
        if not order:
            return
        child = os.fork()
        if child == 0:
            orders.close()
            _run(streams, **json.loads(order))
            return
        for stream in streams:
            os.close(stream)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
