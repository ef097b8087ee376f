"""YAML that a platform writes, read as text, lists and mappings, and bounded before anything is built of it.

An alias stands for what its anchor holds, as often as it is written: 792 bytes of them unfold to 4 GB. No
platform writes any, so none is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader.errors import UsageError

MOST_BYTES = 64 << 20
MOST_NODES = 2_000_000
MOST_DEPTH = 32


def read(path: Path) -> Any:
    """Read what the only document of a file says: "007" stays text, and so does whatever has a tag.

    Raises:
        UsageError: it cannot be read, is no YAML, has an alias or an anchor, or is larger or deeper than any
            list of a platform's.
    """
    import yaml  # late: only one export needs it

    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise UsageError(f"{path} is larger than {MOST_BYTES >> 20} MiB.")
        # Strings alone: no tag is looked up, no number and no date is made.
        events = yaml.parse(content, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
        return _built(path, events)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except (yaml.YAMLError, RecursionError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(f"{path} is no YAML: {first}.") from None


def _built(path: Path, events: Iterator[Any]) -> Any:
    """Build the document of these events, from the outside in."""
    import yaml

    root: list[Any] = []
    around: list[_Open] = [_Open(root)]
    nodes = 0
    for event in events:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise UsageError(f"{path} has aliases or anchors of YAML, which no platform writes: not read.")
        if isinstance(event, yaml.NodeEvent):
            nodes += 1
            made: Any = event.value if isinstance(event, yaml.ScalarEvent) else None
            if isinstance(event, yaml.SequenceStartEvent):
                made = []
            elif isinstance(event, yaml.MappingStartEvent):
                made = {}
            if not around[-1].put(made):
                raise UsageError(f"{path} has a list or a mapping as a key, which no platform writes.")
            if not isinstance(event, yaml.ScalarEvent):
                around.append(_Open(made))
        elif isinstance(event, yaml.CollectionEndEvent):
            around.pop()
        if nodes > MOST_NODES or len(around) > MOST_DEPTH:
            raise UsageError(f"{path} is larger, or deeper nested, than any list of a class.")
    if len(root) > 1:
        raise UsageError(f"{path} is no YAML of one document.")
    return root[0] if root else None


class _Open:
    """A list or mapping that is not at its end yet; of a mapping, the key whose value comes next."""

    def __init__(self, made: list[Any] | dict[str, Any]) -> None:
        self._made = made
        self._key: str | None = None

    def put(self, value: Any) -> bool:
        """Put in what comes next; False if it cannot be a key."""
        if isinstance(self._made, list):
            self._made.append(value)
        elif self._key is not None:
            self._made[self._key] = value
            self._key = None
        elif isinstance(value, str):
            self._key = value
        else:
            return False
        return True
