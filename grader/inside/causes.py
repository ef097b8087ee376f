"""Whose class it was that could not do what was asked of it: often an activation from another homework."""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Iterator
from types import FrameType
from typing import Any

from .memory import ROOT

# "'Sigmoid' object is not callable", "'Sigmoid' object has no attribute 'derivative'",
# "Sigmoid.derivative() takes 1 positional argument but 2 were given", "Sigmoid() takes no arguments"
LACKS = re.compile(
    r"'?(\w{1,100})'? object (?:is not callable|has no attribute '(\w{1,100})')"
    r"|(\w{1,100})\.(\w{1,100})\(\) (?:takes|missing|got)\b"
)


def theirs(error: BaseException) -> Iterator[tuple[FrameType, int]]:
    """Yield the frames of an error that are the hand-in's, with their lines; of ours nobody has to look up
    any.
    """
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename.startswith(f"{ROOT}/"):
            yield frame, line


def of(error: BaseException) -> dict[str, Any] | None:
    """Return the class that an error is about, if it comes from another file than the one that asked it.

    Returns:
        {"name", "file", "lacks"}: the class, its file in the hand-in, and the method that is not there or
        takes other arguments ("__call__" where an instance cannot be called); None if nothing is known.
    """
    if not isinstance(error, TypeError | AttributeError):
        return None
    found = LACKS.search(str(error)[:500])
    asking = [frame.f_code.co_filename for frame, _ in theirs(error)]
    if found is None or not asking:
        return None
    name, lacks = found[1] or found[3], found[2] or found[4] or "__call__"
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        defined = vars(module).get(name) if isinstance(file, str) and file.startswith(f"{ROOT}/") else None
        if isinstance(defined, type) and defined.__module__ == module.__name__ and file not in asking[-1:]:
            return {"name": name, "file": str(file).removeprefix(f"{ROOT}/"), "lacks": lacks}
    return None
