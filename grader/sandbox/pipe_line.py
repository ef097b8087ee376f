"""The line to a job that is a fresh process: pipes, and a thread to read each of them.

Windows can wait for no pipe, so that nothing but a thread serves on every system. What the threads have read
is bounded, and they end with the job; one that cannot, because a process of the job's own outlived it and
holds the pipe, is left alone and ends with the grader.
"""

from __future__ import annotations

import contextlib
import io
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping

from grader.deadline import Deadline
from grader.errors import SandboxError
from grader.inside import lockdown
from grader.sandbox.line import CHANNEL, CHUNK, Ending, FrameLine, Piece

QUEUED = 64  # pieces that wait to be looked at
LAST_S = 1.0  # for the streams of a dead job to come to their ends
KILLED_S = 30.0  # for a killed process to be gone, on a very busy machine
LOOK_S = 0.002  # between two looks whether it has ended
SENT, REFUSED = "sent", "refused"


class PipeLine(FrameLine):
    """A line whose every wait is for a queue.

    Args:
        process: the job, without buffers, with pipes for its three standard streams.
        answers: the reading end of the pipe for its answers.
        undo: closed when the job is dead.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], answers: io.FileIO, undo: contextlib.ExitStack
    ) -> None:
        assert isinstance(process.stdin, io.FileIO)
        assert isinstance(process.stdout, io.FileIO)
        assert isinstance(process.stderr, io.FileIO)
        self.process = process
        self._requests = process.stdin
        self._undo = undo
        self._ended: Ending | None = None
        self._over = threading.Event()
        self._early: list[Piece] = []  # came before the question
        self._held: list[Piece] = []  # came while we had not heard yet that the question was sent
        self._came: queue.Queue[Piece] = queue.Queue(QUEUED)
        readers: Mapping[str, io.FileIO] = {
            CHANNEL: answers,
            "stdout": process.stdout,
            "stderr": process.stderr,
        }
        self._readers = {
            name: threading.Thread(target=self._read, args=(name, file), daemon=True)
            for name, file in readers.items()
        }
        for reader in self._readers.values():
            reader.start()

    def _read(self, name: str, file: io.FileIO) -> None:
        with file:
            chunk: bytes | None = b"-"
            while chunk and not self._over.is_set():
                try:
                    chunk = file.read(CHUNK)
                except OSError:  # Windows says so when the other end is gone
                    chunk = b""
                self._came.put((name, chunk))

    def _write(self, frame: bytes) -> None:
        left = memoryview(frame)
        try:
            while left:
                left = left[self._requests.write(left) :]
        except (OSError, ValueError):  # nobody reads any more, there or here
            self._came.put((REFUSED, b""))
        else:
            self._came.put((SENT, b""))

    def send(self, frame: bytes) -> None:
        """Begin to send a frame, unless the job has answered before it was asked."""
        self.is_sending = True
        self._early = [*self._held, *self._waiting()]
        self._held = []
        if CHANNEL not in dict(self._early):
            threading.Thread(target=self._write, args=(frame,), daemon=True).start()

    def _waiting(self) -> Iterator[Piece]:
        with contextlib.suppress(queue.Empty):
            for _ in range(QUEUED):
                yield self._came.get_nowait()

    def next(self, deadline: Deadline) -> list[Piece] | None:
        """Return what has come; None if the time is up."""
        if self._early:
            return [self._early.pop(0)]
        if self._held and not self.is_sending:
            return [self._held.pop(0)]
        try:
            name, chunk = self._came.get(timeout=max(0.0, deadline.left_s))
        except queue.Empty:
            return None
        if name in (SENT, REFUSED):
            self.is_sending = False
            return [] if name == SENT else [(CHANNEL, b"")]
        if name == CHANNEL and self.is_sending:
            # The threads race: this may well be the answer to what was sent a moment ago.
            self._held.append((name, chunk))
            return []
        return [(name, chunk)]

    def hang_up(self) -> None:
        """Close the pipe for requests, unless it is still being written to: then the job is killed anyway."""
        if not self.is_sending:
            self._close_requests()

    def _close_requests(self) -> None:
        with contextlib.suppress(OSError):
            self._requests.close()

    def dies_within(self, seconds: float) -> bool:
        """Whether it ends by itself."""
        deadline = Deadline.within(seconds)
        while not self._reaped():
            if deadline.over:
                return False
            with contextlib.suppress(queue.Empty):  # it may wait for room in a pipe to print its last
                piece = self._came.get(timeout=LOOK_S)
                self._held += [piece] if len(self._held) < 2 * QUEUED else []
        return True

    def _reaped(self) -> bool:
        """Whether it is dead, and no zombie either."""
        if self._ended is not None:
            return True
        if sys.platform == "win32":
            code = self.process.poll()
            self._ended = None if code is None else Ending(code << 8, 0.0)
        else:
            pid, status, usage = os.wait4(self.process.pid, os.WNOHANG)
            if pid:
                self.process.returncode = os.waitstatus_to_exitcode(status)
                cpu_s = usage.ru_utime + usage.ru_stime
                self._ended = Ending(status, cpu_s, lockdown.of_usage(usage))
        return self._ended is not None

    def kill(self) -> None:
        """Kill it, and what else is in its session."""
        if self._ended is None:
            self._kill_all()

    def _kill_all(self) -> None:
        if sys.platform == "win32":
            self.process.kill()
        else:
            with contextlib.suppress(OSError):  # nobody is left
                os.killpg(self.process.pid, signal.SIGKILL)  # it leads a session of its own

    def ending(self) -> Ending:
        """How it ended."""
        if not self.dies_within(KILLED_S):
            raise SandboxError("a student process could not be ended")
        self._kill_all()  # whatever it has started itself
        assert self._ended is not None
        return self._ended

    def last_output(self) -> Iterator[Piece]:
        """Yield what the pipes still hold after its end, for a moment at most."""
        yield from (*self._early, *self._held)
        deadline = Deadline.within(LAST_S)
        while any(reader.is_alive() for reader in self._readers.values()) and not deadline.over:
            with contextlib.suppress(queue.Empty):
                yield self._came.get(timeout=LOOK_S)
        yield from self._waiting()

    def close(self) -> None:
        """End the threads, and close and remove what there is."""
        self._over.set()
        for _ in self._waiting():  # who waits for room finds it, and sees that it is over
            pass
        self._close_requests()
        self._undo.close()
