"""What an adapter is handed, and what it may answer with.

An adapter calls the hand-in the way its homework says. It runs in the student's process and defines

    def CALL(module, given: Given) -> Mapping[str, object]

for each call that its assignment declares. What it returns may be whatever the student's code returned;
`pack` makes arrays of it, or a reason why there is none. Where the student's code keeps results in an
instance, `given.leaves` says how to look them up, so that what was stored before it raised is not lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from . import wire
from .bounds import MAX_CONTENT_BYTES, MAX_ENTRIES

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Given:
    """The inputs of one case.

    Attributes:
        arrays: name -> float64 array; strided views where the case says so. Fresh for every call.
        form: which way to hand them over, counted from 0; the assignment declares them in words.
        interleaved: whether a second instance must be alive and used between the calls.
        files: path in the hand-in, or name under which the course lends it -> content, where the assignment
            declares such files.
        cells: of a notebook that is graded, the number and the Python of each code cell.
    """

    arrays: Mapping[str, NDArray[np.float64]]
    form: int
    interleaved: bool
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False, compare=False)
    cells: Sequence[tuple[int, str]] = field(default=(), repr=False, compare=False)
    _left: list[Callable[[], Mapping[str, object]]] = field(default_factory=list, repr=False, compare=False)

    def next_step(self) -> Given:
        """Return the same with a second step's inputs, whose names end in "_2", in place of the first's."""
        second = {name.removesuffix("_2"): array for name, array in self.arrays.items() if "_2" in name}
        return Given({**self.arrays, **second}, self.form, self.interleaved, self.files, self.cells)

    def leaves(self, look: Callable[[], Mapping[str, object]]) -> None:
        """Say how to look up what is there, by output, should the call raise from here on."""
        self._left[:] = [look]

    def left(self) -> Mapping[str, object]:
        """Return what is there of a call that raised; nothing, if looking it up raises as well."""
        try:
            return self._left[0]() if self._left else {}
        except BaseException:  # a student's object may do anything when it is looked at
            return {}


@dataclass(frozen=True)
class Absent:
    """There is no array, and why: a sentence without its full stop, such as "self.dW was never set"."""

    reason: str


@dataclass(frozen=True)
class Content:
    """Bytes that are to be carried as they are: a picture, a text. The grader gets an array of uint8."""

    content: bytes


def attribute(instance: object, name: str) -> object:
    """Return the instance's attribute, or Absent if it was never set."""
    return getattr(instance, name, Absent(f"self.{name} was never set"))


def two(returned: object, first: str, second: str) -> dict[str, object]:
    """Return what a backward returned, as two outputs by name; the second is absent if it was one thing
    alone.
    """
    if returned is None:
        absent = Absent(f"backward returned None, not {first} and {second}")
        return {first: absent, second: absent}
    if isinstance(returned, tuple | list) and len(returned) == 2:
        return {first: returned[0], second: returned[1]}
    return {first: returned, second: Absent(f"backward must return two arrays, {first} and {second}")}


def pack(value: object) -> NDArray[np.generic] | Absent:
    """Return the value as an array that a frame can carry, or why it is none. Never raises."""
    if isinstance(value, Absent):
        return value
    if value is None:
        return Absent("is None")
    if isinstance(value, Content):
        if len(value.content) > MAX_CONTENT_BYTES:
            return Absent(f"is {len(value.content):,} bytes long: far too large")
        return np.frombuffer(value.content, np.uint8)
    try:
        array = np.asarray(value)
        if array.ndim > wire.MAX_DIMS:
            return Absent(f"has {array.ndim} dimensions: far too many")
        if array.size > MAX_ENTRIES or max(array.shape, default=0) > wire.MAX_DIM:
            return Absent(f"has shape {array.shape}: far too large")
        if array.dtype.kind in "fiub":
            return np.array(array, dtype=_carried(array.dtype), order="C")
        return Absent(f"is not an array of numbers but of {_kind(value, array)}")
    except BaseException as error:  # a student's object may do anything when it is looked at, also sys.exit()
        return Absent(f"cannot be made an array: {type(error).__name__}")


def _carried(dtype: np.dtype[np.generic]) -> str:
    """Return the dtype on the wire: the same kind, and no narrower."""
    if dtype.kind == "f":
        return "<f4" if dtype.itemsize <= 4 else "<f8"
    return {"b": "|b1", "i": "<i8", "u": "<i8"}[dtype.kind]


def _kind(value: object, array: NDArray[np.generic]) -> str:
    inside = {"O": "objects", "V": "records", "U": "text", "S": "bytes"}.get(array.dtype.kind)
    return f"{inside} ({type(value).__name__})" if inside else f"dtype {array.dtype.name}"


def strided(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the same numbers as a view with gaps between them along the last axis (0-d arrays stay)."""
    if array.ndim == 0:
        return array
    wide = np.full((*array.shape[:-1], 2 * array.shape[-1]), np.nan)
    wide[..., ::2] = array
    return wide[..., ::2]
