"""A house of its own for autodriver's tests: private /home, /tmp, accounts and processes, gone when it ends.

Namespaces (unshare) hold all of it, so the machine that runs the tests stays as it is: not even `kill(-1)`
by a test's user reaches beyond. That needs root.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "autodriver"
UNSHARE = ["unshare", "--mount", "--pid", "--ipc", "--fork", "--kill-child", "--mount-proc"]
HOUSE_LIMIT_S = 120

# The kernel counts a user's processes across all namespaces: each worker has users of its own.
CALLER_UID = 50_000 + os.getpid() % 1000 * 2
OWN_UID = CALLER_UID + 1  # autograde's own; a job gets a fresh one:
FIRST, COUNT = (
    int(re.search(rf"#define JOB_UID_{name} ([0-9]+)U", (SOURCES / "autodriver.h").read_text())[1])  # type: ignore[index]
    for name in ("FIRST", "COUNT")
)
JOB_UIDS = range(FIRST, FIRST + COUNT)

# The options of Tango's command line. A job that should end and does not fails its test by HOUSE_LIMIT_S.
OPTIONS = "-u 100 -f 104857600 -t 600 -o 1024000"

# $1 is a folder outside; what it holds is /home/outside inside, for root alone.
SETUP = r"""
set -e
mount -t tmpfs -o mode=755 tmpfs /home
mkdir /home/bin /home/outside
mount --bind "$1" /home/outside
cp /home/outside/autodriver /home/bin/
chmod 4755 /home/bin/autodriver
for file in passwd group shadow; do cp /etc/$file /home/; done
for user in autolab:$CALLER_UID autograde:$OWN_UID; do
    echo "${user%:*}:x:${user#*:}:${user#*:}::/home/${user%:*}:/bin/sh" >>/home/passwd
    echo "${user%:*}:x:${user#*:}:" >>/home/group
    echo "${user%:*}:*:19000:0:99999:7:::" >>/home/shadow
done
for file in passwd group shadow; do mount --bind /home/$file /etc/$file; done
for folder in /tmp /var/tmp /dev/shm; do mount -t tmpfs -o mode=1777 tmpfs $folder; done
mount -t tmpfs -o mode=755 tmpfs /run
cd /home
mkdir autolab autograde output
chown autolab: autolab output
chown autograde: autograde
cp -r outside/files/. autolab/ # as root, as Tango does
PATH=/home/bin:/usr/sbin:/usr/bin:/sbin:/bin
as() { user=$1; shift; setpriv --reuid $user --regid $user --clear-groups env "$@"; }
drive() { status=0; as autolab autodriver $OPTIONS autolab "$@" >output/feedback 2>&1 || status=$?; }
first_process() { # `drive` in the background; $first is the process that the caller started
    sh -c 'echo $$ >/run/first; exec setpriv --reuid autolab --regid autolab --clear-groups \
        env --default-signal autodriver $OPTIONS autolab' >output/feedback 2>&1 &
    while [ ! -s /run/first ]; do sleep 0.1; done
    first=$(cat /run/first)
}
tell() { echo $status >outside/status; cp output/feedback outside/feedback; }
running() {
    ps -eo uid=,args= | awk -v own=$OWN_UID '$1 == own || ($1 >= '$JOB_FIRST' && $1 <= '$JOB_LAST')'
}
set +e
"""


@dataclass(frozen=True)
class Driven:
    """What became of a run: autodriver's status, what it printed, and what the script around it printed."""

    status: int
    feedback: bytes
    seen: str

    @property
    def header(self) -> str:
        return self.feedback.split(b"\n")[0].decode()

    @property
    def log(self) -> bytes:
        return self.feedback.split(b"\n", 1)[1]


@functools.cache
def why_no_house() -> str | None:
    """Why no house can be made here, or None."""
    if os.geteuid() != 0:
        return "autodriver is tested as root: it needs users of its own"
    if subprocess.run([*UNSHARE, "true"], capture_output=True).returncode != 0:
        return "autodriver is tested in namespaces of its own, and unshare may not make any here"
    missing = [tool for tool in ("gcc", "make", "ps", "awk", "setpriv", "ipcs") if shutil.which(tool) is None]
    return f"autodriver's tests need {' and '.join(missing)}" if missing else None


def make(target: str, build: Path, *variables: str) -> None:
    """Make a target of autodriver's Makefile in a folder of the test's."""
    made = subprocess.run(
        ["make", "--silent", "-C", SOURCES, target, f"BUILD={build}", *variables],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"]},
    )
    assert made.returncode == 0, made.stderr
    assert made.stderr == ""


@dataclass(frozen=True)
class House:
    """Where `program` is installed as autodriver; each call is a fresh one."""

    program: Path
    folder: Path

    def shell(self, script: str, files: Mapping[str, str | bytes] | None = None, **variables: str) -> str:
        """Run a script as root in a house whose /home/autolab holds the files; returns what it printed."""
        shutil.rmtree(self.folder / "files", ignore_errors=True)
        (self.folder / "files").mkdir(parents=True)
        shutil.copyfile(self.program, self.folder / "autodriver")
        for name, content in (files or {}).items():
            path = self.folder / "files" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        ids = {
            "CALLER_UID": CALLER_UID,
            "OWN_UID": OWN_UID,
            "JOB_FIRST": JOB_UIDS[0],
            "JOB_LAST": JOB_UIDS[-1],
        }
        users = {name: str(uid) for name, uid in ids.items()}
        ran = subprocess.run(
            [*UNSHARE, "sh", "-c", SETUP + script, "sh", self.folder],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "OPTIONS": OPTIONS, **users, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=HOUSE_LIMIT_S,
        )
        assert ran.stderr == b"", ran.stderr.decode(errors="replace")
        assert ran.returncode == 0, ran.stdout.decode(errors="replace")
        return ran.stdout.decode()

    def drive(
        self,
        job: str | Mapping[str, str | bytes],
        *,
        options: str = OPTIONS,
        before: str = "",
        command: str = "drive",
        after: str = "",
    ) -> Driven:
        """Run a job: a shell script that make runs, or the files of /home/autolab."""
        files = {"Makefile": "all:\n\t@sh ./job\n", "job": job} if isinstance(job, str) else job
        script = f"{before}\n{command}\ntell\n{after}\ntrue"
        seen = self.shell(script, files, OPTIONS=options)
        feedback = (self.folder / "feedback").read_bytes()
        assert b"Sanitizer" not in feedback, feedback.decode(errors="replace")
        assert b"runtime error" not in feedback, feedback.decode(errors="replace")
        return Driven(int((self.folder / "status").read_text()), feedback, seen)
