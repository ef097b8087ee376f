"""What figures depend on: the machine by cores and memory, never by name, and the versions."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("numpy", "torch", "hypothesis", "cellgrade")


def about() -> dict[str, Any]:
    """Return it. To be asked before anything is measured, or the load is our own."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": memory_gib(),
        "processor": platform.machine(),
        "load": round(os.getloadavg()[0], 1),
        "as_root": os.geteuid() == 0,
        "versions": {"python": platform.python_version(), **{one: version(one) for one in PACKAGES}},
    }


def memory_gib() -> int:
    """Return the memory of the machine, in GiB, rounded up: the kernel keeps some for itself."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemTotal:"):
            return -(-int(line.split()[1]) // (1 << 20))
    raise AssertionError("the kernel does not say how much memory there is")
