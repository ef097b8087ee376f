"""What a hand-in cannot reach: the grader, files, other processes, the network. Tried in a real job.

Each attack is Python that a student might write. It must raise, and none of what it was after may happen.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from real_jobs import HandedIn, handed_in, started_zygote

from grader.sandbox.jobs import FIRST_UID, job_uid
from grader.sandbox.zygote import Zygote

ROOT = Path(__file__).parents[2]
SEEN = """
import os
def f(x):
    try:
        seen = attack()
    except Exception as error:
        raise RuntimeError(f"stopped: {type(error).__name__}: {error}") from None
    raise RuntimeError(f"SUCCEEDED: {seen!r}")
"""


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with started_zygote() as zygote:
        yield zygote


def said(hand_in: HandedIn) -> str:
    return hand_in.failure().message


ATTACKS = {
    "torch": "import importlib; return importlib.import_module('torch')",
    "grader": "import importlib; return importlib.import_module('grader')",
    "reference": "import importlib; return importlib.import_module('reference')",
    "hypothesis": "import importlib; return importlib.import_module('hypothesis')",
    "grader by path": f"import sys; sys.path.insert(0, {str(ROOT)!r}); exec('import grader')",
    "grader by a finder": (
        f"import importlib.machinery as m; f = m.FileFinder({str(ROOT)!r}, (m.SourceFileLoader, ['.py']));"
        " return f.find_spec('grader').loader.load_module('grader')"
    ),
    "read the repository": f"return open({str(ROOT / 'pyproject.toml')!r}).read()",
    "list the repository": f"return os.listdir({str(ROOT)!r})",
    "read the password file": "return open('/etc/passwd').read()",
    "read above the root": "return open('../../../../../../etc/passwd').read()",
    "memory of the zygote": "return open(f'/proc/{os.getppid()}/mem', 'rb')",
    "own memory map": "return open('/proc/self/maps').read()",
    "write": "return open('/tmp/x', 'w')",
    "write here": "return open('x', 'w')",
    "make a folder": "return os.mkdir('x')",
    "temporary file": "import tempfile; return tempfile.TemporaryFile()",
    "memory file": "fd = os.memfd_create('x'); os.write(fd, b'x')",
    "fork": "return os.fork()",
    "run a program": "import subprocess; return subprocess.run(['/bin/true'])",
    "shell": "return os.system('true') == 0 or 1 / 0",
    "thread": "import threading; return threading.Thread(target=print).start()",
    "become root": "return os.setuid(0)",
    "leave the root folder": "return os.chroot('/')",
    "raise a limit": "import resource; resource.setrlimit(resource.RLIMIT_NPROC, (9, 9))",
    # Signal 0 asks for the right to send one and sends none: a hole must not cost anyone their processes.
    "signal the parent": "return os.kill(os.getppid(), 0)",
    "signal the grader": f"return os.kill({os.getpid()}, 0)",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_attacks_are_stopped(zygote: Zygote, name: str) -> None:
    """Each attack raises in the student's own process."""
    preloaded = "import importlib.machinery, threading, subprocess, tempfile, resource\n"
    with handed_in(zygote, f"{preloaded}def attack():\n    {ATTACKS[name]}\n{SEEN}") as hand_in:
        assert "stopped: " in said(hand_in)


def test_tcp_reaches_nobody(zygote: Zygote) -> None:
    """A server on this machine is not reached over TCP."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        attack = f"import socket; return socket.create_connection(('127.0.0.1', {port}), 1)"
        with handed_in(zygote, f"def attack():\n    {attack}\n{SEEN}") as hand_in:
            assert "stopped: PermissionError" in said(hand_in)


def test_variables_say_nothing(zygote: Zygote, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job's environment holds none of the grader's variables; arguments name no path."""
    monkeypatch.setenv("SECRET_TOKEN", "42")
    text = "import os, sys\ndef f(x): raise RuntimeError(f'{sorted(os.environ)} {sys.argv}')"
    with started_zygote() as fresh, handed_in(fresh, text) as hand_in:
        names = said(hand_in)
    assert "SECRET_TOKEN" not in names
    assert "HOME" in names
    assert "['handin']" in names


