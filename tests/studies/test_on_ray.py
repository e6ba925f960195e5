"""Tasks on Ray: side by side, refused in one line, and held when processes are killed."""
import collections
import os
import re
import signal
import subprocess
import sys
import time

import pytest
from studies import stand_in

from tf_disentangle import errors, json_files
from tf_disentangle.runs import results, scores
from tf_disentangle.studies import journal, on_ray, ray_bridge, tasks

pytestmark = pytest.mark.skipif(not on_ray.is_installed(), reason="needs Ray")


UNTIL_STOPPED = ("import signal, sys, time\n"
                 "signal.signal(15, lambda *_: (print('saved'), sys.exit()))\n"
                 "print('up', flush=True)\ntime.sleep(60)")


@pytest.fixture(scope="module")
def ray():
    """Ray on this machine, which several tests share."""
    scheduler = on_ray.OnRay()
    scheduler.start()
    folder = scheduler._bridge._folder
    yield scheduler
    scheduler.close()
    assert not os.path.exists(folder)


def task(folder, program, kind=tasks.TRAIN, **changes):
    return tasks.Task(**{"run": "a", "kind": kind, "model_dir": str(folder / "run"),
                         "commands": ((sys.executable, "-IS", "-c", program),),
                         "log": str(folder / "logs" / f"{kind}.txt"), "fingerprint": "f",
                         **changes})


def outcomes(scheduler, number):
    found, until = [], time.monotonic() + 120
    while len(found) < number and time.monotonic() < until:
        found += scheduler.wait(1.0)
    return {outcome.task.run: outcome for outcome in found}


def processes_below(process):
    """Number of each process below one -> its command."""
    said = subprocess.run(["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True,
                          check=True).stdout
    children, commands = collections.defaultdict(list), {}
    for line in said.splitlines():
        number, parent, command = line.split(maxsplit=2)
        children[int(parent)].append(int(number))
        commands[int(number)] = command
    found, left = {}, [process]
    while left:
        for child in children[left.pop()]:
            found[child] = commands[child]
            left.append(child)
    return found


def wait_until(condition):
    until = time.monotonic() + 180
    while not (found := condition()):
        assert time.monotonic() < until
        time.sleep(0.05)
    return found


def test_tasks_have_the_threads_and_gpus_that_they_are_given(ray, tmp_path):
    show = ("import os; print(*(os.environ.get(name) for name in ('TF_NUM_INTRAOP_THREADS', "
            "'TF_NUM_INTEROP_THREADS', 'OMP_NUM_THREADS', 'CUDA_VISIBLE_DEVICES')))")
    ray.submit(task(tmp_path, show, tasks.SCORE))
    ray.submit(task(tmp_path, "raise ValueError('odd')", run="wrong"))
    found = outcomes(ray, 2)
    assert (found["a"].exit_code, found["wrong"].exit_code) == (0, 1)
    assert found["wrong"].error == "ValueError: odd" and not found["wrong"].was_killed
    assert (tmp_path / "logs" / "score.txt").read_text() == "1 1 1 \n"


def test_as_many_as_there_is_room_for(ray, tmp_path):
    kinds = (tasks.TRAIN, tasks.SCORE)
    assert all(map(ray.has_room, kinds))
    room = ray._capacity[tasks.SCORE]
    for number in range(room):
        assert all(map(ray.has_room, kinds))
        ray.submit(task(tmp_path, "import time; time.sleep(0.5)", run=str(number)))
    assert not any(map(ray.has_room, kinds))
    assert len(outcomes(ray, room)) == room and all(map(ray.has_room, kinds))


def test_it_starts_again_when_it_dies_while_no_task_runs(ray, tmp_path):
    raylet = next(number for number, command in processes_below(ray._bridge._process.pid).items()
                  if "raylet/raylet" in command)
    os.kill(raylet, signal.SIGKILL)
    wait_until(lambda: ray.wait(0.5) == [] and ray._deaths)
    assert ray.has_room(tasks.TRAIN)
    ray.submit(task(tmp_path, "print('there')"))
    assert outcomes(ray, 1)["a"].exit_code == 0


@pytest.mark.parametrize("machines, num_cpus, num_gpus, training, all_", [
    ([{"CPU": 2.0}], 1.0, 0.0, 2, 2), ([{"CPU": 2.0}], 0.5, 0.0, 4, 4),
    ([{"CPU": 3.0}, {"CPU": 1.0}], 2.0, 0.0, 1, 1), ([{"CPU": 8.0, "GPU": 1.0}], 1.0, 0.5, 2, 8),
    ([{"CPU": 8.0, "GPU": 2.0}, {"CPU": 8.0}], 2.0, 1.0, 2, 8), ([], 1.0, 0.0, 0, 0),
    ([{"CPU": 8.0, "GPU": 1.0}], 1.0, 0.1, 8, 8), ([{"GPU": 1.0}], 1.0, 1.0, 0, 0),
])
def test_how_many_fit(machines, num_cpus, num_gpus, training, all_):
    assert ray_bridge.capacity(machines, num_cpus, num_gpus) == {
        tasks.TRAIN: training, tasks.SCORE: all_}


def address_of(scheduler):
    """Where the Ray of a scheduler answers."""
    below = processes_below(scheduler._bridge._process.pid)
    return next(found[1] for command in below.values()
                if (found := re.search(r"--gcs-address=([\d.:]+)", command)))


def test_a_cluster_that_is_there_already(ray, tmp_path, monkeypatch):
    address = address_of(ray)
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", ray._bridge.token)
    scheduler = on_ray.OnRay(address=address, num_cpus=0.5)
    scheduler.start()
    try:
        (tmp_path / "study.json").write_text("{}")
        scheduler.check(tmp_path / "study.json")
        log = tmp_path / "logs" / "train.txt"
        scheduler.submit(task(tmp_path, UNTIL_STOPPED))
        wait_until(lambda: log.exists() and "up" in log.read_text())
    finally:
        scheduler.close()
    assert log.read_text() == "up\nsaved\n"
    for name, line in (("num_cpus", r"num_cpus: expected at most .*, got 1000\."),
                       ("num_gpus", r"num_gpus: expected at most .*, got 1000\.")):
        with pytest.raises(errors.UserError, match=line):
            on_ray.OnRay(address=address, **{name: 1000}).start()
    ray.submit(task(tmp_path, "print(2)"))
    assert outcomes(ray, 1)["a"].exit_code == 0, "the cluster goes on"


def test_addresses_that_nobody_answers():
    with pytest.raises(errors.UserError, match="No Ray cluster answers at the ray_address "
                       "127.0.0.1:9"):
        on_ray.OnRay(address="127.0.0.1:9").start()
    with pytest.raises(errors.UserError, match="auto, host:port or ray://host:port"):
        on_ray.OnRay(address="http://host").start()


@pytest.mark.parametrize("arguments, message", [
    ({"num_cpus": 0}, "num_cpus"), ({"num_gpus": -1}, "num_gpus"),
])
def test_bad_numbers(arguments, message):
    with pytest.raises(errors.InvalidArgumentError, match=message):
        on_ray.OnRay(**arguments)


def test_without_ray(monkeypatch):
    monkeypatch.setattr(on_ray, "is_installed", lambda: False)
    with pytest.raises(errors.UserError, match=r"pip install 'tf_disentangle\[study\]'"):
        on_ray.OnRay()


def test_a_directory_that_a_machine_does_not_see(tmp_path):
    path = tmp_path / "study.json"
    with pytest.raises(errors.UserError, match=f"cannot see the output_dir {tmp_path}"):
        ray_bridge._see(path)
    path.write_text("another machine's")
    with pytest.raises(errors.UserError, match="cannot see the output_dir"):
        ray_bridge._see(path, b"this one's")
    ray_bridge._see(path, b"another machine's")


class Study:
    """A study of stand-ins on Ray in a process of its own."""

    def __init__(self, folder, seeds):
        self.folder, self._seeds = folder, seeds
        self.start()

    def start(self):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._log = open(self.folder.with_suffix(".txt"), "ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "studies.stand_in", "study", self.folder,
             *map(str, self._seeds)], env=environment, stdout=self._log, stderr=self._log)

    def training(self):
        """Number of the process of a run that has a checkpoint -> its seed."""
        below = processes_below(self.process.pid)
        found = {number: int(command.split()[-1]) for number, command in below.items()
                 if "stand_in train" in command}
        return {number: seed for number, seed in found.items()
                if (self.folder / "runs" / f"seed_{seed}" / "checkpoint").exists()}

    def kill(self, pattern):
        """Kills a process whose command matches, once a run trains."""
        wait_until(self.training_or_end)
        number = wait_until(lambda: [number for number, command in processes_below(
            self.process.pid).items() if re.search(pattern, command)])[0]
        os.kill(number, signal.SIGKILL)

    def training_or_end(self):
        assert self.process.poll() is None, self.folder.with_suffix(".txt").read_text()
        return self.training()

    def kill_driver(self):
        wait_until(self.training_or_end)
        self.process.kill()
        self.process.wait()


