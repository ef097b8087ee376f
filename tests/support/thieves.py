"""A hand-in that reads all memory that it can, and what it is to find there: for `test_apart.py`.

The thief walks its address space page by page: see tests/data/attacks/walk.py.
"""

from __future__ import annotations

from pathlib import Path

# Found in memory by this beginning, followed by sixteen hexadecimal digits. It is put together from halves,
# so that who looks for it does not find their own words.
MARK = "cana" + "ry_of_"

# Looks for marks that are not its own.
THIEF = (
    (Path(__file__).parents[1] / "data" / "attacks" / "walk.py").read_text(encoding="utf-8")
    + """
import re

BEGINS = b"".join([b"cana", b"ry_of_"])
looked_through = 0
found = set()


def look():
    global looked_through
    for piece in memory():
        looked_through += len(piece)
        for hit in re.finditer(re.escape(BEGINS) + b"[0-9a-f]{16}", piece):
            found.add(hit[0])
"""
)
