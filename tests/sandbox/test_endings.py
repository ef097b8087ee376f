"""How a job ended, and whose doing it was: memory, processor time, others; and what is tried again."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from real_jobs import SHORT, handed_in, started_zygote

from grader import discovery, engine
from grader.deadline import Deadline
from grader.declaration import Limits
from grader.errors import SandboxError
from grader.inside import zygote as protocol
from grader.inside.calls import SentCase, packed
from grader.records import FailureKind, Report, Status
from grader.report import json_report
from grader.sandbox import killed, launcher
from grader.sandbox.fresh import Fresh
from grader.sandbox.killed import KilledError
from grader.sandbox.line import Ending
from grader.sandbox.process import TOO_SLOW, JobEndedError
from grader.sandbox.session import Session
from grader.sandbox.socket_line import SocketLine
from grader.sandbox.zygote import Zygote, _no_job

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "src" / "gru_cell"
MIB = 1 << 20
LIMITS = Limits(call_s=2, total_s=20, cpu_s=5, memory_bytes=1024 * MIB)


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with started_zygote() as zygote:
        yield zygote


def kill(session: Session) -> None:
    """Do what another program, or a person, might do."""
    job = session._job
    assert job is not None
    assert isinstance(job._line, SocketLine)
    signal.pidfd_send_signal(job._line.pidfd, signal.SIGKILL)


TAKES = """
import numpy as np
def f(x):
  global y; y = np.ones({mib} << 17); return x
def g(x):
  while True: pass
"""


def test_an_ending_says_what_was_used(zygote: Zygote) -> None:
    """Processor seconds and the most memory, of the job alone; in a fresh process as well."""
    with Fresh() as fresh:
        for way in (zygote, fresh):
            with handed_in(way, TAKES.format(mib=160), limits=replace(SHORT, call_s=20)) as hand_in:
                hand_in.value("f")
                job = hand_in.session._job
                assert job is not None
                about, arrays = packed([SentCase(0, False, False, {"x": np.arange(3.0)})])
                about |= {"do": "call", "call": "g", "form": 0, "outputs": ["y"]}
                with pytest.raises(JobEndedError) as ended:
                    job.ask(about, arrays, Deadline.within(0.5))
                hand_in.session._job = None
            assert ended.value.reason == TOO_SLOW
            assert 0 < ended.value.ending.cpu_s < 20
            assert ended.value.ending.peak_bytes > 150 * MIB
            if way is zygote:
                assert 150 * MIB < ended.value.ending.peak_bytes - job.layers["peak_bytes"] < 200 * MIB


@pytest.mark.parametrize(
    ("status", "cpu_s", "grown_mib", "kernel_killed", "outside"),
    [
        (signal.SIGKILL, 0.1, 1, False, True),
        (signal.SIGKILL, 0.1, 500, False, True),
        (signal.SIGKILL, 0.1, 600, False, False),  # near its own limit
        (
            signal.SIGKILL,
            0.1,
            100,
            True,
            False,
        ),  # the kernel has killed somebody, and this one had taken much
        (signal.SIGKILL, 0.1, 10, True, True),
        (signal.SIGKILL, 5.0, 1, False, False),  # the limit on processor time
        (signal.SIGSEGV, 0.1, 1, False, False),
        (3 << 8, 0.1, 1, False, False),
    ],
)
def test_whose_doing_a_kill_is(
    status: int,
    cpu_s: float,
    grown_mib: int,
    kernel_killed: bool,
    outside: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Memory is blamed near the limit, or where the kernel says so and much was taken; else somebody else."""
    monkeypatch.setattr(killed, "CGROUPS", ())
    monkeypatch.setattr(killed, "by_the_kernel", lambda: 7 + kernel_killed)
    ending = Ending(int(status), cpu_s, (40 + grown_mib) * MIB)
    if outside:
        with pytest.raises(KilledError, match="killed from outside"):
            killed.hold(ending, 40 * MIB, LIMITS, 7)
    else:
        killed.hold(ending, 40 * MIB, LIMITS, 7)


