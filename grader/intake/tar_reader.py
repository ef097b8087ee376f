"""Reads a tar: POSIX ustar and pax, GNU and the old V7 format, strictly.

Python's `tarfile` is not used: in older releases of 3.11, which a course may well have, it takes quadratic
time on an extended header that is one long number (CVE-2024-6232), and runs for ever on a negative size
(CVE-2025-8194). What a hand-in needs of the format is little: names, sizes, kinds.
The field positions are those of POSIX.1-2017, "pax", and of GNU tar's manual, "Basic Tar Format".
"""

from __future__ import annotations

import posixpath
import re
from functools import partial

from grader.errors import Rejection
from grader.intake.bounds import EXTENDED_HEADERS_BYTES, HEADERS, MIB, PATH_BYTES
from grader.intake.harvest import Harvest
from grader.intake.paths import REBUILD, decoded, printable

BLOCK_BYTES = 512

_FILE = (b"0", b"\0", b"7")
_HARD_LINK, _SYMBOLIC_LINK, _FOLDER = b"1", b"2", b"5"
_SPECIAL = {b"3": "a device", b"4": "a device", b"6": "a named pipe", b"S": "a sparse file"}
_LONG_NAME, _LONG_TARGET, _EXTENDED, _GLOBAL = b"L", b"K", b"x", b"g"
_ABOUT_THE_NEXT = (_EXTENDED, _LONG_NAME, _LONG_TARGET)
_LABEL = b"V"  # GNU's volume label: a name and nothing behind it

_RECORD = re.compile(rb"([0-9]{1,8}) ([^=\n]{1,255})=")


def read_tar(data: bytes | bytearray, harvest: Harvest) -> None:
    """Hand every member of the tar in `data` to `harvest`.

    Raises:
        Rejection: the tar is damaged or cut off, or holds what a hand-in must not hold.
    """
    view = memoryview(data)
    extended: dict[str, bytes] = {}  # what the headers before a member say of it
    extended_bytes = 0
    offset = 0
    for _ in range(HEADERS):
        header = bytes(view[offset : offset + BLOCK_BYTES])
        if not any(header):  # the end mark, or the end without one
            return
        if len(header) < BLOCK_BYTES:
            raise _cut_off(harvest)
        if not checksum_holds(header):
            raise _damaged(harvest)
        kind = header[156:157]
        size = _size(header, {} if kind in (*_ABOUT_THE_NEXT, _GLOBAL) else extended, harvest)
        # As `tarfile` and GNU tar do: links, folders and devices have no content, whatever size they state.
        content_bytes = 0 if kind in (_HARD_LINK, _SYMBOLIC_LINK, _FOLDER) else size
        start = offset + BLOCK_BYTES
        content = view[start : start + content_bytes]
        if len(content) < content_bytes:
            raise _cut_off(harvest)
        offset = start + -(-content_bytes // BLOCK_BYTES) * BLOCK_BYTES
        if kind in _ABOUT_THE_NEXT:
            extended_bytes += content_bytes
            if extended_bytes > EXTENDED_HEADERS_BYTES:
                most = f"{EXTENDED_HEADERS_BYTES // MIB} MiB"
                raise Rejection(f"{harvest.archive} holds more than {most} of extended headers.", REBUILD)
            extended |= _extension(kind, content, harvest)
        elif kind not in (_GLOBAL, _LABEL):  # git writes the commit into a global header
            _member(header, extended, content, harvest)
            extended = {}
    raise Rejection(f"{harvest.archive} holds more than {HEADERS} entries.", REBUILD)


def checksum_holds(header: bytes) -> bool:
    """Whether the first block in `header` carries its own checksum: the sum of its bytes, signed or not."""
    field = header[148:156].strip(b" \0")
    if not re.fullmatch(rb"[0-7]{1,8}", field):
        return False
    stated = int(field, 8)
    others = header[:148] + b" " * 8 + header[156:BLOCK_BYTES]
    unsigned = sum(others)
    return stated == unsigned or stated == unsigned - 256 * sum(byte > 127 for byte in others)


def _member(header: bytes, extended: dict[str, bytes], content: memoryview, harvest: Harvest) -> None:
    kind = header[156:157]
    path = decoded(extended.get("path", _stored_name(header)), harvest.archive)
    if any(key.startswith("GNU.sparse") for key in extended):
        kind = b"S"
    if kind in _SPECIAL:
        harvest.special(path, _SPECIAL[kind])
    elif kind in (_HARD_LINK, _SYMBOLIC_LINK):
        target = extended.get("linkpath", _text(header[157:257])).decode("utf-8", "replace")
        if kind == _HARD_LINK and posixpath.normpath(target) == posixpath.normpath(path):
            return  # so GNU tar stores a file that it was given twice
        harvest.link(path, target)
    elif kind == _FOLDER or (kind in _FILE and path.endswith("/")):  # V7 marks a folder by its slash
        harvest.folder(path)
    elif kind in _FILE:
        harvest.file(path, partial(_first_bytes, content))
    else:
        harvest.special(path, "of a kind that hand-ins do not have")


def _first_bytes(content: memoryview, most: int) -> bytes:
    return bytes(content[:most])


def _text(field: bytes) -> bytes:
    return field.split(b"\0", 1)[0]


def _stored_name(header: bytes) -> bytes:
    name, prefix = _text(header[:100]), _text(header[345:500])
    posix = header[257:263] == b"ustar\0"  # GNU's own magic goes on with a blank, and keeps times there
    return prefix + b"/" + name if posix and prefix else name


def _size(header: bytes, extended: dict[str, bytes], harvest: Harvest) -> int:
    """Bytes of content: from the extended header, in base 256, or in octal digits."""
    field = header[124:136]
    if "size" in extended:
        digits, base = extended["size"], 10
    elif field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    else:
        digits, base = field.strip(b" \0") or b"0", 8
    if not re.fullmatch(rb"[0-7]{1,12}" if base == 8 else rb"[0-9]{1,20}", digits):
        name = printable(_stored_name(header).decode("latin-1"))
        raise Rejection(
            f"{harvest.archive} is damaged: the size of {name} is negative or no number.", REBUILD
        )
    return int(digits, base)


def _extension(kind: bytes, content: memoryview, harvest: Harvest) -> dict[str, bytes]:
    """Return what a header of GNU's long names or of pax says about the member after it: key -> value."""
    if kind != _EXTENDED:
        if len(content) > PATH_BYTES + 1:  # it ends in a NUL
            shown = printable(bytes(content[:PATH_BYTES]).decode("utf-8", "replace"))
            raise Rejection(f"{harvest.archive} holds a name of {len(content)} bytes: {shown}.", REBUILD)
        return {"path" if kind == _LONG_NAME else "linkpath": _text(bytes(content))}
    records = bytes(content)
    found: dict[str, bytes] = {}
    position = 0
    while position < len(records) and records[position]:
        # Each is "LENGTH KEY=VALUE\n", where the length counts the whole record.
        match = _RECORD.match(records, position)
        end = position + int(match[1]) if match else 0
        if not match or end <= match.end() or records[end - 1 : end] != b"\n":
            raise _damaged(harvest)
        found[match[2].decode("utf-8", "replace")] = records[match.end() : end - 1]
        position = end
    return found


def _cut_off(harvest: Harvest) -> Rejection:
    return Rejection(f"{harvest.archive} is cut off: the tar ends in the middle of a file.", REBUILD)


def _damaged(harvest: Harvest) -> Rejection:
    return Rejection(f"{harvest.archive} is a damaged tar.", REBUILD)
