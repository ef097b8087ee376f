"""What Tango needs of a grading image, looked up in the image itself, and a whole job in it.

Read from Tango's vmms/localDocker.py and autodriver: it starts `sh -c` as root in /home, copies the hand-in
to /home/autolab, and has the user autolab run `autodriver`, which runs `make` as the user autograde.
"""

from __future__ import annotations

import os
import pwd
import re
import resource
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.autolab import trial

assert sys.platform == "linux"

PROGRAMS = "sh su cp head make mv chown find env pkill tar".split()
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # the image's own may be longer
NO_SHELLS = ("nologin", "false")
# What root does in Tango's line and in autodriver, by capabilities(7): Docker leaves all of these to it.
CAPABILITIES = {
    "CHOWN": 0,  # the hand-in is given to the job
    "DAC_OVERRIDE": 1,  # it is copied into autolab's home, and out of it
    "FOWNER": 3,  # the job's home is opened and closed
    "SETGID": 6,  # a process becomes autolab, and another autograde
    "SETUID": 7,
}
LEAST_MEMORY_MIB = 512  # of a container; a grading takes 300 to 400
CGROUPS = Path("/sys/fs/cgroup")
MEMORY = ("memory.max", "memory/memory.limit_in_bytes")  # of cgroup 2, and 1
PIDS = ("pids.max", "pids/pids.max")


@dataclass(frozen=True)
class ImageFinding:
    """One thing that Tango needs; `missing` says what is wrong and what to do, None if it is there."""

    need: str
    missing: str | None


def examine() -> list[ImageFinding]:
    """All that Tango needs, in the order in which it would fail."""
    checks: list[tuple[str, Callable[[], str | None]]] = [
        ("it starts as root", _root),
        ("it starts in /home", _work_folder),
        ("a program may change its user", _privileges),
        ("root has the rights that Tango's line and autodriver use", _capabilities),
        ("as many processes as Tango grants a job", _processes),
        (f"{LEAST_MEMORY_MIB} MiB of memory", _memory),
        ("the programs that Tango and autodriver call", _programs),
        ("the user autolab", lambda: _user("autolab")),
        ("the user autograde", lambda: _user("autograde")),
        ("/home/autolab is autolab's", lambda: _owned(Path("/home/autolab"), "autolab")),
        ("/home/output is autolab's", lambda: _owned(Path("/home/output"), "autolab")),
        ("/home/autograde is autograde's", _job_home),
        ("/tmp is open to all", lambda: _open_to_all(Path("/tmp"))),  # noqa: S108 - the folder itself is the matter
        ("/var/tmp is open to all", lambda: _open_to_all(Path("/var/tmp"))),  # noqa: S108
        ("autodriver is there and runs as root", _autodriver),
        ("cellgrade keeps hand-ins apart when it runs as autograde", _sandbox),
        ("a job: su autolab, autodriver, make, and full points for what is right", _job),
    ]
    return [ImageFinding(need, _safely(check)) for need, check in checks]


def _safely(check: Callable[[], str | None]) -> str | None:
    """Return what a check says; where not even a process can be started for it, that."""
    try:
        return check()
    except (OSError, LookupError, subprocess.SubprocessError) as error:
        return f"it cannot be tried: {error}"


def _root() -> str | None:
    return None if os.geteuid() == 0 else f"user id {os.geteuid()}: let USER be root, or leave it out"


def _work_folder() -> str | None:
    here = Path.cwd()
    return None if here == Path("/home") else f"it is {here}: put WORKDIR /home into the Dockerfile"


def _privileges() -> str | None:
    status = Path("/proc/self/status").read_text()
    if "NoNewPrivs:\t1" in status:
        return "no-new-privileges is set, and autodriver cannot become root: start the container without it"
    return None


def _capabilities() -> str | None:
    found = re.search(r"^CapEff:\s*([0-9a-f]+)$", Path("/proc/self/status").read_text(), re.MULTILINE)
    has = int(found[1], 16) if found else 0
    missing = [name for name, bit in CAPABILITIES.items() if not has >> bit & 1]
    if not missing:
        return None
    dropped = " ".join(f"--cap-drop {name}" for name in missing)
    return f"missing: {', '.join(missing)}. Start the container without {dropped}"


