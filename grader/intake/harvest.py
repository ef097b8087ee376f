"""What is gathered while an archive or a folder is read: the one place that bounds, refuses and digests."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import NoReturn

from grader.errors import Rejection
from grader.intake import notebooks
from grader.intake.bounds import (
    FILE_BYTES,
    LINK_NOTICES,
    MEMBERS,
    MIB,
    NOTEBOOK_BYTES,
    NOTEBOOKS,
    UNPACKED_BYTES,
)
from grader.intake.paths import REBUILD, is_litter, listing, normalised, printable
from grader.records import Finding, HandIn, Notebook, notice

_CLEAR = "Clear the notebook's outputs and save it again: only its code is graded."
_LEAVE_OUT = "Leave out data sets, weights and whole repositories: only your source files are graded."


class Harvest:
    """The files and links of one hand-in, as its reader comes across them.

    Every method raises Rejection for what a hand-in must not hold.

    Attributes:
        archive: the hand-in's name as messages write it.
    """

    def __init__(self, name: str) -> None:
        """Begin with nothing; `name` is the hand-in's, as the caller gave it, without its parent folders."""
        self._name = name
        self.archive = printable(name)
        self._files: dict[str, bytes] = {}
        self._links: dict[str, str] = {}
        self._members = 0
        self._bytes = 0

    def file(self, path: str, read: Callable[[int], bytes], most: int | None = None) -> None:
        """Take a regular file; `read(n)` gives its first n bytes at most, and is not called for litter.

        `most` is how many bytes it may have, where its name does not say so.
        """
        kept = self._member(path)
        if kept is None:
            return
        if not kept:
            raise Rejection(f"{self.archive} holds a file without a name.", REBUILD)
        most = most or (NOTEBOOK_BYTES if kept.lower().endswith(".ipynb") else FILE_BYTES)
        content = read(min(most, UNPACKED_BYTES - self._bytes) + 1)
        # What is read counts even if the same path comes again: else one block could be inflated for ever.
        self._bytes += len(content)
        if len(content) > most:
            size = f"{printable(kept)}, which is larger than {most // MIB} MiB"
            pictures = most == NOTEBOOK_BYTES
            raise Rejection(f"{self.archive} holds {size}.", _CLEAR if pictures else _LEAVE_OUT)
        if self._bytes > UNPACKED_BYTES:
            self.too_large()
        if self._files.setdefault(kept, content) != content:
            raise Rejection(
                f"{self.archive} holds {printable(kept)} twice, with different contents.",
                f"Do not append to an old archive. {REBUILD}",
            )

    def folder(self, path: str) -> None:
        """Check and count a folder, which is not kept."""
        self._member(path)

    def link(self, path: str, target: str) -> None:
        """Tell the student of a symbolic or hard link, which is never followed."""
        kept = self._member(path)
        if kept:
            self._links[kept] = printable(target)

    def special(self, path: str, kind: str) -> None:
        """Something that is neither file, folder nor link: refused, unless it is litter."""
        if is_litter(path):
            return
        raise Rejection(f"{self.archive} holds {printable(path)}, which is {kind}, not a file.", REBUILD)

    def too_large(self) -> NoReturn:
        """More came out than may."""
        raise Rejection(
            f"{self.archive} unpacks to more than {UNPACKED_BYTES // MIB} MiB, the most that is read.",
            _LEAVE_OUT,
        )

    def hand_in(self, form: str) -> HandIn:
        """All that was gathered, with a notice for each link."""
        self._refuse_contradictions()
        if not self._files:
            links = f", only links ({listing(self._links)}), which are not followed" if self._links else ""
            raise Rejection(f"{self.archive} holds no files{links}.", REBUILD)
        return HandIn(
            self._name,
            form,
            self._files,
            digest(self._files),
            tuple(self._link_notices()),
            self._notebooks(form),
        )

    def _notebooks(self, form: str) -> dict[str, Notebook]:
        """Return what is in the notebooks: by name, or by content where a source or the whole
        hand-in is one.
        """

        def is_one(path: str, content: bytes) -> bool:
            may_be = form == "file" or path.lower().endswith(".py")
            return path.lower().endswith(".ipynb") or (may_be and notebooks.looks_like_one(content))

        found = [path for path, content in sorted(self._files.items()) if is_one(path, content)]
        return {path: notebooks.read(self._files[path]) for path in found[:NOTEBOOKS]}

    def _member(self, path: str) -> str | None:
        # What is left behind in some tool's folder may be as deep as it likes: it is not kept.
        if is_litter(path) and ".." not in path.split("/"):
            return None
        kept = normalised(path, self.archive)
        if is_litter(kept):
            return None
        self._members += 1
        if self._members > MEMBERS:
            raise Rejection(f"{self.archive} holds more than {MEMBERS} files and folders.", _LEAVE_OUT)
        return kept

    def _refuse_contradictions(self) -> None:
        for path in self._files:
            parts = path.split("/")
            for above in ("/".join(parts[:count]) for count in range(1, len(parts) + 1)):
                if above in self._links:
                    clash = "a link and as a file or folder"
                elif above in self._files and above != path:
                    clash = "a file and as a folder"
                else:
                    continue
                raise Rejection(f"{self.archive} holds {printable(above)} both as {clash}.", REBUILD)

    def _link_notices(self) -> list[Finding]:
        ordered = sorted(self._links, key=lambda path: (not path.endswith(".py"), path))
        found = [
            notice(
                f"{printable(path)} is a link to {self._links[path]}; links are not followed.",
                "Hand in a copy of the file itself.",
                path,
            )
            for path in ordered[:LINK_NOTICES]
        ]
        if len(ordered) > LINK_NOTICES:
            found.append(notice(f"{len(ordered) - LINK_NOTICES} more links were not followed."))
        return found


def digest(files: Mapping[str, bytes]) -> str:
    """Hex SHA-256 of paths and contents, whatever they were packed in.

    In the order of the paths' UTF-8 bytes, each file adds: the path's length in bytes (8 bytes, big-endian),
    the path in UTF-8, the content's length (likewise), the content.
    """
    sha256 = hashlib.sha256()
    for path, content in sorted((path.encode(), content) for path, content in files.items()):
        for part in (path, content):
            sha256.update(len(part).to_bytes(8, "big"))
            sha256.update(part)
    return sha256.hexdigest()
