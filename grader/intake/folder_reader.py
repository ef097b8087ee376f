"""Reads a folder: no link is followed, not even one that is put in place while we read."""

from __future__ import annotations

import errno
import os
import stat
import sys
from itertools import islice
from pathlib import Path

from grader.errors import Rejection, UsageError
from grader.intake.bounds import HEADERS
from grader.intake.harvest import Harvest
from grader.intake.paths import is_litter, printable

SHORTAGES = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)  # the fault of this machine, not of a hand-in
OTHER = "a device, a socket or a named pipe"
if sys.platform == "win32":
    FILE_FLAGS = os.O_RDONLY | os.O_BINARY | os.O_NOINHERIT
    JUNCTION = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT: a link to a folder that is not called a link
    Place = str  # a folder: its path
else:
    # O_NONBLOCK: opening a named pipe must not wait for a writer.
    FILE_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
    FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    Place = int  # a folder: its descriptor


def read_folder(path: Path, harvest: Harvest) -> None:
    """Hand everything below the folder `path` to `harvest`, in the order of the names.

    Raises:
        Rejection: it holds what a hand-in must not hold.
        UsageError: something in it cannot be read.
    """
    # The folder itself may be a link: whoever calls us chose it.
    if sys.platform == "win32":
        _read_below(str(path), "", harvest)
    else:
        descriptor = os.open(path, FOLDER_FLAGS)
        try:
            _read_below(descriptor, "", harvest)
        finally:
            os.close(descriptor)


def _read_below(folder: Place, prefix: str, harvest: Harvest) -> None:
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in islice(entries, HEADERS + 1))
    if len(names) > HEADERS:
        raise Rejection(f"{harvest.archive} holds a folder with more than {HEADERS} entries.")
    for name in names:
        if is_litter(name):
            continue
        try:
            _read_entry(folder, name, prefix + name, harvest)
        except OSError as error:
            if error.errno in SHORTAGES:
                raise
            where = f"{printable(prefix + name)} in {harvest.archive}"
            raise UsageError(f"{where} cannot be read: {error.strerror or error}.") from None


if sys.platform == "win32":

    def _read_entry(folder: str, name: str, path: str, harvest: Harvest) -> None:
        # Nothing can be opened from an open folder there: what is a file now is believed to stay one.
        place = os.path.join(folder, name)
        about = os.lstat(place)
        if stat.S_ISLNK(about.st_mode) or about.st_reparse_tag == JUNCTION:
            harvest.link(path, os.readlink(place))
        elif stat.S_ISDIR(about.st_mode):
            harvest.folder(path)  # refuses what is too deep, before we descend
            _read_below(place, f"{path}/", harvest)
        elif stat.S_ISREG(about.st_mode):
            with open(os.open(place, FILE_FLAGS), "rb") as content:
                harvest.file(path, content.read)
        else:
            harvest.special(path, OTHER)

else:

    def _read_entry(folder: int, name: str, path: str, harvest: Harvest) -> None:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode):
            harvest.link(path, os.readlink(name, dir_fd=folder))
            return
        if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
            harvest.special(path, OTHER)
            return
        try:
            flags = FOLDER_FLAGS if stat.S_ISDIR(mode) else FILE_FLAGS
            descriptor = os.open(name, flags | os.O_NOFOLLOW, dir_fd=folder)
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.ENOTDIR):
                raise
            harvest.link(path, "something that took its place while it was read")
            return
        try:
            _read_opened(descriptor, path, harvest)
        finally:
            os.close(descriptor)

    def _read_opened(descriptor: int, path: str, harvest: Harvest) -> None:
        mode = os.fstat(descriptor).st_mode  # of what was opened, whatever the name meant a moment ago
        if stat.S_ISDIR(mode):
            harvest.folder(path)  # refuses what is too deep, before we descend
            _read_below(descriptor, f"{path}/", harvest)
        elif stat.S_ISREG(mode):
            with open(descriptor, "rb", closefd=False) as content:
                harvest.file(path, content.read)
        else:
            harvest.special(path, OTHER)
