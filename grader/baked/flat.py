"""Arrays in one file: a header with a checksum, an index in JSON, then the numbers, ready to be mapped.

magic (8 bytes) | length of the index (8 bytes, little-endian) | SHA-256 of all that follows (32 bytes)
index: JSON, UTF-8, filled with blanks up to a multiple of `ALIGNED`
arrays: little-endian, in C order, each at a multiple of `ALIGNED` after the index
"""

from __future__ import annotations

import hashlib
import json
import math
import mmap
import os
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from grader.records import Array

MAGIC = b"CGBAKED1"
HEADER = struct.Struct("<8sQ32s")
ALIGNED = 64
# What may stand in a file: nothing in it is unpickled, so an array of objects can be none of ours.
KINDS = {one: np.dtype(one) for one in ("<f8", "<f4", "<i8", "<i4", "|b1", "|u1")}

Place = Sequence[Any]
"""Kind of the entries, shape, and the offset of the first from where the arrays begin."""


class NotWholeError(ValueError):
    """A file is not what was written: the message says in which way."""


class Arrays:
    """Arrays that are written one after the other, with the place of each."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._end = 0
        self._placed: dict[int, tuple[Array, Place]] = {}

    def place(self, array: Array) -> Place:
        """Add an array, once however often it is named, and return its place.

        Raises:
            TypeError: its entries are no numbers that a file can hold.
        """
        known = self._placed.get(id(array))
        if known is not None:
            return known[1]
        flat = np.ascontiguousarray(array)
        kind = flat.dtype.newbyteorder("<").str
        if kind not in KINDS:
            raise TypeError(f"entries of type {flat.dtype} cannot be baked")
        place = (kind, array.shape, self._end)
        content = flat.astype(kind, copy=False).tobytes()
        self._parts += [content, bytes(-len(content) % ALIGNED)]
        self._end += len(content) + -len(content) % ALIGNED
        self._placed[id(array)] = (array, place)  # held, so that no other array takes its identity
        return place

    @property
    def content(self) -> bytes:
        """All of them."""
        return b"".join(self._parts)


def content_of(index: Mapping[str, Any], arrays: Arrays) -> bytes:
    """Return what a file of an index and of the arrays that it has places of holds."""
    text = json.dumps(index, separators=(",", ":")).encode()
    text += b" " * (-(HEADER.size + len(text)) % ALIGNED)
    body = text + arrays.content
    return HEADER.pack(MAGIC, len(text), hashlib.sha256(body).digest()) + body


class Flat:
    """A file that was read: its index, and its arrays, which nobody can write to.

    Attributes:
        index: what was said of it.
    """

    def __init__(self, path: Path, trusted: Callable[[os.stat_result], None] = lambda _: None) -> None:
        """Map a file.

        Args:
            path: where it is.
            trusted: raises where the file that was opened is not to be trusted.

        Raises:
            FileNotFoundError: there is none.
            OSError: it cannot be read.
            NotWholeError: it is not what was written.
        """
        with open(path, "rb") as file:
            found = os.fstat(file.fileno())
            trusted(found)
            size = found.st_size
            if size < HEADER.size:
                raise NotWholeError(f"it has {size} bytes")
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        view = memoryview(mapped)
        magic, length, checksum = HEADER.unpack_from(view)
        if magic != MAGIC:
            raise NotWholeError("it does not begin as a baked suite does")
        if hashlib.sha256(view[HEADER.size :]).digest() != checksum:
            raise NotWholeError("its checksum is another one")
        self.index: dict[str, Any] = json.loads(bytes(view[HEADER.size : HEADER.size + length]))
        self._numbers = view[HEADER.size + length :]

    def array(self, place: Place) -> Array:
        """Return the array at a place."""
        kind, shape, offset = place
        return np.frombuffer(self._numbers, KINDS[kind], math.prod(shape), offset).reshape(shape)
