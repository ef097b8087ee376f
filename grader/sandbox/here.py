"""How jobs are started on this system: forked by a zygote on Linux, elsewhere as a fresh process each."""

from __future__ import annotations

import os
import sys

from grader.declaration import Environment
from grader.sandbox.launcher import Launcher


def launcher(kind: Environment = Environment.NUMPY) -> Launcher:
    """Return the best that this system has.

    Raises:
        SandboxError: there is no such environment, or nothing can be started.
    """
    # Each is imported where it can be: the other's modules are not there on every system.
    if sys.platform == "linux" and hasattr(os, "pidfd_open"):
        from grader.sandbox.zygote import Zygote

        return Zygote(kind)
    from grader.sandbox.fresh import Fresh

    return Fresh(kind)
