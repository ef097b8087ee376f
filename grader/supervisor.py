"""Who is there to the end of every command: a small process that starts the working one and outlives it.

A worker can hang in C code, be stopped, crash, or be killed for its memory, before it has read its arguments
or with half of a report printed. No thread of its own helps it then. So the process that was started does
nothing itself: it forks, before anything large is imported, and watches. On Linux alone.

What it promises:

- A platform that reads the last line (`--format autolab`) gets one whole report, or one that records no
  score, and exit status 0. So the worker's output goes through a pipe, and counts once the worker has said
  that it is complete.
- The worker ends at the platform's time limit, the kernel ends it when this process is killed, and
  whatever lost its parent below it is ended too.
- Everything else is as if there were one process: standard output and error are the worker's own, signals
  reach it once, since it is in a process group of its own, and its exit status is passed on.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import stat
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from grader.inside import lockdown

RESERVE_S = (
    5.0  # kept back of a platform's limit, for writing the report and for what the platform does itself
)
MOST_AGE_S = 900.0  # the longest limit there is
OUR_FAULT = 3
MOST_COURSE_BYTES = 1 << 20
TIME_LIMIT_VARIABLE = "AUTODRIVER_TIME_LIMIT_S"  # in which our autodriver tells a job its own limit
# What the worker leaves behind, such as a batch's workers, ends by itself; then it is ended.
LEFT_S = 12.0
LEFT_ON_A_PLATFORM_S = 1.0
FORETELL_S = 10.0  # for the last words that a worker did not live to send
PR_SET_CHILD_SUBREAPER = 36

# When not even the problems' names can be had: `autolab.last_line([])`, and what stands above it.
FAILED = "The grader failed; no score was recorded."
NO_NAMES = '{"scores": {"unknown problem": null}, "scoreboard": []}'

_tell: int | None = None  # in the worker: where it tells its supervisor
_born_s: float | None = None  # when the command began, by `time.monotonic`; the supervisor is the elder


def said(arguments: Sequence[str], option: str) -> str | None:
    """What the arguments say for an option, though they may be wrong otherwise; None if nothing."""
    found = None
    for at, argument in enumerate(arguments):
        if argument == option and at + 1 < len(arguments):
            found = arguments[at + 1]
        elif argument.startswith(f"{option}="):
            found = argument.partition("=")[2]
    return found


def age_s() -> float:
    """Seconds since this command began, which are many on a busy machine; 0 where the system does not say."""
    if _born_s is not None:
        return time.monotonic() - _born_s
    if sys.platform != "linux":
        return 0.0
    try:
        # starttime of proc_pid_stat(5), its 22nd field; the second may hold spaces, and ends in a bracket.
        began_ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - began_ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return 0.0
    return age if 0 <= age < MOST_AGE_S else 0.0  # an engine's own /proc may count otherwise


# --- what the worker says


def is_there() -> bool:
    """Whether this process is a worker, with somebody who watches it."""
    return _tell is not None


def expect(head: str, line: str) -> None:
    """Say what stands at the end should this process not get there: before and below why it did not.

    Args:
        head: the beginning of the last words.
        line: the last line, which a platform reads.
    """
    _say({"head": head, "line": line})


def end_within(seconds: float) -> None:
    """Say how long the work may take from now on; some seconds later it is ended."""
    _say({"within_s": seconds})


def done(code: int) -> None:
    """Say that all output was written, and which exit status there is."""
    _say({"done": code})


def _say(message: dict[str, Any]) -> None:
    if _tell is not None:
        with contextlib.suppress(OSError):  # who watched is gone, and with it this process in a moment
            os.write(_tell, json.dumps(message).encode() + b"\n")


# --- who watches


def supervise(arguments: Sequence[str], foretell: Callable[[Sequence[str]], object]) -> None:
    """Go on in a new process, the worker, and return there alone; here, watch it and exit as it does.

    Args:
        arguments: the command line's.
        foretell: calls `expect` if it can, in a process of its own; for when a worker did not live to do so.
    """
    if sys.platform == "linux":
        _fill_descriptors()
        _Supervisor(arguments, foretell).start()


def _fill_descriptors() -> None:
    """Open what was closed of 0, 1 and 2, so that no pipe of ours is taken for one of them."""
    while (fd := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(fd, True)
    os.close(fd)


if sys.platform == "linux":
    FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
    HANDLED = (*FORWARDED, signal.SIGTSTP)

    class _Supervisor:
        """Watches one worker."""

        def __init__(self, arguments: Sequence[str], foretell: Callable[[Sequence[str]], object]) -> None:
            self._arguments = arguments
            self._foretell = foretell
            self._is_for_platform = said(arguments, "--format") == "autolab"
            self._until: float | None = None  # by `time.monotonic`
            self._printed = bytearray()
            self._heard = bytearray()
            self._words: tuple[str, str] | None = None
            self._done: int | None = None
            self._stopped_by: int | None = None
            self._worker = 0

        def start(self) -> None:
            """Fork the worker, and return in it."""
            global _born_s, _tell
            _born_s = time.monotonic() - age_s()
            # Until the handlers are there, a signal waits.
            signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)
            reading, writing = os.pipe()
            out_reading, out_writing = os.pipe() if self._is_for_platform else (-1, -1)
            here = os.getpid()
            try:
                self._worker = os.fork()
            except OSError as error:  # no process is left: work alone, and say nothing of it
                print(f"cellgrade: unwatched, for there is no second process: {error}", file=sys.stderr)
                signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)
                return
            if self._worker == 0:
                _become_worker(here)
                os.close(reading)
                if self._is_for_platform:
                    os.dup2(out_writing, 1)
                    os.close(out_reading)
                    os.close(out_writing)
                _tell = writing
                signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)
                return
            os.close(writing)
            if self._is_for_platform:
                os.close(out_writing)
            self._watch(reading, out_reading)

        def _watch(self, tells: int, prints: int) -> NoReturn:
            lockdown.set_undumpable()
            # Whoever below loses its parent becomes ours, and is ended.
            ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
            with contextlib.suppress(OSError):  # it has done so itself, or is gone
                os.setpgid(self._worker, self._worker)
            for one in HANDLED:
                if signal.getsignal(one) is not signal.SIG_IGN:  # as nohup has it
                    signal.signal(one, self._on_signal)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)
            limit_s = _platforms_limit_s(self._arguments)
            if limit_s is not None:
                self._end_at(limit_s - RESERVE_S - age_s())
            is_in_time = self._listen(tells, prints)
            if self._done is not None:
                if self._is_for_platform:
                    _print(bytes(self._printed))
                self._ended(within_s=2.0)
                self._leave(self._done)
            status = self._ended(within_s=0.0 if not is_in_time else 2.0)
            self._fail(status if is_in_time else None)

        def _on_signal(self, number: int, _: FrameType | None) -> None:
            with contextlib.suppress(ProcessLookupError):
                if number == signal.SIGTSTP:  # Ctrl-Z, until `fg`
                    os.killpg(self._worker, signal.SIGSTOP)
                    os.kill(os.getpid(), signal.SIGSTOP)
                    os.killpg(self._worker, signal.SIGCONT)
                else:
                    self._stopped_by = number
                    os.kill(self._worker, number)

        def _end_at(self, within_s: float) -> None:
            self._until = time.monotonic() + max(0.0, within_s) + RESERVE_S / 2

        def _listen(self, tells: int, prints: int) -> bool:
            """Take what the worker says and prints until it is done or gone; False if its time is up."""
            import select

            poll = select.poll()
            poll.register(tells, select.POLLIN)
            if prints >= 0:
                poll.register(prints, select.POLLIN)
            while True:
                left_ms = None if self._until is None else (self._until - time.monotonic()) * 1_000
                if left_ms is not None and left_ms <= 0:
                    return False
                for fd, _ in poll.poll(left_ms):
                    chunk = os.read(fd, 1 << 16)
                    if fd == prints:
                        self._printed += chunk
                        if not chunk:
                            poll.unregister(fd)
                        continue
                    self._hear(chunk)
                    if not chunk or self._done is not None:
                        self._drain(prints)
                        return True

        def _drain(self, prints: int) -> None:
            """Take what is in the pipe still: a worker that says that it is done has printed all of it."""
            if prints >= 0:
                os.set_blocking(prints, False)
                with contextlib.suppress(BlockingIOError):
                    while chunk := os.read(prints, 1 << 16):
                        self._printed += chunk

        def _hear(self, chunk: bytes) -> None:
            self._heard += chunk
            *lines, rest = self._heard.split(b"\n")
            self._heard = bytearray(rest)
            for message in map(json.loads, lines):
                if "done" in message:
                    self._done = message["done"]
                elif "within_s" in message:
                    self._end_at(message["within_s"])
                else:
                    self._words = message["head"], message["line"]

        def _ended(self, within_s: float) -> int:
            """The worker's wait status; it is killed if it has not ended in so many seconds."""
            until = time.monotonic() + within_s
            while True:
                pid, status = os.waitpid(self._worker, os.WNOHANG)
                if pid:
                    return status
                if time.monotonic() >= until:
                    os.kill(self._worker, signal.SIGKILL)
                    return os.waitpid(self._worker, 0)[1]
                time.sleep(0.002)

        def _fail(self, status: int | None) -> NoReturn:
            """End without a report.

            Args:
                status: how the worker ended; None if its time was up.
            """
            if self._is_for_platform:
                self._write_last_words(_why(status))
                self._leave(0)
            if status is not None and os.WIFEXITED(status):
                self._leave(os.WEXITSTATUS(status))
            if status is not None and os.WTERMSIG(status) == self._stopped_by:  # as one process would end
                self._end_orphans()
                signal.signal(self._stopped_by, signal.SIG_DFL)
                os.kill(os.getpid(), self._stopped_by)
            _print(f"cellgrade: {_why(status)} Nothing was recorded.\n".encode(), fd=2)
            self._leave(OUR_FAULT)

        def _write_last_words(self, why: str) -> None:
            head, line = self._words or self._foretold() or (FAILED, NO_NAMES)
            ending = f"{head}\n{why}\n\n{line}\n".encode()
            output = said(self._arguments, "--output")
            if output is not None:
                # What a student before this one got there must not be read as this one's.
                with contextlib.suppress(OSError):
                    Path(output).write_bytes(ending)
                    return
            _print(ending)

        def _foretold(self) -> tuple[str, str] | None:
            """The last words, by a process that does no more than to find them."""
            global _tell
            reading, writing = os.pipe()
            here = os.getpid()
            try:
                pid = os.fork()
            except OSError:
                return None
            if pid == 0:
                _become_worker(here)
                os.close(reading)
                _tell = writing
                with contextlib.suppress(Exception):
                    self._foretell(self._arguments)
                os._exit(0)
            os.close(writing)
            self._worker, self._words = pid, None
            self._end_at(FORETELL_S - RESERVE_S / 2)
            self._listen(reading, -1)
            self._ended(within_s=0.0)
            return self._words

        def _leave(self, code: int) -> NoReturn:
            self._end_orphans()
            os._exit(code)

        def _end_orphans(self) -> None:
            """See to it that nothing is left below."""
            until = time.monotonic() + (LEFT_ON_A_PLATFORM_S if self._is_for_platform else LEFT_S)
            with contextlib.suppress(ChildProcessError):
                while True:
                    if os.waitpid(-1, os.WNOHANG)[0] == 0:
                        if time.monotonic() >= until:
                            _kill_children()
                        time.sleep(0.005)


