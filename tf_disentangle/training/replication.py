"""Runs on several devices: a replica of the model on each, which share every batch.

Batch k stays a function of (seed, k). Each replica takes its rows of it, and the run ends as on one
device, up to the order of sums (see `replicas`) and, with `kink_sharpness`, to the size of
pre-activations, which is that of a replica's rows.
"""
import contextlib
import json
import os

import keras
import tensorflow as tf

from tf_disentangle import errors
from tf_disentangle.training import placement, precision

__all__ = ["DISTRIBUTIONS", "Replicated", "check_layer", "mirrored", "multi_worker"]

DISTRIBUTIONS = ("none", "mirrored", "multi_worker")


class Replicated(placement.Placement):
    """One replica of the model for each device of a `tf.distribute` strategy.

    Args:
        strategy: `tf.distribute.Strategy`.
        mixed_precision: see `training.precision`; not "mixed_float16", whose optimizer would scale
            the loss of each replica by itself.
    """

    def __init__(self, strategy, mixed_precision="float32"):
        self._strategy, self._precision = strategy, mixed_precision

    @property
    def scales_loss(self):
        """False."""
        return False

    @property
    def is_chief(self):
        """Whether this process writes the files of the run."""
        resolver = self._strategy.cluster_resolver
        return resolver is None or not resolver.task_id

    @property
    def num_replicas(self):
        """Number of devices, over all workers."""
        return self._strategy.num_replicas_in_sync

    @contextlib.contextmanager
    def scope(self):
        """A context in which variables are mirrored and layers compute in the chosen precision."""
        with self._strategy.scope(), precision.precision(self._precision):
            yield

    def check(self, model, batch_size):
        """Raises an error for what several replicas would compute differently from one device.

        Args:
            model: the model, built.
            batch_size: images in the whole batch.
        """
        if batch_size % (self.num_replicas * model.batch_parts):
            halved = f" times {model.batch_parts}, as the method divides batches"
            raise errors.InvalidArgumentError(
                "batch_size", f"a multiple of the number of devices, {self.num_replicas}"
                f"{halved * (model.batch_parts > 1)}", batch_size)
        outside = [variable.path for variable in [*model.variables, *model.optimizer.variables]
                   if not self._strategy.extended.variable_created_in_scope(variable.value)]
        if outside:
            raise errors.InvalidArgumentError(
                "distribution", "'none' for a model with parts that were built before",
                f"the variable {outside[0]}", "Give the parts by gin, which builds them later.")
        for layer in model._flatten_layers():
            check_layer(layer)
        if getattr(model.optimizer, "gradient_accumulation_steps", None):
            # Keras updates within a condition, in which TensorFlow cannot synchronize replicas.
            raise errors.InvalidArgumentError(
                "gradient_accumulation_steps", "None for several devices",
                model.optimizer.gradient_accumulation_steps, "Use a larger model.batch_size.")

    def here(self, optimizer):
        """A new optimizer of the same settings, made in the scope."""
        if optimizer.built:
            raise errors.InvalidArgumentError(
                "optimizer", "an optimizer that has not been used", optimizer.name)
        return type(optimizer).from_config(optimizer.get_config())

    def feed(self, batches):
        """The whole batches; each replica takes its rows."""
        return iter(batches)

    def compiled(self, update):
        """`update` on every replica."""
        return lambda images: self._strategy.run(update, args=(images,))

    def reduced(self, terms):
        """The terms of one replica; on each, they are those of the whole batch."""
        return {name: self._strategy.experimental_local_results(values)[0]
                for name, values in terms.items()}

    def total(self, value):
        """The sum of a whole number over all workers, each of which waits here for the others."""
        def of_replica():
            context = tf.distribute.get_replica_context()
            is_first = context.replica_id_in_sync_group % self._num_local == 0
            own = tf.where(is_first, tf.constant(value, tf.int64), 0)
            return context.all_reduce(tf.distribute.ReduceOp.SUM, own)
        return int(self._strategy.experimental_local_results(self._strategy.run(of_replica))[0])

    @property
    def _num_local(self):
        return len(self._strategy.extended.worker_devices)


def mirrored(mixed_precision="float32"):
    """All devices of this machine: its GPUs, or TensorFlow's logical CPUs if there are none."""
    kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    devices = [device.name for device in tf.config.list_logical_devices(kind)]
    return Replicated(tf.distribute.MirroredStrategy(devices), mixed_precision)


def multi_worker(mixed_precision="float32"):
    """The devices of several processes, which `TF_CONFIG` names.

    Raises:
        UserError: `TF_CONFIG` does not describe a cluster with workers.
    """
    _check_cluster(os.environ.get("TF_CONFIG"))
    try:
        strategy = tf.distribute.MultiWorkerMirroredStrategy()
    except RuntimeError as error:
        raise errors.UserError(
            "train.distribution = 'multi_worker' must be the first thing that a process does with "
            f"TensorFlow: start one process for each run. {error}") from error
    return Replicated(strategy, mixed_precision)


_EXAMPLE = ('export TF_CONFIG=\'{"cluster": {"worker": ["host1:2222", "host2:2222"]}, '
            '"task": {"type": "worker", "index": 0}}\'')


def _check_cluster(text):
    try:
        described = json.loads(text or "{}")
        workers, task = described["cluster"]["worker"], described["task"]
        known = task["type"] == "worker" and 0 <= task["index"] < len(workers)
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise errors.UserError(
            "train.distribution = 'multi_worker' needs the environment variable TF_CONFIG, with "
            f"the addresses of all workers and the number of this one: {_EXAMPLE}")


def check_layer(layer):
    """Raises an error for a layer whose statistics or noise would be those of a replica's rows."""
    if isinstance(layer, keras.layers.BatchNormalization) and not layer.synchronized:
        raise errors.InvalidArgumentError(
            "distribution", f"'none' for a network with the layer {layer.name}, whose statistics "
            "would be those of a part of the batch", "several devices",
            "Make it with synchronized=True.")
    if isinstance(getattr(layer, "seed_generator", None), keras.random.SeedGenerator):
        raise errors.InvalidArgumentError(
            "distribution", f"'none' for a network with the layer {layer.name}, whose noise does "
            "not follow from the run's seed", "several devices")
