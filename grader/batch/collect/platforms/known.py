"""The platforms whose exports are read: by name, or by the names in an export."""

from __future__ import annotations

from collections.abc import Sequence

from grader.batch.collect.platforms import autolab, canvas, github, gradescope, moodle, plain
from grader.batch.collect.platforms.export_names import Item, Platform, Sorted
from grader.errors import UsageError

# Of two that fit equally well, the earlier: the rules grow more lenient from here on.
_PLATFORMS: tuple[Platform, ...] = (gradescope, moodle, canvas, autolab, github)
NAMES = (*(platform.NAME for platform in _PLATFORMS), plain.NAME)
"""What `--platform` may name."""


def by_name(name: str | None) -> Platform | None:
    """Find the platform of this name; None if none is named.

    Raises:
        UsageError: there is none.
    """
    if name is None:
        return None
    for platform in (*_PLATFORMS, plain):
        if name == platform.NAME:
            return platform
    raise UsageError(f"there is no platform {name!r}; there are: {', '.join(NAMES)}.")


def recognised(items: Sequence[Item], platform: Platform | None) -> tuple[Platform, Sorted] | None:
    """Sort items by the rule that fits most of their names, and more than half of them; None if none does.

    Args:
        items: files and folders.
        platform: whose they are, if that is known: then by its rule, if it fits any.
    """
    if platform is plain or not items:
        return None
    if platform is not None:
        found = platform.read(items)
        return (platform, found) if found.named else None
    readings = [(one, one.read(items)) for one in _PLATFORMS]
    best = max(readings, key=lambda one: len(items) - len(one[1].odd))
    return best if best[1].named and 2 * len(best[1].odd) < len(items) else None
