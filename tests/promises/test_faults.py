"""Faults of the machine, for real: each ends in a second try that succeeds or in an error of ours."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from real_jobs import SHORT, handed_in, started_zygote

from grader import discovery, engine
from grader.cli.options import OUR_FAULT
from grader.cli.writing import exit_code
from grader.declaration import Loaded
from grader.records import FailureKind, Report, Status
from grader.report import autolab, json_report, text
from grader.sandbox import environment, student
from grader.sandbox import filter as filter_
from grader.sandbox.killed import KilledError
from grader.sandbox.process import Job
from grader.sandbox.socket_line import SocketLine
from grader.sandbox.zygote import Zygote

MODEL = Path(__file__).parents[2] / "src" / "gru_cell"
Fault = Callable[[], None]


@cache
def gru_cell() -> Loaded:
    assignment = discovery.by_name("gru_cell", discovery.assignments())
    return replace(assignment, suites={"cells": cache(assignment.suites["cells"])})


def grade() -> Report:
    return engine.grade(MODEL, [gru_cell()], engine.Options())


@cache
def healthy() -> str:
    """Return the report on the model hand-in when nothing goes wrong."""
    report = grade()
    assert (report.status, report.score) == (Status.GRADED, 100)
    return json_report.render(report)


def hold_ours(report: Report, says: str = "") -> None:
    """Assert that the report says that the fault is ours, and no renderer gives a point or a zero."""
    assert report.status is Status.ERROR
    assert report.message is not None
    assert re.search(says, report.message)
    assert not re.match(r"\w+(Error|Exception):", report.message), report.message  # sorted, not merely caught
    assert exit_code(report, None) == OUR_FAULT
    feedback = autolab.render(report)
    assert set(json.loads(feedback.splitlines()[-1])["scores"].values()) <= {None}
    for rendered in (feedback, text.render(report), json_report.render(report)):
        assert "Traceback (most recent" not in rendered


class Pids:
    """Every zygote and job that was started, with ways to kill the last."""

    def __init__(self) -> None:
        self.zygotes: list[int] = []
        self.jobs: list[int] = []

    def kill_zygote(self) -> None:
        os.kill(self.zygotes[-1], signal.SIGKILL)
        while alive(self.zygotes[-1]):
            time.sleep(0.001)

    def kill_job(self) -> None:
        with suppress(ProcessLookupError):  # it was killed before
            os.kill(self.jobs[-1], signal.SIGKILL)
        while alive(self.jobs[-1]):
            time.sleep(0.001)


def alive(pid: int) -> bool:
    """Whether a process runs; one that is dead and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def pids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pids]:
    """Watches what is started; after the test no process, descriptor or temporary file of it may be left."""
    healthy()
    found = Pids()
    kept_for_us = [os.dup(0)]
    make_zygote, make_job = student.Started.__init__, Job.__init__

    def started(self: student.Started, command: list[str]) -> None:
        make_zygote(self, command)
        found.zygotes.append(self.pid)

    def job(self: Job, line: SocketLine) -> None:
        make_job(self, line)
        os.close(kept_for_us.pop())  # the look itself must not be what takes the last descriptor
        about = Path(f"/proc/self/fdinfo/{line.pidfd}").read_text()
        found.jobs.append(int(re.search(r"^Pid:\s+(\d+)", about, re.MULTILINE)[1]))  # type: ignore[index]
        kept_for_us.append(os.dup(0))

    monkeypatch.setattr(student.Started, "__init__", started)
    monkeypatch.setattr(Job, "__init__", job)
    temporary = tmp_path / "temporary"
    temporary.mkdir(mode=0o755)
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    open_files = len(os.listdir("/proc/self/fd")) - len(kept_for_us)
    yield found
    os.close(kept_for_us.pop())
    until = time.monotonic() + 5
    while any(map(alive, found.zygotes + found.jobs)) and time.monotonic() < until:
        time.sleep(0.01)  # a job without a zygote ends by itself when it sees that nobody listens
    assert [pid for pid in found.zygotes + found.jobs if alive(pid)] == []
    assert len(os.listdir("/proc/self/fd")) == open_files
    assert list(temporary.iterdir()) == []


@contextmanager
def limited(what: int, soft: int) -> Iterator[None]:
    """Give a limit of this process for a while; what it starts inherits it."""
    before, hard = resource.getrlimit(what)
    resource.setrlimit(what, (soft, hard))
    try:
        yield
    finally:
        resource.setrlimit(what, (before, hard))


