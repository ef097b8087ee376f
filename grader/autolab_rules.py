"""What Autolab accepts: names, time limits, the size of an output; where it stands there is said beside each.

`report/autolab_reading.py` reads a whole output by these rules.
"""

from __future__ import annotations

import re

# A grader's time limit in seconds: app/models/autograder.rb.
SHORTEST_S, LONGEST_S = 10, 900

# app/helpers/assessment_autograde_core.rb, and what Tango passes on.
LAST_LINE_BYTES = 64 * 1024
ALL_BYTES = 512_000
ALL_LINES = 10_000
# Its substitution /([a-zA-Z0-9]+):/ quotes bare keys, inside of strings as well, before the line is parsed.
# Here it is tried at the beginning of a word alone: a student chooses how long a word is.
BARE_KEY = re.compile(r"(?<![a-zA-Z0-9])([a-zA-Z0-9]+):")

# Of a problem's name, in a database that does not tell upper from lower case.
MOST_CHARS = 255
# What stands beside the problems in the formatted feedback (app/controllers/assessments_controller.rb). Its
# other names begin with _: _presentation, _scores_order, _total, and _order beside the criteria.
RESERVED = ("stages",)


def problem(name: str) -> str | None:
    """Say why Autolab cannot carry a problem's name; None if it can."""
    if BARE_KEY.search(name) or not name.isascii():  # a colon there breaks the whole line
        return "use ASCII, and no colon after a letter or digit"
    if name in RESERVED:
        return "it keeps this name for itself"
    return criterion(name)


def criterion(name: str) -> str | None:
    """Say why Autolab cannot carry a criterion's name; None if it can."""
    if not name.strip() or name != name.strip():
        return "it is empty, or begins or ends with a space, which is cut off there"
    if not name.isprintable():
        return "it has a character that does not print"
    if len(name) > MOST_CHARS:
        return f"it has {len(name)} characters, and {MOST_CHARS} fit"
    if name.startswith("_"):
        return "names that begin with _ are its own, or are not shown"
    return None
