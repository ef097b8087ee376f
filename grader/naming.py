"""What names of problems and criteria Autolab can carry, as its gradebook and its feedback page read them.

A problem's name goes through its last line of scores (app/helpers/assessment_autograde_core.rb), a database
that does not tell upper from lower case, and, with the criteria's, the formatted feedback
(app/controllers/assessments_controller.rb).
"""

from __future__ import annotations

import re

MOST_CHARS = 255  # of a problem, in the database
# What stands beside the problems in the formatted feedback. Its other names begin with _: _presentation,
# _scores_order, _total, and _order beside the criteria.
RESERVED = ("stages",)


def problem(name: str) -> str | None:
    """Why Autolab cannot carry a problem's name; None if it can."""
    # It substitutes /([a-zA-Z0-9]+):/ before it parses: a colon there breaks the whole line.
    if re.search(r"[a-zA-Z0-9]:", name) or not name.isascii():
        return "use ASCII, and no colon after a letter or digit"
    if name in RESERVED:
        return "it keeps this name for itself"
    return criterion(name)


def criterion(name: str) -> str | None:
    """Why Autolab cannot carry a criterion's name; None if it can."""
    if not name.strip() or name != name.strip():
        return "it is empty, or begins or ends with a space, which is cut off there"
    if not name.isprintable():
        return "it has a character that does not print"
    if len(name) > MOST_CHARS:
        return f"it has {len(name)} characters, and {MOST_CHARS} fit"
    if name.startswith("_"):
        return "names that begin with _ are its own, or are not shown"
    return None
