"""Decompresses gzip, bzip2 and xz piece by piece, and stops as soon as more comes out than may."""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from collections.abc import Callable
from typing import Protocol

from grader.errors import Rejection
from grader.intake.bounds import LZMA_MEMORY_BYTES, STREAMS, UNPACKED_BYTES
from grader.intake.harvest import Harvest
from grader.intake.paths import REBUILD

_CHUNK_BYTES = 1 << 16


class _Stream(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Gunzip:
    """`zlib`'s decompressor with the interface that `bz2` and `lzma` share."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)  # 16: with the header of gzip

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


def _unxz() -> _Stream:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=LZMA_MEMORY_BYTES)


_OPENERS: dict[str, Callable[[], _Stream]] = {"gz": _Gunzip, "bz2": bz2.BZ2Decompressor, "xz": _unxz}
_MAGICS = {"gz": b"\x1f\x8b", "bz2": b"BZh", "xz": b"\xfd7zXZ\0"}


def decompressed(data: bytes, form: str, harvest: Harvest) -> bytearray:
    """All that the streams of `form` ("gz", "bz2" or "xz") in `data` hold.

    Whatever follows the last stream is passed over, as the command-line tools do.

    Raises:
        Rejection: damaged, cut off, or more than `UNPACKED_BYTES`.
    """
    try:
        return _decompressed(data, form, harvest)
    except Rejection:
        raise
    except Exception:
        # Three C libraries on bytes that a student chose: whatever they raise, it is the bytes' fault.
        raise Rejection(f"{harvest.archive} is damaged: its {form} data cannot be read.", REBUILD) from None


def _decompressed(data: bytes, form: str, harvest: Harvest) -> bytearray:
    out = bytearray()
    position = 0
    for _ in range(STREAMS):
        stream = _OPENERS[form]()
        while not stream.eof:
            piece = b""
            if stream.needs_input:
                piece = data[position : position + _CHUNK_BYTES]
                position += len(piece)
                if not piece:
                    raise Rejection(f"{harvest.archive} is cut off: its {form} data ends too early.", REBUILD)
            out += stream.decompress(piece, _CHUNK_BYTES)
            if len(out) > UNPACKED_BYTES:
                harvest.too_large()
        position -= len(stream.unused_data)
        padding = re.compile(rb"\0*").match(data, position)
        position = padding.end() if padding else position
        if not data.startswith(_MAGICS[form], position):
            return out
    raise Rejection(f"{harvest.archive} is made of more than {STREAMS} compressed streams.", REBUILD)