def inject(monkeypatch: pytest.MonkeyPatch, where: str, fault: Fault, *, first: int, last: int) -> list[str]:
    """Run `fault` at the given moment, from its first to its last occurrence; gives the moments that came.

    Moments are "start" (before a job is forked), "fork" (after it), and, of each request by what it does,
    "before inspect", "during inspect" (it is sent, and not answered), and so on for "import" and "call", of
    which one request is answered once for each case.
    """
    seen: list[str] = []
    fork, receive = Zygote._begin, Job.receive
    doing = ["start"]

    def moment(name: str) -> None:
        seen.append(name)
        if name == where and first <= seen.count(name) <= last:
            fault()

    def forked(self: Zygote, *arguments: Any) -> Job:
        moment("start")
        doing[0] = "start"
        job = fork(self, *arguments)
        moment("fork")
        return job

    def asking(ask: Callable[..., Any]) -> Callable[..., Any]:
        def asked(self: Job, about: Mapping[str, Any], *arguments: Any) -> Any:
            doing[0] = about.get("do", "begin")  # the first frame to a job asks for nothing
            moment(f"before {doing[0]}")
            return ask(self, about, *arguments)

        return asked

    def received(self: Job, *arguments: Any, **options: Any) -> Any:
        moment(f"during {doing[0]}")
        return receive(self, *arguments, **options)

    monkeypatch.setattr(Zygote, "_begin", forked)
    monkeypatch.setattr(Job, "ask", asking(Job.ask))
    monkeypatch.setattr(Job, "ask_each", asking(Job.ask_each))
    monkeypatch.setattr(Job, "receive", received)
    return seen


STEPS = [f"{when} {what}" for what in ("inspect", "import", "call") for when in ("before", "during")]


