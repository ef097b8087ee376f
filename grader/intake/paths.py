"""Names that a student chose: checked, normalised, told from litter, and made fit to be read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from grader.errors import Rejection
from grader.intake.bounds import DEPTH, NAME_BYTES, NAMES_SHOWN, PATH_BYTES

REBUILD = "Build the archive again beside your homework's folder, for example: tar -czf handin.tar hw3"

# What editors, systems and tools leave behind: nobody hands it in on purpose.
_LITTER_NAMES = {
    "__MACOSX",
    ".DS_Store",
    ".AppleDouble",
    ".Spotlight-V100",
    ".Trashes",
    ".fseventsd",
    "Thumbs.db",
    "desktop.ini",
    "__pycache__",
    ".ipynb_checkpoints",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
    ".tox",
    ".nox",
    ".git",
    ".svn",
    ".hg",
    ".idea",
    ".vscode",
    ".vs",
    ".venv",
    "venv",
    "node_modules",
    "Icon\r",  # macOS names a folder's icon with a carriage return
}
_LITTER_PATTERN = re.compile(r"\._.*|.*(\.py[co]|~|\.egg-info)|\..*\.sw[a-p]", re.DOTALL)

_SHOWN_CHARACTERS = 80


def printable(name: str) -> str:
    """`name` as it may stand in a message: one line, at most some 80 characters, odd characters escaped."""
    if len(name) > _SHOWN_CHARACTERS:
        name = f"{name[: _SHOWN_CHARACTERS - 25]}...{name[-20:]}"
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in name
    )


def listing(names: Iterable[str], most: int = NAMES_SHOWN) -> str:
    """Return "a,, b and c", or "a, b and 7 more": Python files first, then by name."""
    ordered = sorted(names, key=lambda name: (not name.endswith(".py"), name))
    shown = [printable(name) for name in ordered[:most]]
    if len(ordered) > most:
        shown.append(f"{len(ordered) - most} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def decoded(raw: bytes, archive: str) -> str:
    """Return a name in an archive as text.

    Raises:
        Rejection: it is not UTF-8.
    """
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        shown = printable(raw[:PATH_BYTES].decode("latin-1"))
        raise Rejection(
            f"{archive} holds a file name that is not UTF-8: {shown}.",
            f"Rename that file with plain letters, or leave it out. {REBUILD}",
        ) from None


def normalised(path: str, archive: str) -> str:
    """`path` without "." and doubled slashes; "" for the archive's own root.

    Raises:
        Rejection: it leads out of the archive, is too long or too deep, or holds what no file name should.
    """
    fault = _fault(path)
    if fault is None:
        parts = [part for part in path.split("/") if part not in ("", ".")]
        if ".." in parts:
            fault = "which leads out of the archive by '..'"
        elif len(parts) > DEPTH:
            fault = f"which lies more than {DEPTH} folders deep"
        elif any(_bytes(part) > NAME_BYTES for part in parts):
            fault = f"a name longer than {NAME_BYTES} bytes"
    if fault is not None:
        raise Rejection(f"{archive} holds {printable(path)}, {fault}.", REBUILD)
    return "/".join(parts)


def _fault(path: str) -> str | None:
    # Lengths come first, so that the other looks are short.
    if len(path) > PATH_BYTES:
        return f"a path longer than {PATH_BYTES} bytes"
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in path) and not is_litter(path):
        return "a name with control characters or bytes that are no text"
    if _bytes(path) > PATH_BYTES:
        return f"a path longer than {PATH_BYTES} bytes"
    if path.startswith("/"):
        return "an absolute path"
    if re.match(r"[A-Za-z]:", path):
        return "a path with a Windows drive"
    if "\\" in path:
        return "a path with backslashes; the folders of an archive are separated by '/'"
    return None


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def is_litter(path: str) -> bool:
    """Whether `path` is, or lies in, what macOS, editors, repositories and Python leave behind."""
    return any(part in _LITTER_NAMES or _LITTER_PATTERN.fullmatch(part) for part in path.split("/"))
