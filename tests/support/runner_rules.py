"""What a GitHub runner makes of a step's output and files: its rules, written anew for the tests.

From the runner's own sources: ActionCommand.cs (what a command is), ActionCommandManager.cs (stop-commands),
FileCommandManager.cs (the files behind $GITHUB_OUTPUT and $GITHUB_ENV).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

COMMANDS = frozenset(
    """add-mask add-matcher add-path debug echo endgroup error group notice remove-matcher save-state set-env
    set-output stop-commands warning""".split()
)
MESSAGE_CHARS = 4_096
SUMMARY_BYTES = 1 << 20
MOST_OF_A_KIND = 10


@dataclass(frozen=True)
class Command:
    """A workflow command, unescaped."""

    name: str
    properties: Mapping[str, str]
    data: str


def lines(output: str) -> Iterator[str]:
    """Yield the lines of a step's output: it is read in .NET, where CR alone ends one too."""
    yield from re.split("\r\n|\r|\n", output)


def commands(output: str) -> Iterator[Command]:
    """Yield the commands that a runner obeys."""
    token: str | None = None
    for line in lines(output):
        command = parse(line, COMMANDS if token is None else COMMANDS | {token.lower()})
        if command is None:
            continue
        if token is not None:
            token = None if command.name == token.lower() else token
            continue
        if command.name == "stop-commands":
            token = command.data
            continue
        yield command


def parse(line: str, known: frozenset[str] = COMMANDS) -> Command | None:
    """Return the command that a line is, in the newer form or in the older one."""
    newer = re.match(r"\s*::(?P<about>.*?)::(?P<data>.*)", line, re.DOTALL)
    if newer and (found := _command(newer["about"], known, ",", newer["data"], {":": "%3A", ",": "%2C"})):
        return found
    older = re.search(r"##\[(?P<about>[^\]]*)\](?P<data>.*)", line, re.DOTALL)
    return _command(older["about"], known, ";", older["data"], {";": "%3B", "]": "%5D"}) if older else None


def _command(
    about: str, known: frozenset[str], between: str, data: str, escapes: Mapping[str, str]
) -> Command | None:
    name, _, rest = about.partition(" ")
    if name.lower() not in known:
        return None
    pairs = (part.partition("=") for part in rest.strip().split(between))
    properties = {key: _unescaped(value, escapes) for key, _, value in pairs if key and value}
    return Command(name.lower(), properties, _unescaped(data, {} if between == "," else escapes))


def _unescaped(text: str, escapes: Mapping[str, str]) -> str:
    for char, written in {"\r": "%0D", "\n": "%0A", **escapes, "%": "%25"}.items():
        text = text.replace(written, char)
    return text


def assigned(file: str) -> dict[str, str]:
    """Return what a file of `NAME=VALUE` and `NAME<<END` lines sets.

    Raises:
        ValueError: the runner would fail the step.
    """
    found: dict[str, str] = {}
    rest = file.split("\n")
    while rest:
        line = rest.pop(0)
        if not line:
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if equals >= 0 and (heredoc < 0 or equals < heredoc):
            found[line[:equals]] = line[equals + 1 :]
        elif heredoc > 0 and line[heredoc + 2 :]:
            end = rest.index(line[heredoc + 2 :])  # a ValueError if it never comes
            found[line[:heredoc]] = "\n".join(rest[:end])
            rest = rest[end + 1 :]
        else:
            raise ValueError(f"invalid format: {line!r}")
    return found
