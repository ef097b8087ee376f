"""To how much a job bounds what it tells; the grader holds it to the same.

It must fit into a frame's header, in which a character may take six bytes.
"""

from __future__ import annotations

import re

MAX_ENTRIES = 1 << 18  # of an array, 2 MiB: thirty such arrays fit into one frame
MAX_CONTENT_BYTES = 8 << 20  # of a picture or a text that an adapter answers with as it is
MAX_TEXT = 2_000  # characters of a message
MAX_REASON = 200  # characters of why there is no array
MAX_FRAMES = 12  # of a traceback: the first and the last few
MAX_LINE = 200  # characters of a line of source, or of a path
MAX_NAME = 100  # characters of a function's or an exception's name
MAX_NOTES = 40  # statements that are told to have failed
MAX_SHOWN = 120  # characters of a statement


def cell_of(filename: str) -> int | None:
    """Return the number of the cell that the name of some code means; None if it is a file's."""
    found = re.search(r", cell (\d{1,7})$", filename)
    return int(found[1]) if found else None
