"""Whose doing it is that a job was killed: its own, for the memory that it took, or somebody else's.

A job can send nobody a signal, itself included. So a SIGKILL that is neither ours nor the limit on processor
time's is the kernel's, which is short of memory, or another program's or person's. Too much memory is a
MemoryError as long as the job's own limit decides; where a container's is lower, the kernel kills.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from grader.declaration import Limits
from grader.errors import SandboxError
from grader.inside import kernel
from grader.sandbox.line import Ending

if sys.platform != "win32":
    import resource

NEAR = 0.5  # of the lowest limit: the grader and the zygote are in a container's as well
# What no honest hand-in takes: the largest case is a thousandth of it. Where the kernel says that it has
# killed somebody for memory meanwhile, this much is enough to know whom, and why.
MUCH_BYTES = 64 << 20
CGROUPS = (  # the limit of a container: of the second version, and of the first
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
VMSTAT = Path("/proc/vmstat")


class KilledError(SandboxError):
    """A job was killed by somebody else; the hand-in can be asked anew."""


def hold(ending: Ending, ready_bytes: int, limits: Limits, before: int | None) -> None:
    """Do nothing, unless a job's end was not its own doing.

    Args:
        ending: how it ended; not by us.
        ready_bytes: the most memory that it had had before it was sent the hand-in.
        limits: what it might use.
        before: what `by_the_kernel` said then.

    Raises:
        KilledError: somebody else has killed it.
    """
    if ending.signal != kernel.KILL or ending.cpu_s >= _limit_s(limits):
        return
    grown_bytes = max(0, ending.peak_bytes - ready_bytes)
    now = by_the_kernel()
    for_memory = before is not None and now is not None and now > before
    if grown_bytes >= (MUCH_BYTES if for_memory else NEAR * _limit_bytes(limits)):
        return
    why = "the kernel was short of memory" if for_memory else "by another program, or by a person"
    raise KilledError(
        f"the student's process was killed from outside ({why}), far from its own limits: it had used "
        f"{ending.cpu_s:.1f} s of {limits.cpu_s} s of processor time and {ending.peak_bytes >> 20} MiB of "
        f"{limits.memory_bytes >> 20} MiB of memory"
    )


def by_the_kernel() -> int | None:
    """How many processes this machine's kernel has killed for want of memory; None where nobody says."""
    if sys.platform != "linux":
        return None
    try:
        found = re.search(r"^oom_kill (\d{1,18})$", VMSTAT.read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) if found else None


def _limit_s(limits: Limits) -> float:
    """Return the processor seconds after which a job is killed: a lower limit that we inherited counts."""
    if sys.platform != "win32":
        inherited = resource.getrlimit(resource.RLIMIT_CPU)[1]
        if inherited != resource.RLIM_INFINITY:
            return min(limits.cpu_s, inherited)
    return limits.cpu_s


def _limit_bytes(limits: Limits) -> int:
    """Return the lowest limit on memory that a job can meet."""
    found = [limits.memory_bytes]
    for path in CGROUPS:
        try:
            found.append(int(path.read_text()))
        except (OSError, ValueError):  # there is none, or it says "max"
            continue
    return min(found)
