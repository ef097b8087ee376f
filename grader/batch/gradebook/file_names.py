"""File names for reports: safe on every disk, one for each student, the same whoever else is there."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from grader.batch.entry import Entry

STEM_BYTES = 120
"""How long a stem may be in UTF-8: file systems take 255 bytes, and `.json` and a folder come on top."""

_HASH_CHARS = 8
# The names of devices, which Windows takes for them with any ending:
# https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
_UNSAFE = re.compile(r"[^\w@.+,\-]", re.UNICODE)


def stems(entries: Iterable[Entry]) -> dict[str, str]:
    """Choose the stem of the files of each student: student -> stem.

    A stem depends on its student alone, and on the name where the student is but a number. Only where two
    would be one file on a disk that ignores case or normalises Unicode, all of these end in a hash of their
    student; so does one that had to be changed or cut.
    """
    labels: dict[str, str] = {}
    for entry in entries:
        # Of several hand-ins of one student, the same name: the first in the order of the letters.
        label = _label(entry)
        labels[entry.student] = min(label, labels.get(entry.student, label))
    first = {student: _stem(label, student) for student, label in labels.items()}
    taken = Counter(folded(stem) for stem in first.values())
    return {
        student: stem if taken[folded(stem)] == 1 else _hashed(stem, student)
        for student, stem in sorted(first.items())
    }


def folded(stem: str) -> str:
    """Fold what two stems have in common when a disk takes them for one."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", stem).casefold())


def _label(entry: Entry) -> str:
    return f"{entry.name}_{entry.student}" if entry.name and entry.student.isdecimal() else entry.student


def _stem(label: str, student: str) -> str:
    text = unicodedata.normalize("NFC", label)
    safe = _UNSAFE.sub("_", text.replace(" ", "_"))
    # A dot in front hides a file, a dash makes it an option, and Windows drops dots at the end.
    safe = safe.lstrip(".-").rstrip(".")
    changed = safe != text.replace(" ", "_")
    base = safe.split(".")[0]
    if not safe or _RESERVED.fullmatch(base) or _ends_in_hash(safe):
        safe, changed = f"student_{safe}", True
    if changed or len(safe.encode()) > STEM_BYTES:
        return _hashed(safe, student)
    return safe


def _ends_in_hash(stem: str) -> bool:
    """Tell whether a name looks as if we had added a hash: then it gets one of its own, and cannot clash."""
    return re.search(rf"~[0-9a-f]{{{_HASH_CHARS}}}$", stem) is not None


def _hashed(stem: str, student: str) -> str:
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_CHARS]
    if stem.endswith(f"~{digest}"):
        return stem
    room = STEM_BYTES - _HASH_CHARS - 1
    return f"{stem.encode()[:room].decode('utf-8', 'ignore')}~{digest}"
