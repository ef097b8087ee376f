"""A disk in memory: files of the hand-in and of the course that can be opened by name, and what is saved.

A job can open no file. Where a homework comes with data or weights, `open` and what asks whether a file is
there answer from here. What is saved is there until the job ends, and nowhere else.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import posixpath
import stat
import sys
from collections.abc import Mapping
from typing import IO, Any

from .memory import ROOT


class Disk:
    """Files by name.

    Args:
        handed_in: path in the hand-in -> content.
        lent: name -> content of the course's files, found by this name in whatever folder they are sought.
        folder: in which a relative path begins, inside the hand-in; "" for its root.
    """

    def __init__(self, handed_in: Mapping[str, bytes], lent: Mapping[str, bytes], folder: str) -> None:
        self._files = {posixpath.join(ROOT, path): content for path, content in handed_in.items()}
        self._lent = dict(lent)
        self._folders = {"/", ROOT}
        self._here = posixpath.join(ROOT, folder)
        self.given: Mapping[str, bytes] = {**handed_in, **lent}

    def install(self) -> None:
        """Let what opens files, or asks for them, come here."""
        builtins.open = self.open  # type: ignore[assignment]
        for module in list(sys.modules.values()):  # NumPy and others keep it under a name of their own
            for name, value in list(getattr(module, "__dict__", {}).items()):
                if value is _REAL_OPEN:
                    setattr(module, name, self.open)
        if readers := getattr(sys.modules.get("numpy.lib._datasource"), "_file_openers", None):
            readers._file_openers[None] = self.open
        for name in ("stat", "lstat", "mkdir", "listdir", "remove", "unlink", "replace", "rename"):
            setattr(os, name, getattr(self, name))

    def open(
        self,
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Any = None,
    ) -> IO[Any]:
        """Open a file as Python's own `open` does; one that is written to is kept when it is closed."""
        if isinstance(file, int):
            return _REAL_OPEN(file, mode, buffering, encoding, errors, newline, closefd, opener)
        path, kind = self._path(file), mode.replace("b", "").replace("t", "")
        if kind.replace("+", "") not in ("r", "w", "a", "x"):
            raise ValueError(f"invalid mode: {mode!r}")
        known = self._found(path)
        if kind[0] == "r" and known is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), os.fspath(file))
        if kind[0] == "x" and known is not None:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(file))
        content = b"" if kind[0] in "wx" else (known or b"")
        raw = _Open(content) if kind == "r" else _Open(content, self, path)
        if kind[0] == "a":
            raw.seek(0, io.SEEK_END)
        raw.name = file
        return (
            raw
            if "b" in mode
            else io.TextIOWrapper(raw, encoding or "utf-8", errors, newline, write_through=True)
        )

    def stat(self, path: Any, *_: Any, **__: Any) -> os.stat_result:
        """Say of a file how long it is, of a folder that it is one."""
        if isinstance(path, int):
            return _REAL_STAT(path)
        where = self._path(path)
        content = self._found(where)
        if content is None and not self._is_folder(where):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), os.fspath(path))
        kind, size = (stat.S_IFDIR, 0) if content is None else (stat.S_IFREG, len(content))
        return os.stat_result((kind | 0o644, 0, 0, 1, 0, 0, size, 0, 0, 0))

    lstat = stat

    def mkdir(self, path: Any, *_: Any, **__: Any) -> None:
        """Make a folder."""
        where = self._path(path)
        if self._is_folder(where):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(path))
        self._folders.add(where)

    def listdir(self, path: Any = ".") -> list[str]:
        """List the files and folders in a folder, those lent by the course in the one that is worked in."""
        where = self._path(path)
        if not self._is_folder(where):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), os.fspath(path))
        below = [one for one in (*self._files, *self._folders) if one.startswith(f"{where.rstrip('/')}/")]
        names = {one[len(where.rstrip("/")) + 1 :].partition("/")[0] for one in below}
        return sorted(names | ({*self._lent} if where == self._here else set()))

    def remove(self, path: Any, *_: Any, **__: Any) -> None:
        """Remove a file."""
        if self._files.pop(self._path(path), None) is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), os.fspath(path))

    unlink = remove

    def replace(self, src: Any, dst: Any, **_: Any) -> None:
        """Give a file another name."""
        content = self._files.get(self._path(src))
        self.remove(src)
        assert content is not None
        self._files[self._path(dst)] = content

    rename = replace

    def keep(self, path: str, content: bytes) -> None:
        """Keep what was written to a file."""
        self._files[path] = content

    def _path(self, path: Any) -> str:
        text = os.fspath(path)
        if isinstance(text, bytes):
            text = text.decode(errors="surrogateescape")
        return posixpath.normpath(posixpath.join(self._here, text.replace("\\", "/")))

    def _found(self, path: str) -> bytes | None:
        """Return a file's content: of one that the course lends, in whatever folder it lay for its author."""
        content = self._files.get(path)
        return content if content is not None else self._lent.get(posixpath.basename(path))

    def _is_folder(self, path: str) -> bool:
        return path in self._folders or any(one.startswith(f"{path.rstrip('/')}/") for one in self._files)


class _Open(io.BytesIO):
    """A file that is open; one that is written to is kept when it is flushed or closed."""

    name: Any

    def __init__(self, content: bytes, disk: Disk | None = None, path: str = "") -> None:
        super().__init__(content)
        self._disk, self._at = disk, path

    def writable(self) -> bool:
        return self._disk is not None

    def write(self, content: Any, /) -> int:
        if self._disk is None:
            raise io.UnsupportedOperation("not writable")
        return super().write(content)

    def close(self) -> None:
        if self._disk is not None and not self.closed:
            self._disk.keep(self._at, self.getvalue())
        super().close()


_REAL_OPEN, _REAL_STAT = io.open, os.stat
