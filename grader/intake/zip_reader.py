"""Reads a zip through `zipfile`, within bounds."""

from __future__ import annotations

import io
import stat
import zipfile
from functools import partial

from grader.errors import Rejection
from grader.intake.bounds import HEADERS, PATH_BYTES
from grader.intake.harvest import Harvest
from grader.intake.paths import REBUILD, decoded

_ENTRY_SIGNATURE = b"PK\x01\x02"
_ENCRYPTED, _UTF8 = 0x1, 0x800  # bits of an entry's flags
# The others that zipfile knows (bzip2, lzma) allocate what the student's header asks for.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def read_zip(data: bytes, harvest: Harvest) -> None:
    """Hand every entry of the zip in `data` to `harvest`.

    Raises:
        Rejection: the zip is damaged, cut off or encrypted, or holds what a hand-in must not hold.
    """
    # zipfile makes an object for every entry before we see the first one.
    if data.count(_ENTRY_SIGNATURE) > HEADERS:
        raise Rejection(f"{harvest.archive} holds more than {HEADERS} entries.", REBUILD)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                _member(archive, entry, harvest)
    except Rejection:
        raise
    except UnicodeDecodeError:
        raise Rejection(f"{harvest.archive} holds file names that are not UTF-8.", REBUILD) from None
    except Exception:
        # zipfile on hostile bytes raises far more than BadZipFile (struct.error, NotImplementedError,
        # OverflowError, zlib.error, ...): whatever it is, it is the bytes' fault.
        raise Rejection(f"{harvest.archive} is a damaged or incomplete zip.", REBUILD) from None


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, harvest: Harvest) -> None:
    path = _path(entry, harvest)
    mode = entry.external_attr >> 16  # as Unix writes it; 0 from Windows
    if entry.flag_bits & _ENCRYPTED:
        raise Rejection(
            f"{harvest.archive} is encrypted and cannot be opened.", f"Use no password. {REBUILD}"
        )
    if path.endswith("/"):
        harvest.folder(path)
    elif stat.S_ISLNK(mode):
        harvest.link(path, _first_bytes(archive, entry, PATH_BYTES).decode("utf-8", "replace"))
    elif stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        harvest.special(path, "of a kind that hand-ins do not have")
    else:
        harvest.file(path, partial(_first_bytes, archive, entry))


def _path(entry: zipfile.ZipInfo, harvest: Harvest) -> str:
    """Return the entry's path as it is stored: `filename` ends at a NUL, `orig_filename` does not."""
    if entry.flag_bits & _UTF8:
        return entry.orig_filename
    # Without the flag zipfile decodes as code page 437, but macOS writes UTF-8 all the same.
    return decoded(entry.orig_filename.encode("cp437"), harvest.archive)


def _first_bytes(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    if entry.compress_type not in _METHODS:
        raise NotImplementedError
    with archive.open(entry) as content:
        return content.read(most)
