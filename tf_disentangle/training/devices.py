"""The devices that a run's options ask for."""
from tf_disentangle.training import placement, replication

__all__ = ["placed"]


def placed(options):
    """The `Placement` for `RunOptions`.

    Raises:
        UserError: several workers are wanted, but `TF_CONFIG` does not name them.
    """
    if options.distribution == "none":
        return placement.OneDevice(options.mixed_precision, options.jit_compile)
    make = {"mirrored": replication.mirrored, "multi_worker": replication.multi_worker}
    return make[options.distribution](options.mixed_precision)
