"""What a mistake is, and a right answer: types, and their files in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MODEL = "model"  # what `of` calls the model hand-in
ALL = "all"  # in `fails`: every criterion of the problem that is decided here, and not by a person

Files = Mapping[str, bytes]
Fails = Mapping[str, Mapping[str, str]]
"""Problem -> criterion that fails -> why: "value", "shape", "raised", ..."""


@dataclass(frozen=True)
class Made:
    """How an answer is made of another one.

    Attributes:
        says: what is special about it, in one sentence.
        of: the right answer that it is made of.
        changes: (lines there, lines in their place), each pair found exactly once.
        leaves_out: files of it that are not handed in, or, as "path::name", functions and classes of them.
    """

    says: str
    of: str
    changes: tuple[tuple[str, str], ...] = ()
    leaves_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mistake:
    """A wrong answer: what is wrong, the files that are handed in, and exactly what they lose.

    Attributes:
        problem: the group that it stands in.
        name: its own.
        says: what is wrong, in one sentence.
        files: path -> content.
        fails: which criteria fail, and why; None where nobody has said so yet.
        varies: its numbers differ from one run to the next.
    """

    problem: str
    name: str
    says: str
    files: Files = field(repr=False)
    fails: Fails | None = None
    varies: bool = False

    @property
    def path(self) -> str:
        """What it is called: backward/carry_dropped."""
        return f"{self.problem}/{self.name}"

    def laid(self, folder: Path) -> Path:
        """Return the folder, with the mistake's files written into it."""
        return laid(self.files, folder)


@dataclass(frozen=True)
class Answers:
    """The right and wrong answers that an assignment ships.

    Attributes:
        model: the model hand-in; None where there is none.
        right: style -> the files of a right answer that is written in it.
        mistakes: the wrong ones, in the order of mistakes.toml.
    """

    model: Files | None
    right: Mapping[str, Files]
    mistakes: tuple[Mistake, ...]

    def mistake(self, path: str) -> Mistake:
        """Return the mistake of that path, such as "backward/carry_dropped".

        Raises:
            KeyError: there is none.
        """
        return {one.path: one for one in self.mistakes}[path]


def laid(files: Files, folder: Path) -> Path:
    """Return the folder, made where it is not there, with these files written into it."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder
