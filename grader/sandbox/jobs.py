"""How a grader's jobs are started: by which launcher, as which user, and what must be on before they run."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from grader.errors import SandboxError
from grader.inside import lockdown
from grader.records import Isolation
from grader.sandbox import filter as filter_
from grader.sandbox.launcher import Launcher
from grader.sandbox.process import Job

# Of the slots 0 to 127: a range that Debian, systemd (its table has nothing from 60,578 on) and Docker leave
# free, beside autodriver's from 60,706; below 65,535 for user namespaces.
FIRST_UID = 60_578


@dataclass(frozen=True)
class Jobs:
    """Where a session's jobs come from.

    Attributes:
        launcher: starts them.
        uid: their user id; None to keep our own.
        unsandboxed: go on where there is no filter of system calls, and say NOT ISOLATED.
    """

    launcher: Launcher
    uid: int | None = None
    unsandboxed: bool = False

    def start(self, ours: Mapping[str, Any], output_limit_bytes: int) -> Job:
        """Begin a job that is locked down and ready for a hand-in.

        Args:
            ours: see `Brief.ours`.
            output_limit_bytes: what it may print before it is stopped.

        Raises:
            SandboxError: it could not be started or locked down, or there is no filter of system calls and
                the caller did not say that this is all right.
            DeclarationError: the assignment's adapter does not run.
        """
        ours = {**ours, "uid": self.uid, "system_calls": self._system_calls.hex()}
        job = self.launcher.start(ours, output_limit_bytes)
        if not self.unsandboxed and lockdown.SYSTEM_CALLS not in job.layers["on"]:
            job.close()
            raise SandboxError(_refused("; ".join(job.layers["off"])))
        return job

    @cached_property
    def _system_calls(self) -> bytes:
        try:
            return filter_.program()
        except filter_.NoFilterError as error:
            if self.unsandboxed:
                return b""
            raise SandboxError(_refused(str(error))) from None


def isolation(job: Job) -> Isolation:
    """Say which layers are on and off in a job that has been locked down."""
    return Isolation(tuple(job.layers["on"]), tuple(job.layers["off"]))


def _refused(why: str) -> str:
    return (
        f"no hand-in is run here, since nothing would keep it from this machine ({why}). Grade in "
        "cellgrade's Docker image; or, to check a hand-in of your own, add --allow-unsandboxed: the report "
        "then says NOT ISOLATED. `cellgrade doctor` says more"
    )


def effective_uid() -> int | None:
    """Return who we are; None where nobody has a number."""
    if sys.platform == "win32":
        return None
    return os.geteuid()


def job_uid(effective_uid: int | None, slot: int = 0) -> int | None:
    """Return the user id for a slot's jobs: its own where we are root, else None."""
    return FIRST_UID + slot if effective_uid == 0 else None
