"""One process measured as a whole, from its start until it and all that it started are gone."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

# What a process of a person who has set nothing sees: PYTHONDONTWRITEBYTECODE alone would have every start
# compile its modules again.
PLAIN = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
SAMPLED_EVERY_S = 0.002
TICK_S = 1 / os.sysconf("SC_CLK_TCK")

Points = Callable[[str], float]
"""What a program printed -> the points that it gave, out of 100."""


@dataclass(frozen=True)
class Program:
    """What is measured.

    Attributes:
        name: as the tables have it.
        command: with its arguments.
        environment: its variables.
        points: reads the points that it gave; None for what grades nothing.
        folder: where it runs; None for where we are.
        statuses: with which it may end.
        before: makes all as it was before the first run.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=lambda: PLAIN)
    points: Points | None = None
    folder: Path | None = None
    statuses: tuple[int, ...] = (0,)
    before: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Run:
    """One process from start to end, with all that it started and waited for.

    Attributes:
        wall_s: seconds from before its start until it is gone.
        cpu_s: processor seconds, user and system, of all its processes together.
        peak_mib: the most memory that was resident in the largest of its processes.
        points: that it gave, out of 100; None if it grades nothing.
    """

    wall_s: float
    cpu_s: float
    peak_mib: float
    points: float | None = None


def run(program: Program, output: Path) -> Run:
    """Run a program once; what it prints, errors included, goes to `output`.

    Raises:
        SystemExit: it failed, so there is nothing to measure.
    """
    program.before()
    begin_s = time.perf_counter()
    pid = _start(program, output)
    _, status, used = os.wait4(pid, 0)
    wall_s = time.perf_counter() - begin_s
    said = _said(program, status, output)
    points = program.points(said) if program.points is not None else None
    return Run(wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, points)


def together_mib(program: Program, output: Path) -> float:
    """Return the most memory that a program and all that it started had at one time, in MiB.

    It is looked at every 2 ms, in a run that is not timed. What two looks in a row do not both see is no
    peak: /proc is read process by process, and they change meanwhile.

    Raises:
        SystemExit: it failed.
    """
    program.before()
    pid, before_kib, most_kib = _start(program, output), 0, 0
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            break
        largest_kib, now_kib = _together_kib(pid)
        most_kib = max(most_kib, min(before_kib, now_kib), largest_kib)
        before_kib = now_kib
        time.sleep(SAMPLED_EVERY_S)
    _said(program, status, output)
    return most_kib / 1024


def tree(pid: int) -> Iterator[int]:
    """Yield a process and all that it started, as far as they live and were not passed on to another."""
    yield pid
    yield from (child for _, child in _started(pid))


def _started(pid: int) -> Iterator[tuple[int, int]]:
    """Yield all that a process started, and what that started: each behind its parent."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")
        children = [Path(f"/proc/{pid}/task/{one}/children").read_text() for one in threads]
    except OSError:  # it has ended
        return
    for child in map(int, " ".join(children).split()):
        yield pid, child
        yield from _started(child)


def tree_cpu_s(pid: int) -> float:
    """Return the processor seconds that a process, what it started, and what those waited for have used.

    The kernel tells them in hundredths of a second: compare what is much longer.
    """
    return sum(_cpu_s(one) for one in tree(pid))


def _cpu_s(pid: int) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0
    return TICK_S * sum(map(int, stat.rpartition(")")[2].split()[11:15]))  # utime, stime, and the children's


def _start(program: Program, output: Path) -> int:
    """Start a program, and return its process id."""
    to_output = (os.POSIX_SPAWN_OPEN, 1, str(output), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    also_errors = (os.POSIX_SPAWN_DUP2, 1, 2)
    here = os.getcwd()
    if program.folder is not None:  # posix_spawn knows no folder, and a process between would be measured too
        os.chdir(program.folder)
    try:
        return os.posix_spawn(
            program.command[0], program.command, program.environment, file_actions=[to_output, also_errors]
        )
    finally:
        os.chdir(here)


def _said(program: Program, status: int, output: Path) -> str:
    """Return what a program that has ended printed.

    Raises:
        SystemExit: it failed.
    """
    said = output.read_text(errors="replace")
    if os.waitstatus_to_exitcode(status) not in program.statuses:
        raise SystemExit(f"{program.name} failed: {' '.join(program.command)}\n{said}")
    return said


def _together_kib(pid: int) -> tuple[int, int]:
    """Return the most memory of one process, so far, and that of it and all that it started, now; in KiB.

    What they share counts once.

    Memory of a process's own that a fork still shares counts in parts, one for each of them. Of files, such
    as libraries, what is mapped counts once for each program: a fork has its parent's arguments, and its
    files. What other programs on the machine do has no part in it.
    """
    own_kib, largest_kib, of_files_kib = 0, 0, dict[bytes, int]()
    seen: dict[int, dict[str, int]] = {}
    for parent, one in [(0, pid), *_started(pid)]:
        try:
            arguments = Path(f"/proc/{one}/cmdline").read_bytes()
            kib = _kib(Path(f"/proc/{one}/status"))
        except OSError:  # it has ended
            continue
        try:
            kib |= _kib(Path(f"/proc/{one}/smaps_rollup"))
        except OSError:  # it lets nobody look, as a job does where we are not root
            kib["Pss_Anon"] = kib.get("RssAnon", 0)
        seen[one] = kib
        if not _is_the_same(kib, seen.get(parent, {})):
            own_kib += kib.get("Pss_Anon", 0)
        largest_kib = max(largest_kib, kib.get("VmHWM", 0))  # perhaps between two looks
        of_files = kib.get("RssFile", 0) + kib.get("RssShmem", 0)
        of_files_kib[arguments] = max(of_files_kib.get(arguments, 0), of_files)
    return largest_kib, own_kib + sum(of_files_kib.values())


def _is_the_same(kib: Mapping[str, int], parents: Mapping[str, int]) -> bool:
    """Whether a process has its parent's very memory, as between vfork and exec."""
    same = all(kib.get(name) == parents.get(name) for name in ("VmPeak", "RssAnon", "Pss_Anon"))
    return same and kib.get("Pss_Anon", 0) > 0.75 * kib.get("RssAnon", 0)


def _kib(file: Path) -> dict[str, int]:
    """Return the fields of a file in /proc that are in KiB."""
    fields = (line.split() for line in file.read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) for words in fields if words[-1:] == ["kB"]}
