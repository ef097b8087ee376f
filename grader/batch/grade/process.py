"""One worker process of a batch, as the process that leads sees it: started, asked, and gone."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import IO, Any, Self

import grader
from grader import threads
from grader.batch.grade.setup import END_S
from grader.inside import kernel

# Where we were imported from, a worker imports from too, and never from the folder that it is started in:
# that may hold hand-ins.
BOOT = """
import sys
if sys.argv[1] not in sys.path:
    sys.path.insert(0, sys.argv[1])
from grader.batch.grade import worker
worker.main()
"""
FROM_OUTSIDE = (signal.SIGTERM, kernel.KILL)  # signals that no fault of a process's own sends it
GROWTH_MIB = 256.0  # beyond what its first grading took, after which a worker is replaced
ANSWER_BYTES = 1 << 30  # more than any answer has: a line is read whole


class LostBy(Enum):
    """Why a worker is gone."""

    STOPPED = "stopped"  # by us, long after any grading must have ended
    KILLED = "killed"  # by a signal that anybody may have sent: a person, or the kernel, short of memory
    ENDED = "ended"  # by itself, or by a crash


class LostError(Exception):
    """A worker is gone, and with it the answer.

    Attributes:
        why: half a sentence: "was killed by SIGKILL".
        by: whose doing it may have been.
    """

    def __init__(self, why: str, by: LostBy = LostBy.ENDED) -> None:
        super().__init__(why)
        self.why = why
        self.by = by


class WorkerProcess:
    """One worker process, asked one thing at a time; made by `start`."""

    def __init__(self, process: asyncio.subprocess.Process, errors: IO[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._errors = process, errors
        self._stdin, self._stdout = process.stdin, process.stdout
        self._first_mib: float | None = None
        self._is_worn = False

    @classmethod
    async def start(cls, folder: Path) -> Self:
        """Start a worker, which is ready once it has answered its first line.

        Args:
            folder: where its temporary files are.

        Raises:
            OSError: there can be no further process.
        """
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        environment = {**os.environ, **dict.fromkeys(threads.VARIABLES, "1"), "TMPDIR": str(folder)}
        root = str(Path(grader.__file__).parents[1])
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-c", BOOT, root),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                env=environment,
                start_new_session=True,  # a terminal's Ctrl-C is for the one who leads
                limit=ANSWER_BYTES,
            )
        except BaseException:
            errors.close()
            raise
        return cls(process, errors)

    @property
    def is_worn(self) -> bool:
        """Whether another one should take its place: it is gone, or has grown."""
        return self._is_worn or self._process.returncode is not None

    async def ask(self, message: Mapping[str, Any], limit_s: float) -> dict[str, Any]:
        """Send a message, and wait for its answer.

        Raises:
            LostError: it is gone, or did not answer within so many seconds and was killed.
        """
        try:
            async with asyncio.timeout(limit_s):
                with contextlib.suppress(ConnectionError):  # it is gone: see below
                    self._stdin.write(json.dumps(message).encode() + b"\n")
                    await self._stdin.drain()
                line = await self._stdout.readline()
                if not line.endswith(b"\n"):
                    raise self._lost(await self._process.wait())
        except TimeoutError:
            self.kill()
            self._is_worn = True  # at once: the kernel may take its time
            raise LostError("did not answer, and was stopped", LostBy.STOPPED) from None
        answer: dict[str, Any] = json.loads(line)
        self._watch_memory(answer.get("resident_mib"))
        return answer

    def terminate(self) -> None:
        """Ask it to end."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def close(self) -> None:
        """End it, by itself if it can, and wait until it is gone."""
        self._stdin.close()
        self.terminate()
        try:
            async with asyncio.timeout(END_S):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()
        with contextlib.suppress(OSError):  # a message was left in the pipe
            await self._stdin.wait_closed()
        self._errors.close()

    def _watch_memory(self, resident_mib: float | None) -> None:
        if resident_mib is not None:
            self._first_mib = self._first_mib or resident_mib
            self._is_worn = resident_mib > self._first_mib + GROWTH_MIB

    def _lost(self, status: int) -> LostError:
        """Say how it ended."""
        if status < 0:
            names = {int(one): one.name for one in signal.Signals}
            by = LostBy.KILLED if -status in FROM_OUTSIDE else LostBy.ENDED
            return LostError(f"was killed by {names.get(-status, f'signal {-status}')}", by)
        self._errors.seek(0)
        said = self._errors.read()[-2_000:].decode(errors="backslashreplace").strip().rpartition("\n")[2]
        return LostError(f"ended by itself (exit status {status}){': ' if said else ''}{said}")
