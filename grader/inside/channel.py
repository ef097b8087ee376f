"""A job's end of the conversation with the grader: frames over descriptors, whatever they belong to."""

from __future__ import annotations

import os

from . import wire


class Channel:
    """Frames in and frames out.

    Args:
        reading: descriptor that requests come from.
        writing: descriptor that answers go to; the same one where it is a socket.
    """

    def __init__(self, reading: int, writing: int) -> None:
        self._reading = reading
        self._writing = writing

    def receive(self) -> bytes | None:
        """Return the next whole frame; None at the end."""
        buffer = bytearray()
        length = None
        while length is None or len(buffer) < length:
            # Never more than this frame: the next one belongs to the next call.
            chunk = os.read(
                self._reading, wire.PREFIX.size - len(buffer) if length is None else length - len(buffer)
            )
            if not chunk:
                return None
            buffer += chunk
            length = wire.frame_length(buffer, wire.FROM_GRADER)
        return bytes(buffer)

    def send(self, frame: bytes) -> None:
        """Send one whole frame.

        Raises:
            OSError: the descriptor is closed, on this side or the other.
        """
        left = memoryview(frame)
        while left:
            left = left[os.write(self._writing, left) :]
