"""Speed and memory of the batches of each data set: the table in docs/benchmarks.md.

    python benchmarks/data.py [names]

Prints, for every data set that is present, images per second of the training pipeline (batches
of 64, two threads), the memory that it adds to the process at its peak, and the time of a batch
as a share of a beta-VAE's training step on 64x64 images in the same run. Each data set has its own
process, so that no memory is counted twice; files that are mapped into memory count as far as they
have been read.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

_BATCH_SIZE = 64


def _memory(entry):
    """MiB of this process, as Linux reports it: VmRSS now, VmHWM at the peak."""
    for line in pathlib.Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(entry):
            return int(line.split()[1]) / 1024
    raise SystemExit(f"no {entry} in /proc/self/status")


def measure(name, sampling, seconds):
    """Prints (seconds of a batch, MiB, seconds to make the data set) of one data set."""
    from tf_disentangle import data
    from tf_disentangle.data import tf_data

    for _ in tf_data.training_batches(data.ThreeDots(), 2, 0).take(1):
        pass                                # so that TensorFlow's own memory is not counted
    pathlib.Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")   # the peak is now
    before, started = _memory("VmRSS"), time.perf_counter()
    made = data.get_named_ground_truth_data(name)
    making = time.perf_counter() - started
    batches = iter(tf_data.training_batches(made, _BATCH_SIZE, 0, sampling=sampling))
    for _ in range(5):
        next(batches)
    started, count = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        next(batches)
        count += 1
    elapsed = time.perf_counter() - started
    print(elapsed / count, _memory("VmHWM") - before, making)


def step_milliseconds(rounds):
    """Milliseconds that a training step of a beta-VAE takes."""
    import timing

    from tf_disentangle import models

    step = timing.training_step(lambda encoder: models.VAE(4.0, encoder=encoder))
    return timing.medians({"beta-VAE": step}, rounds)["beta-VAE"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--sampling", default="independent")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        measure(chosen.measure, chosen.sampling, chosen.seconds)
        return
    from tf_disentangle.data import named_data

    step = step_milliseconds(chosen.rounds)
    print(f"A training step of beta-VAE: {step:.1f} ms on {os.cpu_count()} cores\n")
    print("| data set | images/s | MiB | seconds to make | batch, share of a step |")
    print("|---|---|---|---|---|")
    for name in chosen.names or named_data.dataset_names():
        done = subprocess.run(
            [sys.executable, __file__, "--measure", name, "--sampling", chosen.sampling,
             "--seconds", str(chosen.seconds)], capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"| {name} | {(done.stderr.strip().splitlines() or ['?'])[-1][:60]} | | | |")
            continue
        batch, memory, making = map(float, done.stdout.split())
        print(f"| {name} | {_BATCH_SIZE / batch:.0f} | {memory:.0f} | {making:.1f} "
              f"| {100 * 1000 * batch / step:.1f}% |", flush=True)


if __name__ == "__main__":
    main()