@pytest.mark.parametrize("where", ["start", "fork", *STEPS])
def test_a_zygote_that_is_killed_once_costs_nothing(
    where: str, pids: Pids, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whenever the zygote is killed, the second try gives the report that there would have been."""
    first = {"before call": 3, "during call": 40}.get(where, 1)
    seen = inject(monkeypatch, where, pids.kill_zygote, first=first, last=first)
    assert json_report.render(grade()) == healthy()
    assert seen.count(where) >= first
    assert len(pids.zygotes) == 2


@pytest.mark.parametrize("where", ["start", "fork", *STEPS])
def test_a_zygote_that_is_always_killed_is_our_fault(
    where: str, pids: Pids, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After two tries it is said that the student's process could not be had."""
    inject(monkeypatch, where, pids.kill_zygote, first=1, last=9999)
    hold_ours(grade(), "zygote|student process")
    assert len(pids.zygotes) == 2


@pytest.mark.parametrize("where", ["fork", *STEPS])
@pytest.mark.parametrize("first", [1, 40])
def test_a_job_that_is_killed_once_costs_nothing(
    where: str, first: int, pids: Pids, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the job was about to do, or doing, a fresh one does it again: the report is the same."""
    if first > 1:
        first = {"before call": 3, "during call": 40}.get(where, 1)
    seen = inject(monkeypatch, where, pids.kill_job, first=first, last=first)
    assert json_report.render(grade()) == healthy()
    assert seen.count(where) >= first
    assert len(pids.jobs) == 2


def test_a_job_that_is_never_locked_down_is_our_fault(pids: Pids, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before it was ready, twice: nothing of the student's has run, so it cannot be the student."""
    inject(monkeypatch, "fork", pids.kill_job, first=1, last=9999)
    hold_ours(grade(), "could not be locked down")


def test_a_job_that_is_killed_far_from_its_limits_is_nobodys_failure(pids: Pids) -> None:
    """The call gets no failure: the kill is told as what it is, and a fresh job answers the next."""
    with started_zygote() as zygote, handed_in(zygote, "def f(x): return x + 1") as hand_in:
        hand_in.value()
        pids.kill_job()
        with pytest.raises(KilledError, match="killed from outside"):
            hand_in.value()
        assert hand_in.value().tolist() == [1, 2, 3]
    assert len(pids.jobs) == 2


def test_a_job_without_time_is_not_asked_again(pids: Pids) -> None:
    """Killed for its processor time, a call has had its chance."""
    loop = "import signal\ndef f(x):\n  signal.signal(signal.SIGXCPU, signal.SIG_IGN)\n  while True: pass"
    limits = replace(SHORT, call_s=9, cpu_s=1)
    with started_zygote() as zygote, handed_in(zygote, loop, limits=limits) as hand_in:
        assert hand_in.failure().kind is FailureKind.TIME
    assert len(pids.jobs) == 1


def test_without_descriptors_it_is_our_fault(pids: Pids) -> None:
    """However few descriptors are left, grading succeeds or says what it lacks."""
    descriptor = os.dup(0)
    os.close(descriptor)
    outcomes = []
    for spare in range(1, 30):
        filter_.program.cache_clear()
        with limited(resource.RLIMIT_NOFILE, descriptor + spare):
            report = grade()
        if report.status is Status.ERROR:
            hold_ours(report, "open files|descriptor")
        else:
            assert json_report.render(report) == healthy()
        outcomes.append(report.status)
    assert set(outcomes) == {Status.ERROR, Status.GRADED}


def test_when_no_file_may_be_written_grading_goes_on(pids: Pids) -> None:
    """A limit on the size of files (Tango sets one), even of zero bytes, takes nothing from a student."""
    filter_.program.cache_clear()
    with limited(resource.RLIMIT_FSIZE, 0):
        report = grade()
    if report.status is Status.ERROR:
        hold_ours(report, "filter")
    else:
        assert json_report.render(report) == healthy()


@pytest.mark.parametrize("folder", ["/proc/nowhere", "/proc", "/sys"])
def test_without_a_temporary_folder_it_is_our_fault(
    folder: str, pids: Pids, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no folder can be made there is no grading, and the sentence says what to do."""
    monkeypatch.setattr("tempfile.tempdir", folder)
    hold_ours(grade(), r"no folder for temporary files: .*--tmpfs /tmp")


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[bool]:
    """Give a small file system of its own at `folder`; False where we may not mount one."""
    folder.mkdir(mode=0o755)
    mount = ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        yield False
        return
    try:
        yield True
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_costs_nothing(tmp_path: Path, pids: Pids, monkeypatch: pytest.MonkeyPatch) -> None:
    """What we keep in temporary files is not needed: with no byte left for them, the report is the same."""
    full = tmp_path / "full"
    with mounted(full, "size=4096,mode=755") as is_full:
        if is_full:
            (full / "filler").write_bytes(bytes(4096))
            with pytest.raises(OSError, match="No space left"), open(full / "more", "wb") as more:
                more.write(b"x")
        monkeypatch.setattr("tempfile.tempdir", str(full))
        filter_.program.cache_clear()
        assert json_report.render(grade()) == healthy()


def test_without_a_file_left_it_is_our_fault(
    tmp_path: Path, pids: Pids, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system without room for a folder, or a read-only one, is named as such."""
    for options, says in (("nr_inodes=1,mode=755", "No space left"), ("ro,mode=755", "Read-only")):
        folder = tmp_path / options.partition(",")[0]
        with mounted(folder, options) as is_mounted:
            if not is_mounted:
                folder.rmdir()
                says = "No such file"
            monkeypatch.setattr("tempfile.tempdir", str(folder))
            hold_ours(grade(), f"no folder for temporary files: .*{says}")


SHORT_OF_MEMORY = """
import resource, sys
from functools import cache
from dataclasses import replace
from pathlib import Path
from grader import cli, discovery, listed
gru, = (one for one in discovery.assignments() if one.name == "gru_cell")
gru = replace(gru, suites={"cells": cache(gru.suites["cells"])})
gru.suites["cells"](0)
listed.assignments = lambda *_: (gru,)
pages = int(Path("/proc/self/statm").read_text().split()[0])
hard = resource.getrlimit(resource.RLIMIT_AS)[1]
resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + (int(sys.argv[2]) << 10), hard))
print("exit", cli.main(["grade", "--format", sys.argv[3], sys.argv[1]]))
"""


@pytest.mark.parametrize("form", ["text", "autolab"])
@pytest.mark.parametrize("spare_kib", [0, 256, 2_000, 1 << 20])
def test_short_of_memory_it_is_our_fault_or_none(form: str, spare_kib: int) -> None:
    """With next to no memory left for the grader itself, it gives the whole score or none."""
    command = [sys.executable, "-c", SHORT_OF_MEMORY, str(MODEL), str(spare_kib), form]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
    *said, last = ran.stdout.splitlines()
    assert "Traceback (most recent" not in ran.stdout + ran.stderr
    if form == "autolab":
        assert last == "exit 0"
        scores = list(json.loads(said[-1])["scores"].values())
        assert scores == [30, 70] if spare_kib == 1 << 20 else set(scores) <= {None} or scores == [30, 70]
    else:
        assert last in ("exit 0", "exit 3")
        assert ("100 of 100" in ran.stdout or "100 / 100" in ran.stdout) == (last == "exit 0"), ran.stdout


BROKEN_PYTHONS = {
    "not there": (None, "no student environment"),
    "no program": ("this is no program\n", "does not start"),
    "ends at once": ("#!/bin/sh\nexit 1\n", "student process did not start"),
    "says something else": ("#!/bin/sh\necho hello; sleep 0.1\n", "student process did not start"),
    "killed": ("#!/bin/sh\nkill -9 $$\n", "student process did not start"),
    "no NumPy": ('#!/bin/sh\nexec {python} -S "$@"\n', "No module named 'numpy'"),
    "broken NumPy": (
        '#!/bin/sh\nPYTHONPATH={folder} exec {python} "$@"\n',
        "student process did not start.*this NumPy is broken",
    ),
    "no interpreter": ("#!/nonexistent/python\n", "does not start.*No such file"),
}


@pytest.mark.parametrize("name", BROKEN_PYTHONS)
def test_a_broken_python_is_our_fault(
    name: str, pids: Pids, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A student environment that is not there or does not work is named, with what it said itself."""
    script, says = BROKEN_PYTHONS[name]
    python = tmp_path / "python"
    if script is not None:
        folder = tmp_path / "packages"
        folder.mkdir()
        (folder / "numpy.py").write_text("raise ImportError('this NumPy is broken')\n")
        python.write_text(script.format(python=environment.student_python(), folder=folder))
        python.chmod(0o755)
    monkeypatch.setenv("CELLGRADE_STUDENT_PYTHON", str(python))
    hold_ours(grade(), says)