def _processes() -> str | None:
    most = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    if most != resource.RLIM_INFINITY and most < trial.PROCESSES:
        return (
            f"{most} at most: Tango's own autodriver cannot raise that to its -u {trial.PROCESSES}, and "
            f"ends. Start the container without --ulimit nproc={most}, or with more"
        )
    pids = _of_cgroup(PIDS)
    if pids is not None and pids < trial.PROCESSES:
        return f"the container may have {pids}: start it without --pids-limit {pids}, or with more"
    return None


def _memory() -> str | None:
    limit_bytes = _of_cgroup(MEMORY)
    if limit_bytes is None or limit_bytes >= LEAST_MEMORY_MIB << 20:
        return None
    return (
        f"the container may have {limit_bytes >> 20} MiB, and a grading that needs more is killed: start it "
        "with a larger -m; 1 GiB is plenty"
    )


def _of_cgroup(names: tuple[str, ...]) -> int | None:
    """Return a limit of the container's, None if there is none."""
    for name in names:
        try:
            said = (CGROUPS / name).read_text().strip()
        except OSError:
            continue
        return int(said) if said.isdigit() else None
    return None


def _programs() -> str | None:
    missing = [program for program in PROGRAMS if shutil.which(program, path=PATH) is None]
    # Debian's packages: procps has pkill, and all others but make are there from the start.
    return f"missing: {', '.join(missing)}. Install make, procps and tar" if missing else None


def _user(name: str) -> str | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return f"there is none: useradd --create-home --shell /bin/sh {name}"
    shell = Path(entry.pw_shell)
    if entry.pw_uid == 0:
        return "it is root under another name, and would not be kept from anything"
    if shell.name in NO_SHELLS or not os.access(shell, os.X_OK):
        return f"its shell is {shell}, which runs no commands: usermod --shell /bin/sh {name}"
    return None


def _owned(folder: Path, owner: str) -> str | None:
    try:
        about, uid = folder.lstat(), pwd.getpwnam(owner).pw_uid
    except (OSError, KeyError) as error:
        return f"{error}: mkdir {folder} && chown {owner}: {folder}"
    if not stat.S_ISDIR(about.st_mode):
        return "it is no folder"
    return None if about.st_uid == uid else f"it belongs to user id {about.st_uid}: chown {owner}: {folder}"


def _job_home() -> str | None:
    home = Path("/home/autograde")
    if (wrong := _owned(home, "autograde")) is not None:
        return wrong
    # autodriver refuses a home into which others could lay something for root to step on.
    return (
        f"others than autograde may write to it: chmod go-w {home}" if home.stat().st_mode & 0o022 else None
    )


def _open_to_all(folder: Path) -> str | None:
    try:
        mode = folder.stat().st_mode
    except OSError as error:
        return f"{error.strerror}: mkdir -m 1777 {folder}"
    return None if mode & 0o1777 == 0o1777 else f"its mode is {stat.S_IMODE(mode):o}: chmod 1777 {folder}"


def _autodriver() -> str | None:
    found = shutil.which("autodriver", path=PATH)
    if found is None:
        return "it is not on the PATH: put cellgrade's own, or Tango's, into /usr/local/bin"
    about = os.stat(found)
    if about.st_uid != 0 or not about.st_mode & stat.S_ISUID:
        return f"{found} does not run as root: chown root {found} && chmod 4755 {found}"
    if about.st_mode & 0o022:
        return f"{found} may be changed by others than root: chmod 4755 {found}"
    return None


def _sandbox() -> str | None:
    """Return what `cellgrade doctor` says as autograde: without a filter of system calls nothing is
    graded.
    """
    if os.geteuid() != 0:
        return "only root can try this"
    cellgrade = shutil.which("cellgrade", path=PATH)
    if cellgrade is None:
        return f"cellgrade is not on the PATH ({PATH})"
    try:
        said = subprocess.run(  # noqa: S603 - as Tango does it, in its own words
            [shutil.which("su", path=PATH) or "su", "autograde", "-c", f"{cellgrade} doctor"],
            capture_output=True,
            text=True,
            timeout=120,
            cwd="/",
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"cellgrade doctor does not run as autograde: {error}"
    if "on    few system calls" not in said.stdout:
        return f"`su autograde -c 'cellgrade doctor'` says: {(said.stdout + said.stderr).strip()}"
    return None


def _job() -> str | None:
    """Return a right hand-in, graded in Tango's own words."""
    if os.geteuid() != 0:
        return "only root can try this"
    return trial.run(shutil.which("sh", path=PATH) or "sh")
