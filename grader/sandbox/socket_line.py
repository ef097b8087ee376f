"""The line to a job that a zygote has forked: a socket, two pipes and a pidfd. On Linux alone."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping

from grader.deadline import Deadline
from grader.sandbox.line import CHANNEL, CHUNK, Ending, FrameLine, Piece

assert sys.platform == "linux"


class SocketLine(FrameLine):
    """A line whose every wait is a poll.

    Args:
        ending: waits until the job is dead and says how it ended.
        channel: the conversation with it.
        streams: "stdout" and "stderr" -> descriptor to read what it prints.
        pidfd: to kill it by.
    """

    def __init__(
        self, ending: Callable[[], Ending], channel: socket.socket, streams: Mapping[str, int], pidfd: int
    ) -> None:
        self.pidfd = pidfd
        self._ending = ending
        self._channel = channel
        self._streams = dict(streams)
        self._unsent = memoryview(b"")
        channel.setblocking(False)
        # Of all selectors the one that needs no descriptor of its own: a job must end when none is left, too.
        self._selector = selectors.PollSelector()
        self._selector.register(channel, selectors.EVENT_READ, CHANNEL)
        for name, fd in streams.items():
            os.set_blocking(fd, False)
            self._selector.register(fd, selectors.EVENT_READ, name)

    def send(self, frame: bytes) -> None:
        """Begin to send a frame."""
        self._unsent = memoryview(frame)
        self.is_sending = True
        self._selector.modify(self._channel, selectors.EVENT_READ | selectors.EVENT_WRITE, CHANNEL)

    def next(self, deadline: Deadline) -> list[Piece] | None:
        """Return what has come; None if the time is up."""
        left_s = deadline.left_s
        ready = self._selector.select(left_s) if left_s > 0 else []
        if not ready:
            return None
        pieces: list[Piece] = []
        for key, events in ready:
            if key.data != CHANNEL:
                pieces += self._printed(key.data)
            elif self.is_sending and events & selectors.EVENT_WRITE:
                pieces += self._sent()
            else:
                pieces.append((CHANNEL, self._received()))
        return pieces

    def _sent(self) -> list[Piece]:
        try:
            self._unsent = self._unsent[self._channel.send(self._unsent) :]
        except (BrokenPipeError, ConnectionResetError):
            return [(CHANNEL, b"")]
        if not self._unsent:
            self.is_sending = False
            self._selector.modify(self._channel, selectors.EVENT_READ, CHANNEL)
        return []

    def _received(self) -> bytes | None:
        """Return what has come over the channel; nothing if the job closed it, with unread bytes or
        without.
        """
        try:
            return self._channel.recv(CHUNK)
        except ConnectionResetError:
            return b""
        except BlockingIOError:  # out-of-band data: something came, and it is no byte of a frame
            return None

    def _printed(self, name: str) -> list[Piece]:
        try:
            chunk = os.read(self._streams[name], CHUNK)
        except BlockingIOError:
            return []
        if not chunk:
            self._selector.unregister(self._streams[name])
        return [(name, chunk)]

    def hang_up(self) -> None:
        """Close the channel."""
        self._channel.close()

    def dies_within(self, seconds: float) -> bool:
        """Whether it ends by itself."""
        with selectors.PollSelector() as selector:
            selector.register(self.pidfd, selectors.EVENT_READ)
            return bool(selector.select(seconds))

    def kill(self) -> None:
        """Kill it by its pidfd, which is never another process's."""
        with contextlib.suppress(ProcessLookupError):  # it died by itself at this moment
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)

    def ending(self) -> Ending:
        """How it ended, from its zygote."""
        return self._ending()

    def last_output(self) -> Iterator[Piece]:
        """Yield what the streams still hold after its end, and the channel, if it was not closed."""
        if self._channel.fileno() >= 0:
            while chunk := self._received():
                yield CHANNEL, chunk
        for name, fd in self._streams.items():
            with contextlib.suppress(BlockingIOError):
                while chunk := os.read(fd, CHUNK):
                    yield name, chunk

    def close(self) -> None:
        """Close what there is of descriptors."""
        self._selector.close()
        self._channel.close()
        for fd in (*self._streams.values(), self.pidfd):
            os.close(fd)