@pytest.mark.slow
def test_a_study_holds_when_processes_are_killed_and_files_damaged(tmp_path):
    seeds = [*range(5), stand_in.WRONG]
    study = Study(tmp_path / "study", seeds)
    number, resumed = wait_until(study.training_or_end).popitem()
    os.kill(number, signal.SIGKILL)
    time.sleep(1.0)
    study.kill("ray::carry_out")
    time.sleep(1.0)
    study.kill("raylet/raylet")
    number, seed = wait_until(study.training_or_end).popitem()
    checkpoint = study.folder / "runs" / f"seed_{seed}" / "checkpoint"
    os.kill(number, signal.SIGSTOP)
    checkpoint.write_text(checkpoint.read_text()[:3])
    os.kill(number, signal.SIGKILL)
    study.kill_driver()
    study.start()
    study.kill("ray_bridge")
    assert study.process.wait(400) == 0
    said = study.folder.with_suffix(".txt").read_text()
    assert "'finished': 5, 'failed': 1" in said
    entries = journal.read(study.folder / "journal.jsonl")
    ended = collections.Counter((entry.run, entry.task, entry.state) for entry in entries)
    for seed in seeds[:-1]:
        name = f"seed_{seed}"
        assert ended[name, "train", "finished"] == ended[name, "score", "finished"] == 1
        result = json_files.load_object(results.results_path(study.folder / "runs" / name, "train"))
        assert scores.only_scores(result)["loss"] == stand_in.value_of(seed)
    assert {entry.error for entry in entries if entry.run == f"seed_{stand_in.WRONG}"} == {
        "The learning rate is wrong."}
    log = (study.folder / "logs" / f"seed_{resumed}.train.txt").read_text()
    assert any(int(step) > 0 for step in re.findall(r"from step (\d+)", log)), "it went on"
