"""Hand-ins are kept apart: nothing of one is in the memory, descriptors or kernel objects of the next.

All are graded one after the other by the same zygote. What each leaves is marked: its source, the names in it
and of its files, its inputs and answers, what it prints and raises.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from real_jobs import SHORT, handed_in, started_zygote
from thieves import MARK, THIEF

from grader.sandbox.process import OUTPUT_BYTES
from grader.sandbox.session import Session
from grader.sandbox.zygote import Zygote

PATIENT = replace(SHORT, call_s=20.0, total_s=60.0, cpu_s=30)


def mark(what: str) -> str:
    return MARK + hashlib.sha256(what.encode()).hexdigest()[:16]


def victim(number: int) -> tuple[str, dict[str, str], float]:
    """Return a hand-in with marks wherever it can have any, its other files, and a number that only it is
    given.
    """
    one = mark(f"{number}")
    text = (
        f'"""{one}1"""\n'
        f"import sys, numpy as np, {one}2\n"
        f"KEPT = [np.frombuffer(b'{one}3' * 1000, np.uint8).copy(), '{one}4' * 1000]\n"
        f"class {one}5: {one}6 = 7\n"
        f"def f(x):\n"
        f"  print('{one}7' * 50, flush=True)\n"
        f"  print('{one}8' * 50, file=sys.stderr)\n"
        f"  return np.frombuffer(('{one}9' + '-' * 29).encode()) + 0 * x[0]\n"
        f"def g(x): raise ValueError('{one}a' * 20)\n"
    )
    return (
        text,
        {f"hw3/{one}2.py": f"# {one}b\n{one}c = 1\n", f"hw3/{one}d/x.py": "pass"},
        number + 0.123456789,
    )


def meet(zygote: Zygote, number: int) -> None:
    """Have a victim graded: inspected, imported, asked for an answer and for an exception."""
    text, files, value = victim(number)
    with handed_in(zygote, text, files=files) as hand_in:
        hand_in.session.inspect()
        assert hand_in.ask(x=np.full(5_000, value)).failure is None
        assert hand_in.failure("g").message.count(MARK) == 20


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    """Yield a zygote that nine victims have met."""
    with started_zygote() as zygote:
        for number in range(9):
            meet(zygote, number)
        yield zygote


def memory_of(pid: int) -> Iterator[bytes]:
    """All that a process could read of itself, as root sees it."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            begin, end = (int(at, 16) for at in line.split(maxsplit=1)[0].split("-"))
            if line.split(maxsplit=2)[1].startswith("r"):
                try:
                    memory.seek(begin)
                    yield memory.read(end - begin)
                except (OSError, OverflowError):  # [vvar] and [vsyscall], which are the kernel's
                    continue


def marks_in(pid: int) -> set[bytes]:
    """Return the marks in a process's memory: as UTF-8 and as wider characters, and the victims' numbers."""
    found = set()
    wide = MARK.encode("utf-32-le")
    numbers = [np.float64(victim(number)[2]).tobytes() * 2 for number in range(9)]
    for piece in memory_of(pid):
        if MARK.encode() in piece:
            found |= set(re.findall(MARK.encode() + b"[0-9a-f]{16}", piece))
        found |= {wide} if wide in piece else set()
        found |= {value for value in numbers if value in piece}
    return found


def job_of(session: Session) -> int:
    """Return the process of a session's job, by its pidfd."""
    job = session._job
    assert job is not None
    about = Path(f"/proc/self/fdinfo/{job._line.pidfd}").read_text()  # type: ignore[attr-defined]
    return int(re.findall(r"^Pid:\s+(\d+)", about, re.MULTILINE)[0])


root_alone = pytest.mark.skipif(os.geteuid() != 0, reason="only root can read another process's memory")


@root_alone
def test_the_zygote_never_holds_a_byte_of_a_hand_in(zygote: Zygote) -> None:
    """Neither after nine hand-ins nor while the tenth is asked is anything of one in the zygote's memory."""
    assert marks_in(zygote._process.pid) == set()
    text, files, _ = victim(9)
    with handed_in(zygote, text, files=files) as hand_in:
        hand_in.ask()
        assert marks_in(zygote._process.pid) == set()
        assert mark("9").encode() in marks_in(job_of(hand_in.session))  # it is seen where it is
    assert marks_in(zygote._process.pid) == set()
    assert any(b"inside.zygote" in piece for piece in memory_of(zygote._process.pid))


@root_alone
@pytest.mark.parametrize("before", [1, 9])
def test_no_job_holds_anything_of_those_before(before: int) -> None:
    """In the second job of a zygote, and in the tenth, there is nothing of an earlier hand-in."""
    with started_zygote() as fresh:
        for number in range(before):
            meet(fresh, number)
        with handed_in(fresh, "def f(x): return x") as hand_in:
            hand_in.value()
            assert marks_in(job_of(hand_in.session)) == set()


