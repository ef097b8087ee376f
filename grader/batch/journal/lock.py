"""One batch at a time per results folder: a lock that the kernel lets go of when its process is gone.

The lock's file says whose it is, and where its temporary folder is: who takes it over removes what a killed
process could not.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from grader.batch.results_folder import LOCK
from grader.errors import UsageError

TEMPORARY = "cellgrade-"
"""What the names of our temporary folders begin with."""


@contextlib.contextmanager
def held(results: Path, scratch: Path | None = None) -> Iterator[None]:
    """Hold the lock of a results folder; what a killed process left of it is taken over.

    Args:
        results: the folder.
        scratch: our temporary folder: it is removed before the lock is given back, or by who takes it over.

    Raises:
        UsageError: another process holds it, or the folder cannot be written.
    """
    path = results / LOCK
    try:
        descriptor = _locked(path, scratch)
    except BlockingIOError:
        raise UsageError(
            f"another batch is at work on {results}{_holder(path)}: wait until it is done, stop it, "
            "or name another folder with --out"
        ) from None
    except OSError as error:
        raise UsageError(f"cannot write to {results}: {error.strerror}") from None
    try:
        yield
    finally:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)
        # While it is still ours; whoever opened it meanwhile will see that it is gone, and make another.
        with contextlib.suppress(OSError):
            path.unlink()
        os.close(descriptor)


def _locked(path: Path, scratch: Path | None) -> int:
    if sys.platform == "win32":
        raise UsageError(f"{path.parent} cannot be locked on Windows")
    import fcntl

    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_there(path, descriptor):
                _clear(os.read(descriptor, 4096))
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, f"{os.getpid()}\n".encode() + os.fsencode(scratch or ""), 0)
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _clear(left: bytes) -> None:
    """Remove the temporary folder of a process that was killed; nothing but what can only be that."""
    folder = Path(os.fsdecode(left.partition(b"\n")[2]))
    if folder.parent == Path(tempfile.gettempdir()) and folder.name.startswith(TEMPORARY):
        with contextlib.suppress(OSError):  # it is gone
            if sys.platform != "win32" and folder.lstat().st_uid == os.geteuid():
                shutil.rmtree(folder, ignore_errors=True)  # which follows no link


def _is_there(path: Path, descriptor: int) -> bool:
    """Tell whether what was locked is still the file of that name."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _holder(path: Path) -> str:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return f" (process {int(path.read_bytes().splitlines()[0])})"
    return ""