def _become_worker(supervisor: int) -> None:
    """What holds for a worker from its first moment on."""
    if sys.platform == "linux":
        lockdown.end_with_parent(signal.SIGKILL)
        if os.getppid() != supervisor:  # it was killed before the kernel knew
            os._exit(OUR_FAULT)
        os.setpgid(0, 0)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # a terminal's `tostop` is for what runs unseen


def _kill_children() -> None:
    with contextlib.suppress(OSError):
        for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
            with contextlib.suppress(
                OSError
            ):  # of another user, and we are not root: it ends with its parent
                os.kill(int(pid), signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)


def _platforms_limit_s(arguments: Sequence[str]) -> float | None:
    """When the platform stops a grading: the shorter of what the job was told and what its course says.

    What is wrong with that file is the worker's to say.
    """
    if arguments[:1] != ["grade"]:
        return None
    told = os.environ.get(TIME_LIMIT_VARIABLE, "")
    limits_s = [float(told)] if told.isascii() and told.isdigit() and int(told) > 0 else []
    if (path := said(arguments, "--course")) is not None:
        import tomllib

        with contextlib.suppress(OSError, ValueError):
            if stat.S_ISREG(os.stat(path).st_mode):  # a pipe can be read once
                with open(path, "rb") as file:
                    content = file.read(MOST_COURSE_BYTES).decode("utf-8-sig")
                limit_s = tomllib.loads(content).get("time_limit_s")
                if isinstance(limit_s, int | float) and 0 < limit_s <= MOST_AGE_S:
                    limits_s.append(float(limit_s))
    return min(limits_s, default=None)


def _why(status: int | None) -> str:
    """What became of the worker, as a sentence."""
    if status is None:
        return "The time limit was reached."
    if os.WIFEXITED(status):
        return f"The process that grades ended by itself (exit status {os.WEXITSTATUS(status)})."
    number = os.WTERMSIG(status)
    names = {int(one): one.name for one in signal.Signals}
    why = ", as the kernel does when memory is short" if number == lockdown.KILL else ""
    return f"The process that grades was killed by {names.get(number, f'signal {number}')}{why}."


def _print(output: bytes, fd: int = 1) -> None:
    """Write all of it, also where the reader is slow; if there is none, nothing."""
    import select

    left = memoryview(output)
    with contextlib.suppress(OSError):
        while left:
            try:
                left = left[os.write(fd, left) :]
            except BlockingIOError:
                select.select([], [fd], [])