def test_it_stands_in_an_empty_place(zygote: Zygote) -> None:
    """The working folder is the root folder, and there is nothing in it."""
    if os.geteuid() != 0:
        pytest.skip("not root, so the root folder stays what it is")
    text = "import os\ndef f(x): raise RuntimeError(f'{os.getcwd()} {os.path.exists(\"/etc\")}')"
    with handed_in(zygote, text) as hand_in:
        assert said(hand_in).endswith("RuntimeError: / False")


def test_only_its_own_descriptors_are_open(zygote: Zygote) -> None:
    """Standard streams and the channel are open, and nothing else that it could have inherited."""
    text = """
import fcntl
def is_open(fd):
    try:
        fcntl.fcntl(fd, fcntl.F_GETFD)
        return True
    except OSError:
        return False
def f(x): raise RuntimeError(str([fd for fd in range(4096) if is_open(fd)]))
"""
    with handed_in(zygote, text) as hand_in:
        assert said(hand_in).endswith("RuntimeError: [0, 1, 2, 3]")


@pytest.mark.skipif(os.geteuid() != 0, reason="not root, so no job changes its user")
def test_as_root_every_layer_is_on(zygote: Zygote) -> None:
    """Where we are root the job has a user id of its own, without groups, and is isolated."""
    text = "import os\ndef f(x): raise RuntimeError(f'{os.getresuid()} {os.getresgid()} {os.getgroups()}')"
    with handed_in(zygote, text) as hand_in:
        ids = str((FIRST_UID,) * 3)
        assert said(hand_in).endswith(f"RuntimeError: {ids} {ids} []")
        isolation = hand_in.session.isolation
    assert isolation is not None
    assert isolation.isolated
    assert "own user id" in isolation.on


def test_a_job_that_keeps_our_user_says_so(zygote: Zygote) -> None:
    """Without a user id of its own the layer is off, and the reason is told."""
    with handed_in(zygote, "def f(x): return x", uid=None) as hand_in:
        hand_in.value()
        isolation = hand_in.session.isolation
    assert isolation is not None
    assert not isolation.isolated
    assert isolation.off == (
        "empty root folder: cellgrade was not started as root",
        "own user id: cellgrade was not started as root",
    )


# Root that keeps its user may still do these: it is why the report then says what is off.
LEFT_TO_ROOT = {
    "shell",
    "fork",
    "thread",
    "run a program",
    "become root",
    "leave the root folder",
    "raise a limit",
}


@pytest.mark.parametrize("name", sorted(set(ATTACKS) - (LEFT_TO_ROOT if os.geteuid() == 0 else set())))
def test_without_a_user_of_its_own_the_other_layers_hold(zygote: Zygote, name: str) -> None:
    """What Landlock and the limits stop is stopped without a change of user as well."""
    preloaded = "import importlib.machinery, threading, subprocess, tempfile, resource\n"
    with handed_in(zygote, f"{preloaded}def attack():\n    {ATTACKS[name]}\n{SEEN}", uid=None) as hand_in:
        assert "stopped: " in said(hand_in)


def test_slots_have_users_of_their_own() -> None:
    """Two slots never share a user id, and an ordinary user's jobs keep theirs."""
    assert job_uid(0, slot=0) != job_uid(0, slot=1)
    assert job_uid(1000) is None


def test_the_student_environment_has_numpy_alone() -> None:
    """The interpreter of the jobs could not import torch, hypothesis or pip even with all rights."""
    from grader.sandbox import environment, student

    with started_zygote():
        names = ("torch", "hypothesis", "pytest", "pip", "grader", "reference")
        code = f"import importlib.util as u; print([name for name in {names} if u.find_spec(name)])"
        done = subprocess.run(
            [environment.student_python(), "-P", "-c", code],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env=student.VARIABLES,
        )
    assert done.stdout.strip() == "[]"
    assert sys.prefix != str(environment.student_python().parent.parent)