LOOKS = (
    "own = 'cana' 'ry_of_' + 'f' * 16\n"
    "def f(x):\n"
    "  look()\n"
    "  return [looked_through, len(found - {own.encode()}), own.encode() in found]\n"
)


@pytest.mark.parametrize("uid", ["own", None])
def test_a_thief_finds_nothing(zygote: Zygote, uid: str | None) -> None:
    """A hand-in that looks through all of its memory finds its own mark, and nobody else's."""
    options = {} if uid else {"uid": None}
    with handed_in(zygote, THIEF + LOOKS, limits=PATIENT, **options) as hand_in:  # type: ignore[arg-type]
        read_bytes, others, own = hand_in.value().tolist()
    assert read_bytes > 30 << 20
    assert own
    assert others == 0


SURROUNDINGS = """
import fcntl, os
def kind(fd):
    try:
        return [fcntl.fcntl(fd, fcntl.F_GETFL), os.isatty(fd), fd == 0 and os.lseek(fd, 0, 1)]
    except OSError:
        return None
def f(x):
    print(sorted(os.environ.items()), os.getcwd(), os.umask(0o22))
    for fd in range(64):
        print(fd, kind(fd))
    return x
"""


def test_what_surrounds_a_job_is_the_same_for_every_hand_in() -> None:
    """Variables, folder, mask, descriptors, what can be read from them: the tenth job's are the first's."""
    said = []
    with started_zygote() as fresh:
        for number in range(10):
            with handed_in(fresh, SURROUNDINGS) as hand_in:
                hand_in.value()
                hand_in.session.close()
                said.append(hand_in.session.printed("stdout").text)
            meet(fresh, number)
    assert set(said) == {said[0]}
    assert said[0].count("None") == 60  # three streams and the channel


LEAVE = """
import ctypes, os, signal, tempfile, resource
libc = ctypes.CDLL(None)
def f(x):
    for leave in (
        lambda: libc.shmget(0x6365, ctypes.c_size_t(4096), 0o1666),
        lambda: libc.semget(0x6365, 1, 0o1666),
        lambda: libc.msgget(0x6365, 0o1666),
        lambda: libc.shm_open(b"/left", 0o102, 0o666),
        lambda: open("/left", "w"), lambda: open("left", "w"), lambda: os.mkfifo("/tmp/left"),
        lambda: os.putenv("LEFT", "1"), lambda: os.environ.update(LEFT="1"),
        lambda: os.lseek(0, 42, 0), lambda: os.umask(0), lambda: os.chdir("/tmp"), lambda: os.nice(5),
        lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (5, 5)),
        lambda: libc.setenv(b"LEFT", b"1", 1),
        lambda: os.write(0, b"left"),
    ):
        try: leave()
        except OSError: pass
    return x
"""


def test_what_a_hand_in_leaves_is_gone() -> None:
    """Objects of the kernel, variables, positions, masks, limits: the next finds them as they were."""
    with started_zygote() as fresh:
        said = []
        for text in (SURROUNDINGS, LEAVE, SURROUNDINGS):
            with handed_in(fresh, text) as hand_in:
                hand_in.value()
                hand_in.session.close()
                said.append(hand_in.session.printed("stdout").text)
    assert said[0] == said[2]


def test_memory_that_one_takes_is_not_taken_from_the_next() -> None:
    """A hand-in of megabytes leaves the next as much memory as the first had."""
    limits = replace(SHORT, memory_bytes=1 << 30)
    text = (
        "import numpy as np\n"
        "def f(x):\n"
        "  n = 10\n"
        "  while True:\n"
        "    try: y = np.empty(n << 20, np.uint8)\n"
        "    except MemoryError: return n\n"
        "    del y; n += 10\n"
    )
    found = []
    with started_zygote() as fresh:
        for files in ({}, {f"hw3/m{n}.py": "#" + "x" * (1 << 20) for n in range(7)}, {}):
            with handed_in(fresh, text, files=files, limits=limits) as hand_in:
                found.append(int(hand_in.value()))
    assert found[2] == found[0]
    assert found[1] <= found[0]


@root_alone
def test_a_job_is_locked_down_before_it_is_sent_the_hand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """When a job says which layers are on, it has heard nothing of the hand-in; only then does it."""
    text, files, _ = victim(1)
    with started_zygote() as fresh, handed_in(fresh, text, files=files) as hand_in:
        session = hand_in.session
        job = replace(session._jobs, launcher=fresh).start(session._ours, OUTPUT_BYTES)
        assert "few system calls (seccomp)" in job.layers["on"]
        hand_in.session._job = job
        time.sleep(0.1)
        assert marks_in(job_of(hand_in.session)) == set()
        about = Path(f"/proc/{job_of(hand_in.session)}/status").read_text()
        assert re.search(r"^Seccomp:\s+2$", about, re.MULTILINE)
        hand_in.session.close()
