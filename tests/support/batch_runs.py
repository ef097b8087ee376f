"""Runs `cellgrade batch` as a process of its own, and looks at what it leaves."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from grader.batch.results_folder import JOURNAL

ROOT = Path(__file__).parents[2]
LIMIT_S = 1200  # against what hangs; a class of 500 takes a minute on two cores of their own


def command(results: Path, *arguments: object) -> list[str]:
    """Return the command line of a batch, by this Python and these sources."""
    return [sys.executable, "-m", "grader", "batch", "--out", str(results), *map(str, arguments)]


def environment(**variables: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **variables}


def start(results: Path, *arguments: object, **options: object) -> subprocess.Popen[str]:
    """Start a batch in a session of its own, its output in pipes."""
    temporary = results.parent / "tmp"  # what a killed process leaves there goes with the test
    temporary.mkdir(exist_ok=True)
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        command(results, *arguments),
        env=environment(TMPDIR=str(temporary)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **options,
    )


def batch(results: Path, *arguments: object, status: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a batch to its end, which must be this exit status."""
    process = start(results, *arguments)
    try:
        out, err = process.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    assert process.returncode == status, out + err
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def tree(results: Path) -> dict[str, bytes]:
    """Everything in a results folder but the journal: path -> content."""
    return {
        path.relative_to(results).as_posix(): path.read_bytes()
        for path in sorted(results.rglob("*"))
        if path.is_file() and path.name != JOURNAL
    }


def below(pid: int) -> list[int]:
    """Return the processes below this one: first its workers, then their zygotes, then jobs."""
    found = _children([pid])
    for one in found:  # it grows meanwhile
        found += _children([one])
    return found


def wait_for(process: subprocess.Popen[str], depth: int, within_s: float = 120) -> list[int]:
    """Return what leads the batch (depth 1), its workers (2), their zygotes (3), the jobs of these (4), once
    there.

    Of workers, those that have a zygote: several in a row that are killed at their start end the batch. Once
    the batch has ended, nothing.
    """
    until = time.monotonic() + within_s
    while process.poll() is None:
        there = [process.pid]
        for _ in range(depth):
            there = _children(there)
        if there := [pid for pid in there if depth != 2 or _children([pid])]:
            return there
        time.sleep(0.002)
        if time.monotonic() > until:
            process.kill()
            raise AssertionError(f"nothing is at work: {process.communicate(timeout=10)}")
    return []


def _children(pids: Sequence[int]) -> list[int]:
    found = []
    for pid in pids:
        with contextlib.suppress(OSError):  # it ended meanwhile
            for task in Path(f"/proc/{pid}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def alive(pids: Sequence[int], within_s: float = 20) -> list[int]:
    """Those of these processes that have not ended after so many seconds."""
    until = time.monotonic() + within_s
    left = list(pids)
    while left and time.monotonic() < until:
        left = [pid for pid in left if _lives(pid)]
        time.sleep(0.05)
    return left


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def journalled(results: Path) -> int:
    """How many results the journal holds; 0 while it is not there, or is being written."""
    with contextlib.suppress(sqlite3.Error):
        address = f"file:{results / JOURNAL}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True)) as database:
            return int(database.execute("SELECT count(*) FROM results").fetchone()[0])
    return 0


def wait_for_results(
    process: subprocess.Popen[str], results: Path, count: int = 1, within_s: float = 120
) -> bool:
    """Wait until so many hand-ins have been graded; False if the batch has ended meanwhile."""
    until = time.monotonic() + within_s
    while process.poll() is None:
        if journalled(results) >= count:
            return True
        time.sleep(0.02)
        if time.monotonic() > until:
            process.kill()
            raise AssertionError(f"nothing was graded: {process.communicate(timeout=10)}")
    return False
