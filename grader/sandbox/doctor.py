"""Tries every layer of the sandbox in a throw-away process, and says what to do about those that are off."""

from __future__ import annotations

from grader.declaration import Limits
from grader.inside import lockdown
from grader.records import Isolation
from grader.sandbox.brief import Brief
from grader.sandbox.here import launcher
from grader.sandbox.jobs import Jobs, effective_uid, job_uid
from grader.sandbox.session import Session

ELSEWHERE = (
    "run cellgrade in its Docker image, where all layers are on; to check a hand-in of your own, "
    "--allow-unsandboxed goes on without, and the report says NOT ISOLATED"
)
ADVICE = {
    lockdown.USER_ID: (
        "run cellgrade as root, as its Docker image does; with --cap-drop ALL add --cap-add SETUID, "
        "SETGID and KILL"
    ),
    lockdown.ROOT_FOLDER: "run cellgrade as root; with --cap-drop ALL add --cap-add SYS_CHROOT",
    lockdown.NO_FILES: "use a kernel of 5.13 or later that is started with lsm=landlock,...",
    lockdown.SYSTEM_CALLS: (
        "install libseccomp2, and use a kernel that is built with seccomp; without it nothing is graded, "
        "unless you say --allow-unsandboxed"
    ),
}

NOTHING = Brief({"nothing.py": ""}, "nothing.py", "nothing.py", adapter="", calls=(), limits=Limits())


def examine() -> Isolation:
    """Which layers are on, and which are off, with why.

    Raises:
        SandboxError: a student process does not start at all.
    """
    with (
        launcher() as started,
        Session(Jobs(started, job_uid(effective_uid()), unsandboxed=True), NOTHING) as session,
    ):
        session.inspect()
        assert session.isolation is not None
        return session.isolation


def advice(off: str) -> str | None:
    """Return what to do about a layer that is off, described as in `Isolation.off`."""
    if off == f"{lockdown.SYSTEM_CALLS}: {lockdown.NOT_HERE}":
        return ELSEWHERE
    if off.endswith(lockdown.NOT_HERE):
        return None  # the same would be to be done, and is said once
    return next((text for layer, text in ADVICE.items() if off.startswith(layer)), None)
