"""A table of course.toml, whose keys are taken one by one, so that a message names the one that is wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from grader.errors import UsageError


class TomlTable:
    """A table of the file, whose keys are taken one by one; what remains is unknown."""

    def __init__(self, path: Path, name: str, content: Mapping[str, Any]) -> None:
        self.path = path
        self._name = name
        self._left = dict(content)

    def take(self, key: str, kind: type | tuple[type, ...], what: str) -> Any:
        """Return the value of a key, None if it is not there.

        Raises:
            UsageError: it is of another kind.
        """
        value = self._left.pop(key, None)
        if value is not None and (
            not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)
        ):
            self.fail(key, f"must be {what}, not {value!r}")
        return value

    def number(self, key: str, least: float, what: str) -> float | None:
        """Return the finite number of a key, at least `least`."""
        value = self.take(key, (int, float), what)
        if value is not None and not (math.isfinite(value) and value >= least):
            self.fail(key, f"must be {what}, not {value!r}")
        return None if value is None else value

    def table(self, key: str) -> TomlTable:
        """Return a table inside of this one, empty if it is not there."""
        return TomlTable(self.path, key, self.take(key, dict, "a table") or {})

    def list_of(self, key: str, what: str) -> list[TomlTable]:
        """Return the tables of a list, each called as `what` and its number in what is said of it."""
        listed = self.take(key, list, "a list of tables") or []
        if not all(isinstance(one, dict) for one in listed):
            self.fail(key, "must be a list of tables")
        return [
            TomlTable(self.path, f"{self._name}] [{what} {number}", one)
            for number, one in enumerate(listed, 1)
        ]

    def left(self) -> list[str]:
        """Return the keys that have not been taken."""
        return list(self._left)

    def end(self, known: Sequence[str]) -> None:
        """Nothing may be left.

        Raises:
            UsageError: something is.
        """
        for key in self._left:
            self.fail(key, f"is unknown here; known are: {', '.join(known)}")

    @property
    def place(self) -> str:
        """What a message about it begins with: the file, and the table in it."""
        return f"{self.path}:{f' [{self._name}]' if self._name else ''}"

    def fail(self, key: str, why: str) -> NoReturn:
        """Say what is wrong with a key.

        Raises:
            UsageError: always.
        """
        raise UsageError(f"{self.place} {key!r} {why}")
