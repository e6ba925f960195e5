"""Training batches as a `tf.data.Dataset`; the only module here that needs TensorFlow."""
import os

import tensorflow as tf

from tf_disentangle import errors
from tf_disentangle.data import image_values
from tf_disentangle.data import sampling as sampling_lib

__all__ = ["training_batches"]

_MOST_THREADS = 4                           # they share one Python interpreter


def training_batches(ground_truth_data, batch_size, seed, start_step=0,
                     sampling="independent"):
    """The endless sequence of training batches of one run.

    Element i is `sample_batch(ground_truth_data, batch_size, seed, start_step + i)`, or the same
    batch of `EpochBatches`, on any machine and with any number of threads. So a run continued from
    step k sees the batches it would have seen. The data set is called from several threads at
    once: as many as the process has cores, but at least two and at most four.

    Args:
        ground_truth_data: a `GroundTruthData`.
        batch_size: int >= 1.
        seed: int from 0 to 2**32 - 1.
        start_step: int >= 0, the step of the first batch.
        sampling: "independent", with replacement, or "epochs", in which every observation comes
            once before any comes again.
    Returns:
        batches: `tf.data.Dataset` of `[batch_size, *observation_shape]` float32 tensors.
    Raises:
        InvalidArgumentError: an argument is out of range, or the data set returns
            observations of a wrong shape or dtype.
        tf.errors.OpError: later, while iterating; the message contains that of the data set.
    """
    start_step = errors.whole_number("start_step", start_step, 0, 2**63 - 1)
    errors.one_of("sampling", sampling, list(sampling_lib.SAMPLINGS))
    if sampling == "epochs":
        epochs = sampling_lib.EpochBatches(ground_truth_data, seed)

    def draw(step):
        if sampling == "epochs":
            return epochs.batch(batch_size, int(step))
        return sampling_lib.sample_batch(ground_truth_data, batch_size, seed, int(step))

    # Drawn once outside TensorFlow, so that an error in the data set shows as it is.
    first = draw(start_step)
    if first.ndim == 4:                     # the range that the loss needs is not known here
        image_values.check_range(first, "observations", bounded=False)
    shape = first.shape

    def batch(step):
        images = tf.numpy_function(draw, [step], tf.float32)
        return tf.ensure_shape(images, shape)

    steps = tf.data.Dataset.counter(start_step)
    threads = _threads()
    batches = steps.map(batch, num_parallel_calls=threads, deterministic=True)
    # The threads are fixed. The thread that tunes their number can hold up the end of an iteration:
    # TensorFlow then waits for it to wake, which it does once a minute.
    options = tf.data.Options()
    options.autotune.enabled = False
    return batches.prefetch(threads).with_options(options)


def _threads():
    """How many threads draw batches."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(max(2, cores or 1), _MOST_THREADS)
