"""Checks, before any work is done, that an array fits in memory or on a disk."""
import os
import pathlib
import shutil

from tf_disentangle import errors

__all__ = ["available_memory", "check_memory", "megabytes", "no_disk", "no_memory"]

_MEMINFO = pathlib.Path("/proc/meminfo")
# Memory limit and use of a container, in the two versions of Linux control groups.
_CONTAINERS = [(pathlib.Path("/sys/fs/cgroup") / limit, pathlib.Path("/sys/fs/cgroup") / used)
               for limit, used in (("memory.max", "memory.stat"),
                                   ("memory/memory.limit_in_bytes", "memory/memory.stat"))]
_SMALL = 2**20                              # bytes; not worth checking
# Memory that a program holds and cannot give back, by its names in both versions.
_HELD = ("anon", "total_rss", "shmem")


def available_memory():
    """Bytes of memory that are still available; None where the system does not report them."""
    known = [_of_machine(), *(_of_container(*paths) for paths in _CONTAINERS)]
    return min((number for number in known if number is not None), default=None)


def megabytes(number):
    """Bytes in words: "3000 MB"."""
    return f"{-(-number // 10**6)} MB"


def no_memory(number):
    """"300 MB of memory, of which 200 MB are free" if that is too little; None if it is enough."""
    free = available_memory() if number > _SMALL else None
    if free is None or number <= free:
        return None
    return f"{megabytes(number)} of memory, of which {megabytes(free)} are free"


def no_disk(number, folder):
    """Like `no_memory`, for the disk that holds a folder."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError:                         # writing there will report what is wrong
        return None
    if number <= free:
        return None
    return f"{megabytes(number)} on the disk of {folder}, of which {megabytes(free)} are free"


def check_memory(argument, value, number, what):
    """Raises an `InvalidArgumentError` if what an argument asks for does not fit in memory.

    Args:
        argument, value: name and value of the argument.
        number: number of bytes needed.
        what: what needs them, in the plural: "10 images of 64x64x3 bytes".
    """
    if lacking := no_memory(number):
        raise errors.InvalidArgumentError(
            argument, "a value that fits in memory", value,
            f"{what} take {lacking}.")


def _of_machine():
    try:
        lines = _MEMINFO.read_text(encoding="ascii").splitlines()
        kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines if ":" in line}
        return 1024 * (kilobytes["MemAvailable"] + kilobytes.get("SwapFree", 0))
    except (OSError, LookupError, ValueError):
        pass
    try:                                    # all the memory, where the free part is unknown
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _of_container(limit, used):
    try:
        most = int(limit.read_text(encoding="ascii"))
        lines = dict(line.split() for line in used.read_text(encoding="ascii").splitlines())
    except (OSError, ValueError):           # not a container, or the limit is "max"
        return None
    return max(0, most - sum(int(lines.get(name, 0)) for name in _HELD))
