"""A JSON object taken apart field by field, each held to its type: no field missing, none too many.

What departs from that ends in a sentence which says where, and what should stand there.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")
Word = TypeVar("Word", bound=StrEnum)


class NoReportError(ValueError):
    """The text is no JSON report of this version: says where it departs from one."""


class Object:
    """A JSON object whose fields are taken one by one; what has not been taken at the end is one too many.

    Args:
        value: what should be an object.
        path: where it stands in the report, for messages.
    """

    def __init__(self, value: object, path: str) -> None:
        self._path = path
        if not isinstance(value, dict):
            self._wrong(None, "an object", value)
        self._fields = dict(value)

    def _wrong(self, name: str | None, expected: str, value: object) -> NoReturn:
        where = ".".join(part for part in (self._path, name) if part) or "the report"
        raise NoReportError(f"{where} should be {expected}, not {value!r:.60}")

    def _take(self, name: str) -> Any:
        if name not in self._fields:
            raise NoReportError(f"{self._path or 'the report'} has no field {name!r}")
        return self._fields.pop(name)

    def read(self, read: Callable[[Object], T]) -> T:
        """What `read` makes of it, which must take every field."""
        found = read(self)
        if self._fields:
            raise NoReportError(
                f"{self._path or 'the report'} has a field {min(self._fields)!r:.60} too many"
            )
        return found

    def text(self, name: str) -> str:
        """A string."""
        value = self._take(name)
        return value if isinstance(value, str) else self._wrong(name, "a string", value)

    def maybe_text(self, name: str) -> str | None:
        """The same, None for null."""
        return None if self._is_null(name) else self.text(name)

    def whole(self, name: str, least: int | None = None) -> int:
        """A whole number, not below `least`."""
        value = self._take(name)
        if type(value) is not int or (least is not None and value < least):
            self._wrong(name, "a whole number", value)
        return value

    def maybe_whole(self, name: str, least: int | None = None) -> int | None:
        """The same, None for null."""
        return None if self._is_null(name) else self.whole(name, least)

    def whole_if_there(self, name: str) -> int | None:
        """A whole number from 1 on; None where there is no such field."""
        return self.whole(name, 1) if name in self._fields else None

    def truth(self, name: str) -> bool:
        """True or false."""
        value = self._take(name)
        return value if isinstance(value, bool) else self._wrong(name, "true or false", value)

    def maybe_truth(self, name: str) -> bool | None:
        """The same, None for null."""
        return None if self._is_null(name) else self.truth(name)

    def points(self, name: str) -> float:
        """Points; NaN where none are said, which is written as null again."""
        value = self._take(name)
        if value is None:
            return math.nan
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < math.inf:
            self._wrong(name, "a number", value)
        return float(value)

    def word(self, name: str, words: type[Word]) -> Word:
        """One of an enumeration's words."""
        value = self._take(name)
        if value not in [word.value for word in words]:
            self._wrong(name, f"one of {', '.join(words)}", value)
        return words(value)

    def inside(self, name: str, read: Callable[[Object], T]) -> T:
        """What `read` makes of the object in a field."""
        return Object(self._take(name), f"{self._path}.{name}".lstrip(".")).read(read)

    def maybe(self, name: str, read: Callable[[Object], T]) -> T | None:
        """The same, None for null."""
        return None if self._is_null(name) else self.inside(name, read)

    def inside_if_there(self, name: str, read: Callable[[Object], T]) -> T | None:
        """The same; None where there is no such field."""
        return self.inside(name, read) if name in self._fields else None

    def each(self, name: str, read: Callable[[Object], T]) -> tuple[T, ...]:
        """What `read` makes of each object of an array."""
        return tuple(Object(value, path).read(read) for path, value in self._items(name))

    def texts(self, name: str) -> tuple[str, ...]:
        """An array of strings."""
        return tuple(Object({"": value}, path).text("") for path, value in self._items(name))

    def numbers(self, name: str) -> tuple[float, ...]:
        """An array of finite numbers."""
        found = tuple(Object({"": value}, path).points("") for path, value in self._items(name))
        return found if all(map(math.isfinite, found)) else self._wrong(name, "numbers alone", "null")

    def _is_null(self, name: str) -> bool:
        if self._fields.get(name, "") is not None:
            return False
        del self._fields[name]
        return True

    def _items(self, name: str) -> list[tuple[str, object]]:
        value = self._take(name)
        if not isinstance(value, list):
            self._wrong(name, "an array", value)
        return [(f"{self._path}.{name}[{i}]".lstrip("."), one) for i, one in enumerate(value)]
