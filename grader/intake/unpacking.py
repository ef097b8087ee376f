"""From a path to a `HandIn`: what the path is, which reader takes it, and a plain sentence when none does."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from grader.errors import GraderError, Rejection, UsageError
from grader.intake.bounds import ARCHIVE_BYTES, MIB, NOTEBOOK_BYTES
from grader.intake.folder_reader import FILE_FLAGS, SHORTAGES, read_folder
from grader.intake.harvest import Harvest
from grader.intake.notebooks import looks_like_one
from grader.intake.paths import REBUILD, printable
from grader.intake.sniffing import described, form_of
from grader.intake.streams import decompressed
from grader.intake.tar_reader import read_tar
from grader.records import HandIn


def unpack(path: Path) -> HandIn:
    """Return what was handed in at `path`: a tar (plain, gzip, bzip2, xz), a zip, a folder, one .py file or
    one Jupyter notebook.

    Archives are told by their content, not by their name. A single file stands at the hand-in's root.

    Raises:
        UsageError: there is nothing at `path`, or it cannot be read.
        GraderError: it cannot be read because this machine is short of descriptors or memory.
        Rejection: what is there is no hand-in, is damaged, too large, or holds what a hand-in must not hold.
    """
    name = os.path.basename(os.path.abspath(path)) or str(path)
    harvest = Harvest(name)
    if "\0" in str(path):
        raise UsageError(f"Cannot read {printable(str(path))}: no file can have that name.")
    try:
        if path.is_dir():
            read_folder(path, harvest)
            return harvest.hand_in("folder")
        data = _content(path, harvest)
    except OSError as error:
        if error.errno in SHORTAGES:
            raise GraderError(f"this machine is short of something: {error.strerror}") from None
        raise UsageError(f"Cannot read {printable(str(path))}: {error.strerror or error}.") from None
    try:
        return harvest.hand_in(_read_file(name, data, harvest))
    except Rejection as rejection:
        rejection.content = hashlib.sha256(data).hexdigest()
        raise


def _content(path: Path, harvest: Harvest) -> bytes:
    descriptor = os.open(path, FILE_FLAGS)
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UsageError(f"{printable(str(path))} is neither a file nor a folder.")
        data = file.read(ARCHIVE_BYTES + 1)
    if len(data) > ARCHIVE_BYTES:
        raise Rejection(
            f"{harvest.archive} is larger than {ARCHIVE_BYTES // MIB} MiB.",
            "Leave out data sets, weights and whole repositories: only your source files are graded.",
        )
    return data


def _read_file(name: str, data: bytes, harvest: Harvest) -> str:
    """Read an archive or a single .py into `harvest`; gives the form that it was in."""
    form = form_of(data)
    if form == "tar":
        read_tar(data, harvest)
        return "tar"
    if form == "zip":
        from grader.intake.zip_reader import read_zip  # most hand-ins are a tar

        read_zip(data, harvest)
        return "zip"
    if form is not None:
        inner = decompressed(data, form, harvest)
        _require_tar(bytes(inner[:4096]), form, harvest)
        read_tar(inner, harvest)
        return f"tar.{form}"
    # Autolab gives an upload the name that the assignment asks for: a notebook is known by its content.
    is_notebook = looks_like_one(data)
    if is_notebook or (name.lower().endswith((".py", ".ipynb")) and data):
        harvest.file(name, lambda most: data[:most], NOTEBOOK_BYTES if is_notebook else None)
        return "file"
    raise Rejection(f"{harvest.archive} is {described(data)}.", REBUILD)


def _require_tar(head: bytes, form: str, harvest: Harvest) -> None:
    inner = form_of(head)
    if inner == "tar":
        return
    if inner is None:
        what = f"{form} data around something that is {described(head)}"
    else:
        what = f"packed twice: {form} data around {inner} data"
    raise Rejection(f"{harvest.archive} is {what}; it should hold a tar.", REBUILD)
