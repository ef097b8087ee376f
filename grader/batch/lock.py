"""One batch at a time per results folder: a lock that the kernel lets go of when its process is gone."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from grader.errors import UsageError

NAME = "journal.lock"


@contextlib.contextmanager
def held(results: Path) -> Iterator[None]:
    """Hold the lock of a results folder; what a killed process left of it is taken over.

    Raises:
        UsageError: another process holds it, or the folder cannot be written.
    """
    path = results / NAME
    try:
        descriptor = _locked(path)
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
        # While it is still ours; whoever opened it meanwhile will see that it is gone, and make another.
        with contextlib.suppress(OSError):
            path.unlink()
        os.close(descriptor)


def _locked(path: Path) -> int:
    if sys.platform == "win32":
        raise UsageError(f"{path.parent} cannot be locked on Windows")
    import fcntl

    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_there(path, descriptor):
                os.ftruncate(descriptor, 0)
                os.write(descriptor, f"{os.getpid()}\n".encode())
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _is_there(path: Path, descriptor: int) -> bool:
    """Whether what was locked is still the file of that name."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _holder(path: Path) -> str:
    with contextlib.suppress(OSError, ValueError):
        return f" (process {int(path.read_text())})"
    return ""
