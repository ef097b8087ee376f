"""Of how many mistakes the cause is named: the figures of UNEXPLAINED.md, which `verify --mutants` wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "UNEXPLAINED.md"
COLUMNS = ("model", "other styles", "two changes of the model")
LINE = re.compile(
    r"^- (?P<kind>[^:]+): of (?P<plausible>\d+) plausible ones with wrong values "
    r"(?P<explained>\d+) explained \(.*?\), .* (?P<falsely>\d+) falsely$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Explained:
    """Of changes of one kind: how many a person may write, have their cause named, or a false one."""

    plausible: int
    explained: int
    falsely: int

    def __str__(self) -> str:
        return f"{self.explained} of {self.plausible} ({100 * self.explained / self.plausible:.0f} %)"


def figures(text: str) -> Mapping[str, tuple[int, Mapping[str, Explained]]]:
    """Return, of each assignment, the seed, and the figures of each kind of change."""
    found = {}
    for part in text.split("\n## ")[1:]:
        seed = re.search(r"^Seed (\d+)\.$", part, re.MULTILINE)
        assert seed is not None
        kinds = {
            line["kind"]: Explained(*(int(line[name]) for name in ("plausible", "explained", "falsely")))
            for line in LINE.finditer(part)
        }
        found[part.splitlines()[0]] = (int(seed[1]), kinds)
    return found


def rows(text: str) -> Iterator[list[str]]:
    """Yield a row for each assignment: its name, the seed, each kind, and how many causes were false."""
    for name, (seed, kinds) in figures(text).items():
        cells = [str(kinds[kind]) if kind in kinds else "" for kind in COLUMNS]
        yield [f"`{name}`", str(seed), *cells, str(sum(one.falsely for one in kinds.values()))]
