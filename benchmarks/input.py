"""How many batches a second the host gives to a step that takes no time: docs/benchmarks.md.

    python benchmarks/input.py

Runs the training loop of a real run, 20 steps per call, with a model that reads one pixel of each
batch of 64. So what is measured is drawing images and handing them to the step. Each row has a
process of its own, which is confined to that number of cores; the threads follow.

Prints medians over rounds: batches per second; processor time per batch, which other programs on
the machine disturb less; and the batches per second if all these cores did nothing else.
"""
import argparse
import os
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

_BATCH_SIZE = 64
_STEPS_PER_CALL = 20


class Reads:
    """What the loop needs of a model: an update, which reads a pixel."""

    def update(self, images):
        """The named loss terms."""
        return {"loss": images[0, 0, 0, 0]}


def measure(name, cores, steps, rounds):
    """Prints the median microseconds and processor microseconds of a batch."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    import numpy as np

    from tf_disentangle import data
    from tf_disentangle.data import tf_data
    from tf_disentangle.training import loop

    batches = tf_data.training_batches(data.get_named_ground_truth_data(name), _BATCH_SIZE, 0)
    runner = loop.StepRunner(Reads(), batches)
    times = []
    for _ in range(rounds + 1):
        started, used = time.perf_counter(), time.process_time()
        loop.run_steps(runner, 0, steps, [], _STEPS_PER_CALL)
        times.append((time.perf_counter() - started, time.process_time() - used))
    print(*np.median(times[1:], axis=0) / steps * 1e6)   # the first round traces


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=["three_dots", "dsprites_rendered"])
    parser.add_argument("--cores", type=int, nargs="*", default=range(1, 1 + len(
        os.sched_getaffinity(0))))
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    flags = parser.parse_args()
    if flags.measure:
        measure(flags.names[0], flags.cores[0], flags.steps, flags.rounds)
        return
    print("| data set | cores | batches/s | processor microseconds a batch | at most, batches/s |")
    print("|---|---|---|---|---|")
    for name in flags.names:
        for cores in flags.cores:
            done = subprocess.run(
                [sys.executable, __file__, name, "--measure", "--cores", str(cores), "--steps",
                 str(flags.steps), "--rounds", str(flags.rounds)], capture_output=True, text=True,
                check=False)
            if done.returncode:
                raise SystemExit(done.stderr)
            wall, used = map(float, done.stdout.split())
            print(f"| {name} | {cores} | {1e6 / wall:.0f} | {used:.0f} "
                  f"| {cores * 1e6 / used:.0f} |", flush=True)


if __name__ == "__main__":
    main()
