"""Writes what a mistake fails into mistakes.toml, all else of which stays as it is."""

from __future__ import annotations

import contextlib
import json
import re
import tomllib
from collections.abc import Sequence

from grader.declaration import Assignment
from grader.errors import DeclarationError
from grader.mistakes.answers import ALL, Fails, Mistake
from grader.mistakes.reading import decided

WIDTH = 110


def fails_line(fails: Fails, assignment: Assignment) -> str:
    """Return what fails as it stands in mistakes.toml: one line, or several where it is long."""
    criteria = {problem.name: set(decided(problem)) for problem in assignment.problems}
    parts = []
    for problem, by_criterion in fails.items():
        reasons: dict[str, list[str]] = {}
        for criterion, reason in by_criterion.items():
            reasons.setdefault(reason, []).append(criterion)
        said = ", ".join(
            f"{reason} = {json.dumps(ALL) if set(names) == criteria[problem] else _listed(names)}"
            for reason, names in reasons.items()
        )
        parts.append(f"{json.dumps(problem)} = {{ {said} }}")
    return f"fails = {{ {', '.join(parts)} }}"


def _listed(names: Sequence[str]) -> str:
    rows, row = [], ""
    for name in map(json.dumps, names):
        if row and len(row) + len(name) > WIDTH - 4:
            rows.append(row)
            row = ""
        row += f"{name}, "
    rows.append(row.removesuffix(", "))
    return (
        f"[{rows[0]}]" if len(rows) == 1 else "[\n" + "\n".join(f"    {one.rstrip()}" for one in rows) + "\n]"
    )


def with_fails(text: str, mistake: Mistake, line: str) -> str:
    """Return the text of a mistakes.toml with what fails added to an entry that does not say it yet.

    Raises:
        DeclarationError: the place for it is not found.
    """
    wanted = tomllib.loads(text)
    wanted[mistake.problem][mistake.name] |= tomllib.loads(line)
    lines, found = text.split("\n"), list[str]()
    header = re.compile(rf"\s*\[\s*{mistake.problem}\s*\.\s*{mistake.name}\s*\]")
    for begin in (at for at, one in enumerate(lines) if header.match(one)):
        for end in range(begin + 1, len(lines) + 1):
            if end < len(lines) and not lines[end].lstrip().startswith("["):
                continue
            for above in ("", "#"):  # a remark above the next entry is the next entry's
                at = end
                while at > begin + 1 and lines[at - 1].lstrip()[:1] in ("", above):
                    at -= 1
                tried = "\n".join([*lines[:at], line, *lines[at:]])
                with contextlib.suppress(tomllib.TOMLDecodeError):  # as in the middle of a substitution
                    if tomllib.loads(tried) == wanted:
                        found.append(tried)
            if found:
                return found[-1]
    raise DeclarationError(f"[{mistake.problem}.{mistake.name}]: no place was found for {line}")
