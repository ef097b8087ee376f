"""Frames: named arrays and a little JSON, the only thing that crosses between our processes.

    frame   = magic, u32 header length, u64 payload length, header, payload      (little-endian)
    header  = {"about": {...}, "arrays": [[name, dtype, [dims]], ...]}      (JSON, UTF-8, then spaces)
    payload = the arrays' bytes, C order, one after another, nothing between or behind

Nothing is ever unpickled or evaluated, and nothing is allocated before its size has been held against what
is really there: the sender may be a student.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAGIC = b"CGF1"
PREFIX = struct.Struct("<4sIQ")
DTYPES = {"f8": "<f8", "f4": "<f4", "i8": "<i8", "i4": "<i4", "b1": "|b1", "u1": "|u1"}
ALIGNED_BYTES = 8  # the prefix's length, and what a header is filled up to: an array need not be copied then
MAX_DIMS = 8
MAX_ANNOUNCEMENT = 16 << 10  # bytes of a frame that only says what comes next
MAX_DIM = 1 << 28
REMEMBERED, REMEMBERED_BYTES = 1024, 1024  # headers that were read, and how long one may be

_Entry = tuple[str, np.dtype[Any], tuple[int, ...], int, int]  # name, dtype, shape, entries, bytes


class FrameError(ValueError):
    """The bytes are no frame within the bounds."""


@dataclass(frozen=True)
class Bounds:
    """What a frame may hold at most."""

    total_bytes: int = 64 << 20
    header_bytes: int = 64 << 10
    arrays: int = 256


FROM_STUDENT = Bounds()
# What the grader sends may hold every source file of a hand-in, and comes from us.
FROM_GRADER = Bounds(total_bytes=256 << 20, header_bytes=128 << 20, arrays=4096)


def encode(about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]] | None = None) -> bytes:
    """One complete frame.

    Args:
        about: what JSON can hold.
        arrays: name -> array of a dtype in DTYPES, any layout.

    Raises:
        FrameError: an array's dtype cannot be carried.
    """
    entries, chunks = [], []
    for name, array in (arrays or {}).items():
        code = f"{array.dtype.kind}{array.dtype.itemsize}"
        if code not in DTYPES:
            raise FrameError(f"{name}: dtype {array.dtype} cannot be carried")
        entries.append([name, code, list(array.shape)])
        chunks.append(np.ascontiguousarray(array, dtype=DTYPES[code]).tobytes())
    # Unescaped, so that a text in any script takes few bytes. A lone surrogate, which UTF-8 cannot hold,
    # becomes a backslash escape, which is the right one in JSON as well.
    header = json.dumps({"about": about, "arrays": entries}, ensure_ascii=False)
    header_bytes = header.encode(errors="backslashreplace")
    header_bytes += b" " * (-len(header_bytes) % ALIGNED_BYTES)
    payload = b"".join(chunks)
    return PREFIX.pack(MAGIC, len(header_bytes), len(payload)) + header_bytes + payload


def frame_length(buffer: bytes | bytearray, bounds: Bounds) -> int | None:
    """Length in bytes of the frame at the start of `buffer`; None while too little is there to tell.

    Raises:
        FrameError: these bytes cannot become a frame within the bounds.
    """
    start = bytes(buffer[: PREFIX.size])
    if not start.startswith(MAGIC[: len(start)]):
        raise FrameError("this is not a frame")
    if len(start) < PREFIX.size:
        return None
    _, header_bytes, payload_bytes = PREFIX.unpack(start)
    if header_bytes > bounds.header_bytes:
        raise FrameError(f"a header of {header_bytes} bytes, {bounds.header_bytes} are allowed")
    length: int = PREFIX.size + header_bytes + payload_bytes
    if length > bounds.total_bytes:
        raise FrameError(f"a frame of {length} bytes, {bounds.total_bytes} are allowed")
    return length


def decode(
    frame: bytes | bytearray, bounds: Bounds = FROM_STUDENT
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the frame's JSON part, to be read only, and its arrays (writable, C order).

    Of a bytearray, which is not to be used any more then, the arrays are views where that can be.

    Raises:
        FrameError: anything at all is wrong with it.
    """
    if frame_length(frame, bounds) != len(frame):
        raise FrameError("the frame is cut, or something follows it")
    header_end = PREFIX.size + PREFIX.unpack(frame[: PREFIX.size])[1]
    header = bytes(frame[PREFIX.size : header_end])
    read = _remembered if len(header) <= REMEMBERED_BYTES else _read
    about, entries = read(header, bounds.arrays)
    arrays: dict[str, NDArray[Any]] = {}
    at = header_end
    for name, dtype, shape, count, size in entries:
        if size > len(frame) - at:
            raise FrameError(f"{name}: more bytes are claimed than are there")
        array = np.frombuffer(frame, dtype, count, at).reshape(shape)
        arrays[name] = array if array.flags.writeable and array.flags.aligned else array.copy()
        at += size
    if at != len(frame):
        raise FrameError("bytes follow the last array")
    return dict(about), arrays


