"""A course's secret: which cases are drawn for it, and which of them a hand-in is asked.

A seed is no secret: it is short, it is written down in many places, and whoever knows it can draw the cases
and put their answers into a table. A secret is a key. Everything is derived from it by HMAC-SHA256, so that
nothing that is printed, such as the digest of a suite, leads back to it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass, field
from pathlib import Path

from grader.cases import Seed
from grader.errors import UsageError

VARIABLE = "CELLGRADE_SECRET"
LEAST_BYTES, MOST_BYTES = 16, 4096


@dataclass(frozen=True)
class Secret:
    """A course's secret. It is in no report, no journal, no message and no argument of a process."""

    key: bytes = field(repr=False)

    def seed(self, assignment: str, seed: int) -> Seed:
        """Return what an assignment's cases are drawn from, where the course also chose `seed`."""
        drawn = _hmac(self.key, "cases", assignment, str(int(seed)))[: Seed.BYTES]
        return Seed(int.from_bytes(drawn, "big"), keyed=True)

    def mark(self, assignment: str, seed: int) -> str:
        """Hex digest that tells this secret's suites from another's, and nothing of the secret."""
        return _hmac(self.key, "mark", assignment, str(int(seed))).hex()

    def chosen(self, assignment: str, seed: int, content: str, count: int, size: int) -> tuple[int, ...]:
        """Which cases of a pool a hand-in is asked: the same for the same content, in whatever form it came.

        Args:
            assignment, seed: as for `seed`.
            content: hex digest of the hand-in's files.
            count: how many, of a pool of `size`.

        Returns:
            distinct positions, in ascending order.
        """
        found: set[int] = set()
        block = 0
        while len(found) < min(count, size):
            drawn = _hmac(self.key, "choice", assignment, str(int(seed)), content, str(block))
            # 64 bits for each: of a pool of thousands, none is more likely than another by more than 2**-50.
            for at in range(0, len(drawn), 8):
                if len(found) < count:
                    found.add(int.from_bytes(drawn[at : at + 8], "big") % size)
            block += 1
        return tuple(sorted(found))


def read(path: Path) -> Secret:
    """Return the secret in a file, white space around it left out.

    Raises:
        UsageError: it cannot be read, or is too short or too long to be one. Nothing of it is in the message.
    """
    try:
        with open(path, "rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"the secret {path} cannot be read: {error.strerror}") from None
    return _secret(content, str(path))


def from_environment() -> Secret | None:
    """Return the secret in CELLGRADE_SECRET, None without one. It is taken out: no process that we start has
    it.

    Raises:
        UsageError: it is too short or too long.
    """
    value = os.environ.pop(VARIABLE, None)
    return None if value is None else _secret(os.fsencode(value), VARIABLE)


def _secret(content: bytes, where: str) -> Secret:
    key = content.strip()
    if not LEAST_BYTES <= len(key) <= MOST_BYTES:
        raise UsageError(
            f"{where} must hold a secret of {LEAST_BYTES} to {MOST_BYTES:,} bytes: "
            "`head -c 32 /dev/urandom | base64` makes one"
        )
    return Secret(key)


def _hmac(key: bytes, *parts: str) -> bytes:
    """Each part with its length before it, so that no two lists of parts are one text."""
    text = b"".join(b"%d:%s" % (len(part), part) for part in (one.encode() for one in ("cellgrade", *parts)))
    return hmac.new(key, text, hashlib.sha256).digest()
