"""What a file is, by its content: names lie (gzip merely named .tar is common)."""

from __future__ import annotations

import re

from grader.intake.tar_reader import BLOCK_BYTES, checksum_holds

COMPRESSIONS = {b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\0": "xz"}

_KNOWN = (
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"%PDF-", "a PDF document"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd"),
    (b"\x1f\x9d", "compressed by the old Unix compress"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a Windows program"),
    (b"\xd0\xcf\x11\xe0", "a Microsoft Office document"),
)

_LOOK_BYTES = 4096


def form_of(data: bytes) -> str | None:
    """ "tar", "zip", "gz", "bz2" or "xz"; None if `data` is no archive that we read."""
    for magic, form in COMPRESSIONS.items():
        if data.startswith(magic):
            return form
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    head = data[:BLOCK_BYTES]
    if len(head) == BLOCK_BYTES and (checksum_holds(head) or head[257:262] == b"ustar" or not any(head)):
        return "tar"
    return None


def described(data: bytes) -> str:
    """Return what a file that is no archive is, to stand after "is": "a plain-text file, not an archive"."""
    if not data:
        return "empty (0 bytes)"
    for magic, words in _KNOWN:
        if data.startswith(magic):
            return f"{words}, which cannot be graded"
    head = data[:_LOOK_BYTES]
    if re.match(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|head|\?xml)", head, re.IGNORECASE):
        return "a web page, not an archive"
    if not re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]", head):
        return "a plain-text file, not an archive"
    return "not an archive of a kind that we can read"
