"""How a process gets in touch with Ray: on this machine, or with a cluster that exists."""
import socket

from tf_disentangle import errors

__all__ = ["WHAT_TO_DO", "connect", "first_line", "wait_for_answer"]

WHAT_TO_DO = "Start one with `ray start --head`, or leave --ray_address out."
_SECONDS_TO_ANSWER = 8.0                    # less than the study waits
# The study passes small messages; Ray's minimum is about 75 MB.
_BYTES_OF_OBJECT_STORE = 100 * 2**20


def wait_for_answer(address):
    """Waits until a cluster answers at an address, or raises a `UserError` if none does."""
    from ray._private import services

    try:
        # "auto" is looked up; "ray://host:port" is an address for Ray's clients.
        found = address.removeprefix("ray://") if "://" in address else (
            services.canonicalize_bootstrap_address_or_die(address))
        host, _, port = found.rpartition(":")
        if not port.isdecimal():
            raise errors.InvalidArgumentError(
                "ray_address", "auto, host:port or ray://host:port", address)
        socket.create_connection((host, int(port)), timeout=_SECONDS_TO_ANSWER).close()
    except errors.InvalidArgumentError:
        raise
    except (OSError, ValueError) as error:
        raise errors.UserError(f"No Ray cluster answers at the ray_address {address}: "
                               f"{first_line(error)}. {WHAT_TO_DO}") from error


def connect(ray, settings):
    """Connects to the cluster that is asked for, or starts Ray on this machine.

    Args:
        ray: the module.
        settings: see `ray_bridge.Settings`.
    Raises:
        UserError: Ray does not start, or the cluster refuses.
    """
    shared = dict(log_to_driver=False, configure_logging=False)
    try:
        if settings.address is not None:
            ray.init(address=settings.address, **shared)
        else:
            ray.init(address="local", include_dashboard=False, _temp_dir=settings.temp_dir,
                     object_store_memory=_BYTES_OF_OBJECT_STORE, **shared)
    except Exception as error:
        if settings.address is None:
            raise errors.UserError(f"Ray does not start on this machine: {first_line(error)}. "
                                   "Without it, --no_ray runs one task after another.") from error
        raise errors.UserError(
            f"The Ray cluster at the ray_address {settings.address} does not let the study in: "
            f"{first_line(error)}. Compare Ray's versions; if the cluster has a token, set "
            "RAY_AUTH_MODE=token and RAY_AUTH_TOKEN.") from error


def first_line(error):
    """The first line of an exception, without a full stop."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(".")
