"""Tasks in processes of their own: how they end, what is kept, and what outlives what."""
import os
import signal
import subprocess
import sys
import time

import pytest

from tf_disentangle.runs import lock
from tf_disentangle.studies import here, processes, tasks

SLEEP = "import time\nprint('up', flush=True)\ntime.sleep(60)"


def task(folder, *programs, **changes):
    commands = tuple((sys.executable, "-IS", "-c", program) for program in programs)
    return tasks.Task(**{"run": "a", "kind": tasks.TRAIN, "commands": commands,
                         "model_dir": str(folder / "run"), "log": str(folder / "logs" / "a.txt"),
                         "fingerprint": "f", **changes})


def run(made):
    running = processes.Running(made)
    while (outcome := running.wait(60.0)) is None:
        pass
    return outcome


def test_commands_run_one_after_another(tmp_path):
    outcome = run(task(tmp_path, "print(1)", "print(2)"))
    assert (outcome.exit_code, outcome.error, outcome.was_killed) == (0, "", False)
    assert (tmp_path / "logs" / "a.txt").read_text() == "1\n2\n" and outcome.seconds > 0


FAILURES = [
    ("import sys; print('step 1'); sys.exit('Error: No such data set.')", 1, "No such data set."),
    ("raise ValueError('odd')", 1, "ValueError: odd"), ("import sys; sys.exit(3)", 3,
                                                        "exit code 3"),
    ("import os; print('up', flush=True); os.kill(os.getpid(), 9)", -9, "ended by SIGKILL"),
]


@pytest.mark.parametrize("program, code, error", FAILURES)
def test_a_failure_says_why(tmp_path, program, code, error):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.txt").write_text("Error: of an earlier attempt\n")
    outcome = run(task(tmp_path, program, "print('never')"))
    assert (outcome.exit_code, outcome.error) == (code, error)
    assert outcome.was_killed == (code < 0)
    assert "never" not in (tmp_path / "logs" / "a.txt").read_text()


def test_a_task_whose_log_cannot_be_written_has_failed(tmp_path):
    (tmp_path / "logs").write_text("a file")
    outcome = run(task(tmp_path, "print(1)"))
    assert outcome.exit_code == 1 and str(tmp_path / "logs") in outcome.error


def test_threads_follow_the_processors_that_a_task_is_given(tmp_path):
    show = "import os; print(os.environ.get('TF_NUM_INTRAOP_THREADS'), 'PYTHONPATH' in os.environ)"
    run(task(tmp_path, show, num_cpus=2.0))
    assert (tmp_path / "logs" / "a.txt").read_text() == "2 True\n"


def test_a_directory_in_use_is_waited_for(tmp_path):
    running = processes.Running(task(tmp_path, "print('in')"))
    with lock.locked(tmp_path / "run"):
        assert running.wait(0.3) is None
        assert not (tmp_path / "logs" / "a.txt").exists()
    assert running.wait(30).exit_code == 0


def test_here_has_one_task_at_a_time_and_ends_it_when_closed(tmp_path):
    scheduler = here.Here()
    assert scheduler.has_room(tasks.TRAIN) and scheduler.wait(0.0) == []
    scheduler.submit(task(tmp_path, "print(1)"))
    assert not scheduler.has_room(tasks.SCORE)
    ended = []
    while not ended:
        ended = scheduler.wait(1.0)
    assert [outcome.exit_code for outcome in ended] == [0]
    assert scheduler.has_room(tasks.TRAIN)
    saves = ("import signal, sys\nsignal.signal(15, lambda *_: (print('saved'), sys.exit()))\n"
             + SLEEP)
    scheduler.submit(task(tmp_path, saves))
    log = tmp_path / "logs" / "a.txt"
    while "up" not in (log.read_text() if log.exists() else ""):
        scheduler.wait(0.05)
    scheduler.close()
    assert log.read_text() == "1\nup\nsaved\n"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody tells a child")
def test_a_task_ends_with_the_program_that_started_it(tmp_path):
    starter = ("import pathlib, sys\nfrom studies import test_processes\n"
               "test_processes.run(test_processes.task(pathlib.Path(sys.argv[1]),\n"
               "    'import os; print(os.getpid(), flush=True)\\n' + test_processes.SLEEP))\n")
    parent = subprocess.Popen([sys.executable, "-c", starter, tmp_path],
                              env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    log = tmp_path / "logs" / "a.txt"
    until = time.monotonic() + 60
    while "up" not in (log.read_text() if log.exists() else "") and time.monotonic() < until:
        time.sleep(0.05)
    child = int(log.read_text().split()[0])
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    while _is_there(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _is_there(child)


def _is_there(process):
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as stream:
            return stream.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
