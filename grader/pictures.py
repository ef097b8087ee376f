"""Pictures of a student's, looked at without being drawn: whether bytes are a whole PNG, and its size."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_SIDE = 8_000  # pixels; what a viewer makes of it takes four bytes for each
MAX_CHUNKS = 10_000
MAX_PACKED_BYTES = 8 << 20
_CHUNK = struct.Struct(">I4s")
_HEADER = struct.Struct(">IIBBBBB")
_COLOURS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # colour type -> samples of a pixel
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}


@dataclass(frozen=True)
class Png:
    """A PNG: how many pixels wide and high it is."""

    width: int
    height: int


def png(content: bytes) -> Png | None:
    """Return how large a PNG is; None for what is none, is damaged, or is larger than any plot.

    Its chunks are there as a whole, each with its checksum, the header first and bounded, the end last with
    nothing behind it. Pixels are counted by unpacking them a piece at a time, and never kept: they must be
    exactly those that the header announces, where it is not interlaced.
    """
    try:
        return _png(content)
    except (ValueError, struct.error, zlib.error):
        return None


def _png(content: bytes) -> Png | None:
    if len(content) > MAX_PACKED_BYTES or not content.startswith(SIGNATURE):
        return None
    at = len(SIGNATURE)
    names: list[bytes] = []
    packed: list[bytes] = []
    header = b""
    while at < len(content):
        size, name = _CHUNK.unpack_from(content, at)
        at += _CHUNK.size
        if size > len(content) - at - 4 or len(names) >= MAX_CHUNKS or not name.isalpha():
            return None
        body = content[at : at + size]
        (checksum,) = struct.unpack_from(">I", content, at + size)
        if checksum != zlib.crc32(body, zlib.crc32(name)):
            return None
        at += size + 4
        names.append(name)
        if name == b"IHDR":
            header = body
        elif name == b"IDAT":
            packed.append(body)
        elif name == b"IEND":
            break
    whole = at == len(content) and names[0] == b"IHDR" and names.count(b"IHDR") == 1 and names[-1] == b"IEND"
    if not whole or not packed:
        return None
    width, height, depth, colour, compression, filtering, interlace = _HEADER.unpack(header)
    known = depth in _DEPTHS.get(colour, ()) and compression == filtering == 0 and interlace in (0, 1)
    if not (known and 0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        return None
    row_bytes = 1 + (width * depth * _COLOURS[colour] + 7) // 8
    announced = row_bytes * height
    found = _unpacked_bytes(packed, 2 * announced)
    if found != announced and not (interlace and 0 < found <= 2 * announced):
        return None
    return Png(width, height)


def _unpacked_bytes(packed: list[bytes], limit_bytes: int) -> int:
    """Return how long the pixels are once they are unpacked; they are not kept.

    Raises:
        ValueError: they are longer than the limit, or cut off.
    """
    unpacking, total = zlib.decompressobj(), 0
    for piece in packed:
        while piece:
            total += len(unpacking.decompress(piece, 1 << 16))
            if total > limit_bytes:
                raise ValueError("more pixels than announced")
            piece = unpacking.unconsumed_tail
    total += len(unpacking.flush())
    if not unpacking.eof or unpacking.unused_data:
        raise ValueError("cut off")
    return total
