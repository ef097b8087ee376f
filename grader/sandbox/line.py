"""What leads from the grader to a job: a channel, two streams to read, and the way to end it.

How bytes get across differs by system; what is made of them does not, and is in `process`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

from grader.deadline import Deadline

CHANNEL = "channel"
CHUNK = 1 << 16  # bytes that are taken at once

# Where it came from (CHANNEL, "stdout" or "stderr"), and what: nothing at its end, and None for what is
# there to be read and is no byte.
Piece = tuple[str, bytes | None]


@dataclass(frozen=True)
class Ending:
    """How a job ended.

    Attributes:
        status: as `os.wait4` reports it; where there are no signals, the exit status times 256.
        cpu_s: processor seconds that it used; 0 where that is not known.
        peak_bytes: the most memory that it had at once; 0 where that is not known.
    """

    status: int
    cpu_s: float
    peak_bytes: int = 0

    @property
    def signal(self) -> int:
        """The number of the signal that ended it; 0 if none did."""
        return self.status & 0x7F

    @property
    def exit_status(self) -> int:
        """What it said itself at its end."""
        return self.status >> 8


class FrameLine(ABC):
    """The way to one job.

    Attributes:
        is_sending: a frame is on its way to it.
    """

    is_sending: bool = False

    @abstractmethod
    def send(self, frame: bytes) -> None:
        """Begin to send a frame. What was said on the channel before that is handed out while it is sent."""

    @abstractmethod
    def next(self, deadline: Deadline) -> list[Piece] | None:
        """Return what has come, perhaps nothing but progress in sending; None if the time is up."""

    @abstractmethod
    def hang_up(self) -> None:
        """Close the channel: a job that is well ends of it."""

    @abstractmethod
    def dies_within(self, seconds: float) -> bool:
        """Whether it ends by itself."""

    @abstractmethod
    def kill(self) -> None:
        """Have it killed; no harm if it is dead."""

    @abstractmethod
    def ending(self) -> Ending:
        """How it ended, once it was killed or dies.

        Raises:
            SandboxError: that cannot be had.
        """

    @abstractmethod
    def last_output(self) -> Iterator[Piece]:
        """Return what the streams still hold after its end."""

    @abstractmethod
    def close(self) -> None:
        """Give back all that it took; the job is dead."""
