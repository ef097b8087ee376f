"""What a job says of the student's own asserts that failed: held to what an honest one may say."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import TypeGuard

from grader.inside import asserts
from grader.records import FailedAssert

_SIZE = r"-?(?:0|[1-9]\d{0,9})"
_SIZES = rf"{_SIZE}(?:, {_SIZE}){{1,{asserts.MOST_SIZES - 1}}}"
_VALUE = rf"{_SIZE}|\((?:{_SIZE},|{_SIZES})?\)|\[(?:{_SIZE}|{_SIZES})?\]"


def read(said: object, files: Container[str]) -> tuple[FailedAssert, ...]:
    """Return what makes sense of it, in the order in which they failed.

    Args:
        said: a job's own word.
        files: paths in the hand-in.
    """
    found = [_one(one, files) for one in (said if isinstance(said, list) else ())[: asserts.MOST]]
    return tuple(one for one in found if one is not None)


def _one(said: object, files: Container[str]) -> FailedAssert | None:
    match said:
        case [str(path), line, cell, sides] if path in files and _is_number(line):
            if cell is None or _is_number(cell):
                return FailedAssert(path, line, cell, says(sides))
    return None


def _is_number(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 < value < 1 << 31


def says(sides: object) -> str | None:
    """Say what both sides of a comparison are; a side that is written as what it is needs no "is"."""
    match sides:
        case [str(left), str(is_left), str(right), str(is_right)]:
            if not all(map(_is_written, (left, right))) or not all(map(_is_value, (is_left, is_right))):
                return None
            if right == is_right:
                return f"{left} is {is_left}, not {is_right}" if left != is_left else f"{left} is not {right}"
            if left == is_left:
                return f"{right} is {is_right}, not {is_left}"
            return f"{left} is {is_left}, and {right} is {is_right}"
    return None


def _is_value(text: str) -> bool:
    return re.fullmatch(_VALUE, text, re.ASCII) is not None  # compiled when one is seen, and kept then


def _is_written(text: str) -> bool:
    return 0 < len(text) <= asserts.MAX_SIDE and text.isprintable()