def _read(header: bytes, most: int) -> tuple[dict[str, Any], list[_Entry]]:
    """Return a header's JSON part, and what it says of at most so many arrays."""
    value = _parse(header)
    if set(value) != {"about", "arrays"} or not isinstance(value["about"], dict):
        raise FrameError("the header must hold exactly `about` and `arrays`")
    listed = value["arrays"]
    if not isinstance(listed, list) or len(listed) > most:
        raise FrameError(f"`arrays` must be a list of at most {most}")
    entries: list[_Entry] = []
    seen: set[str] = set()
    for one in listed:
        name, dtype, shape = _entry(one, seen)
        seen.add(name)
        count = math.prod(shape)
        entries.append((name, dtype, shape, count, count * dtype.itemsize))
    return value["about"], entries


# The answers of a class to one case have one header, as a rule.
_remembered = lru_cache(REMEMBERED)(_read)


def take_announcements(buffer: bytearray, announced: Callable[[object], None]) -> None:
    """Take from the beginning of `buffer` the whole frames that are {"at": something} and no answer.

    Raises:
        FrameError: what stands there is no frame.
    """
    while (length := frame_length(buffer, FROM_STUDENT)) is not None and length <= MAX_ANNOUNCEMENT:
        if len(buffer) < length:
            return
        about, arrays = decode(buffer[:length])
        if about.keys() != {"at"} or arrays:
            return
        announced(about["at"])
        del buffer[:length]


def _entry(entry: object, seen: Set[str]) -> tuple[str, np.dtype[Any], tuple[int, ...]]:
    if not isinstance(entry, list) or len(entry) != 3:
        raise FrameError("an array must be [name, dtype, shape]")
    name, code, shape = entry
    if not isinstance(name, str) or name in seen:
        raise FrameError("array names must be distinct strings")
    if not isinstance(code, str) or code not in DTYPES:
        raise FrameError(f"{name}: this dtype is not allowed")
    if not isinstance(shape, list) or len(shape) > MAX_DIMS:
        raise FrameError(f"{name}: a shape must be a list of at most {MAX_DIMS}")
    # `type is int`, because JSON's true is an int to Python.
    if any(type(dim) is not int or not 0 <= dim <= MAX_DIM for dim in shape):
        raise FrameError(f"{name}: every dimension must be a whole number from 0 to {MAX_DIM}")
    if math.prod(dim or 1 for dim in shape) > 1 << 48:
        # A zero among the dimensions hides the others from the size check, and NumPy raises on those.
        raise FrameError(f"{name}: this shape is too large")
    return name, np.dtype(DTYPES[code]), tuple(shape)


def _parse(header: bytes) -> dict[str, Any]:
    try:
        value = json.loads(header.decode(), object_pairs_hook=_distinct, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise FrameError(f"the header is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise FrameError("the header must be a JSON object")
    return value


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise FrameError("a JSON object names a key twice")
    return value


def _no_constant(name: str) -> NoReturn:
    raise FrameError(f"{name} is not JSON")