@pytest.mark.parametrize("said", ["268435456\n", "max\n", ""])
def test_a_containers_limit_counts(said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a container may use less than a job, near the container's limit is near enough."""
    (tmp_path / "memory.max").write_text(said)
    monkeypatch.setattr(killed, "CGROUPS", (tmp_path / "none", tmp_path / "memory.max"))
    monkeypatch.setattr(killed, "by_the_kernel", lambda: None)
    ending = Ending(signal.SIGKILL, 0.1, 240 * MIB)
    if said.startswith("268"):
        killed.hold(ending, 40 * MIB, LIMITS, None)
    else:
        with pytest.raises(KilledError):
            killed.hold(ending, 40 * MIB, LIMITS, None)


def graded(hand_in: Path) -> Report:
    known = discovery.by_name("gru_cell", discovery.assignments())
    return engine.grade(hand_in, [known], engine.Options(assignment="gru_cell"))


@pytest.mark.parametrize("kills", [1, 3])
def test_kills_from_outside_cost_a_right_answer_nothing(kills: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that is killed by others is asked anew: the report has the bytes of an undisturbed grading."""
    undisturbed = json_report.render(graded(MODEL))
    left, calls = [kills], [0]
    answer = Session._answer

    def disturbed(self: Session, *arguments: object) -> object:
        calls[0] += 1
        if left[0] and calls[0] % 7 == 0:
            left[0] -= 1
            kill(self)
        return answer(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Session, "_answer", disturbed)
    monkeypatch.setattr(engine, "AFTER_KILLS_S", (0.0,) * 4)
    assert json_report.render(graded(MODEL)) == undisturbed
    assert left == [0]


def test_whoever_is_killed_again_and_again_gets_no_score(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is our fault then, not the student's zero, and the report says what happened."""
    answer = Session._answer

    def disturbed(self: Session, *arguments: object) -> object:
        kill(self)
        return answer(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Session, "_answer", disturbed)
    monkeypatch.setattr(Session, "inspect", lambda self: (self._alive(), {})[1])
    monkeypatch.setattr(engine, "AFTER_KILLS_S", (0.0,))
    report = graded(MODEL)
    assert report.status is Status.ERROR
    assert "killed from outside" in (report.message or "")


def test_memory_that_the_kernel_takes_back_is_the_students(zygote: Zygote) -> None:
    """A job that is killed when it has taken most of what it may is told so, and is not asked again."""
    with handed_in(zygote, TAKES.format(mib=640), limits=replace(SHORT, call_s=20)) as hand_in:
        hand_in.value("f")
        kill(hand_in.session)
        assert hand_in.failure("g").kind is FailureKind.MEMORY


def test_a_job_is_what_the_kernel_takes_first(zygote: Zygote) -> None:
    """When memory is short, the kernel ends a job or its zygote, not the grader."""
    assert Path(f"/proc/{zygote._process.pid}/oom_score_adj").read_text() == "1000\n"
    assert Path("/proc/self/oom_score_adj").read_text() != "1000\n"


def test_processes_that_are_short_for_a_moment_are_waited_for(
    zygote: Zygote, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A zygote that cannot fork tries again; so does what starts the zygote."""
    failing: list[OSError] = [BlockingIOError(11, "Resource temporarily unavailable")] * 3
    popen, fork = subprocess.Popen, os.fork

    def now_and_then(*arguments: object, **options: object) -> object:
        if failing:
            raise failing.pop()
        return popen(*arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", now_and_then)
    launcher.started([sys.executable, "-c", ""]).wait()
    assert failing == []
    failing += [BlockingIOError(11, "x"), OSError(12, "Cannot allocate memory")]

    def forked() -> int:
        if failing:
            raise failing.pop()
        return fork()

    monkeypatch.setattr(os, "fork", forked)
    pid = protocol._forked()
    if pid == 0:
        os._exit(0)
    assert os.waitpid(pid, 0)[0] == pid
    assert failing == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody without processes")
def test_processes_that_stay_short_are_named() -> None:
    """A limit on processes that stays is our fault, and the message says which limit and what to do."""
    code = (
        "import os, resource, subprocess, sys, threading\n"
        "from grader.sandbox import launcher\n"
        "launcher.RETRIED_S = 0.3\n"
        "os.setresgid(63099, 63099, 63099); os.setresuid(63099, 63099, 63099)\n"
        "resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))\n"
        "try: launcher.started(['/bin/true'])\n"
        "except launcher.SandboxError as error: print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert "no further process may be started here" in ran.stdout, ran.stderr
    assert "ulimit -u" in ran.stdout
    assert "--pids-limit" in ran.stdout


def test_a_zygote_that_cannot_fork_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is named as well where it is the zygote that meets it, and the zygote lives on."""
    with started_zygote() as zygote:
        with handed_in(zygote, "def f(x): return x") as hand_in:
            hand_in.value()
        resource.prlimit(zygote._process.pid, resource.RLIMIT_NPROC, (0, 0))
        if os.geteuid() == 0:  # for root the limit does not count: let its answer stand for the kernel's
            answer = protocol.STARTED.pack(-11)
            assert "--pids-limit" in str(_no_job(answer))
            return
        begun = time.monotonic()
        with (
            pytest.raises(SandboxError, match="pids-limit"),
            handed_in(zygote, "def f(x): return x") as hand_in,
        ):
            hand_in.value()
        assert time.monotonic() - begun > protocol.RETRIED_S / 2


def test_libseccomp_is_loaded_without_another_process() -> None:
    """Building the filter starts nothing: where processes are short, it is there all the same."""
    code = (
        "import sys\n"
        "def hook(event, arguments):\n"
        "    if event in ('subprocess.Popen', 'os.fork', 'os.posix_spawn', 'os.system', 'os.exec'):\n"
        "        print('STARTED', event, arguments); raise SystemExit(1)\n"
        "sys.addaudithook(hook)\n"
        "from grader.sandbox import filter as filter_\n"
        "import ctypes.util\n"
        "found = ctypes.util.find_library\n"
        "print(len(filter_.program()) > 0, ctypes.util.find_library is found)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert ran.stdout == "True True\n", ran.stdout + ran.stderr


THREADS = """
import ctypes, os, sys, threading
from grader.inside import kernel, lockdown, seccomp
from grader.sandbox import filter as filter_

begin, said = threading.Event(), []

def other():
    begin.wait()
    try:
        os.open("/etc/passwd", os.O_RDONLY)
        said.append("opened")
    except OSError as error:
        said.append(error.errno)

thread = threading.Thread(target=other)
thread.start()
program, machine = filter_.program(), os.uname().machine
kernel.prctl(lockdown.PR_SET_NO_NEW_PRIVS, 1)
seccomp.confine(program, machine if sys.argv[1] == "all" else "another machine")
begin.set()
thread.join()
print(said)
"""


@pytest.mark.parametrize(("which", "says"), [("all", "[13]"), ("one", "['opened']")])
def test_the_filter_holds_every_thread(which: str, says: str) -> None:
    """A thread that a library has started before is confined as well; the older way leaves it free."""
    ran = subprocess.run([sys.executable, "-c", THREADS, which], capture_output=True, text=True, cwd=ROOT)
    assert ran.stdout == f"{says}\n", ran.stderr
