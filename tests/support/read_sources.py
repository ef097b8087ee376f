"""What a source says, read here instead of in a job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.inside import facts
from grader.inside.blocks import described
from grader.inside.outline import Outline


def facts_of(text: str, path: str, is_local: Callable[[str], bool]) -> dict[str, Any]:
    """Return the facts of a file's source; {"error", "line"} if nothing of it can be parsed."""
    try:
        return facts.of_outline(Outline.of(path, text), is_local)
    except SyntaxError as error:
        return {"error": described(error), "line": error.lineno}
